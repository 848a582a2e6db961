"""A real control server whose commands keep what was asked of them."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from roampost.control.protocol import ControlError, Peer
from roampost.control.server import Command, ControlServer


class Recorder:
    """Commands of a running agent; keeps what was asked of it."""

    def __init__(self, error: ControlError | None = None) -> None:
        self.asked: list[tuple[str, dict[str, Any], Peer]] = []
        self._error = error

    def command(self, name: str, result: object = None) -> Command:
        async def run(arguments: Mapping[str, Any], peer: Peer) -> object:
            self.asked.append((name, dict(arguments), peer))
            if self._error is not None:
                raise self._error
            return result

        return run


@contextmanager
def running(path: Path, commands: Mapping[str, Command]) -> Iterator[None]:
    """A control server on a loop of its own, as a running agent has it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = ControlServer(path, commands)
    try:
        asyncio.run_coroutine_threadsafe(server.open(), loop).result(30)
        yield
        asyncio.run_coroutine_threadsafe(server.aclose(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
