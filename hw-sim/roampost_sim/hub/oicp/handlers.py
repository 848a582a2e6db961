"""Each operation's own rules: the hub's state and a valid body in, a reply out. No waiting, no bytes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from roampost_sim.hub.identifiers import bare, belongs, inconsistent
from roampost_sim.hub.oicp import cdr
from roampost_sim.hub.oicp.codes import status_code
from roampost_sim.hub.oicp.order import disorder
from roampost_sim.hub.oicp.replies import acknowledge, refuse, reply
from roampost_sim.hub.oicp.state import Call, HeldStatus, HubState, Session
from roampost_sim.hub.replies import Reply

PROGRESS_SPACING_S = 300


def push_status(state: HubState, call: Call) -> Reply:
    """fullLoad replaces all that the operator had; anything else touches the EVSEs it names."""
    records = call.body["OperatorEvseStatus"]["EvseStatusRecord"]
    ids = [bare(record["EvseID"]) for record in records]
    problem = inconsistent([record["EvseID"] for record in records], call.operator_id)
    if problem:
        return refuse(call.body, "018", problem)
    unheard = [key for key in ids if key not in state.evse_data]
    if state.settings.needs_data and unheard:
        return refuse(call.body, "603", f"there are no data of {unheard[0]}")
    action = call.body["ActionType"]
    if action == "fullLoad":
        for key in [key for key in state.statuses if belongs(key, call.operator_id)]:
            del state.statuses[key]
    for key, record in zip(ids, records, strict=True):
        if action == "delete":
            state.statuses.pop(key, None)
        else:
            state.statuses[key] = HeldStatus(record["EvseID"], record["EvseStatus"], call.t)
    bundled = action != "fullLoad" and len(records) > 1
    return acknowledge(call.body, ("bundle: changes are pushed one at a time",) if bundled else ())


def authorize_start(state: HubState, call: Call) -> Reply:
    """A known medium opens a session; its GUID is the hub's."""
    evse_id = call.body.get("EvseID")
    if evse_id is not None and not belongs(evse_id, call.operator_id):
        return _authorization(call, "018")
    code = _judge(state, call.body["Identification"])
    if code != "000":
        return _authorization(call, code)
    uid = medium(call.body["Identification"])
    session = Session(
        session_id=state.settings.new_guid(),
        operator_id=call.operator_id,
        evse_id=evse_id,
        uid=uid,
        partner_id=call.body.get("CPOPartnerSessionID"),
        stop_uids=state.settings.stop_cards.get(uid, ()),
        opened_t=call.t,
    )
    state.sessions[session.session_id.lower()] = session
    return _authorized(state, call, session)


def authorize_stop(state: HubState, call: Call) -> Reply:
    """The medium that started a session may stop it, and those that the provider named with its yes."""
    session = state.open_session(call.body["SessionID"])
    if session is None or session.operator_id != call.operator_id:
        return _authorization(call, "400")
    if medium(call.body["Identification"]) not in (session.uid, *session.stop_uids):
        return _authorization(call, "102")
    return _authorized(state, call, session)


def notify(state: HubState, call: Call) -> Reply:
    """Start, Progress, End or Error of an open session; what comes out of order is taken and recorded."""
    session = state.open_session(call.body["SessionID"])
    if session is None or session.operator_id != call.operator_id:
        return refuse(call.body, "400")
    if not belongs(call.body["EvseID"], call.operator_id):
        return refuse(call.body, "018")
    if call.body["Type"] == "Progress":
        if session.progress_t is not None and call.t - session.progress_t < PROGRESS_SPACING_S:
            return refuse(call.body, "022", f"Progress is due every {PROGRESS_SPACING_S} s at most")
        session.progress_t = call.t
    _adopt(session, call.body)
    violations = (*disorder(session, call.body), *_differs(session, call.body), *_ahead(state, call.body))
    session.told.append(call.body)
    return acknowledge(call.body, violations)


def charge_detail_record(state: HubState, call: Call) -> Reply:
    """One record for each session; it closes the session."""
    session = state.open_session(call.body["SessionID"])
    if session is None or session.operator_id != call.operator_id:
        earlier = state.sessions.get(call.body["SessionID"].lower())
        # The same record again is an honest retry: the answer to the first may have been lost.
        repeated = earlier is not None and earlier.cdr == call.body
        return replace(refuse(call.body, "400"), violations=()) if repeated else refuse(call.body, "400")
    if not belongs(call.body["EvseID"], call.operator_id):
        return refuse(call.body, "018")
    held = state.evse_data.get(bare(call.body["EvseID"]))
    broken = cdr.refusals(call.body, state.settings.now())
    broken += cdr.unsigned(call.body, held.record if held else None)
    if broken:
        return refuse(call.body, "022", "; ".join(broken))
    _adopt(session, call.body)
    violations = (*disorder(session, call.body), *_differs(session, call.body), *_billing(call.body))
    session.cdr = call.body
    return acknowledge(call.body, violations)


def medium(identification: dict[str, Any]) -> str:
    """The UID or EvcoID that an Identification is about."""
    (content,) = identification.values()
    return str(content.get("UID") or content["EvcoID"])


def _judge(state: HubState, identification: dict[str, Any]) -> str:
    known = medium(identification)
    if "RFIDMifareFamilyIdentification" in identification:
        return "200" if known in state.blocked_cards else "000" if known in state.cards else "102"
    unknown = "101" if "QRCodeIdentification" in identification else "105"
    return "000" if known in state.settings.contracts else unknown


def _authorized(state: HubState, call: Call, session: Session) -> Reply:
    stop = [{"RFIDMifareFamilyIdentification": {"UID": uid}} for uid in session.stop_uids]
    answer = _authorization(call, "000").body | {
        "SessionID": session.session_id,
        "ProviderID": state.settings.provider_id,
        "AuthorizationStatus": "Authorized",
    }
    return reply(200, answer | ({"AuthorizationStopIdentifications": stop} if stop else {}))


def _authorization(call: Call, code: str) -> Reply:
    """Not authorized, unless _authorized says more. A card that is refused is no fault of the operator."""
    body: dict[str, Any] = {"AuthorizationStatus": "NotAuthorized", "StatusCode": status_code(code)}
    body |= {name: call.body[name] for name in ("SessionID", "CPOPartnerSessionID") if name in call.body}
    return reply(200, body, (f"refused {code}: {body['StatusCode']['Description']}",) if code in ("018", "400") else ())


def _adopt(session: Session, body: dict[str, Any]) -> None:
    """The operator's own name of a session that the hub opened is the first one that it tells."""
    if session.kind != "card" and session.partner_id is None:
        session.partner_id = body.get("CPOPartnerSessionID")


def _differs(session: Session, body: dict[str, Any]) -> Iterable[str]:
    """A session's messages are about the EVSE, the medium and the partner session that it was opened with."""
    if session.evse_id is not None and bare(session.evse_id) != bare(body["EvseID"]):
        yield f"mismatch: EvseID {body['EvseID']}, the session was opened at {session.evse_id}"
    known = map(bare, (session.uid, *session.stop_uids))
    if "Identification" in body and bare(medium(body["Identification"])) not in known:
        yield "mismatch: Identification is not the medium that was authorized"
    if body.get("CPOPartnerSessionID", session.partner_id) != session.partner_id:
        yield f"mismatch: CPOPartnerSessionID, the session was opened with {session.partner_id}"
    if body.get("EMPPartnerSessionID", session.emp_partner_id) != session.emp_partner_id:
        yield f"mismatch: EMPPartnerSessionID, the session was opened with {session.emp_partner_id}"


def _ahead(state: HubState, body: dict[str, Any]) -> Iterable[str]:
    now = state.settings.now()
    for name in ("SessionStart", "ChargingStart", "EventOccurred", "ChargingEnd", "SessionEnd", "PenaltyTimeStart"):
        if name in body and datetime.fromisoformat(body[name]) > now:
            yield f"future: {name} {body[name]}"


def _billing(body: dict[str, Any]) -> Iterable[str]:
    if "MeterValueStart" in body and "MeterValueEnd" in body:
        difference_wh = round((body["MeterValueEnd"] - body["MeterValueStart"]) * 1000)
        if difference_wh != round(body["ConsumedEnergy"] * 1000):
            yield f"mismatch: ConsumedEnergy is not MeterValueEnd − MeterValueStart ({difference_wh} Wh)"
    values = body.get("MeterValueInBetween", {}).get("meterValues", [])
    told = [body.get("MeterValueStart"), *values, body.get("MeterValueEnd")]
    run = [value for value in told if value is not None]
    if values and run != sorted(run):
        yield "mismatch: MeterValueInBetween does not rise from MeterValueStart to MeterValueEnd"
