"""The pure rules: classes, waits, verdicts, the breaker."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.domain.messages import MESSAGE, Message, StationDataMessage
from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.outbox.backoff import Backoff, Pace
from roampost.outbox.breaker import Breaker
from roampost.outbox.classes import PRIORITY, draft, tells_time
from roampost.outbox.verdicts import settle
from roampost.store.changes import LiveRow, RowState
from tests.agent.outbox.bench import BUSY, DELIVERED, NO_ROUTE, SILENT, UNCONFIRMED, UNKNOWN_EVSE, WRONG_CERTIFICATE
from tests.agent.store.makers import cdr, end, error, start, status

DAY_MS = 86_400_000
ROW = LiveRow(1, "hub", "session/s1", "cdr", "E1", "s1", RowState.SENDING, 1, False, False, 0, None, "b", 0, True)


def backoff(seed: int = 1) -> Backoff:
    return Backoff(random.Random(seed), Pace())


@pytest.mark.parametrize("message", [start(), error(), end(), cdr()])
def test_a_session_has_one_lane_for_all_its_messages(message: Message) -> None:
    made = draft("hub", message)
    assert (made.lane, made.session_id, made.kind) == ("session/s1", "s1", message.kind)
    assert MESSAGE.validate_json(made.body) == message
    assert tells_time(made.kind)


def test_statuses_share_a_lane_of_their_hub() -> None:
    made = draft("hub", status())
    assert (made.lane, made.session_id, made.evse_id) == ("status/hub", None, "DE*ABC*E1")
    assert not tells_time(made.kind)


def test_what_drivers_are_told_of_a_station_is_kept_apart_by_station() -> None:
    told = [
        StationDataMessage(action="post", station_id="S1", data=("{}",)),
        StationDataMessage(action="delete", station_id="S1", data=("{}",)),
        StationDataMessage(action="post", station_id="S2", data=("{}",)),
    ]
    made = [draft("hub", one) for one in told]
    assert {one.lane for one in made} == {"data/hub"}
    assert [one.evse_id for one in made] == ["S1", "S1", "S2"]
    assert not tells_time("station_data")


def test_money_goes_first() -> None:
    order = ["late_authorization", "cdr", "end", "error", "start", "status"]
    assert sorted(order, key=PRIORITY.__getitem__) == order
    assert PRIORITY["end"] == PRIORITY["error"]
    assert max(PRIORITY, key=PRIORITY.__getitem__) == "progress"


@given(st.integers(1, 10_000), st.integers())
def test_the_window_doubles_up_to_its_ceiling(attempts: int, seed: int) -> None:
    assert 0 <= backoff(seed).retry_s(attempts) <= min(300, 2 ** min(attempts - 1, 20))


def test_the_jitter_is_full_and_comes_from_the_given_randomness() -> None:
    drawn = [backoff(seed).retry_s(20) for seed in range(200)]
    assert min(drawn) < 30
    assert max(drawn) > 270
    assert drawn[7] == backoff(7).retry_s(20)


@given(st.integers(1, 1000), st.integers())
def test_a_hold_is_slow(attempts: int, seed: int) -> None:
    assert 300 <= backoff(seed).hold_s(attempts) <= 900


@pytest.mark.parametrize(
    ("asked_s", "least_s", "most_s"),
    [(120.0, 120, 120), (1e9, 3600, 3600), (float("inf"), 3600, 3600), (-5.0, 0, 1), (float("nan"), 0, 1), (0.0, 0, 1)],
)
def test_retry_after_is_kept_within_reason(asked_s: float, least_s: float, most_s: float) -> None:
    assert least_s <= backoff().retry_s(1, asked_s) <= most_s


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (DELIVERED, RowState.DELIVERED),
        (UNCONFIRMED, RowState.UNCONFIRMED),
        (BUSY, RowState.QUEUED),
        (SILENT, RowState.QUEUED),
        (NO_ROUTE, RowState.QUEUED),
        (WRONG_CERTIFICATE, RowState.HELD),
        (UNKNOWN_EVSE, RowState.PARKED),
    ],
)
def test_a_verdict_says_what_becomes_of_the_row(answer: Answer, state: RowState) -> None:
    settled = settle(ROW, answer, now_ms=5000, backoff=backoff(), probe_s=2.5)
    assert settled.state is state
    assert settled.unknown_outcome == (answer is SILENT)
    assert settled.offline == (answer is NO_ROUTE)
    if answer is NO_ROUTE:
        assert settled.next_attempt_ms == 7500


def test_a_long_answer_is_cut() -> None:
    settled = settle(ROW, replace(BUSY, text="x" * 9000), now_ms=0, backoff=backoff(), probe_s=0)
    assert settled.text == "x" * 500


@pytest.mark.parametrize(
    ("attempts", "days", "answer", "kind", "state"),
    [
        (400, 14, BUSY, "cdr", RowState.PARKED),
        (400, 14, WRONG_CERTIFICATE, "cdr", RowState.PARKED),
        (400, 13.9, BUSY, "cdr", RowState.QUEUED),
        (9, 20_000, BUSY, "cdr", RowState.QUEUED),  # the wall clock jumped from 1970
        (9000, 30, NO_ROUTE, "cdr", RowState.QUEUED),  # our own line is down
        (9000, 30, BUSY, "end", RowState.QUEUED),
        (9000, 30, BUSY, "start", RowState.QUEUED),
    ],
)
def test_only_a_cdr_that_was_tried_for_14_days_is_parked(
    attempts: int, days: float, answer: Answer, kind: str, state: RowState
) -> None:
    row = replace(ROW, attempts=attempts, kind=kind, trying_since_ms=1000)
    now_ms = 1000 + round(days * DAY_MS)
    assert settle(row, answer, now_ms=now_ms, backoff=backoff(), probe_s=1).state is state


def test_attempts_that_began_together_are_one_failure() -> None:
    breaker = Breaker(backoff(), now_ms=0)
    step = breaker.step
    for now_ms in (10, 11, 12):
        breaker.answered(NO_ROUTE, step=step, now_ms=now_ms)
    assert breaker.failures == 1
    assert 10 <= breaker.free_at_ms <= 1010


def test_an_unreachable_hub_is_tried_at_growing_distances_up_to_a_limit() -> None:
    breaker = Breaker(backoff(), now_ms=0)
    waits = []
    for _ in range(200):
        breaker.answered(NO_ROUTE, step=breaker.step, now_ms=0)
        waits.append(breaker.free_at_ms)
    assert max(waits[:3]) <= 4000
    assert 20_000 < max(waits) <= 30_000


def test_the_first_word_of_the_hub_opens_the_way() -> None:
    breaker = Breaker(backoff(), now_ms=0)
    breaker.answered(NO_ROUTE, step=breaker.step, now_ms=100)
    breaker.answered(BUSY, step=breaker.step, now_ms=5000)
    assert (breaker.probing, breaker.free_at_ms) == (False, 5000)
    assert breaker.reachable_ms(6000) == 1100


def test_a_message_that_was_refused_before_it_was_sent_says_nothing_about_the_hub() -> None:
    breaker = Breaker(backoff(), now_ms=0)
    breaker.answered(NO_ROUTE, step=breaker.step, now_ms=0)
    breaker.answered(Answer(Verdict.REJECT, Arrival.NO, "cannot be written"), step=breaker.step, now_ms=100)
    assert breaker.probing


def test_a_pause_that_the_hub_asks_for_holds_for_all() -> None:
    breaker = Breaker(backoff(), now_ms=0)
    breaker.answered(replace(BUSY, http_status=429, retry_after_s=90.0), step=breaker.step, now_ms=1000)
    assert (breaker.probing, breaker.free_at_ms) == (False, 91_000)
