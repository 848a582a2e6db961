"""What of an OICP message is recorded, under its wire names. Pure.

Type, EvseID, EvseStatus, SessionID, …; UID and EvcoID are masked; a push of EVSE data or prices tells its EvseIDs.
"""

from collections.abc import Mapping
from typing import Any

from roampost_sim.hub.identifiers import masked
from roampost_sim.hub.record import scalars

_TOLD = (
    "Type",
    "ActionType",
    "EvseID",
    "SessionID",
    "CPOPartnerSessionID",
    "EMPPartnerSessionID",
    "ProviderID",
    "Duration",
    "SessionStart",
    "ChargingStart",
    "EventOccurred",
    "ChargingEnd",
    "SessionEnd",
    "MeterValueStart",
    "MeterValueEnd",
    "ConsumedEnergy",
    "ConsumedEnergyProgress",
    "ChargingDuration",
    "ErrorType",
    "ErrorAdditionalInfo",
    "PenaltyTimeStart",
)
_STATUS = ("EvseID", "EvseStatus")


def told(body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a message is recorded, whether or not it was right."""
    facts: dict[str, Any] = scalars(body, _TOLD)
    push = body.get("OperatorEvseStatus")
    records = push.get("EvseStatusRecord") if isinstance(push, dict) else None
    if isinstance(records, list):
        facts["EvseStatusRecord"] = [scalars(each, _STATUS) for each in records if isinstance(each, dict)]
        if len(facts["EvseStatusRecord"]) == 1:
            facts |= facts["EvseStatusRecord"][0]
    return facts | _evse_ids(body) | _media(body.get("Identification"))


def _media(identification: Any) -> dict[str, str]:
    contents = identification.values() if isinstance(identification, dict) else ()
    told = [content for content in contents if isinstance(content, dict)]
    return {name: masked(str(each[name])) for each in told for name in ("UID", "EvcoID") if name in each}


def _evse_ids(body: Mapping[str, Any]) -> dict[str, Any]:
    """The EVSEs of a push of data or prices."""
    push = body.get("OperatorEvseData")
    records = push.get("EvseDataRecord") if isinstance(push, dict) else body.get("EVSEPricing")
    if not isinstance(records, list):
        return {}
    told = [each.get("EvseID") for each in records if isinstance(each, dict)]
    return {"EvseIDs": [evse_id for evse_id in told if isinstance(evse_id, str)]}
