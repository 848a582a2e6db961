"""Units that rest, on a clock of our own: one that came back is seen soon, and many dead ones cost a fifth at most."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost_drivers.line.units import PROBE_SHARE, RESTS_S, Units

COST_S = 0.55
POLL_S = 0.25


def probes(dead: int, *, alive: bool, for_s: float = 600.0, cost_s: float = COST_S) -> dict[int, list[float]]:
    """When each dead unit was asked, while every unit is polled four times a second on one line."""
    units, asked = Units(), {unit: list[float]() for unit in range(1, dead + 1)}
    now_s = 0.0
    while now_s < for_s:
        if alive:
            assert units.admit(100, now_s)
            units.answered(100, now_s)
        for unit, times in asked.items():
            if units.admit(unit, now_s):
                times.append(now_s)
                now_s += cost_s
                units.failed(unit, now_s, cost_s, silent=True)
        now_s += POLL_S
    return asked


@pytest.mark.parametrize("alive", [True, False])
def test_a_single_unit_that_came_back_is_seen_within_five_seconds(alive: bool) -> None:
    times = probes(1, alive=alive)[1]
    assert max(later - earlier for earlier, later in pairwise(times)) <= 5.0


def test_rests_grow_to_their_ceiling() -> None:
    units = Units()
    for rest_s in (*RESTS_S, RESTS_S[-1]):
        units.failed(1, 100.0, COST_S, silent=True)
        assert units[1].rests_until_s - 100.0 == rest_s


@given(st.integers(2, 20), st.floats(0.05, 1.5))
def test_many_dead_units_take_a_fifth_of_the_line_and_all_get_their_turn(dead: int, cost_s: float) -> None:
    asked = probes(dead, alive=True, cost_s=cost_s)
    after_first_fall = [at_s for times in asked.values() for at_s in times[1:]]
    spent_s = cost_s * len(after_first_fall)
    assert spent_s <= PROBE_SHARE * 600 + cost_s
    late = [len([at_s for at_s in times if at_s > 300]) for times in asked.values()]
    assert max(late) - min(late) <= 1


def test_where_nobody_is_alive_the_line_is_theirs() -> None:
    shared, alone = (sum(map(len, probes(8, alive=alive).values())) for alive in (True, False))
    assert alone > 2 * shared


def test_an_answer_ends_the_rest() -> None:
    units = Units()
    units.failed(1, 10.0, COST_S, silent=True)
    assert not units.admit(1, 10.1)
    units.answered(1, 10.2)
    assert units.admit(1, 10.2)


def test_one_foreign_frame_is_the_lines_fault_and_the_second_the_units() -> None:
    units = Units()
    units.failed(1, 10.0, COST_S, silent=False)
    assert units.admit(1, 10.0)
    units.failed(1, 10.1, COST_S, silent=False)
    assert not units.admit(1, 10.1)


def test_a_reopened_line_gives_everybody_a_fresh_chance() -> None:
    units = Units()
    units.failed(1, 10.0, COST_S, silent=True)
    units.forget_rests()
    assert units.admit(1, 10.0)
