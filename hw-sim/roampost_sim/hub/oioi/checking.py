"""What a call holds is held against its schema, and against what the schema cannot say. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from roampost_sim.hub.checking import Problem, violations
from roampost_sim.hub.oioi.schemas import IDENTIFIERS, SCHEMAS


def problems(call: str, content: object) -> list[Problem]:
    """What is wrong with the content of a call of this name; empty when nothing."""
    found = violations(SCHEMAS[call], content)
    if found or not isinstance(content, dict):
        return [Problem(f"{call}.{each.field}".rstrip("."), each.message) for each in found]
    return list(_identifier(call, content.get("user")))


def check(call: str, content: object) -> list[str]:
    """All that is wrong with a call as one sentence each, [] when right; the clock and earlier calls are left out."""
    wrong = [str(problem) for problem in problems(call, content)]
    if wrong or call != "session-post" or not isinstance(content, dict):
        return wrong
    return list(impossible(content, now=None))


def impossible(content: dict[str, Any], now: datetime | None) -> Iterator[str]:
    """What cannot have happened, of a session-post of the right shape; now=None leaves out what is about the future."""
    for name in ("session-interval", "charging-interval"):
        moments = {edge: datetime.fromisoformat(told) for edge, told in content.get(name, {}).items()}
        if "stop" in moments and moments["stop"] < moments["start"]:
            yield f"{name}: stop is before start"
        for edge, moment in moments.items():
            if now is not None and moment > now:
                yield f"{name}: {edge} {content[name][edge]} is in the future"


def _identifier(call: str, user: Any) -> Iterator[Problem]:
    if user is not None:
        for problem in violations(IDENTIFIERS[user["identifier-type"]], user["identifier"]):
            yield Problem(f"{call}.user.identifier", problem.message)
