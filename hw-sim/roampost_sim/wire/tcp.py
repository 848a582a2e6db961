"""Modbus TCP as a slave: MBAP frames on a real socket, one or many units behind it.

What is not Modbus TCP closes the connection; a unit that is not there stays silent, as behind a gateway.
"""

import asyncio
import struct
from collections.abc import Callable

from roampost_sim.clock import Clock
from roampost_sim.wire.faults import FaultKind, LineFaults
from roampost_sim.wire.pdu import answer
from roampost_sim.wire.pieces import reply_pieces
from roampost_sim.wire.unit import Unit

HEADER = struct.Struct(">HHHB")
LONGEST_PDU = 253


class NotModbusTcpError(Exception):
    """These bytes are not a Modbus TCP request."""


def decode_header(header: bytes) -> tuple[int, int, int]:
    """(transaction, length of the PDU that follows, unit)"""
    transaction, protocol, length, unit = HEADER.unpack(header)
    if protocol != 0 or not 2 <= length <= LONGEST_PDU + 1:
        raise NotModbusTcpError
    return transaction, length - 1, unit


def encode(transaction: int, unit: int, pdu: bytes) -> bytes:
    return HEADER.pack(transaction, 0, len(pdu) + 1, unit) + pdu


class TcpLine:
    """Serves its units on a port that the system chooses, and keeps that port over unplug and replug."""

    def __init__(self, host: str, port: int, clock: Clock, settle: Callable[[], None] = lambda: None) -> None:
        self.host, self.port = host, port
        self.units: list[Unit] = []
        self.faults = LineFaults()
        self._clock = clock
        self._settle = settle
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def plugged(self) -> bool:
        return self._server is not None

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    async def plug(self) -> None:
        self._server = await asyncio.start_server(self._accept, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                transaction, length, unit = decode_header(await reader.readexactly(HEADER.size))
                await self._exchange(transaction, unit, await reader.readexactly(length), writer)
        except (asyncio.IncompleteReadError, ConnectionError, NotModbusTcpError):
            pass
        finally:
            writer.transport.abort()

    async def _exchange(self, transaction: int, unit_id: int, pdu: bytes, writer: asyncio.StreamWriter) -> None:
        heard = [unit for unit in self.units if unit.unit_id == unit_id and unit.powered]
        if not heard or self.faults.take(FaultKind.SILENT, unit_id):
            return
        self._settle()
        reply = answer(heard[0], pdu)
        self._settle()
        await self._clock.sleep(heard[0].turnaround_s)
        if self.faults.take(FaultKind.WRONG_TRANSACTION, unit_id):
            transaction = (transaction - 1) & 0xFFFF
        for wait_s, piece in reply_pieces(encode(transaction, unit_id, reply), self.faults, unit_id):
            if wait_s:
                await self._clock.sleep(wait_s)
            writer.write(piece)
            await writer.drain()
