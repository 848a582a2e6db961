"""From days to levels, and the sentences."""

from datetime import UTC, datetime, timedelta

import pytest

from roampost.certificates.expiry import Level, condition, days_left, level_of
from roampost.certificates.validity import Validity

SECOND = timedelta(seconds=1)
END = datetime(2027, 6, 1, 12, 0, tzinfo=UTC)
PERIOD = Validity(datetime(2025, 6, 1, 12, 0, tzinfo=UTC), END)


@pytest.mark.parametrize(
    ("left", "level"),
    [
        (timedelta(days=400), Level.FINE),
        (timedelta(days=60) + SECOND, Level.FINE),
        (timedelta(days=60), Level.SOON),
        (timedelta(days=30) + SECOND, Level.SOON),
        (timedelta(days=30), Level.NEAR),
        (timedelta(days=7) + SECOND, Level.NEAR),
        (timedelta(days=7), Level.URGENT),
        (timedelta(0), Level.URGENT),
        (-SECOND, Level.EXPIRED),
        (timedelta(days=-4000), Level.EXPIRED),
    ],
)
def test_the_alarm_rises_at_60_30_and_7_days(left: timedelta, level: Level) -> None:
    assert level_of(left) is level


@pytest.mark.parametrize(
    ("left", "days", "told"),
    [
        (timedelta(days=61), 61, ""),
        (timedelta(days=44, hours=3), 44, "runs out in 44 days, on 2027-06-01"),
        (timedelta(days=1, hours=23), 1, "runs out in 1 day, on 2027-06-01"),
        (timedelta(hours=1), 0, "runs out in 0 days, on 2027-06-01"),
        (timedelta(hours=-1), -1, "ran out 0 days ago, on 2027-06-01"),
        (timedelta(days=-3, hours=-1), -4, "ran out 3 days ago, on 2027-06-01"),
    ],
)
def test_days_are_whole_ones(left: timedelta, days: int, told: str) -> None:
    assert days_left(END, END - left) == days
    assert condition(PERIOD, END - left)[1] == told


def test_a_certificate_of_the_future_is_early_and_tells_what_the_clock_says() -> None:
    level, told = condition(PERIOD, datetime(1970, 1, 1, tzinfo=UTC))
    assert level is Level.EARLY
    assert told == "is not valid before 2025-06-01, and this machine's clock says 1970-01-01"
    assert condition(PERIOD, PERIOD.not_before)[0] is Level.FINE
