"""What a partner may read: the providers' whitelist, and what drivers' apps are shown about its EVSEs."""

from collections.abc import Iterable
from typing import Any

from roampost_sim.hub.checking import Problem
from roampost_sim.hub.identifiers import bare, belongs
from roampost_sim.hub.oicp.codes import status_code
from roampost_sim.hub.oicp.geo import written_as
from roampost_sim.hub.oicp.replies import invalid, reply
from roampost_sim.hub.oicp.state import Call, HeldData, HubState
from roampost_sim.hub.replies import Reply

_PAGE_SIZE, _MOST_PAGE_SIZE = 20, 2000


def pull_authentication_data(state: HubState, call: Call) -> Reply:
    """The shape is that of OICP 2.2: the OpenAPI document of 2.3 leaves it out."""
    records = [{"Identification": identification} for identification in whitelist(state)]
    provider = {"ProviderID": state.settings.provider_id, "AuthenticationDataRecord": records}
    data = {"OperatorID": call.operator_id, "ProviderAuthenticationData": [provider] if records else []}
    return reply(200, {"AuthenticationData": data, "StatusCode": status_code("000")})


def whitelist(state: HubState) -> Iterable[dict[str, Any]]:
    if state.whitelist is not None:
        return state.whitelist
    cards = [{"RFIDMifareFamilyIdentification": {"UID": uid}} for uid in sorted(state.cards)]
    contracts = sorted(state.settings.contracts)
    return [*cards, *({"PlugAndChargeIdentification": {"EvcoID": evco_id}} for evco_id in contracts)]


def pull_data(state: HubState, call: Call) -> Reply:
    """page from 0, size 20 by default and at most 2000; both in the query."""
    page, size = _whole(call, "page", 0), _whole(call, "size", _PAGE_SIZE)
    if page is None or size is None or not 1 <= size <= _MOST_PAGE_SIZE:
        return invalid([Problem("", f"page must be 0 or more, size between 1 and {_MOST_PAGE_SIZE}")])
    wanted = call.body.get("OperatorIds")
    chosen = [held for key, held in sorted(state.evse_data.items()) if not wanted or _of_any(key, wanted)]
    content = chosen[page * size : (page + 1) * size]
    return reply(200, {"content": [_pulled(state, call, held) for held in content]} | _page(len(chosen), page, size))


def pull_status_by_operator(state: HubState, call: Call) -> Reply:
    groups = [_operator_statuses(state, operator_id) for operator_id in call.body["OperatorID"]]
    found = [group for group in groups if group["EvseStatusRecord"]]
    return reply(200, {"EvseStatuses": {"OperatorEvseStatus": found}, "StatusCode": status_code("000")})


def pull_status_by_id(state: HubState, call: Call) -> Reply:
    """EvseNotFound is only ever said here."""
    records = []
    for evse_id in call.body["EvseID"]:
        held = state.statuses.get(bare(evse_id))
        records.append({"EvseID": evse_id, "EvseStatus": held.status if held else "EvseNotFound"})
    return reply(200, {"EVSEStatusRecords": {"EvseStatusRecord": records}, "StatusCode": status_code("000")})


def _operator_statuses(state: HubState, operator_id: str) -> dict[str, Any]:
    held = [each for key, each in sorted(state.statuses.items()) if belongs(key, operator_id)]
    records = [{"EvseID": each.evse_id, "EvseStatus": each.status} for each in held]
    names = {each.operator_name for key, each in state.evse_data.items() if belongs(key, operator_id)}
    return {"OperatorID": operator_id, "OperatorName": min(names, default=""), "EvseStatusRecord": records}


def _pulled(state: HubState, call: Call, held: HeldData) -> dict[str, Any]:
    """The record as it was pushed, positions in the form that was asked for, and what the hub adds."""
    form = call.body["GeoCoordinatesResponseFormat"]
    names = [name for name in ("GeoCoordinates", "GeoChargingPointEntrance") if name in held.record]
    positions = {name: written_as(form, held.record[name]) for name in names}
    owner = next(each for each in state.settings.operators if belongs(held.record["EvseID"], each))
    told = {"OperatorID": owner, "OperatorName": held.operator_name, "lastUpdate": held.arrived.isoformat()}
    return held.record | positions | told


def _page(total: int, page: int, size: int) -> dict[str, Any]:
    pages = -(-total // size)
    return {
        "number": page,
        "size": size,
        "totalElements": total,
        "numberOfElements": max(0, min(size, total - page * size)),
        "first": page == 0,
        "last": page + 1 >= pages,
        "totalPages": pages,
        "StatusCode": status_code("000"),
    }


def _whole(call: Call, name: str, default: int) -> int | None:
    written = call.query.get(name, str(default))
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None


def _of_any(evse_id: str, operator_ids: Iterable[str]) -> bool:
    return any(belongs(evse_id, operator_id) for operator_id in operator_ids)
