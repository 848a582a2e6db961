"""How a session is written to its end: End always, a charge detail record where energy could have flowed.

A session that never drew owes no record (unless the operator wants zeros), but its hub must hear End: some
providers allow a driver one open session at a time. What the register counted is owed, seen to flow or not: a car
may draw less than what the state table calls charging.
"""

from roampost.domain.messages import Calibration, ChargeRecord, EndMessage, SessionRef
from roampost.domain.stamp import Stamp
from roampost.evse.effect import Closed, Effect, Note, Tell
from roampost.evse.event import Decider, Grant
from roampost.evse.reservation import Reservation
from roampost.evse.session import Session

_NOT_OWED = {
    Decider.OPERATOR: "one of the operator's own cards, no hub is owed a record",
    Decider.FREE: "charging is free here, no hub is owed a record",
}


def settled(session: Session, *, zero_energy_record: bool, calibration: Calibration | None = None) -> list[Effect]:
    """The messages that close an ended session whose last meter reading is in."""
    ended = session.ended
    assert ended is not None
    if session.charging_start is None and session.energy_wh:
        session = session.model_copy(update={"charging_start": session.authorized})
    if session.hub is None:
        return [Closed(session, _NOT_OWED.get(session.decided_by, "no hub is owed a record"))]
    record = session.charging_start is not None or zero_energy_record
    effects: list[Effect] = [] if session.end_told else [Tell(_end(session, ended), session.hub)]
    if record:
        effects.append(Tell(_record(session, ended, calibration), session.hub))
    return [*effects, Closed(session, None if record else _no_energy(session))]


def _no_energy(session: Session) -> str:
    """Whether there was none, or whether none could be read, is not the same to a person who looks for it."""
    why = "no energy, no charge detail record is owed"
    return why if session.flag is None else f"no energy was read, so there is no charge detail record; {session.flag}"


def idle_end(session: Session, penalty_after_s: int | None) -> EndMessage:
    """End while the vehicle stays: the session goes on, the energy has stopped."""
    assert session.charging_end is not None
    penalty = None if penalty_after_s is None else session.charging_end.later(penalty_after_s)
    end = _end(session, session.charging_end)
    return end.model_copy(update={"session_end": None, "penalty_start": penalty})


def late(grant: Grant, evse_id: str, at: Stamp) -> list[Effect]:
    """Close a session at its hub that was granted when nobody waited any more; nothing where no hub gave one."""
    if grant.hub is None or grant.hub_session_id is None:
        return []
    ref = SessionRef(
        session_id=grant.card.session_id,
        hub_session_id=grant.hub_session_id,
        evse_id=evse_id,
        uid=grant.card.uid,
        contract_id=grant.contract_id,
        account=grant.account,
    )
    end = EndMessage(session=ref, session_start=at, session_end=at, charging_end=at)
    return [
        Tell(end, grant.hub),
        Note(
            "late_authorization",
            f"{grant.hub} authorized session {ref.session_id} too late or beside another one; it is not used",
        ),
    ]


def unreserved(reservation: Reservation, at: Stamp, why: str) -> list[Effect]:
    """The record that closes a reservation at its hub: no energy, the time that the place was kept."""
    end = reservation.end(at)
    record = ChargeRecord(
        session=reservation.ref,
        session_start=reservation.since,
        session_end=end,
        charging_start=reservation.since,
        charging_end=end,
        meter_start_wh=None,
        meter_end_wh=None,
        energy_wh=0,
        reservation=True,
    )
    return [Tell(record, reservation.hub), Note("reservation_over", f"{reservation.session_id}: {why}")]


def _end(session: Session, ended: Stamp) -> EndMessage:
    return EndMessage(
        session=session.ref,
        session_start=session.authorized,
        session_end=ended,
        charging_start=session.charging_start,
        charging_end=session.charging_end or ended,
        meter_start_wh=session.meter_start_wh,
        meter_end_wh=session.meter_last_wh,
        meters_between_wh=session.meters_between_wh,
        energy_wh=session.energy_wh,
    )


def _record(session: Session, ended: Stamp, calibration: Calibration | None) -> ChargeRecord:
    start = session.meter_start_wh
    end = session.meter_last_wh if session.meter_last_wh is not None else start
    return ChargeRecord(
        session=session.ref,
        session_start=session.authorized,
        session_end=ended,
        charging_start=session.charging_start or ended,
        charging_end=session.charging_end or ended,
        meter_start_wh=start,
        meter_end_wh=end,
        energy_wh=session.energy_wh or 0,
        meters_between_wh=session.meters_between_wh,
        signed=session.signed,
        calibration=calibration,
        flag=session.flag,
    )
