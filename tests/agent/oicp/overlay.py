"""What a real hub minds and its OpenAPI file does not: written from the prose document, not from our models.

`problems(name, text)` takes the JSON text as sent and returns one line for each thing that is wrong.
"""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal

Check = Callable[[object], str | None]


def text(longest: int) -> Check:
    def check(value: object) -> str | None:
        fits = isinstance(value, str) and 1 <= len(value) <= longest
        return None if fits else f"is no text of 1 to {longest} characters"

    return check


def like(pattern: str) -> Check:
    def check(value: object) -> str | None:
        fits = isinstance(value, str) and re.fullmatch(pattern, value)
        return None if fits else f"is not like {pattern}"

    return check


def one_of(*words: str) -> Check:
    return lambda value: None if value in words else f"is none of {words}"


def energy(value: object) -> str | None:
    """Kilowatt-hours: a JSON number with three places, up to what a meter of 999,999 kWh shows."""
    if not isinstance(value, Decimal):
        return "is no decimal number"
    if -value.as_tuple().exponent != 3:  # type: ignore[operator]  # a letter only for NaN, which json refuses here
        return "has not exactly three places"
    return None if 0 <= value < 1_000_000 else "is not plausible"


def consumed(value: object) -> str | None:
    """The live hub refuses more than 1000 kWh, which are watt-hours sent by mistake."""
    return energy(value) or ("is more than 1000 kWh" if isinstance(value, Decimal) and value > 1000 else None)


MOMENT = like(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{3})?[+-][0-2][0-9]:[0-5][0-9]")
GUID = like(r"[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}")
OPERATOR = like(r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}|\+?[0-9]{1,3}\*[0-9]{3}")
EVSE = like(r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?E[A-Za-z0-9*]{1,30}|\+?[0-9]{1,3}\*[0-9]{3}\*[0-9*]{1,32}")
CARD = like(r"[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20}")


CONTRACT = like(
    r"[A-Za-z]{2}-?[A-Za-z0-9]{3}-?C[A-Za-z0-9]{8}-?[0-9A-Za-z]|"
    r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-]?[A-Za-z0-9]{6}[*-]?[0-9X]"
)
PROVIDER = like(r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}")
# In an authorization only a card; afterwards also the contract of a session that was started from afar.
MEDIA: dict[str, tuple[str, Check]] = {
    "RFIDMifareFamilyIdentification": ("UID", CARD),
    "RemoteIdentification": ("EvcoID", CONTRACT),
}


def identification(value: object) -> str | None:
    if not isinstance(value, dict) or len(value) != 1:
        return "has not exactly one medium"
    (name,) = value
    medium = value[name]
    if name not in MEDIA or not isinstance(medium, dict) or set(medium) != {MEDIA[name][0]}:
        return f"is none of {', '.join(MEDIA)} with its one field and nothing else"
    field, check = MEDIA[name]
    return check(medium[field])


def card(value: object) -> str | None:
    wrong = identification(value)
    if wrong is None and isinstance(value, dict) and "RemoteIdentification" in value:
        return "is for remote starts only"
    return wrong


def operator_status(value: object) -> str | None:
    if not isinstance(value, dict):
        return "is no object"
    shape = {"OperatorID!": OPERATOR, "OperatorName": text(100), "EvseStatusRecord!": status_records}
    return "; ".join(_held_against(shape, value)) or None


def status_records(value: object) -> str | None:
    """An empty fullLoad would wipe the operator; an EVSE that is in it twice is code 018."""
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        return "is not a list of records"
    ids = [str(one.get("EvseID")).replace("*", "").upper() for one in value]
    if len(set(ids)) < len(ids):
        return "names an EVSE twice"
    pushed = one_of("Available", "Reserved", "Occupied", "OutOfService", "Unknown")
    shape = {"EvseID!": EVSE, "EvseStatus!": pushed}
    return "; ".join(wrong for one in value for wrong in _held_against(shape, one)) or None


def milliseconds(value: object) -> str | None:
    fits = isinstance(value, Decimal) and value == value.to_integral_value() and value >= 0
    return None if fits else "is no whole number of milliseconds"


def between(value: object) -> str | None:
    """An object around the list, not the list itself."""
    if not isinstance(value, dict) or set(value) != {"meterValues"} or not isinstance(value["meterValues"], list):
        return 'is not {"meterValues": [...]}'
    if not value["meterValues"]:
        return "is empty"
    return next((wrong for one in value["meterValues"] if (wrong := energy(one))), None)


def signed(value: object) -> str | None:
    """At most ten, in the order Start, Progress, End."""
    if not isinstance(value, list) or not 1 <= len(value) <= 10 or not all(isinstance(one, dict) for one in value):
        return "is not a list of 1 to 10 objects"
    order = ["Start", "Progress", "End"]
    shape = {"SignedMeteringValue!": text(3000), "MeteringStatus!": one_of(*order)}
    wrong = [wrong for one in value for wrong in _held_against(shape, one)]
    moments = [one.get("MeteringStatus") for one in value]
    if not wrong and moments != sorted(moments, key=order.index):
        return "is out of order"
    if moments.count("Start") > 1 or moments.count("End") > 1:
        return "starts or ends twice"
    return "; ".join(wrong) or None


def calibration(value: object) -> str | None:
    if not isinstance(value, dict) or not value:
        return "is no object that says something"
    longest = {
        "CalibrationLawCertificateID": 100,
        "PublicKey": 1000,
        "MeteringSignatureUrl": 200,
        "MeteringSignatureEncodingFormat": 50,
        "SignedMeteringValuesVerificationInstruction": 400,
    }
    shape = {name: _up_to(most) for name, most in longest.items()}
    return "; ".join(_held_against(shape, value)) or None


def operators(value: object) -> str | None:
    if not isinstance(value, list) or not value:
        return "is not a list of operators"
    return next((wrong for one in value if (wrong := OPERATOR(one))), None)


def _up_to(longest: int) -> Check:
    return lambda value: None if isinstance(value, str) and len(value) <= longest else f"is longer than {longest}"


Shape = dict[str, Check]  # a name with ! is mandatory
ASK: Shape = {
    "OperatorID!": OPERATOR,
    "EvseID!": EVSE,
    "Identification!": card,
    "CPOPartnerSessionID!": text(250),
}
SESSION: Shape = {
    "SessionID!": GUID,
    "CPOPartnerSessionID!": text(250),
    "EMPPartnerSessionID": text(250),
    "EvseID!": EVSE,
    "Identification!": identification,
}
# Not in errors, nor in AuthorizeStop.
PRODUCT: Shape = {"PartnerProductID": text(50)}
SHAPES: dict[str, Shape] = {
    "eRoamingPushEvseStatus": {"ActionType!": one_of("update", "fullLoad"), "OperatorEvseStatus!": operator_status},
    "eRoamingAuthorizeStart": ASK | PRODUCT,
    "eRoamingAuthorizeStop": ASK | {"SessionID!": GUID},
    "eRoamingChargingNotificationStart": SESSION
    | PRODUCT
    | {
        "Type!": one_of("Start"),
        "OperatorID!": OPERATOR,
        "ChargingStart!": MOMENT,
        "SessionStart": MOMENT,
        "MeterValueStart": energy,
    },
    "eRoamingChargingNotificationProgress": SESSION
    | PRODUCT
    | {
        "Type!": one_of("Progress"),
        "OperatorID!": OPERATOR,
        "ChargingStart!": MOMENT,
        "EventOccurred!": MOMENT,
        "ChargingDuration!": milliseconds,
        "SessionStart": MOMENT,
        "ConsumedEnergyProgress": consumed,
        "MeterValueStart": energy,
        "MeterValueInBetween": between,
    },
    "eRoamingChargingNotificationEnd": SESSION
    | PRODUCT
    | {
        "Type!": one_of("End"),
        "OperatorID!": OPERATOR,
        "ChargingStart": MOMENT,
        "ChargingEnd!": MOMENT,
        "SessionStart": MOMENT,
        "SessionEnd": MOMENT,
        "ConsumedEnergy": consumed,
        "MeterValueStart": energy,
        "MeterValueEnd": energy,
        "MeterValueInBetween": between,
        "PenaltyTimeStart": MOMENT,
    },
    "eRoamingChargingNotificationError": SESSION
    | {
        "Type!": one_of("Error"),
        "OperatorID!": OPERATOR,
        "ErrorType!": one_of("ConnectorError", "CriticalError"),
        "ErrorAdditionalInfo": text(250),
    },
    "eRoamingChargeDetailRecord": SESSION
    | PRODUCT
    | {
        "ChargingStart!": MOMENT,
        "ChargingEnd!": MOMENT,
        "SessionStart!": MOMENT,
        "SessionEnd!": MOMENT,
        "ConsumedEnergy!": consumed,
        "MeterValueStart": energy,
        "MeterValueEnd": energy,
        "MeterValueInBetween": between,
        "SignedMeteringValues": signed,
        "CalibrationLawVerificationInfo": calibration,
    },
    "eRoamingPullAuthenticationData": {"OperatorID!": OPERATOR},
    "eRoamingPullEvseData": {
        "ProviderID!": PROVIDER,
        "GeoCoordinatesResponseFormat!": one_of("Google", "DegreeMinuteSeconds", "DecimalDegree"),
        "OperatorIds!": operators,
    },
    "eRoamingPullEvseStatusByOperatorID": {"ProviderID!": PROVIDER, "OperatorID!": operators},
}


def problems(name: str, sent: str | bytes) -> list[str]:
    document = json.loads(sent, parse_float=Decimal, parse_int=Decimal, parse_constant=str)
    return [*_held_against(SHAPES[name], document), *_between_fields(document)]


def _between_fields(document: dict[str, object]) -> Iterator[str]:
    """An update of statuses is one record: bundles make the hub date several changes alike."""
    pushed = document.get("OperatorEvseStatus")
    if isinstance(pushed, dict) and document.get("ActionType") == "update" and len(pushed["EvseStatusRecord"]) != 1:
        yield "an update is not one record"


def _held_against(shape: Shape, document: dict[str, object]) -> Iterator[str]:
    known = {name.removesuffix("!"): check for name, check in shape.items()}
    for name in shape:
        if name.endswith("!") and name[:-1] not in document:
            yield f"{name[:-1]} is missing"
    for name, value in document.items():
        wrong = known[name](value) if name in known else "is not known"
        if wrong is not None:
            yield f"{name} {wrong}"
