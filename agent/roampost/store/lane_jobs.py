"""What the lanes write, as jobs of the writer."""

from dataclasses import dataclass

from roampost.store import sql
from roampost.store.changes import LiveRow, RowState, Settled
from roampost.store.work import Work

# How long a status whose answer was lost may still land at the hub (decision 7: a minute or more).
ECHO_MS = 60_000
_ATTEMPTS_KEPT = 50


@dataclass(frozen=True, slots=True)
class Sendable:
    """A row that is committed as `sending`, with the message's JSON."""

    row: LiveRow
    body: str


def live_rows(work: Work, hub: str) -> tuple[LiveRow, ...]:
    return tuple(LiveRow.read(row) for row in work.execute(sql.LIVE_ROWS, (hub,)))


def mark_sending(work: Work, seq: int) -> Sendable | None:
    """None: the row does not wait any more (superseded, discarded)."""
    for *columns, body in work.execute(sql.MARK_SENDING, (seq,)):
        row = LiveRow.read(tuple(columns))
        work.touched.append(row)
        return Sendable(row, body)
    return None


def unmark_sending(work: Work, seq: int) -> None:
    work.live(sql.UNMARK_SENDING, (seq,))


def recover_sending(work: Work, hub: str | None, *, now_ms: int) -> None:
    """Rows whose attempt has no known outcome wait again, marked so."""
    for row in work.live(sql.RECOVER_SENDING, {"hub": hub}):
        if row.kind == "status":
            work.execute(sql.PUT_ECHO, (row.hub, row.evse_id, row.seq, now_ms + ECHO_MS))
            work.live(sql.SUPERSEDE_OLDER, {"seq": row.seq, "now_ms": now_ms})


def settle(work: Work, seq: int, settled: Settled) -> None:
    """The verdict on a row in flight, with what follows for its EVSE's statuses."""
    for row in work.live(sql.SETTLE, _settle_values(seq, settled)):
        _log_delivery(work, row, settled)
        if row.kind == "status":
            _settle_status(work, row, settled)


def supersede_notifications(work: Work, hub: str, lane: str, why: str, *, now_ms: int) -> None:
    """Let the CDR of this session go: what is left of its notifications is history."""
    work.live(sql.SUPERSEDE_NOTIFICATIONS, {"hub": hub, "lane": lane, "why": why, "now_ms": now_ms})


def prune_step(work: Work, after: int, *, before_ms: int, cdrs_before_ms: int) -> int | None:
    """Delete old finished rows among the next few hundred; the last seq looked at, None at the end."""
    upto: int | None = work.execute(sql.PRUNE_STEP, (after,))[0][0]
    if upto is not None:
        span = {"after": after, "upto": upto, "before_ms": before_ms, "cdrs_before_ms": cdrs_before_ms}
        work.execute(sql.PRUNE_OUTBOX, span)
    return upto


def prune_rest(work: Work, *, before_ms: int) -> None:
    work.execute(sql.PRUNE_SESSIONS, (before_ms,))
    work.execute(sql.PRUNE_AUDITS, (before_ms,))


def _settle_values(seq: int, settled: Settled) -> dict[str, object]:
    return {
        "seq": seq,
        "state": settled.state,
        "unknown_outcome": settled.unknown_outcome,
        "offline": settled.offline,
        "next_attempt_ms": settled.next_attempt_ms,
        "trying_since_ms": None if settled.offline else settled.at_ms,
        "code": settled.code,
        "text": settled.text,
        "process_id": settled.process_id,
        "http_status": settled.http_status,
        "finished_ms": settled.at_ms if settled.state.finished else None,
    }


def _log_delivery(work: Work, row: LiveRow, settled: Settled) -> None:
    attempt = {
        "seq": row.seq,
        "attempt": row.attempts,
        "at_ms": settled.at_ms,
        "verdict": settled.verdict,
        "arrival": settled.arrival,
        "code": settled.code,
        "http_status": settled.http_status,
        "process_id": settled.process_id,
        "text": settled.text,
    }
    work.execute(sql.LOG_DELIVERY, attempt)
    work.execute(sql.TRIM_DELIVERIES, (row.seq, row.attempts - _ATTEMPTS_KEPT))


def _settle_status(work: Work, row: LiveRow, settled: Settled) -> None:
    now_ms = settled.at_ms
    if settled.unknown_outcome:
        work.execute(sql.PUT_ECHO, (row.hub, row.evse_id, row.seq, now_ms + ECHO_MS))
    if row.state is RowState.DELIVERED:
        due = {"seq": row.seq, "now_ms": now_ms, "due_ms": now_ms + ECHO_MS}
        work.live(sql.REPEAT_STATUS, due)
        work.execute(sql.DROP_ECHO, (row.hub, row.evse_id, row.seq, now_ms, now_ms + ECHO_MS))
    else:
        work.live(sql.SUPERSEDE_OLDER, {"seq": row.seq, "now_ms": now_ms})
