"""The database as commands use it: read-only while an agent may run, exclusively when none does."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from roampost.cli.exits import CliError, Exit
from roampost.cli.settings import become_owner_of
from roampost.clock import read_boot_id
from roampost.store.errors import HandRefused, StoreError, StoreLocked, StoreMissing
from roampost.store.migrate import shipped_migrations
from roampost.store.reading import open_readonly
from roampost.store.store import Store


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write."""
    with _told(), closing(open_readonly(path)) as connection:
        yield connection


@contextmanager
def writing(path: Path, *, create: bool = False) -> Iterator[Store]:
    """The store itself, locked; only while no agent runs."""
    if not create and not path.exists():
        raise CliError(Exit.NOT_THERE, f"{path} does not exist; the agent has not run yet, or the path is wrong")
    if not path.parent.is_dir():
        raise CliError(Exit.NOT_THERE, f"{path.parent} does not exist; make it, or correct station.database")
    shipped_migrations()  # loads what Python loads late: the owner may not be allowed to read this installation
    become_owner_of(path.parent)
    with _told():
        store = Store.open(path, now_wall_ms=wall_ms, boot=read_boot_id())
        try:
            yield store
        finally:
            store.close()


def wall_ms() -> int:
    return int(time.time() * 1000)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except StoreMissing as error:
        raise CliError(Exit.NOT_THERE, str(error)) from None
    except (StoreLocked, HandRefused) as error:
        raise CliError(Exit.REFUSED, str(error)) from None
    except StoreError as error:
        raise CliError(Exit.FAILED, str(error)) from None
    except sqlite3.Error as error:
        raise CliError(Exit.FAILED, f"the database cannot be read: {error}") from None
