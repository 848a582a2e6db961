"""Hand-written records: a small day at two EVSEs as the station tells it, and as a hub that heard all of it does.

The hub is one of either protocol: what OIOI has no word for is left out, and its question about a card names neither
EVSE nor session.
"""

from collections.abc import Mapping
from typing import Any

from roampost_sim.demo.arrival import words
from roampost_sim.demo.compare import Verdict, compare
from roampost_sim.demo.expect import expected
from roampost_sim.demo.message import DATA as EVSE_DATA
from roampost_sim.demo.message import Expected
from roampost_sim.demo.protocols import Hub
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
CARDS = {GOOD: "DE-8EO-CE2C95D81-X"}
# What the hub calls the driver of GOOD once it has said yes.
NAMED = {"oicp": "04…81", "oioi": "DE…-X"}
UNSAID = {"oicp": (), "oioi": (" End", " Error", " CDR of nothing")}
_OF_ENTRY = {"code", "http_status", "delivered", "violations", "MeterValueStart", "MeterValueEnd"}


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
    return _entry(t, "status", evse_id=IDS[evse], status=word, **more)


def asked(hub: str, t: float, *, evse: str = "1", uid: str = "04…81", code: str = "000", **more: Any) -> Event:
    """more: in place of what OICP tells."""
    if hub == "oioi":
        return _entry(t, "authorize", user=uid, code=code)
    given = {"hub_session": SESSION} if code == "000" else {}
    own = {"evse_id": IDS[evse], "session": "own-1", "user": uid, "code": code}
    return _entry(t, "authorize", **(own | given | more))


def told(hub: str, t: float, kind: str, **more: Any) -> Event:
    """A message of the session of CHARGE: Start, Progress, End, Error or CDR."""
    own: Event = {"evse_id": IDS["1"], "user": NAMED[hub], "hub_session": SESSION}
    own["session"] = "own-1" if hub == "oicp" else SESSION
    own |= {"energy_wh": 25} if kind in ("End", "CDR") else {}
    if hub == "oicp":
        own |= {} if kind == "Error" else {"MeterValueStart": 1.0}
        own |= {"MeterValueEnd": 1.025} if kind in ("End", "CDR") else {}
    return _entry(t, kind.lower(), **(own | more))


def data(t: float, *evses: str) -> Event:
    return _entry(t, "evse_data", evse_ids=[IDS[evse] for evse in evses])


def called(
    hub: str, t: float, what: str, evse: str, session: str | None = None, code: str = "000", **more: Any
) -> Event:
    """A call of the hub that the agent answered; user: the contract of the driver, masked."""
    yes = code in ("000", "011")
    told_in_answer = session if yes or hub == "oicp" else None
    entry = _entry(t, what, evse_id=IDS[evse], hub_session=told_in_answer, code=code, **more)
    if hub == "oioi":
        entry["means"] |= {"session": told_in_answer} if told_in_answer else {}
    return entry | {"event": "call", "direction": "out", "result": yes, "seconds": 0.05, "reason": None}


def _entry(t: float, what: str, **more: Any) -> Event:
    own = {"t": t, "event": "request", "operation": "its wire name", "http_status": 200, "code": "000"}
    own |= {"processed": True, "delivered": True, "fault": None, "violations": []}
    means = {name: value for name, value in more.items() if name not in _OF_ENTRY and value is not None}
    return own | {name: more[name] for name in _OF_ENTRY & more.keys()} | {"means": {"what": what} | means}


def changed(entry: Event, **more: Any) -> Event:
    """With other facts in its meaning, or in itself; None: without this fact."""
    of_entry = {name: more.pop(name) for name in _OF_ENTRY & more.keys()}
    means = {name: value for name, value in (entry["means"] | more).items() if value is not None}
    return entry | of_entry | {"means": means}


def heard(hub: str) -> list[Event]:
    """What a hub hears of CHARGE when all is well."""
    return _known(
        hub,
        [
            status(1.5, "1", "Available"),
            status(1.6, "2", "Available"),
            status(5.4, "1", "Occupied"),
            asked(hub, 7.2),
            told(hub, 9.0, "Start"),
            told(hub, 14.0, "End"),
            told(hub, 14.1, "CDR"),
            status(16.4, "1", "Available"),
        ],
    )


# What the hub is told once, when the agent starts for the first time.
DATA = {"oicp": [data(1.0, "1"), data(1.1, "2")], "oioi": [data(1.0, "1", "2")]}

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


def of_anna(hub: str, t: float, kind: str, session: str = CHARGED, **more: Any) -> Event:
    """A message of Anna's charge, or the record of her reservation."""
    own: Event = {"evse_id": IDS["2"], "user": "DE…-A", "hub_session": session}
    own["session"] = session if hub == "oioi" else "own-3" if session == RESERVED else "own-2"
    if session == RESERVED:
        own |= {"MeterValueStart": None, "MeterValueEnd": None, "energy_wh": 0}
    elif kind in ("End", "CDR"):
        own |= {"energy_wh": 100} | ({"MeterValueEnd": 1.1} if hub == "oicp" else {})
    elif kind == "Progress":
        own |= {"energy_wh": 55}
    return told(hub, t, kind, **(own | more))


def heard_of_apps(hub: str) -> list[Event]:
    """What a hub hears of APP_DAY when all is well."""
    yes, empty, kept = {"oicp": ("000", "510", "601"), "oioi": ("011", "321", "320")}[hub]
    of_ben = {"user": "DE…-B"}
    return _known(
        hub,
        [
            status(1.5, "1", "Available"),
            status(1.6, "2", "Available"),
            called(hub, 2.0, "reserve", "2", RESERVED if hub == "oicp" else None, user="DE…-A"),
            status(2.1, "2", "Reserved"),
            called(hub, 3.0, "remote_start", "1", "e1", empty, **of_ben),
            called(hub, 3.5, "remote_start", "2", "e2", kept, **of_ben),
            status(5.4, "2", "Occupied"),
            called(hub, 6.0, "remote_start", "2", CHARGED, yes, user="DE…-A"),
            of_anna(hub, 6.1, "CDR", RESERVED),
            of_anna(hub, 9.0, "Start"),
            of_anna(hub, 17.4, "Progress"),
            called(hub, 24.0, "remote_stop", "2", CHARGED, user="DE…-A" if hub == "oioi" else None),
            of_anna(hub, 27.0, "End"),
            of_anna(hub, 27.1, "CDR"),
            status(28.4, "2", "Available"),
        ],
    )


def _known(hub: str, entries: list[Event]) -> list[Event]:
    """Without what the hub's protocol has no word for."""
    return [one for one in entries if not name_of(one).endswith(UNSAID[hub])]


def name_of(entry: Event) -> str:
    (evse_id, message), *_ = words(entry["means"])
    place = next((name for name, known in IDS.items() if known == evse_id), evse_id)
    return f"{place} {message}{' of nothing' if (message, entry['means'].get('energy_wh')) == ('CDR', 0) else ''}"


def place_of(entries: list[Event], name: str, nth: int = 0) -> int:
    """Where in the record the nth one of this name is, such as 1 Start."""
    return [place for place, one in enumerate(entries) if name_of(one) == name][nth]


def without(entries: list[Event], place: int) -> list[Event]:
    return entries[:place] + entries[place + 1 :]


def wanted(events: list[Event], hub: str = "oicp", latched: frozenset[str] = frozenset()) -> list[Expected]:
    return expected(events, STATION, [Hub(hub, CARDS)], latched)


def said(events: list[Event], hub: str = "oicp") -> list[str]:
    """Without the EVSE data of the beginning."""
    found = [one for one in wanted(events, hub) if one.message != EVSE_DATA]
    return [f"{one.evse} {one.message}{' of nothing' if one.reserved else ''}" for one in found]


def known_to(hub: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(UNSAID[hub])]


def judged(hub: str, entries: list[Event], events: list[Event] = CHARGE) -> Verdict:
    """With the EVSE data of the beginning."""
    return compare(wanted(events, hub), {hub: [*DATA[hub], *entries]}, IDS)


def set_points(hub: str, events: list[Event], entries: list[Event]) -> SetPoints:
    return check(events, judged(hub, entries, events))


def walled(events: list[Event]) -> list[Event]:
    """The wall clock of the day is 1 000 000 s ahead of the monotonic one."""
    wall: Mapping[str, Event] = {"agent_started": {"wall_s": 1_000_000}}
    return [one | wall.get(one["event"], {}) for one in events]
