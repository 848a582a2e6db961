"""A job of the writer and what it may touch. A job is run again when its commit failed: it only uses its Work."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from roampost.store.changes import LiveRow
from roampost.store.errors import ChangeRefused, StoreCorrupt, StoreError, StoreFailed

T = TypeVar("T")

_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_DISK = frozenset({
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL,
})  # fmt: skip


class Work:
    """The open transaction of one job. touched: every outbox row that the job changed, as it is now."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.touched: list[LiveRow] = []

    def execute(self, statement: str, values: Any = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement, values).fetchall()

    def live(self, statement: str, values: Any = ()) -> list[LiveRow]:
        """Run a statement that returns sql._LIVE, and remember the rows as touched."""
        rows = [LiveRow.read(row) for row in self.execute(statement, values)]
        self.touched += rows
        return rows


@dataclass(slots=True)
class Job(Generic[T]):
    """impatient: tell the caller of a failed commit at once (the job is kept and written later all the same).
    kept: a caller that goes away does not take the job with it."""

    run: Callable[[Work], T]
    impatient: bool = False
    kept: bool = False
    future: Future[T] = field(default_factory=Future)

    def __post_init__(self) -> None:
        if self.kept:
            self.admit()  # a running future cannot be cancelled

    def admit(self) -> bool:
        """False: the caller went away before the job's turn."""
        return self.future.running() or self.future.set_running_or_notify_cancel()

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


def sorted_error(error: sqlite3.Error) -> StoreError:
    """What a caller does next about an SQLite error: end, wait for the disk, or drop this one change."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _CORRUPT:
        return StoreCorrupt(f"the store is damaged ({error}); the next start of the agent saves what can be read")
    if code in _DISK:
        return StoreFailed(f"the disk does not take writes ({error}); what happens meanwhile is kept in memory")
    return ChangeRefused(f"the store refuses this change ({error})")
