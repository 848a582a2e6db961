"""The building blocks of OICP's schemas, beside those that every protocol uses."""

from roampost_sim.hub.shapes import EVCO_ID, MOMENT, UID, Schema, closed, listed, number, one_of, text, whole

PROVIDER_ID = whole(r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}")
# Prices are for one provider or for all of them.
PROVIDER_ID_OR_ALL = whole(r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}|\*")
SESSION_ID = whole(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
PUSH_ACTION = one_of("insert", "update", "delete", "fullLoad")
_CLOCK = whole(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
PERIODS = listed(closed({"begin": _CLOCK, "end": _CLOCK}), 20, 1)
DAYS = one_of(
    *("Everyday", "Workdays", "Weekend"),
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
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
