"""A whole request is judged here, in the live hub's order: partner, JSON, schema, then the operation's own rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from roampost_sim.hub.checking import Problem
from roampost_sim.hub.identifiers import bare
from roampost_sim.hub.means import Means
from roampost_sim.hub.oicp.checking import problems
from roampost_sim.hub.oicp.means import understood
from roampost_sim.hub.oicp.operations import Operation, Role, find
from roampost_sim.hub.oicp.replies import failed, invalid, reply
from roampost_sim.hub.oicp.state import Call, HubState
from roampost_sim.hub.oicp.telling import told
from roampost_sim.hub.replies import Reply
from roampost_sim.hub.request import Request, is_json, json_object


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a request turned out to be; body is {} unless it is a JSON object, partner_id is the path's.

    problem says why a body is no JSON object.
    """

    state: HubState
    request: Request
    operation: Operation | None
    partner_id: str
    body: dict[str, Any]
    problem: str | None

    @property
    def name(self) -> str | None:
        return self.operation.name if self.operation else None

    @property
    def partner(self) -> str:
        return bare(self.request.peer or self.partner_id)

    @property
    def lane(self) -> str | None:
        sequential = self.operation is not None and self.operation.sequential
        return f"{self.name} of {self.partner_id}" if sequential else None

    @property
    def told(self) -> Mapping[str, Any]:
        return told(self.body)

    @property
    def means(self) -> Means | None:
        return understood(self.name, self.body)

    def judge(self) -> Reply:
        return judge(self)


def read(state: HubState, request: Request) -> Parsed:
    operation, partner_id = find(request.path) or (None, "")
    try:
        body, problem = json_object(request.body), None
    except ValueError as error:
        body, problem = {}, str(error)
    return Parsed(state, request, operation, partner_id, body, problem)


def judge(parsed: Parsed) -> Reply:
    request, operation = parsed.request, parsed.operation
    if operation is None:
        return reply(404, {"status": 404, "path": request.path}, (f"path: {request.path} is no operation",))
    if request.method != "POST":
        return reply(405, {"status": 405}, (f"method: {request.method} instead of POST",))
    if not is_json(request.content_type):
        return reply(415, {"status": 415}, ("content-type: application/json is expected",))
    if parsed.problem:
        return invalid([Problem("", parsed.problem)])
    return _partner(parsed.state, request, parsed, operation) or _content(parsed.state, request, parsed, operation)


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
