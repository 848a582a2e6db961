"""The inbound service as one task: bind, listen, answer, and end in order when it is cancelled.

The composition root makes it only when `[inbound]` is configured; importing this module brings starlette and uvicorn.
"""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from roampost.config.inbound import AnyInbound, HubInbound, Inbound, KeyInbound
from roampost.hubs.inbound import Denial, Dialect
from roampost.hubs.remote import Reception
from roampost.inbound.app import CLOSES, NOBODYS, Admission, Bounds, Denies, HubRoutes, InboundApp, denied
from roampost.inbound.bykey import ByKey
from roampost.inbound.caller import Pin, Pins
from roampost.inbound.decisions import Decisions
from roampost.inbound.http import HubConnection, Shared, http_config
from roampost.inbound.keys import ApiKeys
from roampost.inbound.limits import Networks, Rates
from roampost.inbound.listener import Gate, Listener
from roampost.inbound.tls import Contexts, ServerFiles
from roampost.supervise.supervisor import PlainError

log = logging.getLogger(__name__)
_BACKLOG = 64
# Refusals that are written down, of all addresses together.
_TOLD_PER_MINUTE = 10


class NotListeningError(PlainError):
    """The inbound service cannot listen; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class CallingHub:
    """A hub that may call, and its protocol."""

    settings: AnyInbound
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
        files = ServerFiles.of(self._settings, (one.settings for one in self._callers))
        contexts = Contexts(files)
        decisions = Decisions(self._reception, most=self._most.decisions)
        app = self.app(decisions)
        shared = Shared(http_config(app), self._pins(), self._times.request_s, files.unnamed)
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
                if isinstance(one.settings, HubInbound)
            )
        )

    def _rates(self) -> Rates:
        return Rates(
            per_minute=self._settings.requests_per_minute,
            per_address=self._settings.address_requests_per_minute,
            mono_s=self._mono_s,
        )

    def app(self, decisions: Decisions) -> InboundApp:
        """What answers requests, without sockets and TLS."""
        rates = self._rates()
        routes = {one.dialect.hub: self._routes(one, decisions, rates) for one in self._callers}
        keyed = {one.dialect.hub: one.settings for one in self._callers if isinstance(one.settings, KeyInbound)}
        pinned = {hub: one for hub, one in routes.items() if hub not in keyed}
        if not keyed:
            return InboundApp(pinned)
        return InboundApp(pinned, self._by_key(ApiKeys(keyed), [routes[hub] for hub in keyed], rates))

    def _routes(self, caller: CallingHub, decisions: Decisions, rates: Rates) -> HubRoutes:
        at_most = caller.dialect.body_max_bytes or self._settings.max_body_bytes
        bounds = Bounds(at_most, self._times.answer_s)
        return HubRoutes(caller.dialect, caller.settings.prefix, decisions, rates, bounds)

    def _by_key(self, keys: ApiKeys, hubs: Sequence[HubRoutes], rates: Rates) -> ByKey:
        strangers = rates.of_strangers()

        def refusal(dialect: Denies) -> Admission:
            return Admission(denied(dialect, Denial.NOT_ALLOWED, CLOSES), strangers, dialect, CLOSES)

        return ByKey(
            keys,
            apps={one.dialect.hub: one.app() for one in hubs},
            refusals={one.prefix + path: refusal(one.dialect) for one in hubs for path in one.dialect.paths},
            refusal=refusal(NOBODYS),
            told=Rates(per_minute=_TOLD_PER_MINUTE, per_address=1, mono_s=self._mono_s),
        )

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
