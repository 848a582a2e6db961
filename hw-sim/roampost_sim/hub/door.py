"""The hub's port: listening or refusing, TLS handshakes, and one task for each connection.

Accepting is done by hand, connection by connection, because only so a refused handshake can be seen and recorded.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable

from roampost_sim.hub.wire import BadRequestError, Line

_log = logging.getLogger(__name__)
_HANDSHAKE_S = 10
_SHUTDOWN_S = 1


class Door:
    """serve gets each connection that passed its handshake; event is told what kind of connection failed and why."""

    def __init__(
        self,
        port: int,
        context: Callable[[], ssl.SSLContext],
        serve: Callable[[Line], Awaitable[None]],
        event: Callable[[str, str], None],
    ) -> None:
        self._context = context
        self._serve = serve
        self._event = event
        # Bound and never listening: the port stays ours while connections are refused.
        self._holder = _bound(port)
        self.port: int = self._holder.getsockname()[1]
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: set[Line] = set()

    def open(self) -> None:
        """Listen, if it does not yet."""
        if self._listener is None:
            self._listener = _bound(self.port)
            self._listener.listen(64)
            self._accepting = self._start(self._accept(self._listener))

    def shut(self) -> None:
        """Refuse new connections."""
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def reset_all(self) -> None:
        """Break the connections that are there."""
        for line in self._lines:
            line.reset()

    async def aclose(self) -> None:
        self.shut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._holder.close()

    def _start(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(listener)
            self._start(self._connected(connection))

    async def _connected(self, connection: socket.socket) -> None:
        line = await self._handshake(connection)
        if line is None:
            return
        self._lines.add(line)
        try:
            await self._serve(line)
        except BadRequestError as error:
            self._event("connection-broken", str(error))
        except ConnectionError as error:
            self._event("connection-broken", type(error).__name__)
        except Exception:  # noqa: BLE001 - a task boundary: one connection must not end the hub
            _log.exception("The sandbox hub failed while it served a connection")
        finally:
            self._lines.discard(line)
            await line.close()

    async def _handshake(self, connection: socket.socket) -> Line | None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        connection.setblocking(False)
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol,
                connection,
                ssl=self._context(),
                ssl_handshake_timeout=_HANDSHAKE_S,
                ssl_shutdown_timeout=_SHUTDOWN_S,
            )
        except OSError as error:
            self._event("tls-refused", _reason(error))
            return None
        return Line(reader, asyncio.StreamWriter(transport, protocol, reader, loop))


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setblocking(False)
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return getattr(error, "reason", None) or str(error) or type(error).__name__
