"""Telling damage from a store that must not be touched: a newer one, another program's, one that we may not open.

The last connection that can write, when it is closed, empties the log into the file, damaged or not. So one that
cannot write stays open beside it. That one alone does not do: SQLite forgets a schema's checks where it cannot write.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from roampost.store import sql
from roampost.store.aside import log_of
from roampost.store.errors import StoreUnusable
from roampost.store.migrate import APPLICATION_ID, cannot_open, damaged, open_writer, shipped_migrations
from roampost.store.records import HEADER_BYTES
from roampost.store.rows import read_recovered

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# What SQLite says of a schema that is not what its number promises.
_UNFIT = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH})
# A newer version may have changed what is in the tables and not the tables: it is refused, never moved aside.
_VERSIONS_MAX = 1000
_MAGIC = b"SQLite format 3\0"


def open_checked(path: Path) -> sqlite3.Connection:
    """As `open_writer`, and every page, index, check and text is looked at; StoreDamaged says what is wrong.

    A quarter of a second for 40 MB on a workstation, and what the medium takes to read them.
    """
    scripts = shipped_migrations()
    if _is_new(path):
        return open_writer(path, scripts)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as beside:
            _identify(beside, path, scripts)
            return _open(path, scripts)
    except sqlite3.Error as error:
        # 0: text that cannot be decoded.
        if _code(error) in _DAMAGE | _UNFIT | {0}:
            raise damaged(path, str(error)) from error
        raise cannot_open(path, error) from error
    except ValueError as error:
        raise damaged(path, str(error)) from error


def _is_new(path: Path) -> bool:
    if path.is_dir():
        raise damaged(path, "it is a folder")
    if path.exists() and path.stat().st_size > 0:
        return False
    log = log_of(path)
    if log.is_file() and log.stat().st_size > 0:  # SQLite would begin anew, and delete the log
        raise damaged(path, "it is empty and its log is not")
    return True


def _identify(connection: sqlite3.Connection, path: Path, scripts: Sequence[str]) -> None:
    """One wrong byte in the header makes our own file look newer or foreign; an older one is checked before its
    migration writes to it."""
    for pragma in sql.READER_PRAGMAS:
        connection.execute(pragma)
    ours = connection.execute(sql.APPLICATION_ID).fetchone()[0] == APPLICATION_ID
    version = connection.execute(sql.SCHEMA_VERSION).fetchone()[0]
    found = set(connection.execute(sql.SCHEMA).fetchall())
    if not (ours and _may_be(version, found, scripts)) and found == _expected(scripts):
        raise damaged(path, "its number is not that of its tables")
    if ours and version < len(scripts):
        _check(connection, path)


def _may_be(version: int, found: set[tuple[str, str]], scripts: Sequence[str]) -> bool:
    """Whether a version before this one has these tables. What newer ones have is not known, and of this one every
    table is looked for when it is open."""
    if version >= len(scripts):
        return version <= len(scripts) + _VERSIONS_MAX
    return version >= 0 and found == _expected(scripts[:version])


def _open(path: Path, scripts: Sequence[str]) -> sqlite3.Connection:
    try:
        connection = open_writer(path, scripts)
    except StoreUnusable as error:
        cause = error.__cause__
        if isinstance(cause, sqlite3.Error) and (_code(cause) in _UNFIT or _header_is_wrong(path)):
            raise damaged(path, str(cause)) from error
        raise
    try:
        _check(connection, path)
        if missing := _expected(scripts) - set(connection.execute(sql.SCHEMA).fetchall()):
            raise damaged(path, f"{'.'.join(min(missing))} is missing")
        _read_through(connection)
        _try_to_write(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    ((said,),) = connection.execute(sql.CHECK).fetchall()
    if said != "ok":
        raise damaged(path, said)


def _try_to_write(connection: sqlite3.Connection, path: Path) -> None:
    """A disk that takes no writes now is waited for by the writer; a file that says so of itself never will."""
    try:
        connection.execute(sql.BEGIN)
        connection.execute(sql.WRITE_NOTHING)
    except sqlite3.Error as error:
        if _code(error) == sqlite3.SQLITE_READONLY and _header_is_wrong(path):
            raise damaged(path, str(error)) from error
    if connection.in_transaction:
        connection.execute(sql.ROLLBACK)


def _read_through(connection: sqlite3.Connection) -> None:
    """SQLite's check does not look into texts: one that is no text fails only when it is read."""
    read_recovered(connection)
    for table, _ in connection.execute(sql.TABLES).fetchall():
        for _row in connection.execute(sql.everything(table)):
            pass


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
