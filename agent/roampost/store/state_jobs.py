"""What the state loop and people write, as jobs of the writer."""

from roampost.domain.stamp import Stamp
from roampost.store import sql
from roampost.store.changes import Audit, Change, CommitReceipt, Draft, RowState, Who
from roampost.store.errors import HandRefused
from roampost.store.work import Work

_REQUEUABLE = frozenset({RowState.QUEUED, RowState.HELD, RowState.PARKED, RowState.DISCARDED, RowState.UNCONFIRMED})
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
    for audit in change.audits:
        _write_audit(work, audit, now_ms)
    return CommitReceipt(tuple(_queue(work, draft, change.stamp, now_ms) for draft in change.drafts))


def requeue(work: Work, seq: int, who: Who, *, now_ms: int) -> None:
    """Send it again now: what is parked, or was given up by a person, or was only presumed delivered."""
    _refuse_unless(work, seq, _REQUEUABLE)
    if work.execute(sql.HAS_YOUNGER_STATUS, (seq,)):
        raise HandRefused(f"message {seq} is an old status; a newer one of this EVSE exists")
    work.live(sql.REQUEUE, (seq,))
    _write_audit(work, Audit("requeue", f"outbox {seq}", "", who), now_ms)


def discard(work: Work, seq: int, reason: str, who: Who, *, now_ms: int) -> None:
    """Never send it. It stays readable until the retention ends."""
    if not reason.strip():
        raise HandRefused(f"say why message {seq} is discarded; the reason is kept")
    _refuse_unless(work, seq, _DISCARDABLE)
    work.live(sql.DISCARD, (now_ms, f"discarded: {reason}", seq))
    _write_audit(work, Audit("discard", f"outbox {seq}", reason, who), now_ms)


def _refuse_unless(work: Work, seq: int, states: frozenset[RowState]) -> None:
    found = work.execute(sql.STATE_OF, (seq,))
    if not found:
        raise HandRefused(f"there is no message {seq}")
    state = RowState(found[0][0])
    if state is RowState.SENDING:
        raise HandRefused(f"message {seq} is on its way to the hub; try again when it has an answer")
    if state not in states:
        raise HandRefused(f"message {seq} is {state}; there is nothing left to do with it")


def _queue(work: Work, draft: Draft, stamp: Stamp, now_ms: int) -> int:
    about = (draft.hub, draft.lane, draft.kind, draft.evse_id, draft.session_id, draft.body)
    (row,) = work.live(sql.ADD_MESSAGE, (*about, *_columns(stamp)))
    if draft.kind == "status":
        older = {"hub": draft.hub, "lane": draft.lane, "evse_id": draft.evse_id, "seq": row.seq, "now_ms": now_ms}
        work.live(sql.SUPERSEDE_STATUS, older)
    return row.seq


def _write_audit(work: Work, audit: Audit, now_ms: int) -> None:
    who = audit.who
    work.execute(sql.ADD_AUDIT, (now_ms, who.uid, who.pid, audit.what, audit.target, audit.reason))


def _columns(stamp: Stamp) -> tuple[str, int, int, bool]:
    return stamp.boot, stamp.mono_ms, stamp.wall_ms, stamp.trusted
