"""What the control socket can have the hub ask of the operator.

`{"do": "operator", "url": … | null, "ca"?}` says where the operator's inbound service is.
`{"do": "remote_start", "evse": …, "contract": …}`, `{"do": "reserve", "evse": …, "contract": …, "minutes"?}`,
`{"do": "remote_stop", "session_id": …, "evse"?}`, `{"do": "cancel_reservation", "session_id": …, "evse"?}`;
the first two with "session_id"? (to repeat one), "provider"?, "product"?, "partner_session"?, "emp_partner_session"?,
and each with a manner: "as"? (whose certificate: hub, partner, foreign, expired, none), "nulls"?, "wrong_case"?,
"extra"? (an object of more fields).
`{"do": "call", "operation": …, "body": … | "text": …, "provider"?, "path"?, "content_type"?, "method"?, "as"?}` sends
anything at all.

The answer holds http_status, code, result, session_id, seconds, body and problems; when none came, ok is false.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from roampost_sim.errors import CommandError
from roampost_sim.hub.outcome import Outcome
from roampost_sim.hub.remote import Manner
from roampost_sim.hub.server import SandboxHub

_Types = dict[str, type]
_MANNER: _Types = {"as": str, "nulls": bool, "wrong_case": bool, "extra": dict}
# The names here, and what remote.Question calls them.
_OPTIONAL = {
    "provider": "provider_id",
    "product": "product",
    "partner_session": "partner_id",
    "emp_partner_session": "emp_partner_id",
}
_MOST_MINUTES = 99


async def operator(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    if "url" not in arguments:
        raise CommandError('"operator" needs its "url": text, or null to forget it.')
    given = _typed(arguments, {"url": str, "ca": str}, nullable=("url", "ca"))
    url = given["url"]
    if url is not None and not is_base_url(url):
        raise CommandError(f"{url!r} is no base URL, such as https://127.0.0.1:8443/oicp")
    hub.calls.url = url
    if "ca" in given:
        hub.calls.ca_file = Path(given["ca"]) if given["ca"] else None
    return {}


async def remote_start(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    given = _typed(arguments, _texts("evse", "contract", "session_id", *_OPTIONAL) | _MANNER)
    evse_id, contract, more = _needed(given, "evse"), _needed(given, "contract"), _optional(given)
    session_id, manner = given.get("session_id"), _manner(given)
    return _told(await hub.calls.remote_start(evse_id, contract, session_id=session_id, manner=manner, **more))


async def reserve(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    texts = _texts("evse", "contract", "session_id", *_OPTIONAL)
    given = _typed(arguments, texts | {"minutes": int} | _MANNER)
    if not 1 <= given.get("minutes", 1) <= _MOST_MINUTES:
        raise CommandError(f'"minutes" of a reservation are between 1 and {_MOST_MINUTES}.')
    more = _optional(given) | {"minutes": given.get("minutes")}
    evse_id, contract = _needed(given, "evse"), _needed(given, "contract")
    session_id, manner = given.get("session_id"), _manner(given)
    return _told(await hub.calls.reserve(evse_id, contract, session_id=session_id, manner=manner, **more))


async def remote_stop(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    given = _typed(arguments, _texts("session_id", "evse") | _MANNER)
    session_id, manner = _needed(given, "session_id"), _manner(given)
    return _told(await hub.calls.remote_stop(session_id, evse_id=given.get("evse"), manner=manner))


async def cancel_reservation(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    given = _typed(arguments, _texts("session_id", "evse") | _MANNER)
    session_id, manner = _needed(given, "session_id"), _manner(given)
    return _told(await hub.calls.cancel_reservation(session_id, evse_id=given.get("evse"), manner=manner))


async def call(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    if ("body" in arguments) == ("text" in arguments):
        raise CommandError('A call has either a "body", any JSON, or a "text" that goes out as it is.')
    body = arguments.pop("body", None)
    names = ("operation", "text", "provider", "path", "content_type", "method", "as")
    given = _typed(arguments, _texts(*names))
    for name in ("path", "content_type", "method"):
        if not given.get(name, "").isascii() or not given.get(name, "").isprintable():
            raise CommandError(f'"{name}" goes into the head of the request: printable ASCII only.')
    outcome = await hub.calls.call(
        _needed(given, "operation"),
        # A lone surrogate, which JSON allows, goes out as the three bytes that are no UTF-8.
        given["text"].encode("utf-8", "surrogatepass") if "text" in given else body,
        provider_id=given.get("provider"),
        place=given.get("path"),
        content_type=given.get("content_type", "application/json"),
        method=given.get("method", "POST"),
        identity=given.get("as", "hub"),
    )
    return _told(outcome)


CALLS: dict[str, Callable[[SandboxHub, dict[str, Any]], Awaitable[dict[str, Any]]]] = {
    "operator": operator,
    "remote_start": remote_start,
    "remote_stop": remote_stop,
    "reserve": reserve,
    "cancel_reservation": cancel_reservation,
    "call": call,
}


def is_base_url(url: str) -> bool:
    """Whether the path of an operation can be put behind it."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname and parts.port) and not parts.query
    except ValueError:
        return False


def _told(outcome: Outcome) -> dict[str, Any]:
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


def _typed(arguments: dict[str, Any], types: _Types, nullable: tuple[str, ...] = ()) -> dict[str, Any]:
    """The arguments, each of its type; no others."""
    for name, value in arguments.items():
        if name not in types:
            raise CommandError(f"The command has no {name!r}; it has: {', '.join(types)}.")
        wanted = types[name]
        if type(value) is not wanted and not (value is None and name in nullable):
            raise CommandError(f'"{name}" is {_WORDS[wanted]}, not {value!r}.')
    return arguments


_WORDS = {str: "text", bool: "true or false", int: "a whole number", dict: "an object"}


def _texts(*names: str) -> _Types:
    return dict.fromkeys(names, str)


def _needed(given: dict[str, Any], name: str) -> str:
    if name not in given:
        raise CommandError(f'The command needs "{name}", as text.')
    return str(given[name])


def _optional(given: dict[str, Any]) -> dict[str, Any]:
    return {ours: given[name] for name, ours in _OPTIONAL.items() if name in given}


def _manner(given: dict[str, Any]) -> Manner:
    return Manner(
        given.get("as", "hub"), given.get("nulls", False), given.get("wrong_case", False), given.get("extra", {})
    )
