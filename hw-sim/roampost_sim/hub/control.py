"""The hub's control socket: one JSON object a line in, one out. What is wrong is said in one sentence.

Any hub knows:
`{"do": "fault", "kind": …, "requests"? | "seconds"?, "operation"?, parameters…}`, `{"do": "clear", "id"?}`,
`{"do": "card", "uid": …, "is": "known" | "blocked" | … | "unknown"}`,
`{"do": "operator", "url": … | null, "ca"?}`: where the operator's inbound service is;
`{"ask": "faults" | "kinds" | "record" | "violations" | "where" | "operator"}`, record with "last"?.
What a hub of one protocol knows besides: control.py and control_calls.py of its package.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from roampost_sim.errors import CommandError, SimError
from roampost_sim.hub.controls import Act, Arguments, Controls, only, question, typed
from roampost_sim.hub.server import Hub

# A whitelist has many records, and a hostile body many bytes.
_MOST_LINE_BYTES = 4_000_000


async def execute(hub: Hub, line: bytes) -> dict[str, Any]:
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


async def _dispatch(hub: Hub, command: dict[str, Any]) -> dict[str, Any]:
    controls = _of_any(hub) | hub.controls
    for verb, table in (("do", controls.do), ("ask", controls.ask)):
        if verb in command:
            arguments, word = {name: value for name, value in command.items() if name != verb}, str(command[verb])
            if verb == "do" and word in controls.calls:
                return await controls.calls[word](arguments)
            if word not in table:
                able = [*table, *(controls.calls if verb == "do" else ())]
                raise CommandError(f"The hub cannot {verb} {command[verb]!r}; it can {verb}: {', '.join(able)}.")
            return table[word](arguments)
    raise CommandError('A command has "do" or "ask".')


def _of_any(hub: Hub) -> Controls:
    do: dict[str, Callable[[Hub, Arguments], dict[str, Any]]] = {
        "fault": _fault,
        "clear": _clear,
        "card": _card,
        "operator": _operator,
    }
    ask: dict[str, Act] = {
        "faults": question("faults", lambda: hub.faults),
        "kinds": question("kinds", lambda: {name: kind.text for name, kind in hub.kinds.items()}),
        "violations": question("violations", lambda: hub.violations),
        "where": question("url", lambda: hub.url),
        "operator": question("url", lambda: hub.calls.url),
        "record": partial(_record, hub),
    }
    return Controls({word: partial(action, hub) for word, action in do.items()}, ask)


def _fault(hub: Hub, arguments: Arguments) -> dict[str, Any]:
    if not isinstance(arguments.get("kind"), str):
        raise CommandError('A fault needs its "kind", as text.')
    return {"id": hub.fault(arguments.pop("kind"), **arguments)}


def _clear(hub: Hub, arguments: Arguments) -> dict[str, Any]:
    number = only(arguments, "id").get("id")
    if number is not None and not isinstance(number, int):
        raise CommandError('"id" is the number that setting the fault gave.')
    hub.clear(number)
    return {}


def _card(hub: Hub, arguments: Arguments) -> dict[str, Any]:
    uid, word = (only(arguments, "uid", "is").get(name) for name in ("uid", "is"))
    words = (*hub.decks, "unknown")
    if not isinstance(uid, str) or word not in words:
        raise CommandError(f'A card needs "uid" and "is": {", ".join(words[:-1])} or {words[-1]}.')
    hub.set_card(uid, word)
    return {}


def _operator(hub: Hub, arguments: Arguments) -> dict[str, Any]:
    if "url" not in arguments:
        raise CommandError('"operator" needs its "url": text, or null to forget it.')
    given = typed(arguments, {"url": str, "ca": str}, nullable=("url", "ca"))
    url = given["url"]
    if url is not None and not is_base_url(url):
        raise CommandError(f"{url!r} is no base URL, such as https://127.0.0.1:8443/oicp")
    hub.calls.url = url
    if "ca" in given:
        hub.calls.ca_file = Path(given["ca"]) if given["ca"] else None
    return {}


def _record(hub: Hub, arguments: Arguments) -> dict[str, Any]:
    last = only(arguments, "last").get("last", len(hub.record))
    if not isinstance(last, int) or last < 0:
        raise CommandError('"last" is a whole number of entries.')
    return {"record": [entry.as_json() for entry in hub.record[len(hub.record) - min(last, len(hub.record)) :]]}


def is_base_url(url: str) -> bool:
    """Whether the path of an operation can be put behind it."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname and parts.port) and not parts.query
    except ValueError:
        return False


class ControlSocket:
    """A unix socket (0600) at path; many clients, many lines each."""

    def __init__(self, hub: Hub, path: Path) -> None:
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
