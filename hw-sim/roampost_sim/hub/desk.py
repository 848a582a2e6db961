"""A whole request is judged here, in the live hub's order: partner, JSON, schema, then the operation's own rules."""

import json
import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from roampost_sim.hub.checking import Problem, problems
from roampost_sim.hub.identifiers import bare
from roampost_sim.hub.operations import Operation, Role, find
from roampost_sim.hub.replies import Reply, failed, invalid
from roampost_sim.hub.state import Call, HubState


@dataclass(frozen=True, slots=True)
class Request:
    """A request that arrived completely. peer is the common name of the client's certificate, t is monotonic."""

    method: str
    path: str
    content_type: str
    body: bytes
    peer: str | None
    t: float
    query: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a request turned out to be; body is {} unless it is a JSON object, partner_id is the path's."""

    operation: Operation | None
    partner_id: str
    body: dict[str, Any]
    problem: str | None


def parse(request: Request) -> Parsed:
    """Never fails: problem says why a body is no JSON object."""
    found = find(request.path)
    operation, partner_id = found or (None, "")
    try:
        body, problem = _json(request.body), None
    except ValueError as error:
        body, problem = {}, str(error)
    return Parsed(operation, partner_id, body, problem)


def judge(state: HubState, request: Request, parsed: Parsed) -> Reply:
    """The hub's own answer, with its effect on the state."""
    operation = parsed.operation
    if operation is None:
        return Reply(404, {"status": 404, "path": request.path}, (f"path: {request.path} is no operation",))
    if request.method != "POST":
        return Reply(405, {"status": 405}, (f"method: {request.method} instead of POST",))
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        return Reply(415, {"status": 415}, ("content-type: application/json is expected",))
    if parsed.problem:
        return invalid([Problem("", parsed.problem)])
    return _partner(state, request, parsed, operation) or _content(state, request, parsed, operation)


def _partner(state: HubState, request: Request, parsed: Parsed, operation: Operation) -> Reply | None:
    """Every OperatorID in path and body must belong to the certificate, and to a partner of the hub."""
    in_body = operation.partner_in_body(parsed.body)
    if operation.name == "ChargingNotifications" and "OperatorID" not in parsed.body:
        return failed(500, "001", "Unexpected error checking partners: null")
    if "{}" in operation.path and not parsed.partner_id:
        return failed(404, "300")
    if operation.role is Role.PROVIDER:
        return _provider(state, request, (parsed.partner_id, in_body))
    for operator_id in filter(None, (parsed.partner_id, in_body)):
        if request.peer is not None and bare(operator_id) != bare(request.peer):
            return failed(401, "017")
        if bare(operator_id) not in map(bare, state.settings.operators):
            return failed(404, "300")
    return None


def _provider(state: HubState, request: Request, told: tuple[str, str | None]) -> Reply | None:
    """A ProviderID must be the operator's own: a partner with both roles has one certificate."""
    ours = bare(state.settings.operator_provider_id)
    stranger = request.peer is not None and bare(request.peer) not in map(bare, state.settings.operators)
    return failed(401, "017") if stranger or any(each and bare(each) != ours for each in told) else None


def _content(state: HubState, request: Request, parsed: Parsed, operation: Operation) -> Reply:
    wrong = problems(operation.name, parsed.body)
    if wrong:
        return invalid(wrong)
    return operation.handler(
        state, Call(_owner(state, request, parsed, operation), parsed.body, request.t, dict(parse_qsl(request.query)))
    )


def _owner(state: HubState, request: Request, parsed: Parsed, operation: Operation) -> str:
    """The partner's OperatorID as the hub writes it."""
    told = parsed.partner_id or operation.partner_in_body(parsed.body) or ""
    wanted = bare(request.peer or "" if operation.role is Role.PROVIDER else told)
    known = state.settings.operators
    return next((operator_id for operator_id in known if bare(operator_id) == wanted), known[0])


def _json(body: bytes) -> dict[str, Any]:
    """Strict JSON: UTF-8, one object, no NaN, no key twice."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_finite, parse_float=_finite)
    except UnicodeDecodeError:
        raise ValueError("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("the body must be one JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key is there twice")
    return value


def _finite(number: str) -> float:
    """NaN and Infinity are no JSON; 1e999 is, and would become infinite."""
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number} is no number that can be meant")
    return value
