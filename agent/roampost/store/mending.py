"""A damaged store must not keep the station from working: what goes on is put into a new one, the rest is kept."""

import logging
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from roampost.store import aside, sql
from roampost.store.migrate import open_writer, shipped_migrations
from roampost.store.salvage import Salvaged, restore, salvage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mender:
    """Called by Store.open, which holds the lock, with the path and the sentence on the damage."""

    now_wall_ms: Callable[[], int]
    clock_trusted: Callable[[], bool]

    def __call__(self, store: Path, why: str) -> None:
        """Raises OSError or sqlite3.Error where no new store can be made either."""
        now_ms = self.now_wall_ms()
        mark = aside.next_mark(store, now_ms=now_ms, trusted=self.clock_trusted())
        log.error("%s; it is moved aside as %s", why, aside.aside(store, mark).name)
        try:
            found = _salvage(store, mark)
            said = self._make(store, mark, why, found)
        except Exception:
            log.exception("nothing could be salvaged of %s; the agent goes on with an empty database", store)
            aside.drop_part(store, mark)
            said = self._make(store, mark, why, Salvaged(trouble="it could not be read at all"))
        aside.go_over(store, mark)
        log.error("%s", said)

    def _make(self, store: Path, mark: str, why: str, found: Salvaged) -> str:
        """The new store, whole, under its first name; the sentence on what is in it."""
        made = aside.part(store, mark)
        with closing(open_writer(made, shipped_migrations())) as connection:
            connection.execute(sql.BEGIN)
            counts = restore(connection, found)
            said = _sentence(store, mark, found, counts)
            now_ms = self.now_wall_ms()
            connection.execute(sql.ADD_AUDIT, (now_ms, None, None, "database.damaged", str(store), f"{why}; {said}"))
            connection.execute(sql.COMMIT)
            connection.execute(sql.CHECKPOINT).fetchall()
        return said


def _salvage(store: Path, mark: str) -> Salvaged:
    path = aside.salvaged(store, mark)
    mode = 0o600 | (store.stat().st_mode & 0o040 if store.is_file() else 0)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with open(descriptor, "w", encoding="utf-8") as file:
        found = salvage(store, aside.log_of(store), file)
        try:
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            found.trouble = found.trouble or str(error)
    return found


def _sentence(store: Path, mark: str, found: Salvaged, counts: dict[str, int]) -> str:
    said = (
        f"of the damaged database {found.rows} rows could be read, they are in {aside.salvaged(store, mark).name}; "
        f"the new one goes on with {counts['outbox']} unfinished messages and {counts['session']} sessions"
    )
    return said if found.trouble is None else f"{said}; the file is not complete: {found.trouble}"
