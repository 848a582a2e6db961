"""What the lanes write, as jobs of the writer."""

import json
from dataclasses import replace

from roampost.store import sql
from roampost.store.changes import ECHO_MS, Audit, HubSession, Known, LiveRow, RowState, Sendable, Settled
from roampost.store.state_jobs import write_audit
from roampost.store.work import Work

_ATTEMPTS_KEPT = 50
_DATA = frozenset({"evse_data", "evse_data_set", "station_data"})
_SESSIONS_AT_ONCE = 200


def live_rows(work: Work, hub: str) -> tuple[LiveRow, ...]:
    return tuple(LiveRow.read(row) for row in work.execute(sql.LIVE_ROWS, (hub,)))


def mark_sending(work: Work, seq: int) -> Sendable | None:
    """None: the row does not wait any more (superseded, discarded)."""
    for *columns, body, hub_session_id in work.execute(sql.MARK_SENDING, (seq,)):
        row = LiveRow.read(tuple(columns))
        work.touched.append(row)
        return Sendable(row, body, hub_session_id)
    return None


def known(work: Work, hub: str) -> Known:
    started: dict[str, str | None] = {}
    for session_id, kind, state, hub_session_id in work.execute(sql.OPEN_SESSIONS_TOLD, (hub,)):
        if kind == "start" and state in (RowState.DELIVERED, RowState.UNCONFIRMED):
            started[session_id] = hub_session_id
        elif kind != "start":
            started.pop(session_id, None)
    return Known(tuple(HubSession(*row) for row in work.execute(sql.HUB_SESSIONS, (hub,))), started)


def memory(work: Work, hub: str) -> dict[str, str]:
    return dict(work.execute(sql.MEMORY, (hub,)))


def memory_waiting(work: Work, hub: str) -> dict[str, str | None]:
    """None: the name will be forgotten."""
    found = work.execute(sql.MEMORY_WAITING, (hub,))
    return {name: value for (remembers,) in found for name, value in json.loads(remembers)}


def unmark_sending(work: Work, seq: int) -> None:
    work.live(sql.UNMARK_SENDING, (seq,))


def put_off(work: Work, seq: int, *, now_ms: int, due_ms: int) -> None:
    """It cannot be said now; what has become obsolete meanwhile is not kept."""
    for row in work.live(sql.PUT_OFF, (due_ms, seq)):
        work.live(sql.SUPERSEDE_OLDER, {"seq": row.seq, "now_ms": now_ms})


def recover_sending(work: Work, hub: str | None, *, now_ms: int) -> None:
    """Rows whose attempt has no known outcome wait again, marked so."""
    for row in work.live(sql.RECOVER_SENDING, {"hub": hub}):
        if row.kind == "status":
            _put_echo(work, row, now_ms)
        work.live(sql.SUPERSEDE_OLDER, {"seq": row.seq, "now_ms": now_ms})


def settle(work: Work, seq: int, settled: Settled) -> RowState:
    """The verdict on a row in flight, with all that follows from it; the state that it has got."""
    if settled.state is RowState.REFUSED and work.execute(sql.IS_OPENED, (seq,)):
        # The hub's no to asking again for a session that its own yes has opened meanwhile.
        settled = replace(settled, state=RowState.SUPERSEDED)
    for row in work.live(sql.SETTLE, _settle_values(seq, settled)):
        _log_delivery(work, row, settled)
        if row.state is RowState.DELIVERED:
            _learn(work, row, settled)
        elif row.state is RowState.REFUSED:
            _refuse_session(work, row, settled)
        if row.kind == "status":
            _echo_status(work, row, settled)
        work.live(sql.SUPERSEDE_OLDER, {"seq": row.seq, "now_ms": settled.at_ms})
    return settled.state


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


def prune_sessions(work: Work, *, before_ms: int) -> bool:
    """Delete a few hundred of the old ones; whether there may be more."""
    gone = work.execute(sql.PRUNE_SESSIONS, {"before_ms": before_ms, "most": _SESSIONS_AT_ONCE})
    return len(gone) == _SESSIONS_AT_ONCE


def prune_rest(work: Work, *, before_ms: int, boot: str) -> None:
    """boot: the one that is running."""
    work.execute(sql.PRUNE_AUDITS, (before_ms,))
    work.execute(sql.PRUNE_HUB_SESSIONS, (before_ms,))
    work.execute(sql.PRUNE_BOOTS, (before_ms, boot))


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
        "hub_reference": settled.hub_reference,
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
        "hub_reference": settled.hub_reference,
        "text": settled.text,
    }
    work.execute(sql.LOG_DELIVERY, attempt)
    work.execute(sql.TRIM_DELIVERIES, (row.seq, row.attempts - _ATTEMPTS_KEPT))


def _learn(work: Work, row: LiveRow, settled: Settled) -> None:
    """What is known because the hub has this message."""
    for (remembers,) in work.execute(sql.REMEMBERS, (row.seq,)):
        for name, value in json.loads(remembers):
            if value is None:
                work.execute(sql.FORGET_MEMORY, (row.hub, name))
            else:
                work.execute(sql.PUT_MEMORY, (row.hub, name, value, settled.at_ms))
    if row.kind in _DATA:
        work.live(sql.TELL_AGAIN, {"hub": row.hub, "seq": row.seq})
    if row.kind == "late_authorization":
        work.execute(sql.PUT_HUB_SESSION, (row.hub, row.session_id, settled.hub_session_id, None, settled.at_ms))


def _refuse_session(work: Work, row: LiveRow, settled: Settled) -> None:
    """Nothing of this session will ever be taken: recorded, named and exportable, never silently dropped."""
    why = f"the hub refused the session: {settled.text}"
    work.execute(sql.PUT_HUB_SESSION, (row.hub, row.session_id, None, why, settled.at_ms))
    work.live(sql.REFUSE_LANE, {"hub": row.hub, "lane": row.lane, "why": why, "now_ms": settled.at_ms})
    write_audit(
        work, Audit("session.refused", f"session {row.session_id}", f"{row.hub}: {settled.text}"), settled.at_ms
    )


def _put_echo(work: Work, row: LiveRow, now_ms: int) -> None:
    echo = {"hub": row.hub, "evse_id": row.evse_id, "seq": row.seq, "now_ms": now_ms, "until_ms": now_ms + ECHO_MS}
    work.execute(sql.PUT_ECHO, echo)


def _echo_status(work: Work, row: LiveRow, settled: Settled) -> None:
    """A status whose answer was lost may land over its successor: that is repeated when it no longer can."""
    now_ms = settled.at_ms
    if settled.unknown_outcome:
        _put_echo(work, row, now_ms)
    if row.state is RowState.DELIVERED:
        due = {"seq": row.seq, "now_ms": now_ms, "due_ms": now_ms + ECHO_MS}
        work.live(sql.REPEAT_STATUS, due)
        work.execute(sql.DROP_ECHO, (row.hub, row.evse_id, row.seq, now_ms, now_ms + ECHO_MS))
