"""What the state loop and people write, as jobs of the writer."""

import json

from roampost.domain.stamp import Stamp
from roampost.store import sql
from roampost.store.changes import Audit, Change, CommitReceipt, Draft, RowState, Who
from roampost.store.errors import HandRefused
from roampost.store.work import Work

_REQUEUABLE = frozenset({
    RowState.QUEUED, RowState.HELD, RowState.PARKED, RowState.DISCARDED, RowState.UNCONFIRMED, RowState.REFUSED,
})  # fmt: skip
_DISCARDABLE = frozenset({RowState.QUEUED, RowState.HELD, RowState.PARKED})


def write_change(work: Work, change: Change, *, now_ms: int) -> CommitReceipt:
    if change.trusted_offset_ms is not None:
        work.execute(sql.SEE_BOOT, (change.stamp.boot, now_ms))
        work.execute(sql.SET_OFFSET, (change.trusted_offset_ms, change.stamp.boot))
    for evse in change.evses:
        known = (evse.evse_id, evse.state, evse.context, evse.permitted_ma)
        work.execute(sql.PUT_EVSE, (*known, *_columns(evse.changed)))
    for s in change.sessions:
        work.execute(
            sql.PUT_SESSION, (s.session_id, s.hub, s.hub_session_id, s.evse_id, s.body, s.state, s.why, now_ms)
        )
    for latch in change.latches_set:
        work.execute(sql.SET_LATCH, (latch.evse_id, latch.fault, *_columns(latch.since)))
    for evse_id, fault in change.latches_cleared:
        work.execute(sql.CLEAR_LATCH, (evse_id, fault))
    for one in change.opened:
        work.execute(sql.PUT_HUB_SESSION, (one.hub, one.session_id, one.hub_session_id, None, now_ms))
        work.live(sql.SUPERSEDE_LATE, {"hub": one.hub, "lane": one.lane, "now_ms": now_ms})
    for audit in change.audits:
        write_audit(work, audit, now_ms)
    return CommitReceipt(tuple(_queue(work, draft, change.stamp, now_ms) for draft in change.drafts))


def requeue(work: Work, seq: int, who: Who, *, now_ms: int) -> None:
    """Send it again now: what is parked, or was given up by a person, or was only presumed delivered.

    Of a session that the hub refused, everything: from its late authorization on.
    """
    state = _refuse_unless(work, seq, _REQUEUABLE)
    for (kind,) in work.execute(sql.OUTDATED, (seq,)):
        of_evse = " of this EVSE" if kind == "status" else ""
        raise HandRefused(f"message {seq} is an old {kind}; a newer one{of_evse} exists")
    if state is RowState.REFUSED:
        _requeue_refused(work, seq)
    else:
        work.live(sql.REQUEUE, (seq,))
    write_audit(work, Audit("requeue", f"outbox {seq}", "", who), now_ms)


def discard(work: Work, seq: int, reason: str, who: Who, *, now_ms: int) -> None:
    """Never send it. It stays readable until the retention ends."""
    if not reason.strip():
        raise HandRefused(f"say why message {seq} is discarded; the reason is kept")
    _refuse_unless(work, seq, _DISCARDABLE)
    work.live(sql.DISCARD, (now_ms, f"discarded: {reason}", seq))
    write_audit(work, Audit("discard", f"outbox {seq}", reason, who), now_ms)


def _requeue_refused(work: Work, seq: int) -> None:
    for row in work.live(sql.REQUEUE_REFUSED, (seq,)):
        work.execute(sql.FORGET_HUB_SESSION, (row.hub, row.session_id))


def _refuse_unless(work: Work, seq: int, states: frozenset[RowState]) -> RowState:
    found = work.execute(sql.STATE_OF, (seq,))
    if not found:
        raise HandRefused(f"there is no message {seq}")
    state = RowState(found[0][0])
    if state is RowState.SENDING:
        raise HandRefused(f"message {seq} is on its way to the hub; try again when it has an answer")
    if state not in states:
        raise HandRefused(f"message {seq} is {state}; there is nothing left to do with it")
    return state


def _queue(work: Work, draft: Draft, stamp: Stamp, now_ms: int) -> int:
    """Into its lane; at once refused where the hub has refused the session."""
    about = (draft.hub, draft.lane, draft.kind, draft.evse_id, draft.session_id, draft.body)
    remembers = json.dumps(draft.remembers) if draft.remembers else None
    asked = {"hub": draft.hub, "session_id": draft.session_id, "body": draft.body}
    refused = work.execute(sql.REFUSED_SESSION, asked) if draft.session_id is not None else []
    end = (RowState.REFUSED, now_ms, refused[0][0]) if refused else (RowState.QUEUED, None, None)
    (row,) = work.live(sql.ADD_MESSAGE, (*about, remembers, *_columns(stamp), *end))
    if row.session_id is None:
        older = {"hub": row.hub, "lane": row.lane, "kind": row.kind, "evse_id": row.evse_id, "seq": row.seq}
        work.live(sql.SUPERSEDE_WAITING, older | {"now_ms": now_ms})
    return row.seq


def write_audit(work: Work, audit: Audit, now_ms: int) -> None:
    who = audit.who
    work.execute(sql.ADD_AUDIT, (now_ms, who.uid, who.pid, audit.what, audit.target, audit.reason))


def _columns(stamp: Stamp) -> tuple[str, int, int, bool]:
    return stamp.boot, stamp.mono_ms, stamp.wall_ms, stamp.trusted
