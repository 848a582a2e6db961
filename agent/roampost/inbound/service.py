"""The inbound service as one task: bind, listen, answer, and end in order when it is cancelled.

The composition root makes it only when `[inbound]` is configured; importing this module brings starlette and uvicorn.
"""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from roampost.config.inbound import HubInbound, Inbound
from roampost.hubs.inbound import Dialect
from roampost.hubs.remote import Reception
from roampost.inbound.app import Bounds, HubRoutes, InboundApp
from roampost.inbound.caller import Pin, Pins
from roampost.inbound.decisions import Decisions
from roampost.inbound.http import HubConnection, Shared, http_config
from roampost.inbound.limits import Networks, Rates
from roampost.inbound.listener import Gate, Listener
from roampost.inbound.tls import Contexts, ServerFiles
from roampost.supervise.supervisor import PlainError

log = logging.getLogger(__name__)
_BACKLOG = 64


class NotListeningError(PlainError):
    """The inbound service cannot listen; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class CallingHub:
    """A hub that may call, and its protocol."""

    settings: HubInbound
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Times:
    """Hubs rate an operator on answering in 10 s. drain_s: for answers in flight at the end of the service, less than
    the supervisor waits before it cancels again."""

    answer_s: float = 9.5
    request_s: float = 5.0
    drain_s: float = 1.5


@dataclass(frozen=True, slots=True)
class Most:
    """Connections and decisions at a time. A hub has a handful; what is more is a fault or an attack."""

    connections: int = 32
    decisions: int = 16


class InboundService:
    """`tasks.start("inbound", service.run)`. `listening` is set while it listens, `port` is the one it listens at."""

    def __init__(
        self,
        settings: Inbound,
        hubs: Sequence[CallingHub],
        reception: Reception,
        *,
        times: Times = Times(),
        most: Most = Most(),
        mono_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._callers = tuple(hubs)
        self._reception = reception
        self._times = times
        self._most = most
        self._mono_s = mono_s
        self.listening = asyncio.Event()
        self.port = settings.port

    async def run(self) -> None:
        """Until it is cancelled. Raises NotListeningError and UnusableFilesError."""
        contexts = Contexts(ServerFiles.of(self._settings, (one.settings for one in self._callers)))
        decisions = Decisions(self._reception, most=self._most.decisions)
        app = self._app(decisions)
        shared = Shared(http_config(app), self._pins(), self._times.request_s)
        gate = Gate(Networks(self._settings.allow), self._rates(), self._most.connections)
        with self._bound() as sock:
            self.port = sock.getsockname()[1]
            listener = Listener(
                sock, contexts, lambda: HubConnection(shared), gate, lambda: len(shared.state.connections)
            )
            self.listening.set()
            log.info("hubs may call at %s port %d", self._settings.address, self.port)
            try:
                await listener.run()
            finally:
                self.listening.clear()
                await _end(shared, decisions, self._times.drain_s)

    def _pins(self) -> Pins:
        return Pins(
            *(
                Pin(one.dialect.hub, frozenset(one.settings.fingerprints), frozenset(one.settings.names))
                for one in self._callers
            )
        )

    def _rates(self) -> Rates:
        return Rates(
            per_minute=self._settings.requests_per_minute,
            per_address=self._settings.address_requests_per_minute,
            mono_s=self._mono_s,
        )

    def _app(self, decisions: Decisions) -> InboundApp:
        bounds, rates = Bounds(self._settings.max_body_bytes, self._times.answer_s), self._rates()
        routes = (HubRoutes(one.dialect, one.settings.prefix, decisions, rates, bounds) for one in self._callers)
        return InboundApp({one.dialect.hub: one for one in routes})

    def _bound(self) -> socket.socket:
        address = self._settings.address
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            sock = socket.create_server(
                (address, self._settings.port), family=family, backlog=_BACKLOG, dualstack_ipv6=address == "::"
            )
        except OSError as error:
            # Python adds to it the address, which the sentence names already.
            why = str(error.strerror or error).partition(" (while ")[0]
            raise NotListeningError(
                f"inbound.address {address} port {self._settings.port} cannot be listened at:"
                f" {why}; is another program there, or is the address not this machine's?"
            ) from error
        sock.setblocking(False)
        return sock


async def _end(shared: Shared, decisions: Decisions, within_s: float) -> None:
    """Idle connections go at once, answers in flight get their time, what is left then is cut."""
    for connection in tuple(shared.state.connections):
        connection.shutdown()
    try:
        async with asyncio.timeout(within_s):
            await decisions.ended()
            await _all(shared.state.tasks)
    except TimeoutError:
        log.warning("the inbound service ends, although %d requests have no answer", len(shared.state.tasks))
    finally:
        for connection in tuple(shared.state.connections):
            connection.transport.abort()


async def _all(tasks: set[asyncio.Task[None]]) -> None:
    if tasks:
        await asyncio.wait(tasks)
