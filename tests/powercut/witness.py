"""A life of the store on one disk, and what its database held after every commit. The reading writes nothing."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from roampost.store import sql
from roampost.store.migrate import open_writer, shipped_migrations
from tests.powercut.disk import Disk
from tests.powercut.vfs import URI, VFS

Content = dict[str, tuple[tuple[Any, ...], ...]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """at: how many operations the disk had done when the commit returned."""

    at: int
    content: Content


class Witness(sqlite3.Connection):
    """Tells of every commit of the store, and of every migration."""

    committed: Callable[[sqlite3.Connection], None]

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        cursor = super().execute(statement, *values)
        if statement == sql.COMMIT:
            self.committed(self)
        return cursor

    def executescript(self, script: str, /) -> sqlite3.Cursor:
        cursor = super().executescript(script)
        self.committed(self)
        return cursor


@dataclass
class Life:
    """checkpoint_pages: how long the WAL gets before SQLite copies it back (SQLite's own default is 1000)."""

    disk: Disk
    checkpoint_pages: int = 1000
    snapshots: list[Snapshot] = field(default_factory=list)
    integrity: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def connect(self) -> Callable[[Path], sqlite3.Connection]:
        return partial(open_writer, scripts=shipped_migrations(), dial=self._dial)

    def note(self, connection: sqlite3.Connection) -> None:
        self.snapshots.append(Snapshot(len(self.disk.journal), read_content(connection)))

    def _dial(self, path: Path) -> sqlite3.Connection:
        VFS.disk = self.disk
        connection = sqlite3.connect(URI, uri=True, isolation_level=None, factory=Witness)
        connection.committed = self.note
        connection.execute("pragma locking_mode = exclusive").fetchall()
        connection.execute(f"pragma wal_autocheckpoint = {self.checkpoint_pages}").fetchall()
        self.integrity = connection.execute("pragma integrity_check").fetchall()
        self.integrity += connection.execute("pragma foreign_key_check").fetchall()
        self.note(connection)
        return connection


def read_content(connection: sqlite3.Connection) -> Content:
    """Every row of every table, the schema and its version."""
    schema = tuple(connection.execute("select name, type, sql from sqlite_master order by name").fetchall())
    found: Content = {"schema": schema, "version": tuple(connection.execute(sql.SCHEMA_VERSION).fetchall())}
    for name, kind, _ in schema:
        if kind == "table":
            found[name] = tuple(connection.execute(f'select * from "{name}"').fetchall())
    return found


def columns(content: Content, table: str, *names: str) -> list[tuple[Any, ...]]:
    """Some columns of a table, by the names that its schema gives them."""
    (create,) = (text for name, kind, text in content["schema"] if name == table and kind == "table")
    known = _columns_of(create, table)
    where = [known.index(name) for name in names]
    return [tuple(row[place] for place in where) for row in content[table]]


@cache
def _columns_of(create: str, table: str) -> tuple[str, ...]:
    with closing(sqlite3.connect(":memory:")) as probe:
        probe.execute(create)
        return tuple(row[1] for row in probe.execute(f'pragma table_info("{table}")'))
