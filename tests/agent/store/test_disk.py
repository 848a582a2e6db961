"""Power cuts, full disks, slow disks, damaged files. What was acknowledged stays; what was not keeps its place."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from roampost.store import reading
from roampost.store.changes import Who
from roampost.store.errors import StoreCorrupt, StoreDamaged, StoreFailed
from roampost.store.migrate import migrate, shipped_migrations
from roampost.store.store import Store
from tests.agent.store.makers import BOOT, WALL_MS, change, error, open_store

SUBMIT_FOR_EVER = """
import asyncio, itertools, sys
from pathlib import Path
from tests.agent.store.makers import change, error, open_store

async def main():
    store = open_store(Path(sys.argv[1]))
    for number in itertools.count():
        futures = [store.submit(change(error(text=f"{number}-{part}"))) for part in range(5)]
        for part, future in enumerate(futures):
            await future
            print(f"{number}-{part}", flush=True)

asyncio.run(main())
"""

FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from roampost.store.errors import StoreFailed
from tests.agent.store.makers import change, error, open_store

async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)

async def main():
    path = Path(sys.argv[1])
    store = open_store(path)
    await store.submit(change(error(text="0-" + "x" * 3000)))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = path.with_name(path.name + "-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, hard))
    futures = [store.submit(change(error(text=f"{number}-" + "x" * 3000))) for number in range(1, 30)]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert any(isinstance(outcome, StoreFailed) for outcome in outcomes), outcomes
    assert store.stalled_since_ms is not None
    late = store.submit(change(error(text="30-")))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await until(lambda: store.stalled_since_ms is None)
    await asyncio.wait([late])
    await store.submit(change(error(text="31-")))
    store.close()

asyncio.run(main())
"""


class GatedCommit(sqlite3.Connection):
    """A disk whose fsync takes as long as the gate is closed."""

    gate = threading.Event()
    entered = threading.Event()

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        if statement == "commit":
            self.entered.set()
            assert self.gate.wait(30)
        return super().execute(statement, *values)  # type: ignore[arg-type]


class FailingCommit(sqlite3.Connection):
    """A disk that fails the next commits."""

    failures = 0

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        if statement == "commit" and FailingCommit.failures > 0:
            FailingCommit.failures -= 1
            broken = sqlite3.OperationalError("disk I/O error")
            broken.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise broken
        return super().execute(statement, *values)  # type: ignore[arg-type]


def connect_with(factory: type[sqlite3.Connection], path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, factory=factory)
    migrate(connection, shipped_migrations())
    return connection


def numbers(path: Path) -> list[str]:
    connection = reading.open_readonly(path)
    rows = reading.outbox_rows(connection, limit=100_000)
    connection.close()
    return [row.body.split('"text":"')[1].split('"')[0].rstrip("x") for row in reversed(rows)]


def test_every_acknowledged_change_survives_a_kill(path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", SUBMIT_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline().strip() for _ in range(400)]
        child.kill()
        acknowledged += child.stdout.read().split("\n")[:-1]
    open_store(path).close()
    kept = numbers(path)
    assert kept[: len(acknowledged)] == acknowledged
    assert len(acknowledged) >= 400


def test_a_full_disk_keeps_the_order_and_loses_nothing(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert numbers(path) == [f"{number}-" for number in range(32)]


async def test_a_slow_disk_does_not_stop_the_loop_and_is_not_a_hang(path: Path) -> None:
    GatedCommit.gate.set()
    store = Store.open(
        path,
        now_wall_ms=lambda: WALL_MS,
        boot=BOOT,
        connect=lambda file: connect_with(GatedCommit, file),
    )
    GatedCommit.gate.clear()
    GatedCommit.entered.clear()
    slow = store.submit(change(error(text="slow")))
    assert await asyncio.to_thread(GatedCommit.entered.wait, 30)
    waiting = store.submit(change(error(text="waits")))
    assert not slow.done()
    GatedCommit.gate.set()
    await waiting
    await slow
    store.close()
    assert numbers(path) == ["slow", "waits"]


async def test_a_failed_commit_is_told_at_once_and_made_good_before_anything_later(path: Path) -> None:
    FailingCommit.failures = 0
    store = Store.open(
        path, now_wall_ms=lambda: WALL_MS, boot=BOOT, connect=lambda file: connect_with(FailingCommit, file)
    )
    FailingCommit.failures = 2
    with pytest.raises(StoreFailed, match="does not take writes"):
        await store.submit(change(error(text="first")))
    await asyncio.wait([store.submit(change(error(text="second")))])
    await store.live_rows("hub")
    assert store.stalled_since_ms is None
    store.close()
    assert numbers(path) == ["first", "second"]


async def test_closing_a_store_that_cannot_write_ends_and_says_so(path: Path) -> None:
    FailingCommit.failures = 0
    store = Store.open(
        path, now_wall_ms=lambda: WALL_MS, boot=BOOT, connect=lambda file: connect_with(FailingCommit, file)
    )
    FailingCommit.failures = 1_000_000
    with pytest.raises(StoreFailed):
        await store.submit(change(error(text="lost")))
    store.close()
    with pytest.raises(StoreFailed):
        await store.watch()
    open_store(path).close()


def spoil(path: Path) -> None:
    """Overwrite the second half of the file."""
    start = path.stat().st_size // 2
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * (path.stat().st_size - start))


async def test_damage_that_is_met_while_running_ends_the_store(store: Store, path: Path) -> None:
    for seq in range(1, 51):
        await store.submit(change(error(text="x" * 4000)))
        await store.discard(seq, "test", who=Who())
    store.close()
    spoil(path)
    damaged = open_store(path)
    with pytest.raises(StoreCorrupt, match="next start of the agent saves"):
        await damaged.submit(change(error(text="more")))
    with pytest.raises(StoreCorrupt):
        await damaged.watch()
    with pytest.raises(StoreCorrupt):
        await damaged.submit(change(error(text="still more")))
    damaged.close()


def test_damage_that_is_met_at_start_is_told_in_words(path: Path) -> None:
    open_store(path).close()
    spoil(path)
    with pytest.raises(StoreDamaged, match=r"is damaged .* keeps what can be read"):
        open_store(path)


def test_an_idle_writer_tells_the_watchdog_that_it_lives(path: Path) -> None:
    beats = threading.Semaphore(0)
    store = Store.open(path, now_wall_ms=lambda: WALL_MS, boot=BOOT, beat=beats.release)
    assert all(beats.acquire(timeout=30) for _ in range(4))
    store.close()
