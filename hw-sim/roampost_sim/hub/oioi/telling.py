"""What of an OIOI call is recorded, under its wire names. Pure."""

from typing import Any

from roampost_sim.hub.identifiers import masked
from roampost_sim.hub.means import member
from roampost_sim.hub.record import scalars

_TOLD = ("connector-id", "status", "session-id", "energy-consumed", "partner-identifier", "payment-reference")


def told(content: Any) -> dict[str, Any]:
    facts = scalars(content, _TOLD) if isinstance(content, dict) else {}
    uid, station_id = member(content, "rfid"), member(content, "station", "id")
    facts |= {"rfid": masked(uid)} if isinstance(uid, str) else {}
    return facts | ({"station": station_id} if isinstance(station_id, str) else {})
