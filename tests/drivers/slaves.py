"""Modbus slaves on real ptys, made from the protocol's text and not from our driver: one fault, one fake."""

import asyncio
import os
import random
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from typing import Final

Registers = Callable[[int, int, int], int]
"""(unit, function, address) to the value of a register or bit."""


def crc(frame: bytes) -> bytes:
    """The frame with its CRC-16/MODBUS, low byte first."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return frame + value.to_bytes(2, "little")


def fields(request: bytes) -> tuple[int, int, int, int]:
    """Unit, function, address and count (or value) of a request."""
    return request[0], request[1], int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big")


def own_address(_unit: int, _function: int, address: int) -> int:
    """A register holds its own address: a wrong answer shows at once."""
    return address


def honest(request: bytes, registers: Registers = own_address) -> bytes:
    """The right answer to a request."""
    unit, function, address, count = fields(request)
    if function in (5, 6, 16):
        return crc(request[:6])
    values = [registers(unit, function, address + index) for index in range(count)]
    if function in (3, 4):
        data = b"".join(value.to_bytes(2, "big") for value in values)
    else:
        packed = sum((value & 1) << index for index, value in enumerate(values))
        data = packed.to_bytes((count + 7) // 8, "little")
    return crc(bytes((unit, function, len(data))) + data)


class Pty:
    """A pty pair; the master is ours, the driver opens the slave by its name. `vanish` unplugs it."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.port: Final = os.ttyname(self._slave)
        self._open = True

    def vanish(self) -> None:
        if self._open:
            self._open = False
            with suppress(RuntimeError):
                asyncio.get_running_loop().remove_reader(self.master)
            os.close(self._slave)
            os.close(self.master)

    def write(self, data: bytes) -> None:
        if self._open:
            os.write(self.master, data)


class Slave:
    """Takes whole requests off a pty and lets `on_request` deal with each; keeps what it saw and when.

    `gaps_s` are the silences before each request, since the last byte that the slave sent.
    """

    def __init__(self, on_request: "Callable[[Slave, bytes], None]") -> None:
        self.pty: Final = Pty()
        self.requests: list[bytes] = []
        self.gaps_s: list[float] = []
        self._sent_s: float | None = None
        self._buffer = b""
        self._on_request = on_request
        asyncio.get_running_loop().add_reader(self.pty.master, self._readable)

    def send(self, data: bytes) -> None:
        self._sent_s = time.monotonic()
        self.pty.write(data)

    def send_later(self, delay_s: float, data: bytes) -> None:
        asyncio.get_running_loop().call_later(delay_s, self.send, data)

    def _readable(self) -> None:
        try:
            data = os.read(self.pty.master, 512)
        except OSError:
            asyncio.get_running_loop().remove_reader(self.pty.master)
            return
        if not self._buffer and self._sent_s is not None:
            self.gaps_s.append(time.monotonic() - self._sent_s)
        self._buffer += data
        while (length := _request_length(self._buffer)) and len(self._buffer) >= length:
            request, self._buffer = self._buffer[:length], self._buffer[length:]
            assert crc(request[:-2]) == request, f"the driver sent a frame with a wrong CRC: {request.hex(' ')}"
            self.requests.append(request)
            self._on_request(self, request)


def _request_length(data: bytes) -> int | None:
    if len(data) < 7:
        return None
    return 9 + data[6] if data[1] == 16 else 8


def answer_at_once(slave: Slave, request: bytes) -> None:
    slave.send(honest(request))


def stay_silent(_slave: Slave, _request: bytes) -> None:
    """A unit that is not there."""


class LateReply:
    """Every reply is right; a fifth comes later than the time-out (seeded): `late_s` is (from, to)."""

    def __init__(self, seed: int, late_s: tuple[float, float], registers: Registers = own_address) -> None:
        self._random = random.Random(seed)
        self._late_s = late_s
        self._registers = registers

    def __call__(self, slave: Slave, request: bytes) -> None:
        late = self._random.random() < 0.2
        delay_s = self._random.uniform(*self._late_s) if late else self._random.choice((0.001, 0.002, 0.005))
        slave.send_later(delay_s, honest(request, self._registers))


class Units:
    """Several units on one line; those that are not named are not there."""

    def __init__(self, **alive: Callable[[Slave, bytes], None]) -> None:
        self.alive = {int(name.removeprefix("unit")): answer for name, answer in alive.items()}

    def __call__(self, slave: Slave, request: bytes) -> None:
        self.alive.get(request[0], stay_silent)(slave, request)
