"""The hub's control socket: one JSON object a line in, one out. What is wrong is said in one sentence.

`{"do": "fault", "kind": …, "requests"? | "seconds"?, "operation"?, parameters…}`, `{"do": "clear", "id"?}`,
`{"do": "card", "uid": …, "is": "known" | "blocked" | "unknown"}`,
`{"do": "stop_cards", "uid": …, "others": [UID, …]}`: who else may stop that card's sessions, open ones too,
`{"do": "rate_limits", "on": true | false, "retry_after"? : "seconds" | "date" | "none"}`,
`{"do": "whitelist", "records": [an Identification, …] | null}` for PullAuthenticationData, null: made from the cards;
`{"ask": "sessions" | "statuses" | "evse_data" | "products" | "evse_prices" | "rates" | "faults" | "kinds" | "record" |
"violations" | "where" | "operator"}`, record with "last"?. What the hub can ask of the operator: control_calls.py.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from roampost_sim.errors import CommandError, SimError
from roampost_sim.hub.control_calls import CALLS
from roampost_sim.hub.faults import KINDS
from roampost_sim.hub.identifiers import masked
from roampost_sim.hub.limits import RETRY_AFTER
from roampost_sim.hub.server import SandboxHub
from roampost_sim.hub.state import Session

# A whitelist has many records, and a hostile body many bytes.
_MOST_LINE_BYTES = 4_000_000


async def execute(hub: SandboxHub, line: bytes) -> dict[str, Any]:
    """The answer to one line: {"ok": true, …} or {"ok": false, "error": one sentence}."""
    try:
        command = json.loads(line)
        if not isinstance(command, dict):
            raise CommandError('A command is one JSON object, such as {"ask": "sessions"}.')
        return {"ok": True} | await _dispatch(hub, command)
    except SimError as error:
        return {"ok": False, "error": str(error)}
    except (ValueError, RecursionError):
        return {"ok": False, "error": 'The line is not JSON; a command looks like {"ask": "sessions"}.'}


async def _dispatch(hub: SandboxHub, command: dict[str, Any]) -> dict[str, Any]:
    for verb, table in (("do", _DO), ("ask", _ASK)):
        if verb in command:
            arguments, word = {name: value for name, value in command.items() if name != verb}, str(command[verb])
            if verb == "do" and word in CALLS:
                return await CALLS[word](hub, arguments)
            if word not in table:
                able = [*table, *(CALLS if verb == "do" else ())]
                raise CommandError(f"The hub cannot {verb} {command[verb]!r}; it can {verb}: {', '.join(able)}.")
            return table[word](hub, arguments)
    raise CommandError('A command has "do" or "ask".')


def _fault(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(arguments.get("kind"), str):
        raise CommandError('A fault needs its "kind", as text.')
    return {"id": hub.fault(arguments.pop("kind"), **arguments)}


def _clear(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    number = _only(arguments, "id").get("id")
    if number is not None and not isinstance(number, int):
        raise CommandError('"id" is the number that setting the fault gave.')
    hub.clear(number)
    return {}


def _card(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    uid, word = (_only(arguments, "uid", "is").get(name) for name in ("uid", "is"))
    if not isinstance(uid, str) or word not in ("known", "blocked", "unknown"):
        raise CommandError('A card needs "uid" and "is": known, blocked or unknown.')
    hub.set_card(uid, word)
    return {}


def _stop_cards(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    uid, others = (_only(arguments, "uid", "others").get(name) for name in ("uid", "others"))
    if not (isinstance(uid, str) and isinstance(others, list) and all(isinstance(one, str) for one in others)):
        raise CommandError('"stop_cards" needs "uid" and "others", a list of UIDs.')
    hub.set_stop_cards(uid, tuple(others))
    return {}


def _rate_limits(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    on, form = (_only(arguments, "on", "retry_after").get(name) for name in ("on", "retry_after"))
    if not isinstance(on, bool) or form not in (None, *RETRY_AFTER):
        raise CommandError(
            f'"rate_limits" needs "on": true or false, and may say "retry_after": {" | ".join(RETRY_AFTER)}.'
        )
    hub.rate_limits, hub.retry_after = on, form or hub.retry_after
    return {}


def _whitelist(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    records = _only(arguments, "records").get("records", False)
    if records is not None and not (isinstance(records, list) and all(isinstance(each, dict) for each in records)):
        raise CommandError('"whitelist" needs its "records": a list of Identification objects, or null.')
    hub.state.whitelist = None if records is None else tuple(records)
    return {}


def _record(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
    last = _only(arguments, "last").get("last", len(hub.record))
    if not isinstance(last, int) or last < 0:
        raise CommandError('"last" is a whole number of entries.')
    return {"record": [entry.as_json() for entry in hub.record[len(hub.record) - min(last, len(hub.record)) :]]}


def _session(session: Session) -> dict[str, Any]:
    media = {"uid": masked(session.uid), "stop_uids": [masked(uid) for uid in session.stop_uids]}
    return asdict(session) | media | {"told": session.types, "cdr": session.closed}


def _only(arguments: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in arguments:
        if name not in names:
            raise CommandError(f"The command has no {name!r}; it has: {', '.join(names) or 'nothing more'}.")
    return arguments


_Action = Callable[[SandboxHub, dict[str, Any]], dict[str, Any]]


def _priced(products: dict[tuple[str, str, str], dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"operator": operator, "provider": provider} | told for (operator, provider, _), told in products.items()]


def _prices(prices: dict[tuple[str, str], tuple[str, ...]]) -> list[dict[str, Any]]:
    return [{"evse": evse, "provider": provider, "products": told} for (evse, provider), told in prices.items()]


def _question(name: str, tell: Callable[[SandboxHub], Any]) -> _Action:
    """A question that takes no arguments."""

    def answer(hub: SandboxHub, arguments: dict[str, Any]) -> dict[str, Any]:
        _only(arguments)
        return {name: tell(hub)}

    return answer


_DO: dict[str, _Action] = {
    "fault": _fault,
    "clear": _clear,
    "card": _card,
    "stop_cards": _stop_cards,
    "rate_limits": _rate_limits,
    "whitelist": _whitelist,
}
_ASK: dict[str, _Action] = {
    "sessions": _question("sessions", lambda hub: [_session(session) for session in hub.sessions.values()]),
    "statuses": _question("statuses", lambda hub: [asdict(held) for held in hub.statuses.values()]),
    "evse_data": _question("evse_data", lambda hub: [held.record for held in hub.state.evse_data.values()]),
    "products": _question("products", lambda hub: _priced(hub.state.products)),
    "evse_prices": _question("evse_prices", lambda hub: _prices(hub.state.evse_prices)),
    "rates": _question("rates", lambda hub: hub.rates),
    "operator": _question("url", lambda hub: hub.calls.url),
    "faults": _question("faults", lambda hub: hub.faults),
    "kinds": _question("kinds", lambda hub: {name: kind.text for name, kind in KINDS.items()}),
    "violations": _question("violations", lambda hub: hub.violations),
    "where": _question("url", lambda hub: hub.url),
    "record": _record,
}


class ControlSocket:
    """A unix socket (0600) at path; many clients, many lines each."""

    def __init__(self, hub: SandboxHub, path: Path) -> None:
        self._hub = hub
        self._path = path
        self._clients: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        # A socket that an earlier run left behind; anything else in its place stops us.
        if self._path.is_socket():
            self._path.unlink()
        self._server = await asyncio.start_unix_server(self._accept, self._path, limit=_MOST_LINE_BYTES)
        self._path.chmod(0o600)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._client(reader, writer))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await execute(self._hub, line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # who asked is gone, or sent a line over the limit: the conversation ends
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
