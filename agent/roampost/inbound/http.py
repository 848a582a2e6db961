"""uvicorn's HTTP/1.1 protocol with what it lacks: who calls, and an end to requests that never become whole.

uvicorn gives the peer's certificate to nobody, so it is looked at here, when TLS is done and before a byte of HTTP is
read; the hub's name then stands in every request's state. Who shows one that is not pinned is told nothing. Who shows
none may go on where a hub is recognised by its key, and is nobody until a request shows one.
"""

import asyncio
import logging
import ssl
from contextlib import suppress
from dataclasses import dataclass, field

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from roampost.inbound.caller import CALLER, Pins, certificate_of

log = logging.getLogger(__name__)
HEAD_MAX_BYTES = 16 * 1024
KEEP_ALIVE_S = 60
# A list of cards is long and a station's line may be slow: each such part of a body has the time of a request.
PART_BYTES = 64 * 1024


def http_config(app: object) -> Config:
    """No header that names the software, no log of its own, no lifespan, no WebSocket, no trust in proxies."""
    config = Config(
        app,  # type: ignore[arg-type]  # ASGI, whose types are written anew by everybody
        http=HubConnection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        workers=1,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        h11_max_incomplete_event_size=HEAD_MAX_BYTES,
    )
    config.load()
    return config


@dataclass(slots=True)
class Shared:
    """What all connections of the service have in common. request_s: from the first byte to the last of a request, or
    of the next part of a long one. unnamed: whether a connection without a certificate is served."""

    config: Config
    pins: Pins
    request_s: float
    unnamed: bool = False
    state: ServerState = field(default_factory=ServerState)


class HubConnection(H11Protocol):
    """One connection; closed at once unless its certificate is pinned, or none is needed."""

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared.config, shared.state, {})
        self._pins = shared.pins
        self._request_s = shared.request_s
        self._unnamed = shared.unnamed
        self._whole_by: asyncio.TimerHandle | None = None
        self._part_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        if not self._admitted(transport.get_extra_info("ssl_object")):
            transport.close()
            return
        self._hurry()

    def _admitted(self, tls: ssl.SSLObject | None) -> bool:
        if tls is None:
            return False
        der = tls.getpeercert(binary_form=True)
        if der is None:
            return self._unnamed
        certificate = certificate_of(der, tls.getpeercert() or {})
        hub = self._pins.hub_of(certificate)
        if hub is None:
            log.warning(
                "%s: refused, because this certificate is not pinned: %s; if this is the hub, pin it in"
                " [hubs.<name>.inbound]",
                self._address,
                certificate,
            )
            return False
        self.app_state = {CALLER: hub}
        return True

    @property
    def _address(self) -> str:
        return (self.client or ("somebody", 0))[0]

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():  # bytes that came before the close did
            return
        super().data_received(data)
        self._count(len(data))
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def _count(self, came_bytes: int) -> None:
        """Let the timer begin anew with each part of a body."""
        self._part_bytes = self._part_bytes + came_bytes if self.conn.their_state is h11.SEND_BODY else 0
        if self._part_bytes >= PART_BYTES:
            self._part_bytes = 0
            self._unwatch()

    def _watch(self) -> None:
        """Run the timer exactly while a request has begun and is not whole, and before the first one."""
        between = self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]
        if between and self.timeout_keep_alive_task is None:
            # The rest of a request came after its answer: the inherited protocol waits for ever then.
            self.timeout_keep_alive_task = self.loop.call_later(KEEP_ALIVE_S, self.timeout_keep_alive_handler)
        if between or self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._unwatch()
        elif self._whole_by is None:
            self._hurry()

    def _hurry(self) -> None:
        self._whole_by = self.loop.call_later(self._request_s, self._too_slow)

    def _unwatch(self) -> None:
        if self._whole_by is not None:
            self._whole_by.cancel()
            self._whole_by = None

    def _too_slow(self) -> None:
        who = self.app_state.get(CALLER, self._address)
        log.info("%s: closed, because no whole request came within %g s", who, self._request_s)
        self.transport.abort()

    def shutdown(self) -> None:
        with suppress(h11.LocalProtocolError):  # of a connection whose HTTP has failed already
            super().shutdown()

    def _should_upgrade(self) -> bool:
        # The inherited one advises in the log to install packages.
        return False
