"""Hand-written records: a small day at two EVSEs as the station tells it, and as a hub that heard all of it does."""

from typing import Any

from roampost_sim.demo.compare import Verdict, compare
from roampost_sim.demo.expect import expected
from roampost_sim.demo.message import Expected
from roampost_sim.demo.setpoints import SetPoints, check
from roampost_sim.demo.story import DAY, load_story

Event = dict[str, Any]
STORY = load_story(DAY)
STATION = STORY.station
IDS = {"1": "DE*ABC*E1*1", "2": "DE*ABC*E1*2"}
GOOD, UNKNOWN = "04A7B1E2C95D81", "04DEAD00BEEF13"
SESSION = "b2688855-7f00-0002-6d8e-48d883f6abb6"
ANNA, BEN = "DE-8EO-C11223344-A", "DE-8EO-C55667788-B"
CHARGED, RESERVED = "c0000000-0000-0000-0000-000000000000", "d0000000-0000-0000-0000-000000000000"


def truth(*events: tuple[float, str] | tuple[float, str, Event]) -> list[Event]:
    """(t, event) or (t, event, more)."""
    return [{"t": one[0], "event": one[1], **(one[2] if len(one) == 3 else {})} for one in events]


def at(evse: str, register_wh: float = 1000.0, **more: Any) -> Event:
    return {"evse": evse, "register_wh": register_wh, **more}


def card(uid: str = GOOD) -> Event:
    return {"reader": "front", "uid": uid}


def contact(name: str, did: str) -> Event:
    return {"contact": name, "did": did, "closed": did == "reset", "active": did == "trip"}


# One charge of 25 Wh at EVSE 1, ended by the card.
CHARGE = truth(
    (0.0, "agent_started"),
    (5.0, "plugged", at("1")),
    (7.0, "card_held", card()),
    (7.5, "set_point_written", {"evse": "1", "current_ma": 32_000}),
    (8.0, "contactor_closed", at("1")),
    (12.0, "card_held", card()),
    (12.5, "set_point_written", {"evse": "1", "current_ma": 0}),
    (12.5, "contactor_opened", at("1", 1023.0)),
    (16.0, "unplugged", at("1", 1025.2)),
)


def status(t: float, evse: str, word: str, **more: Any) -> Event:
    record = {"EvseID": IDS[evse], "EvseStatus": word}
    return _entry(t, "PushEvseStatus", **record, EvseStatusRecord=[record], **more)


def asked(t: float, *, evse: str = "1", uid: str = "04…81", code: str = "000", session: str = SESSION) -> Event:
    given = {"SessionID": session} if code == "000" else {}
    return _entry(t, "AuthorizeStart", EvseID=IDS[evse], UID=uid, CPOPartnerSessionID="own-1", code=code, **given)


def told(t: float, kind: str, **more: Any) -> Event:
    """A notification of the session of CHARGE, or its CDR."""
    operation = "ChargeDetailRecord" if kind == "CDR" else "ChargingNotifications"
    own: Event = {"EvseID": IDS["1"], "UID": "04…81", "SessionID": SESSION, "CPOPartnerSessionID": "own-1"}
    own |= {} if kind == "CDR" else {"Type": kind}
    own |= {} if kind == "Error" else {"MeterValueStart": 1.0}
    own |= {"MeterValueEnd": 1.025, "ConsumedEnergy": 0.025} if kind in ("End", "CDR") else {}
    return _entry(t, operation, **(own | more))


def data(t: float, evse: str) -> Event:
    return _entry(t, "PushEvseData", EvseIDs=[IDS[evse]], ActionType="insert")


def called(t: float, operation: str, evse: str, session: str, code: str = "000", **more: Any) -> Event:
    """A call of the hub that the agent answered; contract: of the driver, masked."""
    own: Event = {"t": t, "event": "call", "direction": "out", "operation": operation, "http_status": 200}
    own |= {"code": code, "result": code == "000", "seconds": 0.05, "reason": None, "violations": []}
    return own | {"SessionID": session, "EvseID": IDS[evse]} | more


def _entry(t: float, operation: str, **more: Any) -> Event:
    own = {"t": t, "event": "request", "operation": operation, "http_status": 200, "code": "000"}
    return own | {"processed": True, "delivered": True, "fault": None, "violations": []} | more


def heard() -> list[Event]:
    """What a hub hears of CHARGE when all is well."""
    return [
        status(1.5, "1", "Available"),
        status(1.6, "2", "Available"),
        status(5.4, "1", "Occupied"),
        asked(7.2),
        told(9.0, "Start"),
        told(14.0, "End"),
        told(14.1, "CDR"),
        status(16.4, "1", "Available"),
    ]


# What the hub is told once, when the agent starts for the first time.
DATA = [data(1.0, "1"), data(1.1, "2")]

# Anna reserves EVSE 2, charges there for 17 s and ends it, all from her app. Ben asks in vain.
APP_DAY = truth(
    (0.0, "agent_started"),
    (2.0, "app_reserved", {"evse": "2", "contract": ANNA, "minutes": 15}),
    (3.0, "app_started", {"evse": "1", "contract": BEN}),
    (3.5, "app_started", {"evse": "2", "contract": BEN}),
    (5.0, "plugged", at("2")),
    (6.0, "app_started", {"evse": "2", "contract": ANNA}),
    (6.5, "set_point_written", {"evse": "2", "current_ma": 32_000}),
    (7.0, "contactor_closed", at("2")),
    (24.0, "app_stopped", {"evse": "2"}),
    (24.1, "set_point_written", {"evse": "2", "current_ma": 0}),
    (24.2, "contactor_opened", at("2", 1098.0)),
    (28.0, "unplugged", at("2", 1100.0)),
)


def of_anna(t: float, kind: str, session: str = CHARGED, **more: Any) -> Event:
    """A message of Anna's charge, or the record of her reservation."""
    own: Event = {
        "EvseID": IDS["2"],
        "UID": None,
        "EvcoID": "DE…-A",
        "SessionID": session,
        "CPOPartnerSessionID": "own-2",
    }
    if session == RESERVED:
        own |= {"CPOPartnerSessionID": "own-3", "MeterValueStart": None, "MeterValueEnd": None, "ConsumedEnergy": 0}
    elif kind in ("End", "CDR"):
        own |= {"MeterValueEnd": 1.1, "ConsumedEnergy": 0.1}
    elif kind == "Progress":
        own |= {"ConsumedEnergyProgress": 0.055}
    return told(t, kind, **(own | more))


def heard_of_apps() -> list[Event]:
    """What a hub hears of APP_DAY when all is well."""
    return [
        status(1.5, "1", "Available"),
        status(1.6, "2", "Available"),
        called(2.0, "AuthorizeRemoteReservationStart", "2", RESERVED, EvcoID="DE…-A"),
        status(2.1, "2", "Reserved"),
        called(3.0, "AuthorizeRemoteStart", "1", "e1", "510", EvcoID="DE…-B"),
        called(3.5, "AuthorizeRemoteStart", "2", "e2", "601", EvcoID="DE…-B"),
        status(5.4, "2", "Occupied"),
        called(6.0, "AuthorizeRemoteStart", "2", CHARGED, EvcoID="DE…-A"),
        of_anna(6.1, "CDR", RESERVED),
        of_anna(9.0, "Start"),
        of_anna(17.4, "Progress"),
        called(24.0, "AuthorizeRemoteStop", "2", CHARGED),
        of_anna(27.0, "End"),
        of_anna(27.1, "CDR"),
        status(28.4, "2", "Available"),
    ]


def wanted(events: list[Event], latched: frozenset[str] = frozenset()) -> list[Expected]:
    return expected(events, STATION, STORY.cards, latched)


def said(events: list[Event]) -> list[str]:
    """Without the EVSE data of the beginning."""
    return [f"{one.evse} {one.message}" for one in wanted(events) if one.message != "EVSE data"]


def judged(entries: list[Event], events: list[Event] = CHARGE) -> Verdict:
    """With the EVSE data of the beginning."""
    return compare(wanted(events), [*DATA, *entries], IDS)


def set_points(events: list[Event], entries: list[Event]) -> SetPoints:
    return check(events, judged(entries, events))
