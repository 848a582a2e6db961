"""What the control socket can have an OICP hub ask of the operator.

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
from typing import Any

from roampost_sim.errors import CommandError
from roampost_sim.hub.controls import Arguments, Types, anything, needed, texts, told, typed
from roampost_sim.hub.oicp.caller import OicpCaller
from roampost_sim.hub.oicp.remote import Manner

_MANNER: Types = {"as": str, "nulls": bool, "wrong_case": bool, "extra": dict}
# The names here, and what remote.Question calls them.
_OPTIONAL = {
    "provider": "provider_id",
    "product": "product",
    "partner_session": "partner_id",
    "emp_partner_session": "emp_partner_id",
}
_MOST_MINUTES = 99


async def remote_start(calls: OicpCaller, arguments: Arguments) -> dict[str, Any]:
    given = typed(arguments, texts("evse", "contract", "session_id", *_OPTIONAL) | _MANNER)
    evse_id, contract, more = needed(given, "evse"), needed(given, "contract"), _optional(given)
    session_id, manner = given.get("session_id"), _manner(given)
    return told(await calls.remote_start(evse_id, contract, session_id=session_id, manner=manner, **more))


async def reserve(calls: OicpCaller, arguments: Arguments) -> dict[str, Any]:
    named = texts("evse", "contract", "session_id", *_OPTIONAL)
    given = typed(arguments, named | {"minutes": int} | _MANNER)
    if not 1 <= given.get("minutes", 1) <= _MOST_MINUTES:
        raise CommandError(f'"minutes" of a reservation are between 1 and {_MOST_MINUTES}.')
    more = _optional(given) | {"minutes": given.get("minutes")}
    evse_id, contract = needed(given, "evse"), needed(given, "contract")
    session_id, manner = given.get("session_id"), _manner(given)
    return told(await calls.reserve(evse_id, contract, session_id=session_id, manner=manner, **more))


async def remote_stop(calls: OicpCaller, arguments: Arguments) -> dict[str, Any]:
    given = typed(arguments, texts("session_id", "evse") | _MANNER)
    session_id, manner = needed(given, "session_id"), _manner(given)
    return told(await calls.remote_stop(session_id, evse_id=given.get("evse"), manner=manner))


async def cancel_reservation(calls: OicpCaller, arguments: Arguments) -> dict[str, Any]:
    given = typed(arguments, texts("session_id", "evse") | _MANNER)
    session_id, manner = needed(given, "session_id"), _manner(given)
    return told(await calls.cancel_reservation(session_id, evse_id=given.get("evse"), manner=manner))


async def call(calls: OicpCaller, arguments: Arguments) -> dict[str, Any]:
    sent = anything(arguments, "provider")
    return told(await calls.call(provider_id=sent.pop("provider", None), **sent))


CALLS: dict[str, Callable[[OicpCaller, Arguments], Awaitable[dict[str, Any]]]] = {
    "remote_start": remote_start,
    "remote_stop": remote_stop,
    "reserve": reserve,
    "cancel_reservation": cancel_reservation,
    "call": call,
}


def _optional(given: dict[str, Any]) -> dict[str, Any]:
    return {ours: given[name] for name, ours in _OPTIONAL.items() if name in given}


def _manner(given: dict[str, Any]) -> Manner:
    return Manner(
        given.get("as", "hub"), given.get("nulls", False), given.get("wrong_case", False), given.get("extra", {})
    )
