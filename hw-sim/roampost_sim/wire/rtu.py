"""Modbus RTU as a slave line lives it: several units, one pair of wires, everything at the line's baud rate.

A pty delivers bytes at once; a wire does not. So each exchange is held back for the time that the request, the
silence, the unit's turnaround and the reply would have taken (Modbus over serial line, 2.5.1).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from roampost_sim.clock import Clock
from roampost_sim.wire.crc import crc_fits, with_crc
from roampost_sim.wire.faults import FaultKind, LineFaults
from roampost_sim.wire.pdu import answer
from roampost_sim.wire.pieces import reply_pieces
from roampost_sim.wire.unit import Unit

BROADCAST = 0
# Bytes further apart than this belong to different frames. A real slave waits 3.5 characters; on a pty the writer
# may be preempted between two writes, and the master's own time-out is longer than this.
FRAME_GAP_S = 0.1
T3_5_ABOVE_19200_S = 0.00175


@dataclass(frozen=True, slots=True)
class LineSettings:
    baud: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1

    @property
    def character_s(self) -> float:
        """Start bit, eight data bits, parity bit if any, stop bits."""
        return (1 + 8 + (self.parity != "N") + self.stop_bits) / self.baud

    @property
    def silence_s(self) -> float:
        """t3.5, the shortest gap between two frames."""
        return T3_5_ABOVE_19200_S if self.baud > 19200 else 3.5 * self.character_s

    def wire_s(self, length: int) -> float:
        return length * self.character_s


class Framer:
    """Bytes in, complete requests with a right CRC out. What does not fit is dropped without a word."""

    def __init__(self) -> None:
        self._buffer = b""
        self._last_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[bytes]:
        if now_s - self._last_s > FRAME_GAP_S:
            self._buffer = b""
        self._last_s = now_s
        self._buffer += data
        return self._frames()

    def _frames(self) -> list[bytes]:
        frames = []
        while self._buffer:
            length = request_length(self._buffer)
            if length is None or len(self._buffer) < length:
                break
            frame, self._buffer = self._buffer[:length], self._buffer[length:]
            if not crc_fits(frame):
                self._buffer = b""
                break
            frames.append(frame)
        return frames


def request_length(buffer: bytes) -> int | None:
    """Length of the request that the buffer begins with; None while that cannot be said."""
    if len(buffer) < 2:
        return None
    function = buffer[1]
    if 0x01 <= function <= 0x06:
        return 8
    if function in (0x0F, 0x10):
        return 9 + buffer[6] if len(buffer) > 6 else None
    # A function without a known length: the frame is what the CRC says it is.
    return len(buffer) if crc_fits(buffer) else None


class Port(Protocol):
    async def read(self) -> bytes: ...

    def write(self, data: bytes) -> None: ...


class RtuLine:
    """Serves the units of one line. `settle` lets the world catch up right before and after a unit acts."""

    def __init__(
        self, port: Port, settings: LineSettings, clock: Clock, settle: Callable[[], None] = lambda: None
    ) -> None:
        self.port = port
        self.settings = settings
        self.units: list[Unit] = []
        self.faults = LineFaults()
        self._clock = clock
        self._settle = settle

    async def run(self) -> None:
        framer = Framer()
        async with asyncio.TaskGroup() as exchanges:
            while True:
                data = await self.port.read()
                for frame in framer.feed(data, self._clock.now()):
                    exchanges.create_task(self.exchange(frame))

    async def exchange(self, frame: bytes) -> None:
        """One request, from its first byte on the wire to the last byte of the reply, if there is one."""
        if self.faults.take(FaultKind.ECHO, frame[0]):
            self.port.write(frame)
        await self._clock.sleep(self.settings.wire_s(len(frame)) + self.settings.silence_s)
        if frame[0] == BROADCAST:
            for unit in self.units:
                self._ask(unit, frame)
            return
        heard = [unit for unit in self.units if unit.unit_id == frame[0] and unit.powered]
        if not heard or self.faults.take(FaultKind.SILENT, frame[0]):
            return
        await self._reply(heard[0], with_crc(frame[:1] + self._ask(heard[0], frame)))

    def _ask(self, unit: Unit, frame: bytes) -> bytes:
        self._settle()
        pdu = answer(unit, frame[1:-2])
        self._settle()
        return pdu

    async def _reply(self, unit: Unit, reply: bytes) -> None:
        await self._clock.sleep(unit.turnaround_s + self.settings.wire_s(len(reply)))
        for wait_s, piece in reply_pieces(reply, self.faults, unit.unit_id):
            if wait_s:
                await self._clock.sleep(wait_s)
            self.port.write(piece)
