"""One closed schema for what each call holds, and for what an operator may answer. A new call is a new row."""

from roampost_sim.hub.shapes import (
    EVCO_ID,
    EVSE_ID,
    MOMENT,
    OPERATOR_ID,
    UID,
    YES_NO,
    Schema,
    closed,
    listed,
    number,
    one_of,
    several_of,
    text,
    whole,
    whole_number,
)

PLUGS = (
    *("Type2", "Combo", "Chademo", "Schuko", "Type3", "CeeBlue", "3PinSquare", "Type1", "CeeRed", "Cee2Poles"),
    *("Tesla", "Scame", "Nema5", "CeePlus", "T13", "T15", "T23", "Marechal", "TypeE"),
)
STATUSES = ("Available", "Occupied", "Offline", "Reserved", "Unknown")
IDENTIFIERS: dict[str, Schema] = {
    "evco-id": EVCO_ID,
    "rfid": UID,
    "username": text(250),
    "token": text(250),
}
_PARTNER = {"partner-identifier": text(250)}
_SESSION_ID = text(250)
_CLOCK = whole(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_HOURS = closed(
    {"times": listed(_CLOCK, 2, 2), "days": several_of("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")},
)
_ADDRESS = closed(
    {
        "street": text(250),
        "street-number": text(50),
        "city": text(250),
        "zip": text(20),
        "country": whole("[A-Z]{2}"),
    }
)
_CONTACT = closed({"phone": text(50)}, {"fax": text(50), "website": text(500), "email": text(250)})
# A power of more than 1000 kW is one in watts.
_CONNECTOR = closed({"id": EVSE_ID, "name": one_of(*PLUGS), "speed": number(1000)})
_STATION = closed(
    {
        "id": text(250),
        "name": text(250),
        "latitude": {"type": "number", "minimum": -90, "maximum": 90},
        "longitude": {"type": "number", "minimum": -180, "maximum": 180},
        "address": _ADDRESS,
        "contact": _CONTACT,
        "cpo-id": OPERATOR_ID,
        "is-open-24": YES_NO,
        "connectors": listed(_CONNECTOR, 1000, 1),
        "deleted": YES_NO,
    },
    {
        "description": text(2000),
        "open-hour-notes": listed(_HOURS, 20),
        "notes": text(2000),
        "is-reservable": YES_NO,
        "floor-level": {"type": ["integer", "string"]},
        "is-free-charge": YES_NO,
        "total-parking": whole_number(100_000),
        "is-green-power-available": YES_NO,
        "is-plugin-charge": YES_NO,
        "is-roofed": YES_NO,
        "is-private": YES_NO,
    },
)
_USER = closed({"identifier-type": one_of(*IDENTIFIERS), "identifier": text(250)}, {"token": text(250)})
_INTERVAL = closed({"start": MOMENT}, {"stop": MOMENT})
_COST = closed({"amount": {"type": "number", "minimum": 0, "maximum": 100_000}, "currency": whole("[A-Z]{3}")})

SCHEMAS: dict[str, Schema] = {
    "station-post": closed({"station": _STATION} | _PARTNER),
    "connector-post-status": closed({"connector-id": EVSE_ID, "status": one_of(*STATUSES)} | _PARTNER),
    "rfid-verify": closed({"rfid": UID}),
    "session-post": closed(
        {"user": _USER, "session-id": _SESSION_ID, "connector-id": EVSE_ID, "session-interval": _INTERVAL} | _PARTNER,
        # More than 1000 kWh in one session are watt-hours sent by mistake.
        {"charging-interval": _INTERVAL, "energy-consumed": number(1000), "calculated-cost": _COST},
    ),
}

_RESULT = closed(
    {"code": {"type": ["integer", "string"], "pattern": r"^[0-9]{1,3}\Z", "minimum": 0, "maximum": 999}},
    {"message": text(1000)},
)
_REFUSAL = closed({"result": _RESULT})
_STARTED = closed({"session-id": _SESSION_ID, "is-stoppable": YES_NO})


def _answer(**parts: Schema) -> Schema:
    return closed({"result": _RESULT} | {name.replace("_", "-"): part for name, part in parts.items()})


# What is answered with a yes; a no is REFUSAL and may hold the same.
ANSWERS: dict[str, Schema] = {
    "session-start": _answer(session_start=_STARTED),
    "session-stop": _REFUSAL,
    "rfid-post": _answer(rfid=closed({"processed": whole_number(10_000_000)})),
    "reservation-start": _answer(reservation_start=closed({"end": MOMENT})),
    "reservation-stop": _REFUSAL,
}
REFUSAL = _REFUSAL
