"""JSON Schemas of the four calls to an OIOI hub and of its answers, written from the protocol's facts.

What we send is held against the strict ones: no other key, no null. Answers may hold more than is documented.
"""

import json
from collections.abc import Iterable
from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]
# RFC 3339 with an offset of its own, to the second.
DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$"}
UID = {"type": "string", "pattern": "^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$"}
TEXT = {"type": "string", "minLength": 1}
FLAG = {"type": "boolean"}
STATUSES = ["Available", "Occupied", "Offline", "Reserved", "Unknown"]
PLUGS = [
    *["Type1", "Type2", "Type3", "Combo", "Chademo", "Tesla", "Scame", "Marechal", "Nema5"],
    *["Schuko", "TypeE", "3PinSquare", "T13", "T15", "T23", "CeeBlue", "CeeRed", "Cee2Poles", "CeePlus"],
]
DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
STATION_OPTIONAL = (
    "description",
    "open-hour-notes",
    "notes",
    "is-reservable",
    "floor-level",
    "is-free-charge",
    "total-parking",
    "is-green-power-available",
    "is-plugin-charge",
    "is-roofed",
    "is-private",
)


def _object(members: Schema, optional: Iterable[str] = ()) -> Schema:
    required = sorted(set(members) - set(optional))
    return {"type": "object", "properties": members, "required": required, "additionalProperties": False}


_ADDRESS = _object(
    {
        "street": TEXT,
        "street-number": TEXT,
        "city": TEXT,
        "zip": TEXT,
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
    }
)
_CONTACT = _object({"phone": TEXT, "fax": TEXT, "website": TEXT, "email": TEXT}, ("fax", "website", "email"))
_CONNECTOR = _object({"id": TEXT, "name": {"enum": PLUGS}, "speed": {"type": "number", "exclusiveMinimum": 0}})
_CLOCK = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"}
_OPEN = _object(
    {
        "times": {"type": "array", "items": _CLOCK, "minItems": 2, "maxItems": 2},
        "days": {"type": "array", "items": {"enum": DAYS}, "minItems": 1, "uniqueItems": True},
    }
)
STATION = _object(
    {
        "id": TEXT,
        "name": TEXT,
        "description": TEXT,
        "latitude": {"type": "number", "minimum": -90, "maximum": 90},
        "longitude": {"type": "number", "minimum": -180, "maximum": 180},
        "address": _ADDRESS,
        "contact": _CONTACT,
        "cpo-id": TEXT,
        "is-open-24": FLAG,
        "connectors": {"type": "array", "items": _CONNECTOR, "minItems": 1},
        "open-hour-notes": {"type": "array", "items": _OPEN, "minItems": 1},
        "notes": TEXT,
        "is-reservable": FLAG,
        "floor-level": TEXT,
        "is-free-charge": FLAG,
        "total-parking": {"type": "integer"},
        "is-green-power-available": FLAG,
        "is-plugin-charge": FLAG,
        "is-roofed": FLAG,
        "is-private": FLAG,
        "deleted": FLAG,
    },
    STATION_OPTIONAL,
)
_USER = {
    "oneOf": [
        _object({"identifier-type": {"const": "rfid"}, "identifier": UID}),
        _object({"identifier-type": {"enum": ["evco-id", "username", "token"]}, "identifier": TEXT}),
    ]
}
_INTERVAL = _object({"start": DATE, "stop": DATE}, ("stop",))
_SESSION_OPTIONAL = ("charging-interval", "energy-consumed", "calculated-cost")
SESSION = _object(
    {
        "user": _USER,
        "session-id": TEXT,
        "connector-id": TEXT,
        "session-interval": _INTERVAL,
        "charging-interval": _INTERVAL,
        "energy-consumed": {"type": "number", "minimum": 0},
        "calculated-cost": _object({"amount": {"type": "number"}, "currency": {"type": "string"}}),
        "partner-identifier": TEXT,
    },
    _SESSION_OPTIONAL,
)
CALLS: dict[str, Schema] = {
    "station-post": _object({"station": STATION, "partner-identifier": TEXT}),
    "connector-post-status": _object(
        {"connector-id": TEXT, "status": {"enum": STATUSES}, "partner-identifier": TEXT},
    ),
    "rfid-verify": _object({"rfid": UID}),
    "session-post": SESSION,
}

# --- answers -------------------------------------------------------------------------------------------------------

RESULT = _object(
    {"code": {"type": ["integer", "string"], "pattern": "^[0-9]{1,3}$"}, "message": {"type": "string"}}, ("message",)
)
ANSWERS: dict[str, Schema] = {
    "station-post": _object({"result": RESULT}),
    "connector-post-status": _object({"result": RESULT}),
    "rfid-verify": _object({"result": RESULT, "evco-id": TEXT}, ("evco-id",)),
    "session-post": _object({"result": RESULT}),
}


def problems(body: bytes) -> list[str]:
    """Why this is no call; empty when it is one."""
    document = json.loads(body)
    if not isinstance(document, dict) or len(document) != 1:
        return ["the body is not one call"]
    ((name, call),) = document.items()
    if name not in CALLS:
        return [f"{name} is no call"]
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(CALLS[name]).iter_errors(call)]


def answer_problems(call: str, body: bytes) -> list[str]:
    return [error.message for error in Draft202012Validator(ANSWERS[call]).iter_errors(json.loads(body))]
