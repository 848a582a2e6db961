"""Reads are derived from rows: every row covered, no limit broken, nothing forbidden touched."""

from hypothesis import given
from hypothesis import strategies as st

from roampost_drivers.blocks import derive
from roampost_drivers.device import Limits, Row, Type
from roampost_drivers.devicefile import Catalog

TYPES: tuple[Type, ...] = ("u16", "u32", "u64", "f32")


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Row], Limits]:
    limits = Limits(
        max_registers=draw(st.integers(4, 30)),
        bridge=draw(st.integers(0, 10)),
        forbidden=tuple((first, first + draw(st.integers(0, 5))) for first in draw(st.lists(st.integers(0, 120)))),
    )
    places = draw(st.lists(st.tuples(st.integers(0, 120), st.sampled_from(TYPES)), min_size=1, max_size=20))
    rows = [Row(f"r{index}", address, kind) for index, (address, kind) in enumerate(places)]
    return [row for row in rows if not touches(row.address, row.size, limits)], limits


def touches(address: int, count: int, limits: Limits) -> bool:
    return any(first < address + count and last >= address for first, last in limits.forbidden)


@given(tables())
def test_every_row_is_read_and_no_rule_broken(table: tuple[list[Row], Limits]) -> None:
    rows, limits = table
    blocks = derive(rows, limits)
    assert sorted(row.name for block in blocks for row in block.rows) == sorted(row.name for row in rows)
    for block in blocks:
        assert block.count <= limits.max_registers
        assert not touches(block.address, block.count, limits)
        asked = {address for row in block.rows for address in range(row.address, row.address + row.size)}
        assert asked <= set(range(block.address, block.address + block.count))
        idle = 0
        for address in range(block.address, block.address + block.count):
            idle = 0 if address in asked else idle + 1
            assert idle <= limits.bridge


@given(tables())
def test_a_row_finds_its_own_words_in_the_answer(table: tuple[list[Row], Limits]) -> None:
    for block in derive(*table):
        words = tuple(range(block.address, block.address + block.count))
        for row in block.rows:
            assert block.words_of(row, words) == tuple(range(row.address, row.address + row.size))


def test_rows_of_unlike_function_codes_never_share_a_read() -> None:
    blocks = derive([Row("a", 1, "u16", fc=3), Row("b", 2, "u16", fc=4), Row("c", 2, "u16", fc=3)], Limits(bridge=5))
    assert [(block.fc, block.address, block.count) for block in blocks] == [(3, 1, 2), (4, 2, 1)]


def test_one_value_per_read_where_the_device_wants_it() -> None:
    rows = [Row("state", 1000, "u32"), Row("cable", 1004, "u32"), Row("a", 1008, "u32"), Row("b", 1010, "u32")]
    assert [block.address for block in derive(rows, Limits(max_registers=2))] == [1000, 1004, 1008, 1010]


def test_the_charging_controller_is_read_in_one_go() -> None:
    device = Catalog.load().device("evse-din")
    rows = [row for row in device.row if row.address < 2000]
    assert [(block.address, block.count) for block in derive(rows, device.limits)] == [(1000, 10)]
