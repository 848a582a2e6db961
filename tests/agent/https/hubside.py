"""The hub's side of the wire, on real TLS sockets of the loopback: one step of the script answers one request."""

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

from tests.agent.certs import Certificates, Pair


@dataclass(frozen=True)
class Say:
    """A whole answer. farewell: the connection is closed after it without having been announced."""

    status: int = 200
    body: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    farewell: bool = False


@dataclass(frozen=True)
class Raw:
    """Just these bytes, and the end of the connection."""

    sent: bytes = field(repr=False)


@dataclass(frozen=True)
class Hang:
    """No answer, for as long as the server lives."""


@dataclass(frozen=True)
class Drip:
    """An answer that goes on for ever, in time for every single read."""


@dataclass(frozen=True)
class Reset:
    """The connection is torn down after the request was read."""


Step = Say | Raw | Hang | Drip | Reset


def ack(code: str = "000", *, result: bool | None = None, **more: object) -> Say:
    said = {"Result": code == "000" if result is None else result, "StatusCode": {"Code": code}, **more}
    return Say(200, json.dumps(said).encode(), (("Process-ID", "p-1"),))


@dataclass(frozen=True)
class Asked:
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int
    client_name: str | None


@dataclass
class ScriptedHub:
    script: list[Step]
    port: int = 0
    connections: int = 0
    asked: list[Asked] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/api/oicp"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                while await self._answer(number, reader, writer):
                    pass
        finally:
            writer.close()
            with suppress(OSError):  # of a client that does not say goodbye either
                await writer.wait_closed()
            self.gone.set()

    async def _answer(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.asked.append(await _request(number, reader, writer))
        step = self.script.pop(0)
        self.heard.set()
        match step:
            case Say():
                writer.write(_whole(step))
                await writer.drain()
                return not step.farewell
            case Raw(sent):
                writer.write(sent)
                await writer.drain()
            case Hang():
                await asyncio.Event().wait()
            case Reset():
                writer.transport.abort()
            case Drip():
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while True:
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.02)
        return False


async def _request(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked:
    head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
    body = await reader.readexactly(int(headers["content-length"]))
    subject = dict(pair for (pair,) in (writer.get_extra_info("peercert") or {}).get("subject", ()))
    return Asked(head.split(" ")[1], headers, body, number, subject.get("commonName"))


def _whole(step: Say) -> bytes:
    head = [f"HTTP/1.1 {step.status} Said", f"Content-Length: {len(step.body)}"]
    head += [f"{name}: {value}" for name, value in step.headers]
    return "\r\n".join([*head, "", ""]).encode("ascii") + step.body


def server_context(
    certificates: Certificates, pair: Pair | None = None, asks: ssl.VerifyMode = ssl.CERT_REQUIRED
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own = pair or certificates.server
    context.load_cert_chain(own.cert, own.key)
    context.load_verify_locations(certificates.ca)
    context.verify_mode = asks
    return context


@asynccontextmanager
async def scripted(
    certificates: Certificates,
    *steps: Step,
    pair: Pair | None = None,
    version: ssl.TLSVersion | None = None,
    asks: ssl.VerifyMode = ssl.CERT_REQUIRED,
) -> AsyncIterator[ScriptedHub]:
    """asks: whether a client certificate is wanted."""
    hub = ScriptedHub(list(steps))
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(hub.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    context = server_context(certificates, pair, asks)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context, ssl_shutdown_timeout=0.1)
    hub.port = server.sockets[0].getsockname()[1]
    try:
        yield hub
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def refusing(context: ssl.SSLContext) -> Iterator[int]:
    """Refuses one TLS handshake and sees to it that the alert arrives. Yields the port.

    A plain thread, because asyncio drops the alert of a handshake that it fails.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_refuse, args=(listener, context))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join(timeout=30)
            assert not thread.is_alive()


def _refuse(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    with context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as tls:
        with suppress(ssl.SSLError):
            tls.do_handshake()
        with suppress(OSError):
            tls.shutdown(socket.SHUT_WR)
            while tls.recv(4096):  # what is left unread would turn the close into a reset that overtakes the alert
                pass


@contextmanager
def silent() -> Iterator[int]:
    """Accepts connections (the kernel does) and never says a word. Yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
