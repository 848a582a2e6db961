"""OICP's answers as values: acknowledgements, refusals, validation errors."""

from typing import Any

from roampost_sim.hub.checking import Problem
from roampost_sim.hub.means import member
from roampost_sim.hub.oicp.codes import status_code
from roampost_sim.hub.replies import Reply


def reply(http_status: int, body: dict[str, Any], violations: tuple[str, ...] = ()) -> Reply:
    """An answer that tells its code, and the session which it is about."""
    code = member(body, "StatusCode", "Code")
    session_id = body.get("SessionID")
    told = {"SessionID": session_id} if session_id else {}
    means = {"hub_session": session_id} if session_id else {}
    return Reply(http_status, body, violations, None if code is None else str(code), told, means)


def acknowledge(request: dict[str, Any], violations: tuple[str, ...] = ()) -> Reply:
    """Done: Result true, code 000, the session's identifiers given back."""
    body = {"Result": True, "StatusCode": status_code("000")} | _identifiers(request)
    return reply(200, body, violations)


def refuse(request: dict[str, Any], code: str, why: str | None = None) -> Reply:
    """HTTP 200 and Result false: the hub's ordinary no."""
    words = status_code(code, why)
    body = {"Result": False, "StatusCode": words} | _identifiers(request)
    return reply(200, body, (f"refused {code}: {why or words['Description']}",))


def invalid(problems: list[Problem]) -> Reply:
    """HTTP 400: the message itself is wrong and stays wrong however often it is sent."""
    errors = [{"fieldReference": problem.field, "errorMessage": problem.message} for problem in problems]
    body = {"extendedInfo": None, "message": "Error parsing/validating JSON.", "validationErrors": errors}
    return reply(400, body, tuple(f"schema {problem}" for problem in problems))


def failed(http_status: int, code: str, description: str | None = None) -> Reply:
    """An HTTP error that carries a bare StatusCode."""
    words = status_code(code)
    if description:
        words["Description"] = description
    return reply(http_status, {"StatusCode": words}, (f"refused {code}: {words['Description']}",))


def _identifiers(request: dict[str, Any]) -> dict[str, Any]:
    names = ("SessionID", "CPOPartnerSessionID", "EMPPartnerSessionID")
    return {name: request[name] for name in names if name in request}
