"""The HTTPS line to one hub: a request in, out comes either a whole reply or the reason why there is none.

Whether a lost request may have arrived is decided by what happened, not by the exception that ended it: from the
moment that its first byte may leave, it may arrive. After 408 and 5xx the connection is not used again: the hub's
instance behind it may be going away. New certificate and key files are taken up by themselves, on a new connection.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from roampost.filestamp import FileStamp, file_stamp
from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.hubs.https.api_key import UnusableKeyError, read_api_key, without_key
from roampost.hubs.https.endpoint import Endpoint
from roampost.hubs.https.failures import no_reply
from roampost.hubs.https.tls import UnusableFilesError, context_for
from roampost.hubs.https.web import httpx

log = logging.getLogger(__name__)

BODY_MAX_BYTES = 256 * 1024
CONNECT_S = 5.0
POOL_S = 5.0
# What waits in the outbox uses seven at most (four sessions, statuses, data, prices). The others are for people: one
# who shows a card must never wait for a message that a silent hub does not answer.
LIMITS = httpx.Limits(max_connections=40, max_keepalive_connections=2, keepalive_expiry=30)
# identity: a bounded number of bytes is then a bounded answer.
HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
_UNUSABLE = (UnusableFilesError, UnusableKeyError)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP answer. body is None when it was longer than was asked for; it never holds our API key."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(slots=True)
class _Client:
    """A client with its users counted, so that one made from old files is closed when nobody needs it. key: which it
    shows."""

    http: httpx.AsyncClient
    key: str | None = field(default=None, repr=False)
    users: int = 0


class _Progress:
    """Notes by httpcore's trace whether a byte of the request may have left."""

    def __init__(self) -> None:
        self.may_have_left = False

    async def __call__(self, event: str, _info: Mapping[str, object]) -> None:
        if event == "http11.send_request_headers.started":
            self.may_have_left = True


class Line:
    def __init__(self, endpoint: Endpoint, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._endpoint = endpoint
        self._now = now
        self._current: _Client | None = None
        self._stamps: tuple[FileStamp, ...] = ()

    async def post(self, path: str, body: bytes, *, total_s: float, body_max: int = BODY_MAX_BYTES) -> Reply | Answer:
        """path follows the endpoint's url and may be empty; an Answer says why there is no reply.

        Never raises for the hub, the network or the files.
        """
        progress = _Progress()
        try:
            async with asyncio.timeout(total_s), self._lease() as client:
                return await self._exchange(client, path, body, progress, body_max)
        except _UNUSABLE as error:
            return Answer(Verdict.HOLD, Arrival.NO, str(error))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # TimeoutError and SSLError are OSErrors
            return no_reply(error, self._endpoint, may_have_left=progress.may_have_left, now=self._now())

    async def aclose(self) -> None:
        client, self._current = self._current, None
        if client is not None:
            await client.http.aclose()

    async def _exchange(self, client: _Client, path: str, body: bytes, progress: _Progress, body_max: int) -> Reply:
        url = self._endpoint.url.rstrip("/") + path
        request = client.http.build_request("POST", url, content=body, extensions={"trace": progress})
        response = await client.http.send(request, stream=True)
        try:
            content = await _bounded(response, body_max)
            if response.status_code == 408 or response.status_code >= 500:
                await response.extensions["network_stream"].aclose()
        finally:
            await response.aclose()
        said = None if content is None else without_key(content, client.key)
        return Reply(response.status_code, response.headers, said)

    @asynccontextmanager
    async def _lease(self) -> AsyncIterator[_Client]:
        old, client = self._current, self._newest()
        client.users += 1
        try:
            if old is not None and old is not client and not old.users:
                await old.http.aclose()
            yield client
        finally:
            client.users -= 1
            if client is not self._current and not client.users:
                await client.http.aclose()

    def _newest(self) -> _Client:
        stamps = _stamps(self._endpoint)
        if self._current is not None and stamps == self._stamps:
            return self._current
        try:
            newest = _open(self._endpoint)
        except _UNUSABLE as error:
            if self._current is None:
                raise
            # A renewal that is half copied: what works goes on, until the files change again.
            log.warning("hub %s: what the files held before stays in use. %s", self._endpoint.name, error)
            newest = self._current
        self._current, self._stamps = newest, stamps
        return newest


def _open(endpoint: Endpoint) -> _Client:
    steps = httpx.Timeout(endpoint.timeout_s, connect=min(CONNECT_S, endpoint.timeout_s), pool=POOL_S)
    key, headers = None, HEADERS
    if endpoint.api_key is not None:
        key = read_api_key(endpoint.api_key.path, f"hubs.{endpoint.name}.api_key_file")
        headers = HEADERS | {"Authorization": endpoint.api_key.form.format(key)}
    context = context_for(endpoint)
    return _Client(
        httpx.AsyncClient(verify=context, headers=headers, timeout=steps, limits=LIMITS, trust_env=False), key
    )


def _stamps(endpoint: Endpoint) -> tuple[FileStamp, ...]:
    return tuple(file_stamp(path) for path in endpoint.files())


async def _bounded(response: httpx.Response, body_max: int) -> bytes | None:
    """The raw body, or None when it is longer than body_max (the rest is not read)."""
    # Not aiter_raw: it gives the connection back to the pool at its end, before we know whether we want that.
    assert isinstance(response.stream, httpx.AsyncByteStream)
    content = bytearray()
    async for part in response.stream:
        content += part
        if len(content) > body_max:
            return None
    return bytes(content)
