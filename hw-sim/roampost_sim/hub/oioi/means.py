"""OIOI's calls in the words of means.py. Pure.

A message may be wrong in any way; what of it can be understood is told. A session-post means what is new in it: of the
same session the first is "start", a later one "progress", one with an end of charging "end", one with an end of the
session "cdr".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from roampost_sim.hub.identifiers import masked
from roampost_sim.hub.means import STATUSES, Means, means, member, watt_hours

_WHAT = {
    "station-post": "evse_data",
    "connector-post-status": "status",
    "rfid-verify": "authorize",
    "session-start": "remote_start",
    "session-stop": "remote_stop",
    "rfid-post": "cards_posted",
    "reservation-start": "reserve",
    "reservation-stop": "cancel_reservation",
}


def understood(call: str | None, content: Any, earlier: Sequence[Mapping[str, Any]] = ()) -> Means | None:
    """earlier: the posts that were taken of the same session."""
    what = _step(content, earlier) if call == "session-post" else _WHAT.get(call or "")
    if what is None:
        return None
    session_id = _text(member(content, "session-id"))
    return means(
        what,
        evse_id=_text(member(content, "connector-id")),
        session=session_id,
        hub_session=session_id,
        start=_text(member(content, "charging-interval", "start")),
        end=_text(member(content, "charging-interval", "stop")),
        session_start=_text(member(content, "session-interval", "start")),
        session_end=_text(member(content, "session-interval", "stop")),
        user=_user(content),
        energy_wh=watt_hours(member(content, "energy-consumed")),
    ) | _told(what, content)


def neutral(status: str) -> str | None:
    """OIOI has no word for out of service but Offline."""
    word = "OutOfService" if status == "Offline" else status
    return word if word in STATUSES else None


def _step(content: Any, earlier: Sequence[Mapping[str, Any]]) -> str:
    """The same post again, because its answer was lost, is the same step again."""
    if member(content, "session-interval", "stop") is not None:
        return "cdr"
    if member(content, "charging-interval", "stop") is not None:
        return "end"
    return "progress" if earlier and content != earlier[0] else "start"


def _told(what: str, content: Any) -> Means:
    if what == "status":
        status = member(content, "status")
        word = neutral(status) if isinstance(status, str) else None
        return {"status": word} if word else {}
    if what == "evse_data":
        connectors = member(content, "station", "connectors")
        ids = [member(each, "id") for each in connectors] if isinstance(connectors, list) else []
        deleted = {"deleted": True} if member(content, "station", "deleted") is True else {}
        return {"evse_ids": [evse_id for evse_id in ids if isinstance(evse_id, str)]} | deleted
    uids = member(content, "rfids")
    return {"cards": len(uids)} if what == "cards_posted" and isinstance(uids, list) else {}


def _user(content: Any) -> str | None:
    reserved = member(content, "identifier")
    first = reserved[0] if isinstance(reserved, list) and reserved else None
    names = (member(content, "user", "identifier"), member(content, "rfid"), member(first, "evco-id"))
    return next((masked(name) for name in names if isinstance(name, str)), None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
