"""What a call of the hub came to, and what a strict reader finds in its answer. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from roampost_sim.hub.client import Heard
from roampost_sim.hub.means import Means
from roampost_sim.hub.record import Entry


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


class Asked(Protocol):
    """A call that went out, and how its protocol reads an answer; body is any JSON value, or None.

    honest: the question was as it should be, so an answer as it should be is owed for it.
    """

    @property
    def operation(self) -> str: ...
    @property
    def honest(self) -> bool: ...
    @property
    def told(self) -> Mapping[str, Any]: ...

    def session_id(self, body: Any) -> str | None: ...
    def means(self, body: Any) -> Means | None: ...
    def code(self, body: Any) -> str | None: ...
    def result(self, body: Any) -> bool | None: ...
    def wrong(self, heard: Heard, body: Any, seconds: float) -> Iterable[str]:
        """What a strict reader finds wrong, one sentence each."""
        ...


def answered(asked: Asked, seconds: float, heard: Heard) -> Outcome:
    try:
        body = json.loads(heard.body)
    except (ValueError, RecursionError):
        body = None
    return Outcome(
        asked.operation,
        asked.session_id(body),
        seconds,
        http_status=heard.http_status,
        code=asked.code(body),
        result=asked.result(body),
        body=body,
        problems=tuple(f"answer: {each}" for each in asked.wrong(heard, body, seconds)) if asked.honest else (),
    )


def unanswered(asked: Asked, seconds: float, reason: str) -> Outcome:
    problems = (f"answer: {reason}",) if asked.honest else ()
    return Outcome(asked.operation, asked.session_id(None), seconds, problems=problems, reason=reason)


def entry(begun_t: float, asked: Asked, outcome: Outcome) -> Entry:
    """Its line in the record."""
    return Entry(
        begun_t,
        "call",
        operation=asked.operation,
        told=asked.told,
        means=asked.means(outcome.body),
        http_status=outcome.http_status,
        code=outcome.code,
        violations=outcome.problems,
        reason=outcome.reason,
        seconds=round(outcome.seconds, 3),
        result=outcome.result,
    )


def text_in(value: Any, name: str) -> str | None:
    """The text under this name, if value is an object that has one there."""
    member = value.get(name) if isinstance(value, dict) else None
    return member if isinstance(member, str) else None
