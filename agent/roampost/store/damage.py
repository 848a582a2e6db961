"""Telling damage from a store that must not be touched: a newer one, another program's, one that we may not open.

The looking is done over a connection that cannot write: one that can would empty the log into the damaged file.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from roampost.store import sql
from roampost.store.aside import log_of
from roampost.store.changes import LiveRow
from roampost.store.errors import StoreDamaged, StoreUnusable
from roampost.store.migrate import APPLICATION_ID, damaged, open_writer, shipped_migrations
from roampost.store.records import HEADER_BYTES
from roampost.store.rows import read_recovered

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# What SQLite says of a schema that is not what its number promises.
_UNFIT = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH})
_MAGIC = b"SQLite format 3\0"


def open_checked(path: Path) -> sqlite3.Connection:
    """As `open_writer`, and every page, index, check and unfinished row is looked at; StoreDamaged says what is wrong.

    A tenth of a second for 30 MB on a workstation, and what the medium takes to read them.
    """
    scripts = shipped_migrations()
    _examine(path, scripts)
    try:
        connection = open_writer(path, scripts)
    except StoreUnusable as error:
        cause = error.__cause__
        if not isinstance(error, StoreDamaged) and isinstance(cause, sqlite3.Error):
            _judge(cause, path)
        raise
    try:
        connection.execute(sql.BEGIN)
        connection.execute(sql.WRITE_NOTHING)
    except sqlite3.Error as error:  # a disk that takes no writes now is waited for by the writer
        if _code(error) == sqlite3.SQLITE_READONLY and _header_is_wrong(path):
            connection.close()
            raise damaged(path, str(error)) from error
    if connection.in_transaction:
        connection.execute(sql.ROLLBACK)
    return connection


def _judge(cause: sqlite3.Error, path: Path) -> None:
    if _code(cause) in _UNFIT or _header_is_wrong(path):
        raise damaged(path, str(cause)) from cause


def _examine(path: Path, scripts: Sequence[str]) -> None:
    """Raise StoreDamaged; whatever else keeps the file from being opened, opening it tells."""
    if path.is_dir():
        raise damaged(path, "it is a folder")
    if not path.exists() or path.stat().st_size == 0:
        log = log_of(path)
        if log.is_file() and log.stat().st_size > 0:  # SQLite would begin anew, and delete the log
            raise damaged(path, "it is empty and its log is not")
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            _look(connection, path, scripts)
    except sqlite3.Error as error:
        # 0: text that cannot be decoded. What SQLite cannot read at all, the writer's connection tells.
        if _code(error) in _DAMAGE | _UNFIT | {0}:
            raise damaged(path, str(error)) from error
    except ValueError as error:
        raise damaged(path, str(error)) from error


def _look(connection: sqlite3.Connection, path: Path, scripts: Sequence[str]) -> None:
    for pragma in sql.READER_PRAGMAS:
        connection.execute(pragma)
    ours = connection.execute(sql.APPLICATION_ID).fetchone()[0] == APPLICATION_ID
    version = connection.execute(sql.SCHEMA_VERSION).fetchone()[0]
    found, expected = set(connection.execute(sql.SCHEMA).fetchall()), _expected(scripts)
    if (not ours or version != len(scripts)) and found == expected:
        raise damaged(path, "its number is not that of its tables")
    if not ours or version > len(scripts):
        return
    ((said,),) = connection.execute(sql.CHECK).fetchall()
    if said != "ok":
        raise damaged(path, said)
    if version == len(scripts):
        if missing := expected - found:
            raise damaged(path, f"{'.'.join(min(missing))} is missing")
        _read_through(connection)


def _read_through(connection: sqlite3.Connection) -> None:
    """What the start and the lanes will read: SQLite's check does not look into texts."""
    read_recovered(connection)
    for *columns, _body in connection.execute(sql.LIVE_BODIES):
        LiveRow.read(tuple(columns))


def _header_is_wrong(path: Path) -> bool:
    """The file's format is one that no SQLite writes for us; SQLite takes it for read-only."""
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
    except OSError:
        return False
    return len(header) == HEADER_BYTES and not (header.startswith(_MAGIC) and {header[18], header[19]} <= {1, 2})


def _expected(scripts: Sequence[str]) -> set[tuple[str, str]]:
    """Every table and column of the newest schema."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for script in scripts:
            connection.executescript(script)
        return set(connection.execute(sql.SCHEMA).fetchall())


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
