"""Opening a database file: pragmas, identity, and the numbered migrations, each one wholly or not at all."""

import sqlite3
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

from roampost.store import sql
from roampost.store.errors import NotAStore, StoreCannotOpen, StoreDamaged, StoreTooNew, StoreUnusable

APPLICATION_ID = 0x526F616D  # written by migration 1


def shipped_migrations() -> tuple[str, ...]:
    """The scripts in order; the n-th one brings the schema to version n."""
    folder = files("roampost.store") / "migrations"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return tuple((folder / name).read_text(encoding="utf-8") for name in names)


def dial(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def open_writer(
    path: Path, scripts: Sequence[str], *, dial: Callable[[Path], sqlite3.Connection] = dial
) -> sqlite3.Connection:
    """The one read-write connection, at the newest schema; raises a StoreUnusable that names the file."""
    connection: sqlite3.Connection | None = None
    try:
        connection = dial(path)
        check_identity(connection, path, known=len(scripts))
        for pragma in sql.WRITER_PRAGMAS:
            connection.execute(pragma).fetchall()
        migrate(connection, scripts)
    except sqlite3.Error as error:
        _close(connection)
        raise cannot_open(path, error) from error
    except StoreUnusable:
        _close(connection)
        raise
    return connection


def check_identity(connection: sqlite3.Connection, path: Path, *, known: int) -> int:
    """The schema version of our own file; a foreign or newer file is refused, an empty one is version 0."""
    version = int(connection.execute(sql.SCHEMA_VERSION).fetchone()[0])
    ours = int(connection.execute(sql.APPLICATION_ID).fetchone()[0]) == APPLICATION_ID
    empty = int(connection.execute(sql.COUNT_TABLES).fetchone()[0]) == 0
    if not ours and not (empty and version == 0):
        raise NotAStore(f"{path} is a database, but not a store of Roampost; correct the path")
    if version > known:
        raise StoreTooNew(
            f"{path} has schema {version} and this Roampost knows {known}; install the newer version again"
        )
    return version


def migrate(connection: sqlite3.Connection, scripts: Sequence[str]) -> None:
    """Bring the schema up to the number of scripts; a script that fails leaves the version before it."""
    done = int(connection.execute(sql.SCHEMA_VERSION).fetchone()[0])
    for number, script in enumerate(scripts[done:], start=done + 1):
        try:
            connection.executescript(sql.MIGRATION.format(script=script, number=number))
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute(sql.ROLLBACK)
            raise


def cannot_open(path: Path, error: sqlite3.Error) -> StoreUnusable:
    """The sentence for what SQLite says while a file is opened."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return damaged(path, str(error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return StoreCannotOpen(f"{path} cannot be written ({error}); check its owner and the mount")
    return StoreCannotOpen(f"{path} cannot be opened ({error}); check the folder, its owner and the free space")


def damaged(path: Path, what: str) -> StoreDamaged:
    """The sentence for a file that cannot be worked with; what: in which way."""
    return StoreDamaged(
        f"{path} is damaged ({what}); the agent, when it is started, moves it aside, keeps what can be read of it and "
        "goes on with a new one"
    )


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()
