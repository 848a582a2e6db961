"""OIOI's answers as values: a result, and what the call asks for."""

from typing import Any

from roampost_sim.hub.checking import Problem
from roampost_sim.hub.oioi.codes import SUCCESS, TEXTS, result
from roampost_sim.hub.replies import Reply

# What is wrong with the request as such is always told by the HTTP status too.
_ALWAYS = {"200": 400, "210": 401, "220": 403, "230": 400}
_AT_WILL = {"140": 401, "181": 404, "182": 404, "191": 404, "192": 403, "193": 403, "211": 403, "322": 403}


def done(violations: tuple[str, ...] = (), **parts: Any) -> Reply:
    """Code 0; parts stand beside the result, written with `-`."""
    told = {name.replace("_", "-"): part for name, part in parts.items()}
    return Reply(200, {"result": result(SUCCESS)} | told, violations, SUCCESS)


def refuse(code: str, why: str | None = None, *, http_errors: bool = False) -> Reply:
    """A no that is the operator's mistake."""
    return no(code, why, http_errors=http_errors, violations=(f"refused {code}: {why or TEXTS[code]}",))


def no(code: str, why: str | None = None, *, http_errors: bool = False, violations: tuple[str, ...] = ()) -> Reply:
    status = _ALWAYS.get(code) or (_AT_WILL.get(code, 200) if http_errors else 200)
    return failed(status, code, why, violations)


def failed(status: int, code: str, why: str | None = None, violations: tuple[str, ...] = ()) -> Reply:
    """An HTTP error says in `error` what was wrong."""
    told = result(code, why)
    body = {"result": told} | ({"error": told["message"]} if status != 200 else {})
    return Reply(status, body, violations, code)


def invalid(problems: list[Problem]) -> Reply:
    """The message itself is wrong and stays wrong however often it is sent."""
    told = tuple(f"schema {problem}" for problem in problems)
    return no("230", "; ".join(map(str, problems)), violations=told)
