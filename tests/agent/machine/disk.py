"""The real store in lockstep with the machine: its thread writes only while the machine lets it, and then everything.

So a held disk is one that is not let, every commit falls at a point that the machine knows, and a killed process is a
copy of what its files held at such a point.
"""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from roampost.store import sql
from roampost.store.migrate import migrate, shipped_migrations
from roampost.store.store import Store
from roampost.store.work import Job, Work
from tests.agent.machine.clock import SimClock

T = TypeVar("T")
PATIENCE_S = 60.0  # real: only a bug lets the writer's thread take so long


class Gate:
    """`pass_through` is called by the writer's thread before every commit."""

    def __init__(self) -> None:
        self.failing = False
        self._open = threading.Event()
        self._parked = threading.Event()

    def pass_through(self) -> None:
        if not self._open.is_set():
            self._parked.set()
        assert self._open.wait(PATIENCE_S)

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def fail_once(self) -> None:
        """Let one commit be tried and fail; the next one waits here."""
        self._parked.clear()
        self.failing = True
        self._open.set()
        assert self._parked.wait(PATIENCE_S)

    def connect(self, path: Path) -> sqlite3.Connection:
        """As the store does it, but for the commits that fail."""
        gate = self

        class Troubled(sqlite3.Connection):
            def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
                if statement == sql.COMMIT and gate.failing:
                    gate.failing = False
                    gate.shut()
                    broken = sqlite3.OperationalError("disk I/O error")
                    broken.sqlite_errorcode = sqlite3.SQLITE_IOERR
                    raise broken
                return super().execute(statement, *values)  # type: ignore[arg-type]

        connection = sqlite3.connect(path, isolation_level=None, factory=Troubled)
        for pragma in sql.WRITER_PRAGMAS:
            connection.execute(pragma).fetchall()
        migrate(connection, shipped_migrations())
        return connection


class WatchedStore(Store):
    """Knows what was handed to its writer and is not written yet."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._waiting: list[Future[Any]] = []

    def outstanding(self) -> bool:
        self._waiting = [one for one in self._waiting if not one.done()]
        return bool(self._waiting)

    def last(self) -> "Future[None]":
        """Done when everything before it is, and was told."""
        return self._writer.put(Job(lambda work: None))

    def _call(self, run: Callable[[Work], T]) -> Future[T]:
        return self._noted(super()._call(run))

    def _keep(self, run: Callable[[Work], T]) -> Future[T]:
        return self._noted(super()._keep(run))

    def _keep_patiently(self, run: Callable[[Work], T]) -> Future[T]:
        return self._noted(super()._keep_patiently(run))

    def _noted(self, future: Future[T]) -> Future[T]:
        self._waiting.append(future)
        return future


class Disk:
    """One folder; the file moves to a new name with every kill."""

    def __init__(self, folder: Path, clock: SimClock) -> None:
        self.hold = False
        self._fails = self._behind = False
        self._folder = folder
        self._clock = clock
        self._number = 0
        self._gate = Gate()
        self.store = self._opened()

    @property
    def path(self) -> Path:
        return self._folder / f"roampost-{self._number}.db"

    def write(self) -> bool:
        """Let the writer take everything that waits; False where it may not, or nothing does."""
        if self.hold or not (self.store.outstanding() or self._behind):
            return False
        if self._fails:
            self._gate.fail_once()
            self._fails, self._behind, self.hold = False, True, True
            return True
        last = self.store.last()
        self._gate.open()
        last.result(PATIENCE_S)
        self._gate.shut()
        self._behind = False
        return True

    def fail(self) -> None:
        """The next commit fails, and the disk stands still from then on."""
        self._fails = True

    def heal(self) -> None:
        self._fails = self.hold = False

    def let(self) -> None:
        """Let the writer work by itself."""
        self._gate.open()

    def let_no_more(self) -> None:
        self._gate.shut()

    def close(self) -> None:
        """In order: everything is written, the file is whole."""
        self._gate.failing = False
        self._gate.open()
        self.store.close()

    def reopen(self) -> None:
        self.store = self._opened()

    def kill(self) -> None:
        """The process is gone: what was not written never was, and nobody has closed the file."""
        dead, dead_gate, before = self.store, self._gate, self.path
        self._number += 1
        for end in ("", "-wal"):
            source = before.with_name(before.name + end)
            if source.exists():
                shutil.copy(source, self.path.with_name(self.path.name + end))
        dead_gate.open()
        dead.close()
        for end in ("", "-wal", "-shm", ".lock"):
            before.with_name(before.name + end).unlink(missing_ok=True)
        self._gate = Gate()

    def _opened(self) -> WatchedStore:
        self._gate.open()
        self.heal()
        self._behind = False
        store = WatchedStore.open(
            self.path,
            now_wall_ms=self._clock.wall_ms,
            boot=self._clock.stamp().boot,
            now_mono_ms=self._clock.mono_ms,
            beat=self._gate.pass_through,
            connect=self._gate.connect,
        )
        self._gate.shut()
        return store
