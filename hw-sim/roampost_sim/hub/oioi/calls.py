"""The calls that an operator may send, as one table. A new one is a row here, a schema and a handler."""

from collections.abc import Callable, Mapping
from typing import Any

from roampost_sim.hub.identifiers import bare, belongs
from roampost_sim.hub.oioi import sessions, stations
from roampost_sim.hub.oioi.means import neutral
from roampost_sim.hub.oioi.replies import done, no, refuse
from roampost_sim.hub.oioi.state import HeldStatus, OioiState
from roampost_sim.hub.replies import Reply

BASE = "/api/v4/request"


def post_status(state: OioiState, content: dict[str, Any], t: float) -> Reply:
    """With needs_data the connector must be one of a station that the same partner posted."""
    evse_id, partner = content["connector-id"], content["partner-identifier"]
    station = state.holder(evse_id)
    unheard = state.settings.needs_data and (station is None or station.partner != partner)
    if unheard or not belongs(evse_id, state.settings.operator):
        return refuse("181", f"{partner} has no connector {evse_id}", http_errors=state.settings.http_errors)
    state.statuses[bare(evse_id)] = HeldStatus(evse_id, neutral(content["status"]) or "Unknown", t)
    return done()


def verify_rfid(state: OioiState, content: dict[str, Any], t: float) -> Reply:
    """A card that is refused is no fault of the operator."""
    uid = content["rfid"]
    code = {"unknown": "191", "blocked": "192", "unpaid": "193"}.get(state.deck(uid))
    if code is not None:
        return no(code, http_errors=state.settings.http_errors)
    state.vouch(uid, state.evco_id(uid))
    return done(evco_id=state.evco_id(uid))


CALLS: Mapping[str, Callable[[OioiState, dict[str, Any], float], Reply]] = {
    "station-post": stations.post,
    "connector-post-status": post_status,
    "rfid-verify": verify_rfid,
    "session-post": sessions.post,
}
NAMES = tuple(CALLS)
