"""Running a real bus for a test: short time-outs, and waiting for a condition instead of for a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from roampost_drivers.bus import Bus
from roampost_drivers.errors import DriverError
from roampost_drivers.line.links import Link, RtuLink

GENEROUS_S = 20.0


def quick(port: str, *, timeout_s: float = 0.5, settle_s: float = 0.05, baud: int = 115200) -> RtuLink:
    """A link with a short patience."""
    return RtuLink(port, baud=baud, timeout_s=timeout_s, settle_s=settle_s)


@asynccontextmanager
async def owned(link: Link, *, rests_s: tuple[float, ...] = (0.0,), up: bool = True) -> AsyncIterator[Bus]:
    """A bus whose owner runs; open when `up`."""
    bus = Bus(link, reopen_s=0.01, rests_s=rests_s)
    owner = asyncio.create_task(bus.run())
    try:
        if up:
            await until(lambda: bus.health.line_up)
        yield bus
    finally:
        owner.cancel()
        with suppress(asyncio.CancelledError):
            await owner


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come to pass; fails after a generous time."""
    async with asyncio.timeout(GENEROUS_S):
        while not condition():  # noqa: ASYNC110 - what we wait for has no event of its own
            await asyncio.sleep(0.001)


async def outcome(bus: Bus, unit: int, address: int, count: int = 2) -> tuple[int, ...] | type[DriverError]:
    """What a read came to: its words, or the kind of its error."""
    try:
        return await bus.read(unit, 3, address, count)
    except DriverError as error:
        return type(error)
