"""Which meter reading is the last word of a session."""

import pytest

from roampost.loop.settling import GIVE_UP_S, METER_SHOWS_S, Settling
from roampost_drivers.roles import ChargerReading, MeterReading, Pilot


def look(at_s: float, pilot: Pilot = Pilot.C, permitted_ma: int = 0, closed: bool | None = False) -> ChargerReading:
    return ChargerReading(pilot, permitted_ma, None, None, closed, frozenset(), at_s)


def meter(at_s: float) -> MeterReading:
    return MeterReading(12_345, 0, at_s)


@pytest.fixture
def asked() -> list[float]:
    return []


@pytest.fixture
def settling(asked: list[float]) -> Settling:
    return Settling(asked.append)


@pytest.mark.parametrize(
    "off",
    [
        look(10, Pilot.A, 16_000, closed=True),
        look(10, Pilot.C, 0, closed=False),
        look(10, Pilot.C, 0, closed=None),
        look(10, Pilot.B, 0, closed=False),
    ],
)
def test_the_first_reading_that_can_show_the_end_is_the_last_word(
    settling: Settling, asked: list[float], off: ChargerReading
) -> None:
    settling.begin(9)
    settling.saw(off)
    assert asked == [10 + METER_SHOWS_S]
    assert not settling.final(meter(10 + METER_SHOWS_S - 0.1))
    assert settling.final(meter(10 + METER_SHOWS_S))


@pytest.mark.parametrize("on", [look(10, Pilot.C, 16_000), look(10, Pilot.C, 0, closed=True)])
def test_while_it_may_still_flow_no_reading_is_final(settling: Settling, on: ChargerReading) -> None:
    settling.begin(9)
    settling.saw(on)
    assert not settling.final(meter(17))
    assert "not seen to have stopped" in settling.why


def test_a_look_from_before_the_end_says_nothing(settling: Settling, asked: list[float]) -> None:
    settling.begin(9)
    settling.saw(look(8.9))
    assert asked == []


def test_waiting_has_an_end_with_a_reason(settling: Settling) -> None:
    settling.begin(9)
    settling.saw(look(9))
    settling.begin(12)
    assert not settling.over(9 + GIVE_UP_S - 0.1)
    assert settling.why == "no meter reading after the end of the session"
    assert settling.over(9 + GIVE_UP_S)


def test_the_next_session_begins_anew(settling: Settling) -> None:
    settling.begin(9)
    settling.saw(look(9))
    assert settling.final(meter(20))
    settling.begin(100)
    assert not settling.over(101)
    assert not settling.final(meter(101))
