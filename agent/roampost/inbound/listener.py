"""Accepts connections, as few as a small machine bears, and lets TLS begin only for those that may have it.

Accepting by hand, because asyncio's server looks at nothing before its TLS handshake, which is the dear part: here an
address that is not allowed or comes too often costs an accept and a close, and each connection gets the newest context.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from roampost.inbound.limits import Networks, Rates
from roampost.inbound.tls import Contexts

log = logging.getLogger(__name__)
_HANDSHAKE_S = 10.0
_TLS_GOODBYE_S = 2.0
_NO_FILES_LEFT_S = 1.0


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may begin a TLS handshake. most: connections at a time, handshakes included."""

    networks: Networks
    rates: Rates
    most: int


class Listener:
    """open_now: how many connections have finished their handshake and are open."""

    def __init__(
        self,
        sock: socket.socket,
        contexts: Contexts,
        connection: Callable[[], asyncio.BaseProtocol],
        gate: Gate,
        open_now: Callable[[], int],
    ) -> None:
        self._sock = sock
        self._contexts = contexts
        self._connection = connection
        self._gate = gate
        self._open_now = open_now
        self._handshakes: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until it is cancelled; closes the socket."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    sock, peer = await loop.sock_accept(self._sock)
                except OSError as error:  # no file descriptors left, or the caller has gone already
                    log.warning("a connection could not be accepted: %s", error)
                    await asyncio.sleep(_NO_FILES_LEFT_S)
                    continue
                self._meet(sock, str(peer[0]))
        finally:
            self._sock.close()
            for task in self._handshakes:
                task.cancel()

    def _meet(self, sock: socket.socket, address: str) -> None:
        why = self._why_not(address)
        if why is not None:
            log.warning("%s: connection refused: %s", address, why)
            sock.close()
            return
        task = asyncio.create_task(self._welcome(sock, address))
        self._handshakes.add(task)
        task.add_done_callback(self._handshakes.discard)

    def _why_not(self, address: str) -> str | None:
        if not self._gate.networks.allow(address):
            return "not in inbound.allow"
        if self._open_now() + len(self._handshakes) >= self._gate.most:
            return f"{self._gate.most} connections are open already"
        if self._gate.rates.take(address) > 0:
            return "too many connections in a minute"
        return None

    async def _welcome(self, sock: socket.socket, address: str) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._connection,
                sock,
                ssl=self._contexts.newest(),
                ssl_handshake_timeout=_HANDSHAKE_S,
                ssl_shutdown_timeout=_TLS_GOODBYE_S,
            )
        except ssl.SSLError as error:
            log.warning("%s: no TLS connection: %s", address, _reason(error))
        except OSError as error:
            log.info("%s: no TLS connection: %s", address, str(error) or type(error).__name__)


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate was not believed ({error.verify_message}); see client_ca_file"
    return str(error.reason or error).lower().replace("_", " ")
