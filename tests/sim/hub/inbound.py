"""A minimal operator's inbound service: real TLS, mutual where the hub has a certificate, answers from a script.

One request on a connection. Written of asyncio streams alone: nothing of the hub judges the hub.
"""

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from roampost_sim.hub.server import Hub

Answer = bytes | dict[str, Any] | None


@dataclass(frozen=True)
class Call:
    """One request as it arrived; peer is the common name of the client's certificate."""

    method: str
    path: str
    headers: dict[str, str]
    text: bytes
    peer: str | None

    @property
    def body(self) -> Any:
        return json.loads(self.text)


def acknowledge(call: Call) -> Answer:
    asked = {name.lower(): value for name, value in call.body.items()}
    return {"Result": True, "StatusCode": {"Code": "000"}, "SessionID": asked["sessionid"]}


def refuse(code: str) -> Callable[[Call], Answer]:
    return lambda call: {"Result": False, "StatusCode": {"Code": code}}


def http(status: str, body: bytes = b"", length: int | None = None) -> bytes:
    told = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {told}\r\n\r\n".encode() + body


class InboundService:
    """answer is given each call: a dict goes out as JSON with 200, bytes as they are, None never."""

    def __init__(self, hub: Hub, answer: Callable[[Call], Answer] = acknowledge, *, mutual: bool = True) -> None:
        self.answer = answer
        self.heard: list[Call] = []
        self.arrived = asyncio.Event()
        self._hub = hub
        self._mutual = mutual
        self._closing = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/oicp"

    async def __aenter__(self) -> Self:
        pair = self._hub.certificates.operator("DEABC")
        trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self._hub.ca_file)
        trust.verify_mode = ssl.CERT_REQUIRED if self._mutual else ssl.CERT_NONE
        trust.load_cert_chain(pair.certificate, pair.key)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=trust)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._hub.calls.url = self.url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.close()
        await asyncio.gather(*self._tasks)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            call = await _read(reader, writer)
            self.heard.append(call)
            self.arrived.set()
            told = self.answer(call)
            if told is None:
                await self._closing.wait()
            else:
                writer.write(http("200 OK", json.dumps(told).encode()) if isinstance(told, dict) else told)
                await writer.drain()


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    text = await reader.readexactly(int(headers["content-length"]))
    certificate = writer.get_extra_info("peercert") or {}
    names = [value for group in certificate.get("subject", ()) for name, value in group if name == "commonName"]
    return Call(method, path, headers, text, next(iter(names), None))
