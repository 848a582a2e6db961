"""One seed: a life is recorded, then its power is cut at every operation of its disk, in every mode.

A cut is made on the record: what the disk held at that operation is the same as if the process had died there. Every
fourth disk is lived on with for a while, and its power cut again.
"""

import asyncio
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.powercut.crash import Mode, Platter
from tests.powercut.disk import Disk, Image, Synced, Written
from tests.powercut.recovery import Finding, recover
from tests.powercut.station import Station
from tests.powercut.vfs import URI, VFS
from tests.powercut.witness import Life
from tests.powercut.workload import Workload

VERSION_1 = Path(__file__).parents[1] / "agent" / "store" / "version1.sql"
_CHECKPOINTS = (10, 40, 1000)
_AGAIN = 0.25
# Calls of a life; many enough that the WAL is copied back and begun anew several times.
_GROUPS = 140
_GROUPS_AFTER = 4
_SESSIONS_BEFORE = 1000
_SHOWN = 5  # findings of one seed that are written out


@dataclass
class Tally:
    """What one seed has come to. images: how many different disks its cuts have left; met: what happened before."""

    seed: int
    operations: int = 0
    writes: int = 0
    syncs: int = 0
    commits: int = 0
    cuts: int = 0
    again: int = 0
    seconds: float = 0.0
    images: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)

    def find(self, finding: Finding | None, where: str) -> None:
        if finding is not None:
            self.wrong[finding.wrong] += 1
            if len(self.findings) < _SHOWN:
                self.findings.append(f"{where}: {finding.wrong}: {finding.text}")


def sweep(seed: int, most: int, folder: Path) -> Tally:
    """At most so many cuts, then at places by lot."""
    began, tally, rng = time.monotonic(), Tally(seed), Random(seed)
    base, life, tally.met = record(seed, folder)
    journal = life.disk.journal
    tally.operations, tally.commits = len(journal), len(life.snapshots) - 1
    tally.writes = sum(isinstance(one, Written) for one in journal)
    tally.syncs = sum(isinstance(one, Synced) for one in journal)
    points = [(at, mode) for at in range(len(journal) + 1) for mode in Mode]
    if len(points) > most:
        points = sorted(rng.sample(points, most))
    platter, done, seen = Platter(base), 0, set[int]()
    for at, mode in points:
        for operation in journal[done:at]:
            platter.advance(operation)
        done = at
        image = platter.cut(mode, rng)
        seen.add(hash(frozenset(image.items())))
        _power_returns(image, life, at, f"seed {seed}, operation {at}, {mode}", tally, rng, folder)
    tally.images, tally.seconds = len(seen), time.monotonic() - began
    return tally


def record(seed: int, folder: Path) -> tuple[Image, Life, Counter[str]]:
    """What its disk held before, the life, and what happened in it.

    Every third life begins with what version 1 of the schema left behind.
    """
    rng = Random(seed)
    base = _version_1() if seed % 3 == 0 else {}
    life = Life(Disk(base), checkpoint_pages=rng.choice(_CHECKPOINTS))
    station = Station(life, folder / "recorded.db")
    met = _live(Workload(station, rng), _GROUPS)
    return base, life, met


def _live(workload: Workload, groups: int) -> Counter[str]:
    try:
        asyncio.run(workload.live(groups))
    finally:
        workload.station.store.close()
    return workload.met


def _power_returns(image: Image, life: Life, at: int, where: str, tally: Tally, rng: Random, folder: Path) -> None:
    tally.cuts += 1
    finding = recover(image, life.snapshots, at, folder / "recovered.db", "boot-after")
    tally.find(finding, where)
    if finding is None and rng.random() < _AGAIN:
        tally.cuts += 1
        tally.again += 1
        tally.find(_cut_again(image, rng, folder), f"{where}, and once more")


def _cut_again(image: Image, rng: Random, folder: Path) -> Finding | None:
    """Anywhere in the recovery, or in the calls that follow it."""
    life = Life(Disk(image), checkpoint_pages=rng.choice(_CHECKPOINTS))
    station = Station(life, folder / "lived-on.db", "boot-again")
    _live(Workload(station, rng, numbers=_SESSIONS_BEFORE), _GROUPS_AFTER)
    at = rng.randint(0, len(life.disk.journal))
    platter = Platter(image)
    for operation in life.disk.journal[:at]:
        platter.advance(operation)
    return recover(platter.cut(rng.choice(list(Mode)), rng), life.snapshots, at, folder / "recovered.db", "boot-after")


def _version_1() -> Image:
    VFS.disk = disk = Disk()
    with closing(sqlite3.connect(URI, uri=True, isolation_level=None)) as connection:
        connection.executescript(VERSION_1.read_text("utf-8"))
    return {name: bytes(data) for name, data in disk.files.items()}
