"""How a session is written to its end: End always, a charge detail record where energy could have flowed.

A session that never drew owes no record (unless the operator wants zeros), but its hub must hear End: some
providers allow a driver one open session at a time. What the register counted is owed, seen to flow or not: a car
may draw less than what the state table calls charging.
"""

from roampost.domain.messages import ChargeRecord, EndMessage, SessionRef
from roampost.domain.stamp import Stamp
from roampost.evse.effect import Closed, Effect, Note, Tell
from roampost.evse.event import Grant
from roampost.evse.session import Session


def settled(session: Session, zero_energy_record: bool) -> list[Effect]:
    """The messages that close an ended session whose last meter reading is in."""
    ended = session.ended
    assert ended is not None
    if session.charging_start is None and session.energy_wh:
        session = session.model_copy(update={"charging_start": session.authorized})
    record = session.charging_start is not None or zero_energy_record
    effects: list[Effect] = [Tell(_end(session, ended), session.hub)]
    if record:
        effects.append(Tell(_record(session, ended), session.hub))
    return [*effects, Closed(session, record)]


def late(grant: Grant, evse_id: str, at: Stamp) -> list[Effect]:
    """Close a session at its hub that was granted when nobody waited any more."""
    ref = SessionRef(
        session_id=grant.card.session_id,
        hub_session_id=grant.hub_session_id,
        evse_id=evse_id,
        uid=grant.card.uid,
    )
    end = EndMessage(session=ref, session_start=at, session_end=at, charging_end=at)
    return [
        Tell(end, grant.hub),
        Note(
            "late_authorization",
            f"{grant.hub} authorized session {ref.session_id} too late; it is closed there",
        ),
    ]


def _end(session: Session, ended: Stamp) -> EndMessage:
    return EndMessage(
        session=session.ref,
        session_start=session.authorized,
        session_end=ended,
        charging_start=session.charging_start,
        charging_end=session.charging_end or ended,
        meter_start_wh=session.meter_start_wh,
        meter_end_wh=session.meter_last_wh,
        energy_wh=session.energy_wh,
    )


def _record(session: Session, ended: Stamp) -> ChargeRecord:
    start = session.meter_start_wh or 0
    end = session.meter_last_wh if session.meter_last_wh is not None else start
    return ChargeRecord(
        session=session.ref,
        session_start=session.authorized,
        session_end=ended,
        charging_start=session.charging_start or ended,
        charging_end=session.charging_end or ended,
        meter_start_wh=start,
        meter_end_wh=end,
        energy_wh=end - start,
        flag=session.flag,
    )
