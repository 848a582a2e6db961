"""PushEvseData: what the hub knows of each EVSE. fullLoad replaces all that the operator had."""

from collections.abc import Iterator
from typing import Any

from roampost_sim.hub.identifiers import bare, belongs, inconsistent
from roampost_sim.hub.oicp import poi
from roampost_sim.hub.oicp.replies import acknowledge, refuse
from roampost_sim.hub.oicp.state import Call, HeldData, HubState
from roampost_sim.hub.replies import Reply


def push_data(state: HubState, call: Call) -> Reply:
    """A record that contradicts itself refuses the whole push; what only lowers the score is recorded."""
    pushed = call.body["OperatorEvseData"]
    records: list[dict[str, Any]] = pushed["EvseDataRecord"]
    problem = inconsistent([record["EvseID"] for record in records], call.operator_id)
    if problem:
        return refuse(call.body, "018", problem)
    broken = [f"{record['EvseID']}: {told}" for record in records for told in poi.contradictions(record)]
    if broken:
        return refuse(call.body, "022", "; ".join(broken))
    violations = tuple(_violations(state, call.body["ActionType"], records))
    _keep(state, call, records, pushed["OperatorName"])
    return acknowledge(call.body, violations)


def _keep(state: HubState, call: Call, records: list[dict[str, Any]], operator_name: str) -> None:
    action = call.body["ActionType"]
    if action == "fullLoad":
        for key in [key for key in state.evse_data if belongs(key, call.operator_id)]:
            del state.evse_data[key]
    for record in records:
        key = bare(record["EvseID"])
        if action == "delete":
            state.evse_data.pop(key, None)
        else:
            state.evse_data[key] = HeldData(record, operator_name, state.settings.now())


def _violations(state: HubState, action: str, records: list[dict[str, Any]]) -> Iterator[str]:
    for record in records:
        evse_id, held = record["EvseID"], state.evse_data.get(bare(record["EvseID"]))
        # The same record again is an honest retry: the answer to the first may have been lost.
        if action == "insert" and held is not None and held.record != record:
            yield f"data: insert of {evse_id}, of which the hub has data"
        if action == "update" and held is None:
            yield f"data: update of {evse_id}, of which the hub has no data"
        if action != "delete":
            yield from (f"data: {evse_id}: {doubt}" for doubt in poi.doubts(record))
