"""The building blocks of the schemas: every object is closed, every string bounded, every number plausible.

Two keywords are our own: `decimals` (most places after the point) and `moment` (a date-time with an offset).
"""

from typing import Any

Schema = dict[str, Any]


def whole(pattern: str) -> Schema:
    """A string that matches from its first to its very last character (`$` would pass a line feed)."""
    return {"type": "string", "pattern": rf"^(?:{pattern})\Z"}


def text(most: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most}


def one_of(*values: str) -> Schema:
    return {"enum": list(values)}


def closed(required: Schema, optional: Schema | None = None) -> Schema:
    """An object with these members and no others."""
    members = required | (optional or {})
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


def listed(items: Schema, most: int, least: int = 0) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def several_of(*values: str) -> Schema:
    """At least one of these words, each once."""
    return listed(one_of(*values), len(values), 1) | {"uniqueItems": True}


def whole_number(most: int) -> Schema:
    return {"type": "integer", "minimum": 0, "maximum": most}


def number(most: float) -> Schema:
    return {"type": "number", "minimum": 0, "maximum": most, "decimals": 3}


OPERATOR_ID = whole(r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}|\+?[0-9]{1,3}\*[0-9]{3}")
EVSE_ID = whole(r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?E[A-Za-z0-9*]{1,30}|\+?[0-9]{1,3}\*[0-9]{3}\*[0-9*]{1,32}")
PROVIDER_ID = whole(r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}")
# Prices are for one provider or for all of them.
PROVIDER_ID_OR_ALL = whole(r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}|\*")
EVCO_ID = whole(
    r"[A-Za-z]{2}-?[A-Za-z0-9]{3}-?C[A-Za-z0-9]{8}-?[A-Za-z0-9]"
    r"|[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-]?[A-Za-z0-9]{6}[*-]?[0-9X]"
)
SESSION_ID = whole(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
UID = whole(r"[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20}")
PUSH_ACTION = one_of("insert", "update", "delete", "fullLoad")
YES_NO: Schema = {"type": "boolean"}
_CLOCK = whole(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
PERIODS = listed(closed({"begin": _CLOCK, "end": _CLOCK}), 20, 1)
DAYS = one_of(
    *("Everyday", "Workdays", "Weekend"),
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
MOMENT: Schema = {"type": "string", "moment": True}
PARTNER_SESSION = text(250)
PRODUCT_ID = text(50)
METER_KWH = number(10_000_000)
# More than 1000 kWh in one session are watt-hours sent by mistake; the CDR says so with its own code (cdr.py).
SESSION_KWH = number(1000)
METER_VALUES = closed({"meterValues": {"type": "array", "items": METER_KWH, "maxItems": 1000}})

# The members of an Identification, of which one is there.
MEDIA = (
    "RFIDMifareFamilyIdentification",
    "RFIDIdentification",
    "QRCodeIdentification",
    "PlugAndChargeIdentification",
    "RemoteIdentification",
)
_MIFARE = closed({"UID": UID})
_RFID = closed(
    {"UID": UID, "RFID": one_of("mifareCls", "mifareDes", "calypso", "nfc", "mifareFamily")},
    {"EvcoID": EVCO_ID, "PrintedNumber": text(150), "ExpiryDate": MOMENT},
)
_LEGACY_HASH = closed({"Function": one_of("MD5", "SHA-1")}, {"Salt": text(100), "Value": text(20)})
_HASHED_PIN = closed(
    {"Value": whole(r"[0-9A-Za-z\\./+=$]{10,100}"), "Function": one_of("Bcrypt")}, {"LegacyHashData": _LEGACY_HASH}
)
_EVCO = closed({"EvcoID": EVCO_ID})


def _exactly_one(kinds: Schema) -> Schema:
    return closed({}, kinds) | {"minProperties": 1, "maxProperties": 1}


# The PIN travels in clear in an authorize request, hashed or not at all elsewhere.
AUTHORIZE_IDENTIFICATION = _exactly_one(
    {
        "RFIDMifareFamilyIdentification": _MIFARE,
        "QRCodeIdentification": closed({"EvcoID": EVCO_ID, "PIN": text(20)}),
        "PlugAndChargeIdentification": _EVCO,
    }
)
IDENTIFICATION = _exactly_one(
    {
        "RFIDMifareFamilyIdentification": _MIFARE,
        "RFIDIdentification": _RFID,
        "QRCodeIdentification": closed({"EvcoID": EVCO_ID}, {"PIN": text(20), "HashedPIN": _HASHED_PIN}),
        "PlugAndChargeIdentification": _EVCO,
        "RemoteIdentification": _EVCO,
    }
)
# What a provider lets be pulled: a PIN only as its hash, and nobody remote.
WHITELIST_IDENTIFICATION = _exactly_one(
    {
        "RFIDMifareFamilyIdentification": _MIFARE,
        "RFIDIdentification": _RFID,
        "QRCodeIdentification": closed({"EvcoID": EVCO_ID, "HashedPIN": _HASHED_PIN}),
        "PlugAndChargeIdentification": _EVCO,
    }
)
