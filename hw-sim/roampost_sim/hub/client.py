"""One HTTP request of the hub to the operator, on a connection of its own: h11 on asyncio streams."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

_MOST_BODY_BYTES = 1_000_000
_CHUNK = 65_536


class NoAnswerError(Exception):
    """Why no whole answer came, in a few words."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is sent; everything in it may be wrong on purpose."""

    url: str
    body: bytes
    content_type: str = "application/json"
    method: str = "POST"
    authorization: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    http_status: int
    body: bytes


async def exchange(sent: Outgoing, trust: ssl.SSLContext | None, timeout_s: float) -> Heard:
    """trust is None where the url is plain http. Raises NoAnswerError."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _exchange(sent, trust)
    except TimeoutError:
        raise NoAnswerError(f"no answer within {timeout_s:g} s") from None
    except ssl.SSLError as error:
        raise NoAnswerError(f"TLS: {getattr(error, 'verify_message', None) or error.reason or error}") from None
    except OSError as error:
        raise NoAnswerError(error.strerror or str(error) or type(error).__name__) from None
    except h11.ProtocolError as error:
        raise NoAnswerError(f"no HTTP: {error}") from None


async def _exchange(sent: Outgoing, trust: ssl.SSLContext | None) -> Heard:
    url = urlsplit(sent.url)
    port = url.port or (80 if trust is None else 443)
    reader, writer = await asyncio.open_connection(url.hostname, port, ssl=trust)
    try:
        http = h11.Connection(h11.CLIENT)
        headers = [
            ("Host", url.netloc),
            ("Content-Type", sent.content_type),
            ("Content-Length", str(len(sent.body))),
            ("Connection", "close"),
        ]
        if sent.authorization is not None:
            headers.append(("Authorization", sent.authorization))
        target = f"{url.path}?{url.query}" if url.query else url.path
        events: list[h11.Event] = [h11.Request(method=sent.method, target=target, headers=headers)]
        events += [h11.Data(data=sent.body), h11.EndOfMessage()]
        writer.write(b"".join(http.send(event) or b"" for event in events))
        # A server that has read enough answers and closes; its answer is still to be heard.
        with suppress(ConnectionError):
            await writer.drain()
        return await _answer(http, reader)
    finally:
        writer.transport.abort()


async def _answer(http: h11.Connection, reader: asyncio.StreamReader) -> Heard:
    status, body = 0, bytearray()
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(_CHUNK)
            if not data and not status:
                raise NoAnswerError("the connection was closed without an answer")
            http.receive_data(data)
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _MOST_BODY_BYTES:
                raise NoAnswerError("the answer is too large")
        elif isinstance(event, h11.EndOfMessage):
            return Heard(status, bytes(body))
