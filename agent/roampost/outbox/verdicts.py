"""What becomes of a row after an attempt. Pure."""

from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.outbox.backoff import Backoff
from roampost.outbox.classes import CDR, LATE_AUTHORIZATION
from roampost.store.changes import LiveRow, RowState, Settled

_STATES = {
    Verdict.DELIVERED: RowState.DELIVERED,
    Verdict.UNCONFIRMED: RowState.UNCONFIRMED,
    Verdict.RETRY: RowState.QUEUED,
    Verdict.HOLD: RowState.HELD,
    Verdict.REJECT: RowState.PARKED,
    Verdict.REFUSED: RowState.REFUSED,
}
# Hubs expect a late CDR within 14 days. The count keeps a wall clock that jumped from ending the trying early:
# 14 days hold 336 attempts even if the hub asks for an hour between two.
_TRY_MS = 14 * 86_400_000
_TRY_ATTEMPTS = 336
_TEXT_MAX = 500


def is_offline(answer: Answer) -> bool:
    """No word of the hub at all: refused, no route, no name, no TLS. (429 or 503 are words of the hub.)"""
    return answer.verdict in (Verdict.RETRY, Verdict.HOLD) and not is_heard(answer)


def is_heard(answer: Answer) -> bool:
    """The hub could be reached; not so when the message was refused before it was sent."""
    return answer.arrival is not Arrival.NO or answer.http_status is not None or answer.code is not None


def settle(row: LiveRow, answer: Answer, *, now_ms: int, backoff: Backoff, probe_s: float) -> Settled:
    """row as it was in flight (its attempts include this one); probe_s: when an unreachable hub is tried again."""
    state = _STATES[answer.verdict]
    if state is RowState.REFUSED and row.kind != LATE_AUTHORIZATION:
        state = RowState.PARKED  # only that can be refused
    if state in (RowState.QUEUED, RowState.HELD) and _tried_long_enough(row, answer, now_ms):
        state = RowState.PARKED
    wait_s = probe_s if is_offline(answer) and state is RowState.QUEUED else _wait_s(row, answer, backoff)
    return Settled(
        state=state,
        next_attempt_ms=now_ms + round(1000 * wait_s),
        at_ms=now_ms,
        unknown_outcome=answer.arrival is Arrival.MAYBE,
        offline=is_offline(answer),
        verdict=answer.verdict,
        arrival=answer.arrival,
        text=answer.text[:_TEXT_MAX],
        code=answer.code,
        http_status=answer.http_status,
        hub_reference=answer.hub_reference,
        hub_session_id=answer.hub_session_id,
    )


def _wait_s(row: LiveRow, answer: Answer, backoff: Backoff) -> float:
    match answer.verdict:
        case Verdict.RETRY:
            return backoff.retry_s(row.attempts, answer.retry_after_s)
        case Verdict.HOLD:
            return backoff.hold_s(row.attempts, answer.retry_after_s)
        case _:
            return 0.0


def _tried_long_enough(row: LiveRow, answer: Answer, now_ms: int) -> bool:
    """Time during which the hub could not be reached does not count against a CDR, and never parks it."""
    if row.kind != CDR or row.trying_since_ms is None or is_offline(answer):
        return False
    return row.attempts >= _TRY_ATTEMPTS and now_ms - row.trying_since_ms >= _TRY_MS
