"""Every body that leaves is held against the strict overlay, and against the hub's own file where that is there."""

import json
from typing import Any

from tests.agent.oicp import openapi, overlay

_BY_PATH = {
    "status-records": "eRoamingPushEvseStatus",
    "data-records": "eRoamingPushEvseData",
    "authorize/start": "eRoamingAuthorizeStart",
    "authorize/stop": "eRoamingAuthorizeStop",
    "charge-detail-record": "eRoamingChargeDetailRecord",
}
_PUSHED = {"OperatorEvseStatus": "EvseStatusRecord", "OperatorEvseData": "EvseDataRecord"}


def kind_of(path: str, body: bytes) -> str:
    """The name of the request in the hub's documents."""
    for end, name in _BY_PATH.items():
        if path.endswith(end):
            return name
    assert path.endswith("charging-notifications"), path
    return f"eRoamingChargingNotification{json.loads(body)['Type']}"


def problems(kind: str, body: bytes) -> list[str]:
    found = overlay.problems(kind, body) if kind in overlay.SHAPES else []
    if openapi.FILE.exists():
        found += openapi.schema_errors(kind, body)
    return [f"{kind}: {one}: {body.decode()}" for one in found]


def read(body: bytes) -> dict[str, Any]:
    """The object that a body is."""
    found = json.loads(body)
    assert isinstance(found, dict)
    return found


def subjects(body: bytes) -> set[str]:
    """Our own session, or the EVSEs; * where it is about all of them."""
    told = read(body)
    if "CPOPartnerSessionID" in told:
        return {told["CPOPartnerSessionID"]}
    (pushed,) = _PUSHED.keys() & told.keys()
    every = {"*"} if told["ActionType"] == "fullLoad" else set()
    return every | {one["EvseID"] for one in told[pushed][_PUSHED[pushed]]}
