"""When a word of a running charge is owed to the hub, and when it may come or not."""

import pytest

from roampost_sim.demo.message import Need
from roampost_sim.demo.place import Session
from roampost_sim.demo.progress import EVERY_S, FIRST_S, due

FIRST = 100.0 + FIRST_S


def charge(ended: float | None, *, flowed_until: float | None = None, watched_until: float | None = None) -> Session:
    """Energy flows since t = 100 s."""
    flowed = ended if flowed_until is None else flowed_until
    return Session(
        1, "04A7B1E2C95D81", "1", flows_since=100.0, flowed_until=flowed, watched_until=watched_until, ended=ended
    )


def test_a_charge_that_goes_on_is_told_of_once() -> None:
    assert list(due(charge(ended=130.0), [])) == [(FIRST, Need.MUST)]


def test_a_charge_without_energy_has_nothing_to_tell() -> None:
    assert list(due(Session(1, "04A7B1E2C95D81", "1", ended=200.0), [])) == []


def test_a_short_charge_owes_nothing() -> None:
    assert list(due(charge(ended=103.0), [])) == []


@pytest.mark.parametrize("ended", [111.0, 113.9])
def test_a_charge_that_ends_about_then_may_be_told_of(ended: float) -> None:
    assert list(due(charge(ended=ended), [])) == [(FIRST, Need.MAY)]


def test_while_a_charge_is_being_closed_a_word_may_still_come_and_before_its_end() -> None:
    assert list(due(charge(ended=107.0), [])) == [(107.0, Need.MAY)]


def test_a_car_that_is_full_owes_nothing_and_may_be_told_of() -> None:
    assert list(due(charge(ended=130.0, flowed_until=106.0), [])) == [(FIRST, Need.MAY)]


def test_a_charge_that_still_runs_may_be_told_of() -> None:
    assert list(due(charge(ended=None), [])) == [(FIRST, Need.MAY)]


def test_five_minutes_later_it_may_be_told_of_again() -> None:
    assert list(due(charge(ended=500.0), [])) == [(FIRST, Need.MUST), (FIRST + EVERY_S, Need.MAY)]


def test_an_agent_that_was_killed_before_tells_nothing_of_it() -> None:
    assert list(due(charge(ended=130.0, watched_until=105.0), [])) == []


def test_an_agent_that_is_killed_about_then_may_have_told() -> None:
    assert list(due(charge(ended=130.0, watched_until=112.0), [])) == [(FIRST, Need.MAY)]


@pytest.mark.parametrize(
    ("window", "need"),
    [
        ((90.0, 109.0), Need.MUST),
        ((90.0, 111.0), Need.MAY),
        ((113.0, 120.0), Need.MAY),
        ((114.0, float("inf")), Need.MUST),
    ],
)
def test_an_outage_at_that_moment_excuses(window: tuple[float, float], need: Need) -> None:
    assert list(due(charge(ended=130.0), [window])) == [(FIRST, need)]
