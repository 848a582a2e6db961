"""The words of the control socket as tables, and how their arguments are read."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from roampost_sim.errors import CommandError
from roampost_sim.hub.outcome import Outcome

Arguments = dict[str, Any]
Act = Callable[[Arguments], dict[str, Any]]
Types = dict[str, type]


@dataclass(frozen=True, slots=True)
class Controls:
    """calls are those that wait for the operator."""

    do: Mapping[str, Act]
    ask: Mapping[str, Act]
    calls: Mapping[str, Callable[[Arguments], Awaitable[dict[str, Any]]]] = field(default_factory=dict)

    def __or__(self, other: "Controls") -> "Controls":
        return Controls({**self.do, **other.do}, {**self.ask, **other.ask}, {**self.calls, **other.calls})


def question(name: str, tell: Callable[[], Any]) -> Act:
    """A question that takes no arguments."""

    def answer(arguments: Arguments) -> dict[str, Any]:
        only(arguments)
        return {name: tell()}

    return answer


def only(arguments: Arguments, *names: str) -> Arguments:
    for name in arguments:
        if name not in names:
            raise CommandError(f"The command has no {name!r}; it has: {', '.join(names) or 'nothing more'}.")
    return arguments


def typed(arguments: Arguments, types: Types, nullable: tuple[str, ...] = ()) -> Arguments:
    """The arguments, each of its type; no others."""
    for name, value in arguments.items():
        if name not in types:
            raise CommandError(f"The command has no {name!r}; it has: {', '.join(types)}.")
        wanted = types[name]
        if type(value) is not wanted and not (value is None and name in nullable):
            raise CommandError(f'"{name}" is {_WORDS[wanted]}, not {value!r}.')
    return arguments


_WORDS = {str: "text", bool: "true or false", int: "a whole number", dict: "an object", list: "a list"}


def texts(*names: str) -> Types:
    return dict.fromkeys(names, str)


def needed(given: Arguments, name: str) -> str:
    if name not in given:
        raise CommandError(f'The command needs "{name}", as text.')
    return str(given[name])


def _for_a_head(given: Arguments, *names: str) -> None:
    """These go into the head of a request."""
    for name in names:
        if not given.get(name, "").isascii() or not given.get(name, "").isprintable():
            raise CommandError(f'"{name}" goes into the head of the request: printable ASCII only.')


def anything(arguments: Arguments, *more: str) -> dict[str, Any]:
    """What a call that sends anything at all goes out with, by the names of the callers' `call`; more: other texts that
    the command may have, as they were given."""
    if ("body" in arguments) == ("text" in arguments):
        raise CommandError('A call has either a "body", any JSON, or a "text" that goes out as it is.')
    body = arguments.pop("body", None)
    given = typed(arguments, texts("operation", "text", *more, "path", "content_type", "method", "as"))
    _for_a_head(given, "path", "content_type", "method")
    return {
        "operation": needed(given, "operation"),
        # A lone surrogate, which JSON allows, goes out as the three bytes that are no UTF-8.
        "body": given["text"].encode("utf-8", "surrogatepass") if "text" in given else body,
        "place": given.get("path"),
        "content_type": given.get("content_type", "application/json"),
        "method": given.get("method", "POST"),
        "identity": given.get("as", "hub"),
    } | {name: given[name] for name in more if name in given}


def told(outcome: Outcome) -> dict[str, Any]:
    """The answer to a call: http_status, code, result, session_id, seconds, body and problems."""
    if outcome.reason is not None:
        raise CommandError(f"The operator did not answer {outcome.operation}: {outcome.reason}.")
    return {
        "http_status": outcome.http_status,
        "code": outcome.code,
        "result": outcome.result,
        "session_id": outcome.session_id,
        "seconds": round(outcome.seconds, 3),
        "body": outcome.body,
        "problems": list(outcome.problems),
    }
