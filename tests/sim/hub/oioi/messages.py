"""Right calls of the operator DE*ABC in OIOI; a test changes what it wants wrong. None as a value takes a field out."""

from typing import Any

from tests.sim.hub.oicp.messages import BLOCKED_CARD, CARD, CONTRACT, EVSE, OTHER_CARD, Body, at

__all__ = ["BLOCKED_CARD", "CARD", "CONTRACT", "EVSE", "OTHER_CARD", "Body", "at"]
PARTNER = "sandbox-partner"
SESSION = "b2688855-7f00-0002-6d8e-48d883f6abb6"


def without_none(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None}


def status(word: str = "Available", evse_id: str = EVSE, **more: Any) -> Body:
    return {"connector-id": evse_id, "status": word, "partner-identifier": PARTNER} | more


def verify(uid: str = CARD) -> Body:
    return {"rfid": uid}


def connector(evse_id: str = EVSE, **more: Any) -> Body:
    return {"id": evse_id, "name": "Type2", "speed": 22} | more


def station(station_id: str = "S1", **more: Any) -> Body:
    told = {
        "id": station_id,
        "name": "Mill Lane",
        "latitude": 52.480495,
        "longitude": 13.356465,
        "address": {
            "street": "Mühlgasse",
            "street-number": "1a",
            "city": "Berlin",
            "zip": "10829",
            "country": "DE",
        },
        "contact": {"phone": "+4930123456"},
        "cpo-id": "DE*ABC",
        "is-open-24": True,
        "connectors": [connector()],
        "deleted": False,
    }
    return without_none(told | more)


def post_station(station_id: str = "S1", partner: str = PARTNER, **more: Any) -> Body:
    return {"station": station(station_id, **more), "partner-identifier": partner}


def rfid(uid: str = CARD) -> Body:
    return {"identifier-type": "rfid", "identifier": uid}


def evco(evco_id: str = CONTRACT) -> Body:
    return {"identifier-type": "evco-id", "identifier": evco_id}


def interval(start: float, stop: float | None = None) -> Body:
    return {"start": at(start)} | ({} if stop is None else {"stop": at(stop)})


def running(session_id: str = SESSION, **more: Any) -> Body:
    """With underscores for the hyphens of the fields."""
    told = {
        "user": rfid(),
        "session-id": session_id,
        "connector-id": EVSE,
        "session-interval": interval(0),
        "charging-interval": interval(1),
        "partner-identifier": PARTNER,
    }
    return without_none(told | {name.replace("_", "-"): value for name, value in more.items()})


def ended(session_id: str = SESSION, **more: Any) -> Body:
    """Charging is over, the vehicle stays."""
    return running(session_id, **({"charging_interval": interval(1, 40), "energy_consumed": 5.0} | more))


def final(session_id: str = SESSION, **more: Any) -> Body:
    return ended(session_id, **({"session_interval": interval(0, 41)} | more))


_MORE: Body = {
    "is-open-24": False,
    "open-hour-notes": [{"times": ["07:30", "19:00"], "days": ["Mo", "Fr"]}],
    "is-reservable": True,
    "floor-level": -1,
    "is-free-charge": False,
    "total-parking": 4,
    "is-green-power-available": True,
    "is-plugin-charge": False,
    "is-roofed": True,
    "is-private": False,
    "description": "Behind the mill",
    "notes": "Ring twice",
    "contact": {"phone": "+4930123456", "fax": "+4930123457", "website": "https://example.com", "email": "a@b.example"},
    "connectors": [connector(), connector("+49*536*000*438", name="Combo", speed=49.5)],
}
FULL_STATION = station() | _MORE

VALID: dict[str, list[Body]] = {
    "station-post": [
        post_station(),
        {"station": FULL_STATION, "partner-identifier": PARTNER},
        post_station(deleted=True),
    ],
    "connector-post-status": [
        *(status(word) for word in ("Available", "Occupied", "Offline", "Reserved", "Unknown")),
    ],
    "rfid-verify": [verify(), verify(OTHER_CARD), verify(BLOCKED_CARD)],
    "session-post": [
        running(),
        running(charging_interval=None),
        running(user={"identifier-type": "username", "identifier": "anna", "token": "secret"}),
        running(user={"identifier-type": "token", "identifier": "secret"}),
        ended(user=evco()),
        final(calculated_cost={"amount": 3.5, "currency": "EUR"}),
        final(session_interval={"start": at(0), "stop": "2026-06-01T10:41:00Z"}, energy_consumed=0),
    ],
}
