"""What several tests of the simulator need: hex, a master's end of a pty, a port that only remembers."""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roampost_sim.actions import do
from roampost_sim.clock import ManualClock
from roampost_sim.commands import parse
from roampost_sim.station import Station
from roampost_sim.station_file import StationPlan
from roampost_sim.wire.crc import with_crc

A_WHILE_S = 20

TWO_UNITS: dict[str, Any] = {
    "lines": {"bus": {"kind": "rtu", "link": "bus"}, "io": {"kind": "tcp"}},
    "evses": {
        "1": {
            "controller": {"line": "bus", "unit": 1},
            "meter": {"line": "bus", "unit": 11, "energy_wh": 1000.0, "display_step_s": 0},
        }
    },
    "modules": {"inputs": {"line": "io", "unit": 21}},
    "readers": {"front": {"link": "reader"}},
    "contacts": {
        "rcd": {"module": "inputs", "input": 1, "opens": ["1"]},
        "door": {"module": "inputs", "input": 2, "contact": "NO"},
        "mirror": {"module": "inputs", "input": 3, "mirrors": "1"},
    },
    "cars": {"quick": {"power_w": 3600, "reacts_s": 0}},
}


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


def framed(text: str) -> bytes:
    """An RTU frame from its hex without CRC."""
    return with_crc(raw(text))


@dataclass(slots=True)
class Collector:
    """A port whose other end writes everything down, with the time of each piece."""

    clock: ManualClock
    pieces: list[tuple[float, bytes]] = field(default_factory=list)

    async def read(self) -> bytes:
        raise NotImplementedError("requests are handed to the line directly")

    def write(self, data: bytes) -> None:
        self.pieces.append((self.clock.now(), data))


class Master:
    """Whoever opens the device node: raw bytes, no Modbus library."""

    def __init__(self, path: Path | str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def write(self, data: bytes) -> None:
        os.write(self._fd, data)

    async def read(self, count: int) -> bytes:
        """Exactly so many bytes; OSError when the adapter is pulled out."""
        data = b""
        async with asyncio.timeout(A_WHILE_S):
            while len(data) < count:
                await self._readable()
                chunk = os.read(self._fd, count - len(data))
                if not chunk:
                    raise OSError("hung up")
                data += chunk
        return data

    async def ask(self, request: bytes, length: int) -> bytes:
        self.write(request)
        return await self.read(length)

    def close(self) -> None:
        os.close(self._fd)

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._fd, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._fd)


@dataclass(slots=True)
class World:
    """A station on a manual clock, and what its record says."""

    station: Station
    clock: ManualClock
    events: list[dict[str, Any]]

    async def do(self, **command: Any) -> dict[str, Any]:
        return await do(self.station, parse(command))

    def named(self, event: str) -> list[dict[str, Any]]:
        return [entry for entry in self.events if entry["event"] == event]


def world(directory: Path, plan: dict[str, Any] | None = None) -> World:
    clock, events = ManualClock(1000.0), list[dict[str, Any]]()
    station = Station(
        StationPlan.model_validate(plan or TWO_UNITS),
        directory,
        lambda entry: events.append(dict(entry)),
        clock=clock,
        ticking=False,
    )
    return World(station, clock, events)
