"""What a call of the hub came to, and what a strict reader finds in its answer. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from roampost_sim.hub.checking import check
from roampost_sim.hub.client import Heard
from roampost_sim.hub.means import Means
from roampost_sim.hub.oicp.means import understood
from roampost_sim.hub.record import Entry, told

# What an answer later than this costs the operator in the hub's rating.
_RATED_S = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call came to. problems: what is wrong with the answer; reason: why there is none."""

    operation: str
    session_id: str | None
    seconds: float
    http_status: int | None = None
    code: str | None = None
    result: bool | None = None
    body: Any = None
    problems: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def yes(self) -> bool:
        return self.http_status == 200 and self.result is True


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that went out. facts: what it tells; honest: an acknowledgement is owed for it."""

    operation: str
    facts: dict[str, Any]
    honest: bool

    @property
    def session_id(self) -> str | None:
        return text_in(self.facts, "SessionID")


def answered(asked: Asked, seconds: float, heard: Heard) -> Outcome:
    try:
        body = json.loads(heard.body)
    except (ValueError, RecursionError):
        body = None
    result = body.get("Result") if isinstance(body, dict) else None
    return Outcome(
        asked.operation,
        asked.session_id,
        seconds,
        http_status=heard.http_status,
        code=text_in(body.get("StatusCode") if isinstance(body, dict) else None, "Code"),
        result=result if isinstance(result, bool) else None,
        body=body,
        problems=tuple(_problems(asked, seconds, heard.http_status, body)) if asked.honest else (),
    )


def unanswered(asked: Asked, seconds: float, reason: str) -> Outcome:
    problems = (f"answer: {reason}",) if asked.honest else ()
    return Outcome(asked.operation, asked.session_id, seconds, problems=problems, reason=reason)


def entry(begun_t: float, asked: Asked, outcome: Outcome) -> Entry:
    """Its line in the record."""
    return Entry(
        begun_t,
        "call",
        operation=asked.operation,
        told=told(asked.facts),
        means=_means(asked, outcome),
        http_status=outcome.http_status,
        code=outcome.code,
        violations=outcome.problems,
        reason=outcome.reason,
        seconds=round(outcome.seconds, 3),
        result=outcome.result,
    )


def _means(asked: Asked, outcome: Outcome) -> Means | None:
    """What was asked; the operator may have named the session in its answer."""
    session = text_in(outcome.body, "CPOPartnerSessionID")
    asked_for = understood(asked.operation, asked.facts)
    return asked_for and ({"session": session} if session else {}) | asked_for


def text_in(value: Any, name: str) -> str | None:
    """The text under this name, if value is an object that has one there."""
    member = value.get(name) if isinstance(value, dict) else None
    return member if isinstance(member, str) else None


def _problems(asked: Asked, seconds: float, http_status: int, body: Any) -> Iterator[str]:
    if seconds > _RATED_S:
        yield f"answer: after {seconds:.1f} s; the hub rates an operator on answering within {_RATED_S} s"
    if http_status != 200:
        yield f"answer: HTTP {http_status} instead of an acknowledgement"
        return
    found = check("Acknowledgement", body)
    yield from (f"answer: {sentence}" for sentence in found)
    if not found:
        result, code = body["Result"], body["StatusCode"]["Code"]
        if result is not (code == "000"):
            yield f"answer: Result is {json.dumps(result)} and the code {code}"
        if body.get("SessionID", asked.session_id) != asked.session_id:
            yield "answer: SessionID is not that of the question"
