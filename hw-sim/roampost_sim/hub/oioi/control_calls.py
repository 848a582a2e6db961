"""What the control socket can have an OIOI hub ask of the operator.

`{"do": "remote_start", "evse": …, DRIVER, "payment"?}`, `{"do": "remote_stop", "session_id"? | "evse"?, DRIVER?}`,
where DRIVER is one of "contract" (an EVCO ID), "uid", "username" (with "token"?) and "token";
`{"do": "reserve", "evse": …, "contract": …, "uid"?}`, `{"do": "cancel_reservation", "evse": …, "contract"?}`,
`{"do": "cards_posted", "uids": [UID, …], "partner"?}`: the complete list;
each with a manner: "as"? (whose API key: hub, partner, none), "nulls"?, "extra"? (an object of more fields).
`{"do": "call", "operation": …, "body": … | "text": …, "path"?, "content_type"?, "method"?, "as"?}` sends anything at
all; body is the whole one, with the name of the call.

The answer holds http_status, code, result, session_id, seconds, body and problems; when none came, ok is false.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from roampost_sim.errors import CommandError
from roampost_sim.hub.controls import Arguments, Types, anything, needed, texts, told, typed
from roampost_sim.hub.oioi.caller import OioiCaller
from roampost_sim.hub.oioi.remote import Manner, user

_MANNER: Types = {"as": str, "nulls": bool, "extra": dict}
_DRIVER = ("contract", "uid", "username", "token")


async def remote_start(calls: OioiCaller, arguments: Arguments) -> dict[str, Any]:
    given = typed(arguments, texts("evse", *_DRIVER, "payment") | _MANNER)
    evse_id, driver, manner = needed(given, "evse"), _driver(given), _manner(given)
    if driver is None:
        raise CommandError(f"The command needs one of {', '.join(_DRIVER)}, as text.")
    return told(await calls.remote_start(evse_id, driver=driver, payment=given.get("payment"), manner=manner))


async def remote_stop(calls: OioiCaller, arguments: Arguments) -> dict[str, Any]:
    given = typed(arguments, texts("session_id", "evse", *_DRIVER) | _MANNER)
    session_id, evse_id = given.get("session_id"), given.get("evse")
    if session_id is None and evse_id is None:
        raise CommandError('The command needs "session_id" or "evse", as text.')
    outcome = await calls.remote_stop(session_id, evse_id=evse_id, driver=_driver(given), manner=_manner(given))
    return told(outcome)


async def reserve(calls: OioiCaller, arguments: Arguments) -> dict[str, Any]:
    given = typed(arguments, texts("evse", "contract", "uid") | _MANNER)
    evse_id, contract = needed(given, "evse"), needed(given, "contract")
    return told(await calls.reserve(evse_id, contract, uid=given.get("uid"), manner=_manner(given)))


async def cancel_reservation(calls: OioiCaller, arguments: Arguments) -> dict[str, Any]:
    given = typed(arguments, texts("evse", "contract") | _MANNER)
    evse_id, contract = needed(given, "evse"), given.get("contract")
    return told(await calls.cancel_reservation(evse_id, contract=contract, manner=_manner(given)))


async def cards_posted(calls: OioiCaller, arguments: Arguments) -> dict[str, Any]:
    given = typed(arguments, {"uids": list, "partner": str} | _MANNER)
    uids = given.get("uids")
    if uids is None or not all(isinstance(uid, str) for uid in uids):
        raise CommandError('"cards_posted" needs its "uids": a list of UIDs, the complete one.')
    return told(await calls.post_cards(tuple(uids), partner=given.get("partner"), manner=_manner(given)))


async def call(calls: OioiCaller, arguments: Arguments) -> dict[str, Any]:
    return told(await calls.call(**anything(arguments)))


CALLS: Mapping[str, Callable[[OioiCaller, Arguments], Awaitable[dict[str, Any]]]] = {
    "remote_start": remote_start,
    "remote_stop": remote_stop,
    "reserve": reserve,
    "cancel_reservation": cancel_reservation,
    "cards_posted": cards_posted,
    "call": call,
}


def _driver(given: Arguments) -> dict[str, str] | None:
    named = [name for name in _DRIVER if name in given]
    if "username" in named and "token" in named:
        named.remove("token")
    if len(named) > 1:
        raise CommandError(f"Who asks is one of {', '.join(_DRIVER)}, not several.")
    if not named:
        return None
    kind = {"contract": "evco-id", "uid": "rfid"}.get(named[0], named[0])
    return user(kind, given[named[0]], given.get("token") if kind == "username" else None)


def _manner(given: Arguments) -> Manner:
    return Manner(given.get("as", "hub"), given.get("nulls", False), given.get("extra", {}))
