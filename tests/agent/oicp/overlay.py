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


def identification(value: object) -> str | None:
    if not isinstance(value, dict) or len(value) != 1:
        return "has not exactly one medium"
    card = value.get("RFIDMifareFamilyIdentification")
    if not isinstance(card, dict) or set(card) != {"UID"}:
        return "is not RFIDMifareFamilyIdentification with a UID and nothing else"
    return CARD(card["UID"])


def operator_status(value: object) -> str | None:
    if not isinstance(value, dict):
        return "is no object"
    shape = {"OperatorID!": OPERATOR, "OperatorName": text(100), "EvseStatusRecord!": one_status}
    return "; ".join(_held_against(shape, value)) or None


def one_status(value: object) -> str | None:
    """Changes are sent one at a time."""
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        return "is not one record"
    pushed = one_of("Available", "Reserved", "Occupied", "OutOfService", "Unknown")
    return "; ".join(_held_against({"EvseID!": EVSE, "EvseStatus!": pushed}, value[0])) or None


Shape = dict[str, Check]  # a name with ! is mandatory
ASK: Shape = {
    "OperatorID!": OPERATOR,
    "EvseID!": EVSE,
    "Identification!": identification,
    "CPOPartnerSessionID!": text(250),
}
SESSION: Shape = {
    "SessionID!": GUID,
    "CPOPartnerSessionID!": text(250),
    "EvseID!": EVSE,
    "Identification!": identification,
}
SHAPES: dict[str, Shape] = {
    "eRoamingPushEvseStatus": {"ActionType!": one_of("update"), "OperatorEvseStatus!": operator_status},
    "eRoamingAuthorizeStart": ASK,
    "eRoamingAuthorizeStop": ASK | {"SessionID!": GUID},
    "eRoamingChargingNotificationStart": SESSION
    | {
        "Type!": one_of("Start"),
        "OperatorID!": OPERATOR,
        "ChargingStart!": MOMENT,
        "SessionStart": MOMENT,
        "MeterValueStart": energy,
    },
    "eRoamingChargingNotificationEnd": SESSION
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
    },
    "eRoamingChargingNotificationError": SESSION
    | {
        "Type!": one_of("Error"),
        "OperatorID!": OPERATOR,
        "ErrorType!": one_of("ConnectorError", "CriticalError"),
        "ErrorAdditionalInfo": text(250),
    },
    "eRoamingChargeDetailRecord": SESSION
    | {
        "ChargingStart!": MOMENT,
        "ChargingEnd!": MOMENT,
        "SessionStart!": MOMENT,
        "SessionEnd!": MOMENT,
        "ConsumedEnergy!": consumed,
        "MeterValueStart!": energy,
        "MeterValueEnd!": energy,
    },
}


def problems(name: str, sent: str | bytes) -> list[str]:
    document = json.loads(sent, parse_float=Decimal, parse_int=Decimal, parse_constant=str)
    return list(_held_against(SHAPES[name], document))


def _held_against(shape: Shape, document: dict[str, object]) -> Iterator[str]:
    known = {name.removesuffix("!"): check for name, check in shape.items()}
    for name in shape:
        if name.endswith("!") and name[:-1] not in document:
            yield f"{name[:-1]} is missing"
    for name, value in document.items():
        wrong = known[name](value) if name in known else "is not known"
        if wrong is not None:
            yield f"{name} {wrong}"
