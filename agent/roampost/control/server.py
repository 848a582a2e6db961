"""The daemon's end of the control socket. Nothing that comes in is trusted, however local it is.

One request per connection. Commands are registered by the composition root by name.
"""

import asyncio
import logging
import socket
import stat
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from roampost.control import protocol
from roampost.control.peer import groups_of, may_command, peer_of
from roampost.control.protocol import ControlError, Peer, Refusal

_LOG = logging.getLogger(__name__)
_MODE = 0o660
_MOST_CONNECTIONS = 8

Command = Callable[[Mapping[str, Any], Peer], Awaitable[object]]
"""Takes the arguments (unchecked) and who asks; returns what JSON can say; raises ControlError."""


class NoSocketError(Exception):
    """There can be no control socket now; the text says why and what to do."""


class SocketInUseError(NoSocketError):
    """Another agent listens on the control socket."""


class ControlServer:
    """`async with ControlServer(path, commands): …` listens until the block is left, then removes the socket.

    `listening` is set while commands are taken.
    """

    def __init__(
        self, path: Path, commands: Mapping[str, Command], *, request_timeout_s: float = 5.0, again_s: float = 5.0
    ) -> None:
        self._path = path
        self._commands = dict(commands)
        self._timeout_s = request_timeout_s
        self._again_s = again_s
        self._server: asyncio.Server | None = None
        self._busy: set[asyncio.Task[None]] = set()
        self._gid = -1
        self.listening = asyncio.Event()

    async def __aenter__(self) -> "ControlServer":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def open(self) -> None:
        """Listen. Raises NoSocketError."""
        # Made under another name and renamed when it listens: who sees the socket can use it at once.
        making = self._path.with_name(self._path.name + ".new")
        try:
            _clear_the_way(self._path)
            making.unlink(missing_ok=True)
            sock = _bound(making)
            self._gid = making.stat().st_gid
        except OSError as error:
            why = error.strerror or str(error)
            raise NoSocketError(
                f"{self._path} cannot be made ({why}); check its folder and who owns it, or change station.socket"
            ) from error
        self._server = await asyncio.start_unix_server(self._connected, sock=sock, limit=protocol.MAX_REQUEST_BYTES)
        making.rename(self._path)
        self.listening.set()

    async def aclose(self) -> None:
        """Stop listening; commands that run are cancelled."""
        if self._server is None:
            return
        self._server.close()
        for task in self._busy:
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)
        self._path.unlink(missing_ok=True)
        self._server = None
        self.listening.clear()

    async def run(self) -> None:
        """Listen until cancelled: the shape that a supervisor starts. What stands in the way is told once."""
        told = ""
        while not self.listening.is_set():
            try:
                await self.open()
            except NoSocketError as error:
                if str(error) != told:
                    told = str(error)
                    _LOG.error("no command can be taken: %s", told)
                await asyncio.sleep(self._again_s)
        try:
            await asyncio.Event().wait()
        finally:
            await self.aclose()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio's (3.11) complains loudly about one that is cancelled.
        task = asyncio.create_task(self._serve(reader, writer))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await self._answer(reader, writer))
            async with asyncio.timeout(self._timeout_s):
                await writer.drain()
                writer.write_eof()
                # Closing a unix socket with unread input would take the answer back from the peer.
                while await reader.read(protocol.MAX_REQUEST_BYTES):
                    pass
        except (OSError, TimeoutError) as error:
            _LOG.debug("a control connection was lost: %s", error)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        try:
            peer = self._admit(writer)
            request = protocol.decode_request(await self._line(reader))
            return protocol.encode_result(await self._run(request, peer))
        except ControlError as error:
            return protocol.encode_error(error)
        except Exception:  # noqa: BLE001 - task boundary: a bug in a command must not take the socket away
            _LOG.exception("a control command failed")
            return protocol.encode_error(ControlError(Refusal.FAILED, "the agent failed; its log says why"))

    def _admit(self, writer: asyncio.StreamWriter) -> Peer:
        sock: socket.socket = writer.get_extra_info("socket")
        peer = peer_of(sock)
        if not may_command(peer, groups_of(sock), self._gid):
            _LOG.warning("user %d (pid %d) may not use the control socket", peer.uid, peer.pid)
            raise ControlError(Refusal.FORBIDDEN, "only root and the group of the control socket may do this")
        if len(self._busy) > _MOST_CONNECTIONS:
            raise ControlError(Refusal.REFUSED, "too many commands at once; try again")
        return peer

    async def _line(self, reader: asyncio.StreamReader) -> bytes:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await reader.readuntil(b"\n")
        except TimeoutError:
            raise ControlError(Refusal.BAD_REQUEST, "no request came") from None
        except asyncio.LimitOverrunError:
            raise ControlError(Refusal.BAD_REQUEST, "the request is too long") from None
        except asyncio.IncompleteReadError:
            raise ControlError(Refusal.BAD_REQUEST, "the request does not end with a newline") from None

    async def _run(self, request: protocol.Request, peer: Peer) -> object:
        command = self._commands.get(request.command)
        if command is None:
            raise ControlError(Refusal.UNKNOWN_COMMAND, "the agent does not know this command; is it another version?")
        return await command(request.arguments, peer)


def _bound(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        sock.bind(str(path))
        path.chmod(_MODE)  # nobody can connect before it listens
    except OSError:
        sock.close()
        raise
    return sock


def _clear_the_way(path: Path) -> None:
    """Remove the socket of an agent that is gone; anything else at this place is left alone."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise SocketInUseError(f"{path} exists and is not a socket; move it away or change station.socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
        except OSError:
            pass  # it listens and is busy
    raise SocketInUseError(f"{path}: another agent listens there; stop it first")
