"""The control socket: one JSON command per line in, one JSON answer per line out, `ok` says whether it was done.

A line that is wrong is answered with a sentence and does nothing; the connection stays open.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from roampost_sim.actions import do
from roampost_sim.commands import parse_json
from roampost_sim.errors import CommandError
from roampost_sim.station import Station


async def answer_line(station: Station, line: bytes) -> dict[str, Any]:
    try:
        return {"ok": True, **await do(station, parse_json(line))}
    except CommandError as error:
        return {"ok": False, "error": str(error)}


@asynccontextmanager
async def control_socket(station: Station, path: Path) -> AsyncIterator[None]:
    """Serves the socket while the block runs, and takes it away after."""
    connections: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(_serve(station, reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    # Renamed when it listens: who sees the socket can use it at once. What an earlier run left behind is replaced.
    making = path.with_name(path.name + ".new")
    server = await asyncio.start_unix_server(accept, making)
    making.rename(path)
    try:
        yield
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        with suppress(FileNotFoundError):
            os.unlink(path)


async def _serve(station: Station, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while line := await _line(reader):
            writer.write(json.dumps(await answer_line(station, line)).encode() + b"\n")
            await writer.drain()
    except ConnectionError:
        pass  # who asked is gone
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The next line; nothing at the end or when a line is longer than the reader's limit."""
    try:
        return await reader.readline()
    except ValueError:
        return b""


async def tell(path: Path, command: dict[str, Any]) -> dict[str, Any]:
    """Sends one command to a station's socket; gives its answer."""
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(json.dumps(command).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await reader.readline())
        return answer
    finally:
        writer.close()
        await writer.wait_closed()
