"""A hub's five calls to an operator, right in every field; `request` changes some of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from roampost.domain.stamp import Stamp
from roampost.hubs.oioi.inbound import OioiInbound

HUB = "plugsurfing"
EVSE = "DE*ABC*E1*1"
PARTNER = "partner-1"
EVCO = "DE*8PS*123456*7"
UID = "00000000DEADBEEF0001"
RESERVATION = timedelta(minutes=15)

_CALLS: dict[str, dict[str, Any]] = {
    "session-start": {
        "user": {"identifier-type": "evco-id", "identifier": EVCO, "token": None},
        "connector-id": EVSE,
        "payment-reference": "pay-1",
    },
    "session-stop": {
        "user": {"identifier-type": "evco-id", "identifier": EVCO},
        "connector-id": EVSE,
        "session-id": "our-1",
    },
    "rfid-post": {"rfids": ["1234ABCD", UID], "partner-identifier": PARTNER},
    "reservation-start": {"connector-id": EVSE, "identifier": [{"evco-id": EVCO, "rfid": "1234ABCD"}]},
    "reservation-stop": {"connector-id": EVSE},
}
CALLS = tuple(_CALLS)


def request(call: str, **changes: Any) -> dict[str, Any]:
    """The whole body; changes by member, `_` for each hyphen; `...` takes one out."""
    members = _CALLS[call] | {name.replace("_", "-"): value for name, value in changes.items()}
    return {call: {name: value for name, value in members.items() if value is not ...}}


def user(kind: str, identifier: object, **more: object) -> dict[str, object]:
    return {"identifier-type": kind, "identifier": identifier, **more}


def when(stamp: Stamp) -> datetime:
    return datetime.fromtimestamp(stamp.wall_ms / 1000, UTC)


def desk(hub: str = HUB, **changes: Any) -> OioiInbound:
    given: dict[str, Any] = {"partner_identifier": PARTNER, "reservation": RESERVATION, "when": when} | changes
    return OioiInbound(hub, [EVSE, "+49*536*000*438"], **given)
