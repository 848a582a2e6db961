"""Small values for the tests of the rules."""

from roampost.domain.stamp import Stamp
from roampost.evse.event import Card, Event, Grant, Kind, Trouble
from roampost.evse.evse import Asking, Evse
from roampost.evse.reservation import Reservation
from roampost.evse.session import Session
from roampost.evse.state import ASKING, PERMITS, State
from roampost.evse.step import Rules

EVSE_ID = "DE*ABC*E1*1"
UID = "044A2DAA856280"
RULES = Rules(limit_ma=16_000)


def at(second: float) -> Stamp:
    return Stamp(boot="b1", mono_ms=int(second * 1000), wall_ms=1_790_000_000_000 + int(second * 1000), trusted=True)


def card(uid: str = UID) -> Card:
    return Card(uid, "own-1")


def grant(session_id: str = "own-1") -> Grant:
    return Grant("hubject", "b2688855-7f00-0002-6d8e-48d883f6abb6", Card(UID, session_id))


def reservation(**changes: object) -> Reservation:
    first = Reservation(
        session_id="own-r",
        hub="hubject",
        hub_session_id="b2688855-7f00-0002-6d8e-48d883f6abb7",
        evse_id=EVSE_ID,
        uid=UID,
        since=at(10),
        duration_s=900,
    )
    return first.model_copy(update=changes)


def session(**changes: object) -> Session:
    first = Session(
        session_id="own-1",
        hub="hubject",
        hub_session_id="b2688855-7f00-0002-6d8e-48d883f6abb6",
        evse_id=EVSE_ID,
        uid=UID,
        authorized=at(10),
        meter_start_wh=12_000,
        meter_last_wh=12_000,
        meter_last=at(10),
    )
    return first.model_copy(update=changes)


def evse(state: State, **changes: object) -> Evse:
    first = Evse(
        evse_id=EVSE_ID,
        state=state,
        since=at(0),
        why="made for a test",
        session=session() if state in PERMITS | {State.AWAITING_PLUG} else None,
        asking=Asking(uid=UID, session_id="own-1") if state in ASKING else None,
        permitted_ma=16_000 if state in PERMITS else 0,
    )
    return first.model_copy(update=changes)


def event(kind: Kind, second: float = 100, **more: object) -> Event:
    wants_card = kind in (Kind.CARD, Kind.STOP)
    fields: dict[str, object] = {
        "card": card() if wants_card else None,
        "grant": grant() if kind in (Kind.AUTHORIZED, Kind.REMOTE, Kind.FREE) else None,
        "reservation": reservation() if kind in (Kind.RESERVE, Kind.PROLONG) else None,
        "trouble": Trouble("rcd", "RCD tripped", None) if kind in (Kind.FAULT, Kind.NOTICE) else None,
    }
    fields.update(more)
    return Event(kind, at(second), f"because of {kind}", **fields)  # type: ignore[arg-type]  # built by name
