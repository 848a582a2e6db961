"""Registers to values: round trips over every type, exact watt-hours, and nothing believed that cannot be."""

import struct
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost_drivers.codec import Value, decode, encode, energy_wh, plain, whole
from roampost_drivers.device import REGISTERS_OF, Row, Type
from roampost_drivers.errors import Nonsense

WHOLE: tuple[Type, ...] = ("u16", "s16", "u32", "s32", "u64", "s64")
KWH = Row("import", 0x48, "f32", fc=4, unit="kWh")
WH = Row("import", 0, "u64", unit="kWh", scale=Decimal("0.01"))


@given(st.data(), st.sampled_from(WHOLE), st.sampled_from(("BE", "LWF")))
def test_whole_numbers_come_back_as_they_went(data: st.DataObject, kind: Type, words: Literal["BE", "LWF"]) -> None:
    bits = 16 * REGISTERS_OF[kind]
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind.startswith("s") else (0, 2**bits - 1)
    number = data.draw(st.integers(low, high))
    row = Row("x", 0, kind, words=words)
    assert decode(row, encode(row, Decimal(number))) == number


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.sampled_from(("BE", "LWF")))
def test_floats_come_back_exactly(number: float, words: Literal["BE", "LWF"]) -> None:
    row = Row("x", 0, "f32", words=words)
    value = decode(row, encode(row, Decimal(number)))
    assert isinstance(value, Decimal)
    assert float(value) == number


@given(st.integers(0, 10**9))
def test_hundredths_of_a_kilowatt_hour_are_exact(hundredths: int) -> None:
    assert energy_wh(WH, decode(WH, encode(WH, Decimal(hundredths) / 100))) == hundredths * 10


@given(st.floats(0, 16000, width=32))
def test_a_float_of_kilowatt_hours_is_rounded_once_and_to_the_nearest(kwh: float) -> None:
    words = struct.unpack(">2H", struct.pack(">f", kwh))
    assert abs(energy_wh(KWH, decode(KWH, words)) - Decimal(kwh) * 1000) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("kwh", "energy"),
    [(0.0005, 1), (0.0015, 2), (12345.678, 12345678), (0.0, 0)],
)
def test_watt_hours_of_a_float_by_example(kwh: float, energy: int) -> None:
    words = struct.unpack(">2H", struct.pack(">f", kwh))
    assert energy_wh(KWH, decode(KWH, words)) == energy


@pytest.mark.parametrize(("kwh", "energy"), [("0.0005", 0), ("0.0015", 2), ("0.0025", 2), ("0.00251", 3)])
def test_halves_go_to_the_even_watt_hour(kwh: str, energy: int) -> None:
    assert energy_wh(KWH, Decimal(kwh)) == energy


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), -1.0, 3e38])
def test_what_cannot_be_an_import_register_is_nonsense(number: float) -> None:
    words = struct.unpack(">2H", struct.pack(">f", number))
    with pytest.raises(Nonsense, match="import"):
        energy_wh(KWH, decode(KWH, words))


def test_a_missing_energy_is_nonsense_and_not_zero() -> None:
    row = Row("import", 0, "u64", unit="Wh", absent=(2**64 - 1,))
    with pytest.raises(Nonsense, match="gives no value"):
        energy_wh(row, decode(row, (0xFFFF,) * 4))


@pytest.mark.parametrize(
    ("row", "words", "value"),
    [
        (Row("x", 0, "u32", words="BE"), (0x1122, 0x3344), Decimal(0x11223344)),
        (Row("x", 0, "u32", words="LWF"), (0x3344, 0x1122), Decimal(0x11223344)),
        (Row("x", 0, "s32", words="LWF", scale=Decimal("0.1")), (0xE240, 0x0001), Decimal("12345.6")),
        (Row("x", 0, "s32", absent=(-1,)), (0xFFFF, 0xFFFF), None),
        (Row("x", 0, "f32", absent=("nan",)), (0x7FC0, 0), None),
        (Row("x", 0, "str", length=1), (0x4332,), "C2"),
        (Row("x", 0, "str", length=1), (0x0043,), "C"),
        (Row("x", 0, "u32", shift=8, mask=0x7F), (0x0000, 0x8412), Decimal(4)),
        (Row("x", 0, "f64", unit="Wh"), (0x4132, 0xD687, 0, 0), Decimal(1234567)),
    ],
)
def test_values_as_the_manuals_print_them(row: Row, words: tuple[int, ...], value: Value) -> None:
    assert decode(row, words) == value


def test_a_text_that_is_none_is_nonsense() -> None:
    with pytest.raises(Nonsense, match="no text"):
        decode(Row("x", 0, "str", length=1), (0xFF43,))


def test_currents_are_whole_milliamperes_and_set_points_round_down() -> None:
    row = Row("x", 0, "u16", unit="A")
    assert whole(row, decode(row, (16,))) == 16000
    assert encode(row, Decimal("15.99")) == (15,)
    assert encode(row, Decimal("15.99"), Decimal("0.01")) == (1599,)


def test_values_are_looked_up_as_a_file_writes_them() -> None:
    assert [plain(value) for value in (Decimal("3"), Decimal("10.0"), "C2", None)] == ["3", "10", "C2", ""]
