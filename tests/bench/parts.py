"""Parts of the agent alone: what of a serial line's time carries frames, how many commits a second the disk takes."""

import asyncio
import time
from pathlib import Path

from roampost.domain.messages import EvseStatus, StatusMessage
from roampost.domain.stamp import Stamp
from roampost.outbox.classes import draft
from roampost.store.changes import Change
from roampost.store.store import Store
from roampost_drivers.bus import Bus
from roampost_drivers.line.links import RtuLink

SECONDS = 5.0
# Registers 1000-1006 of the controller and the energy of the meter, asked in turn as fast as the line goes.
QUESTIONS = ((1, 3, 1000, 7), (11, 4, 0x48, 2))
THINKS_S = 0.02
COMMITS = 300


def line_use_percent(port: Path) -> float:
    """The time that frames and the device's thinking need, of the time that passed."""
    return asyncio.run(_line_use(RtuLink(str(port))))


async def _line_use(link: RtuLink) -> float:
    bus = Bus(link)
    owner = asyncio.create_task(bus.run())
    try:
        while not bus.health.line_up:  # noqa: ASYNC110 - a bus tells its health to those who look
            await asyncio.sleep(0.01)
        began_s, needed_s = time.monotonic(), 0.0
        while time.monotonic() - began_s < SECONDS:
            for unit, function, address, count in QUESTIONS:
                await bus.read(unit, function, address, count)
                needed_s += (8 + 5 + 2 * count) * link.character_s + link.gap_s + THINKS_S
        return 100 * needed_s / (time.monotonic() - began_s)
    finally:
        owner.cancel()
        await asyncio.wait((owner,))


def commits_per_second(folder: Path) -> float:
    """One status after the other, each waited for."""
    return asyncio.run(_commits(folder / "commits.db"))


async def _commits(database: Path) -> float:
    store = Store.open(database, now_wall_ms=_wall_ms, boot="bench")
    try:
        stamp = Stamp(boot="bench", mono_ms=0, wall_ms=_wall_ms(), trusted=True)
        message = draft("hub", StatusMessage(evse_id="DE*ABC*E1*1", status=EvseStatus.AVAILABLE))
        began_s = time.monotonic()
        for _ in range(COMMITS):
            await store.submit(Change(stamp, drafts=(message,)))
        return COMMITS / (time.monotonic() - began_s)
    finally:
        store.close()


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
