"""One connection of a client: HTTP/1.1 by h11 on asyncio streams, with the ways to misbehave that faults need."""

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass

import h11

from roampost_sim.hub.answers import Answer, Ending

_MOST_BODY_BYTES = 4_000_000
_CHUNK = 65_536


class BadRequestError(Exception):
    """What came is no HTTP request that the hub reads."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    method: str
    path: str
    query: str
    content_type: str
    body: bytes
    authorization: str | None


class Line:
    """Requests in, answers out, one at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    @property
    def peer_name(self) -> str | None:
        """The common name in the client's certificate, None without one."""
        certificate = self._writer.get_extra_info("peercert") or {}
        pairs = [pair for name in certificate.get("subject", ()) for pair in name]
        return next((value for name, value in pairs if name == "commonName"), None)

    async def request(self) -> RawRequest | None:
        """The next request, complete; None when the client is done. Raises BadRequestError, ConnectionError."""
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = await self._event()
            if isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > _MOST_BODY_BYTES:
                    raise BadRequestError("the body is too large")
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return _raw(head, bytes(body))
            else:
                return None

    async def answer(self, answer: Answer, process_id: str | None) -> bool:
        """Play the answer; whether all of it went out while the client was there."""
        if answer.ending is Ending.HANG:
            await self._gone_within(None)
            return False
        if answer.ending is Ending.RESET:
            self.reset()
            return False
        if answer.delay_ms and await self._gone_within(answer.delay_ms / 1000):
            return False
        if answer.ending is Ending.CUT:
            await self._cut(answer, process_id)
            return False
        return await self._send(self._bytes(answer, process_id), answer.trickle_ms)

    def next(self) -> bool:
        """Whether the connection can carry another request."""
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            return True
        return False

    def reset(self) -> None:
        """Close with a TCP reset."""
        raw = self._writer.get_extra_info("socket")
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError, TimeoutError):
            await self._writer.wait_closed()

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                raise BadRequestError(str(error)) from None
            if not isinstance(event, type) or event is h11.PAUSED:
                return event
            if self._http.they_are_waiting_for_100_continue:
                go_on = self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
                self._writer.write(go_on or b"")
            self._http.receive_data(await self._reader.read(_CHUNK))

    async def _gone_within(self, wait_s: float | None) -> bool:
        """Wait; True as soon as the client closes the connection."""
        try:
            async with asyncio.timeout(wait_s):
                while early := await self._reader.read(_CHUNK):
                    self._http.receive_data(early)
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    async def _send(self, payload: bytes, trickle_ms: int | None) -> bool:
        try:
            if trickle_ms is None:
                self._writer.write(payload)
                await self._writer.drain()
                return True
            # No wait after the last byte: the client has its answer then and may go on.
            for i in range(len(payload)):
                if i and await self._gone_within(trickle_ms / 1000):
                    return False
                self._writer.write(payload[i : i + 1])
                await self._writer.drain()
        except ConnectionError:
            return False
        return True

    async def _cut(self, answer: Answer, process_id: str | None) -> None:
        whole = self._bytes(answer, process_id)
        await self._send(whole[: -(len(answer.body) // 2)], None)
        await self.close()

    def _bytes(self, answer: Answer, process_id: str | None) -> bytes:
        headers = {
            "Content-Type": answer.content_type,
            "Content-Length": str(len(answer.body)),
            **({"Process-ID": process_id} if process_id else {}),
        } | dict(answer.headers or {})
        head = h11.Response(status_code=answer.http_status, headers=list(headers.items()))
        events: list[h11.Event] = [head, h11.Data(data=answer.body), h11.EndOfMessage()]
        return b"".join(self._http.send(event) or b"" for event in events)


def _raw(head: h11.Request, body: bytes) -> RawRequest:
    headers = {name.lower(): value for name, value in head.headers}
    authorization = headers.get(b"authorization")
    path, _, query = head.target.decode("ascii").partition("?")
    return RawRequest(
        head.method.decode("ascii"),
        path,
        query,
        headers.get(b"content-type", b"").decode("latin-1"),
        body,
        None if authorization is None else authorization.decode("latin-1"),
    )
