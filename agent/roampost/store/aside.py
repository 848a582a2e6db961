"""A damaged store is moved aside, never deleted: the names, and moves that a crash at any point does not undo.

The new store is made under `.part-X`, and renamed to `.new-X` when it is whole. From then on every start goes
forward: the damaged files go to `.damaged-X`, then `.new-X` takes the store's name. X is the time, or a number.
"""

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

_TAILS = ("", "-wal", "-shm")


def next_mark(store: Path, *, now_ms: int, trusted: bool) -> str:
    """What tells this damage from others: the time, or the next number while the clock is not set."""
    if trusted:
        mark = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        if not _taken(store, mark):
            return mark
    number = 1
    while _taken(store, f"{number:04}"):
        number += 1
    return f"{number:04}"


def aside(store: Path, mark: str) -> Path:
    return store.with_name(f"{store.name}.damaged-{mark}")


def salvaged(store: Path, mark: str) -> Path:
    return store.with_name(f"{store.name}.salvaged-{mark}.jsonl")


def part(store: Path, mark: str) -> Path:
    return store.with_name(f"{store.name}.part-{mark}")


def log_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-wal")


def go_over(store: Path, mark: str) -> None:
    """The part is whole: from here on it is the store, whatever happens."""
    _sync(part(store, mark))
    os.rename(part(store, mark), _new(store, mark))
    sync_folder(store)
    finish(store)


def finish(store: Path) -> None:
    """Go on where a crash has interrupted; nothing to do after any other end."""
    for mark in _marks(store, "part"):
        drop_part(store, mark)
        salvaged(store, mark).unlink(missing_ok=True)
    for mark in _marks(store, "new"):
        for tail in _TAILS:
            with suppress(FileNotFoundError):
                os.rename(_named(store, tail), _named(aside(store, mark), tail))
        sync_folder(store)
        os.rename(_new(store, mark), store)
        sync_folder(store)


def drop_part(store: Path, mark: str) -> None:
    for tail in (*_TAILS, "-journal"):
        _named(part(store, mark), tail).unlink(missing_ok=True)


def alarms(store: Path) -> list[str]:
    """One for each damaged database that nobody has moved away yet."""
    return [
        f"the database was damaged and the agent goes on with a new one; {aside(store, mark).name} is what it was, "
        f"{salvaged(store, mark).name} what could be read of it: look at them, then move both to another folder"
        for mark in _marks(store, "damaged")
    ]


def sync_folder(store: Path) -> None:
    _sync(store.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _new(store: Path, mark: str) -> Path:
    return store.with_name(f"{store.name}.new-{mark}")


def _named(path: Path, tail: str) -> Path:
    return path.with_name(path.name + tail)


def _taken(store: Path, mark: str) -> bool:
    return os.path.lexists(aside(store, mark)) or os.path.lexists(salvaged(store, mark))


def _marks(store: Path, what: str) -> list[str]:
    pattern = re.compile(re.escape(f"{store.name}.{what}-") + r"([0-9TZ]+)")
    try:
        names = sorted(os.listdir(store.parent))
    except OSError:
        return []
    return [found[1] for name in names if (found := pattern.fullmatch(name))]
