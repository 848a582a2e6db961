"""Never more calls in a minute than this agent's share; and never fewer than it could make."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.hubs.base import Limit
from roampost.outbox.drain import Latency, drain_s
from roampost.outbox.limits import Bucket, Limits

MINUTE_MS = 60_000
SHARES = st.floats(0.01, 1.0)
PER_MINUTE = st.sampled_from([6, 50, 100, 350, 2000])


def limit(name: str, per_minute: int, *kinds: str) -> Limit:
    return Limit(name, per_minute, frozenset(kinds))


@dataclass
class Clock:
    now_ms: int = 0
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        found = (limit("start", 200, "authorize_start", "late_authorization"), limit("cdr", 350, "cdr"))
        self.limits = Limits(found, 0.25, now_mono_ms=lambda: self.now_ms)


def most_in_a_minute(calls_ms: list[int]) -> int:
    return max((sum(at <= other < at + MINUTE_MS for other in calls_ms) for at in calls_ms), default=0)


@given(PER_MINUTE, SHARES, st.lists(st.integers(0, 90_000), max_size=30), st.integers(0, 200_000))
def test_in_no_minute_are_more_calls_made_than_the_share(
    per_minute: int, share: float, pauses_ms: list[int], idle_ms: int
) -> None:
    bucket, now_ms, calls_ms = Bucket(per_minute * share, now_ms=0), idle_ms, list[int]()
    for pause_ms in (*pauses_ms, *[0] * 200):
        now_ms += pause_ms
        now_ms += bucket.wait_ms(now_ms)
        assert bucket.wait_ms(now_ms) == 0
        bucket.spend(now_ms)
        calls_ms.append(now_ms)
    assert most_in_a_minute(calls_ms) <= max(1, per_minute * share)


@pytest.mark.parametrize(
    ("per_minute", "steady"), [(500, 400), (25, 20), (20, 16), (12.5, 10), (4, 3), (2, 1), (1.5, 1), (1, 1), (0.5, 0.5)]
)
def test_the_steady_flow_is_what_a_burst_leaves_of_the_share(per_minute: float, steady: float) -> None:
    assert Bucket(per_minute, now_ms=0).per_ms * MINUTE_MS == pytest.approx(steady)


def test_what_is_asked_is_never_held_back_and_the_queued_ones_wait_for_it() -> None:
    clock = Clock()
    assert clock.limits.wait_ms("late_authorization") == 0
    for _ in range(5):
        clock.limits.spend("authorize_start")
    assert clock.limits.wait_ms("late_authorization") == pytest.approx(5 / 40 * MINUTE_MS, abs=1)
    assert clock.limits.wait_ms("cdr") == 0


def test_a_hub_that_says_too_much_empties_the_bucket() -> None:
    clock = Clock(now_ms=0)
    clock.now_ms = MINUTE_MS
    assert clock.limits.wait_ms("cdr") == 0
    clock.limits.overrun("cdr")
    assert clock.limits.wait_ms("cdr") > 0
    assert clock.limits.wait_ms("late_authorization") == 0


def test_a_call_that_was_not_made_is_given_back_and_a_kind_without_limit_is_free() -> None:
    clock = Clock()
    clock.limits.spend("cdr")
    assert clock.limits.wait_ms("cdr") > 0
    clock.limits.give_back("cdr")
    assert clock.limits.wait_ms("cdr") == 0
    for _ in range(1000):
        clock.limits.spend("status")
    assert clock.limits.wait_ms("status") == 0


def test_a_clock_that_stands_still_or_goes_back_makes_no_tokens() -> None:
    bucket = Bucket(60, now_ms=100_000)
    bucket.spend(100_000)
    assert bucket.wait_ms(100_000) == bucket.wait_ms(50_000) > 0


def test_the_slowest_limit_says_how_long_a_backlog_takes() -> None:
    clock = Clock()
    waiting = {"late_authorization": 48, "cdr": 48}
    assert clock.limits.drain_s(waiting) == pytest.approx(47 / 40 * 60, abs=0.1)
    assert drain_s(waiting, clock.limits, Latency(), places=4) == clock.limits.drain_s(waiting)


def test_where_answers_are_slow_their_time_says_it() -> None:
    clock, latency = Clock(), Latency()
    for _ in range(100):
        latency.took(8_000)
    assert latency.mean_ms == pytest.approx(8_000, abs=10)
    assert drain_s({"cdr": 40}, clock.limits, latency, places=4) == pytest.approx(80, abs=1)
    assert drain_s({"status": 20, "evse_data": 30}, clock.limits, latency, places=4) == pytest.approx(240, abs=1)
