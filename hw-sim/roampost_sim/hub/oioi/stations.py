"""station-post: what the hub knows of a station. The connectors of a station that it has never change."""

from typing import Any

from roampost_sim.hub.identifiers import bare, belongs
from roampost_sim.hub.oioi.replies import done, refuse
from roampost_sim.hub.oioi.state import HeldStation, OioiState
from roampost_sim.hub.replies import Reply


def post(state: OioiState, content: dict[str, Any], t: float) -> Reply:
    record, partner = content["station"], content["partner-identifier"]
    new = HeldStation(record, partner, state.settings.now())
    problem = _inconsistent(state, record) or _changed(state, new)
    if problem:
        code, why = problem
        return refuse(code, why, http_errors=state.settings.http_errors)
    if record["deleted"]:
        _forget(state, record["id"])
    else:
        state.stations[record["id"]] = new
    return done()


def _inconsistent(state: OioiState, record: dict[str, Any]) -> tuple[str, str] | None:
    operator, ids = state.settings.operator, [each["id"] for each in record["connectors"]]
    if bare(record["cpo-id"]) != bare(operator):
        return "220", f"cpo-id {record['cpo-id']} is not {operator}"
    foreign = next((evse_id for evse_id in ids if not belongs(evse_id, operator)), None)
    if foreign is not None:
        return "220", f"{foreign} is not of {operator}"
    return ("230", "a connector is there twice") if len(set(map(bare, ids))) < len(ids) else None


def _changed(state: OioiState, new: HeldStation) -> tuple[str, str] | None:
    held = state.stations.get(new.record["id"])
    if held is not None and held.partner != new.partner:
        return "220", f"the station {new.record['id']} is another partner's"
    for evse_id in (each["id"] for each in new.record["connectors"]):
        other = state.holder(evse_id)
        if other is not None and other.position != new.position:
            return "322", f"{evse_id} stands at {other.position}"
        if other is not None and other is not held:
            return "230", f"{evse_id} belongs to the station {other.record['id']}"
    if held is not None and held.connectors != new.connectors:
        return "230", f"the connectors of the station {new.record['id']} are others than before"
    return None


def _forget(state: OioiState, station_id: str) -> None:
    held = state.stations.pop(station_id, None)
    for evse_id in held.connectors if held else ():
        state.statuses.pop(evse_id, None)
