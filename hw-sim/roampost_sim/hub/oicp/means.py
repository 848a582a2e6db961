"""OICP's messages in the words of means.py. Pure.

A message may be wrong in any way; what of it can be understood is told.
"""

from collections.abc import Mapping
from typing import Any

from roampost_sim.hub.identifiers import masked
from roampost_sim.hub.means import STATUSES, Means, means, member, of_evses, watt_hours

_WHAT = {
    "PushEvseStatus": "status",
    "PushEvseData": "evse_data",
    "PushPricingProductData": "pricing",
    "PushEVSEPricing": "pricing",
    "AuthorizeStart": "authorize",
    "AuthorizeStop": "authorize_stop",
    "ChargeDetailRecord": "cdr",
    "PullAuthenticationData": "cards",
    "PullEvseData": "read",
    "PullEvseStatusByOperatorID": "read",
    "PullEvseStatusByID": "read",
    "AuthorizeRemoteStart": "remote_start",
    "AuthorizeRemoteStop": "remote_stop",
    "AuthorizeRemoteReservationStart": "reserve",
    "AuthorizeRemoteReservationStop": "cancel_reservation",
}
_NOTIFICATIONS = {"Start": "start", "Progress": "progress", "End": "end", "Error": "error"}
# Ours, and OICP's.
_FACTS = {
    "evse_id": "EvseID",
    "session": "CPOPartnerSessionID",
    "hub_session": "SessionID",
    "start": "ChargingStart",
    "end": "ChargingEnd",
    "session_start": "SessionStart",
    "session_end": "SessionEnd",
    "at": "EventOccurred",
    "error": "ErrorType",
    "minutes": "Duration",
    "penalty": "PenaltyTimeStart",
}
_METER = {"meter_start_wh": "MeterValueStart", "meter_end_wh": "MeterValueEnd"}


def understood(operation: str | None, body: Mapping[str, Any]) -> Means | None:
    """None where neither the operation nor the kind of a notification is known."""
    what = _NOTIFICATIONS.get(str(body.get("Type"))) if operation == "ChargingNotifications" else None
    what = what or _WHAT.get(operation or "")
    if what is None:
        return None
    facts = {ours: _scalar(body.get(theirs)) for ours, theirs in _FACTS.items()}
    energy_kwh = body.get("ConsumedEnergyProgress" if what == "progress" else "ConsumedEnergy")
    metered = {ours: watt_hours(body.get(theirs)) for ours, theirs in _METER.items()}
    told = means(what, **facts, **metered, user=_user(body.get("Identification")), energy_wh=watt_hours(energy_kwh))
    return told | _pushed(what, body)


def _pushed(what: str, body: Mapping[str, Any]) -> Means:
    if what == "status":
        records = _objects(member(body, "OperatorEvseStatus", "EvseStatusRecord"))
        found = [(each.get("EvseID"), each.get("EvseStatus")) for each in records]
        pairs = [(evse_id, status) for evse_id, status in found if isinstance(evse_id, str) and status in STATUSES]
        return of_evses(pairs) | _action(body)
    if what in ("evse_data", "pricing"):
        records = _objects(member(body, "OperatorEvseData", "EvseDataRecord") or body.get("EVSEPricing"))
        ids = [each["EvseID"] for each in records if isinstance(each.get("EvseID"), str)]
        return {"evse_ids": ids} | _action(body)
    return {}


def _action(body: Mapping[str, Any]) -> Means:
    action = body.get("ActionType")
    return ({"whole": True} if action == "fullLoad" else {}) | ({"deleted": True} if action == "delete" else {})


def _user(identification: Any) -> str | None:
    contents = identification.values() if isinstance(identification, Mapping) else ()
    names = [each.get("UID") or each.get("EvcoID") for each in contents if isinstance(each, Mapping)]
    return next((masked(name) for name in names if isinstance(name, str)), None)


def _objects(records: Any) -> list[Mapping[str, Any]]:
    return [each for each in records if isinstance(each, Mapping)] if isinstance(records, list) else []


def _scalar(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else None
