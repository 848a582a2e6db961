"""A Modbus TCP peer on a real socket, made from the protocol's text."""

import asyncio
from types import TracebackType
from typing import Self

from roampost_drivers.line.links import TcpLink
from tests.drivers.slaves import Registers, honest, own_address


class Gateway:
    """Answers every unit; `silent` answers nobody, `stale_first` sends an older transaction's reply before each."""

    def __init__(self, *, silent: bool = False, stale_first: bool = False, registers: Registers = own_address) -> None:
        self.silent = silent
        self.requests: list[bytes] = []
        self._stale_first = stale_first
        self._registers = registers
        self._writers: list[asyncio.StreamWriter] = []
        self._port = 0

    @property
    def link(self) -> TcpLink:
        return TcpLink("127.0.0.1", self._port, timeout_s=5.0)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()
        self._server.close()
        await self._server.wait_closed()

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while True:
                header = await reader.readexactly(6)
                request = await reader.readexactly(int.from_bytes(header[4:6], "big"))
                self.requests.append(request)
                if not self.silent:
                    writer.write(self._reply(header[:2], request))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _reply(self, transaction: bytes, request: bytes) -> bytes:
        body = honest(request + b"\0\0", self._registers)[:-2]
        reply = transaction + b"\0\0" + len(body).to_bytes(2, "big") + body
        if not self._stale_first:
            return reply
        older = (int.from_bytes(transaction, "big") + 1000).to_bytes(2, "big")
        wrong = body[:3] + bytes(len(body) - 3)
        return older + b"\0\0" + len(wrong).to_bytes(2, "big") + wrong + reply
