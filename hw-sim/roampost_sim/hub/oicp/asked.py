"""A call of the hub to the operator as OICP reads it: the question, and what may be answered. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roampost_sim.hub.client import Heard
from roampost_sim.hub.means import Means, member
from roampost_sim.hub.oicp.checking import check
from roampost_sim.hub.oicp.means import understood
from roampost_sim.hub.oicp.telling import told
from roampost_sim.hub.outcome import text_in

# What an answer later than this costs the operator in the hub's rating.
_RATED_S = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """facts: what the call tells."""

    operation: str
    facts: dict[str, Any]
    honest: bool

    @property
    def told(self) -> Mapping[str, Any]:
        return told(self.facts)

    def session_id(self, body: Any) -> str | None:
        return text_in(self.facts, "SessionID")

    def means(self, body: Any) -> Means | None:
        """What was asked; the operator may have named the session in its answer."""
        session = text_in(body, "CPOPartnerSessionID")
        asked_for = understood(self.operation, self.facts)
        return asked_for and ({"session": session} if session else {}) | asked_for

    def code(self, body: Any) -> str | None:
        return text_in(member(body, "StatusCode"), "Code")

    def result(self, body: Any) -> bool | None:
        result = member(body, "Result")
        return result if isinstance(result, bool) else None

    def wrong(self, heard: Heard, body: Any, seconds: float) -> Iterator[str]:
        if seconds > _RATED_S:
            yield f"after {seconds:.1f} s; the hub rates an operator on answering within {_RATED_S} s"
        if heard.http_status != 200:
            yield f"HTTP {heard.http_status} instead of an acknowledgement"
            return
        found = check("Acknowledgement", body)
        yield from found
        if not found:
            result, code = body["Result"], body["StatusCode"]["Code"]
            if result is not (code == "000"):
                yield f"Result is {json.dumps(result)} and the code {code}"
            if body.get("SessionID", self.session_id(body)) != self.session_id(body):
                yield "SessionID is not that of the question"
