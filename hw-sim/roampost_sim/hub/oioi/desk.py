"""A whole request is judged here: address, key, JSON, the one call in it, schema, partner, the call's own rules."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roampost_sim.hub.checking import Problem
from roampost_sim.hub.means import Means, member
from roampost_sim.hub.oioi.calls import BASE, CALLS, NAMES
from roampost_sim.hub.oioi.checking import problems
from roampost_sim.hub.oioi.means import understood
from roampost_sim.hub.oioi.replies import invalid, refuse
from roampost_sim.hub.oioi.state import OioiState
from roampost_sim.hub.oioi.telling import told
from roampost_sim.hub.replies import Reply
from roampost_sim.hub.request import Request, is_json, json_object


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a request turned out to be; name is a known call, problem says why there is none."""

    state: OioiState
    request: Request
    name: str | None
    content: Any
    problem: str | None

    @property
    def partner(self) -> str:
        partner = member(self.content, "partner-identifier")
        return partner if isinstance(partner, str) else ""

    @property
    def lane(self) -> str | None:
        """A later word on the same connector or session must not overtake an earlier one."""
        about = {"connector-post-status": "connector-id", "session-post": "session-id", "station-post": "station"}
        if self.name not in about:
            return None
        key = self.told.get(about[self.name])
        return None if key is None else f"{self.name} of {key}"

    @property
    def told(self) -> Mapping[str, Any]:
        return told(self.content)

    @property
    def means(self) -> Means | None:
        session_id = member(self.content, "session-id")
        session = self.state.sessions.get(session_id) if isinstance(session_id, str) else None
        return understood(self.name, self.content, session.posts if session else ())

    def judge(self) -> Reply:
        return judge(self)


def read(state: OioiState, request: Request) -> Parsed:
    try:
        body = json_object(request.body)
    except ValueError as error:
        return Parsed(state, request, None, None, str(error))
    if len(body) != 1 or next(iter(body)) not in CALLS:
        wanted = f"the body must have exactly one property, of {', '.join(NAMES)}"
        return Parsed(state, request, None, None, wanted)
    ((name, content),) = body.items()
    return Parsed(state, request, name, content, None)


def judge(parsed: Parsed) -> Reply:
    state, request = parsed.state, parsed.request
    if request.path != BASE:
        return Reply(404, {"status": 404}, (f"path: {request.path} is not {BASE}",))
    if request.method != "POST":
        return Reply(405, {"status": 405}, (f"method: {request.method} instead of POST",))
    if not is_json(request.content_type):
        return invalid([Problem("", "content-type: application/json is expected")])
    if not hmac.compare_digest((request.authorization or "").encode(), f"key={state.settings.api_key}".encode()):
        return refuse("210")
    if parsed.name is None:
        return invalid([Problem("", parsed.problem or "")])
    wrong = problems(parsed.name, parsed.content)
    if wrong:
        return invalid(wrong)
    if parsed.partner not in ("", *state.settings.partners):
        return refuse("211", parsed.partner, http_errors=state.settings.http_errors)
    return CALLS[parsed.name](state, parsed.content, request.t)
