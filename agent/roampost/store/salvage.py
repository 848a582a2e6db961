"""Everything that can still be read of a damaged store: all of it into a file, what goes on into a new store.

One line of the file is one row: {"table": …, "columns": {…}}, as stored, card numbers too. Into the new store go the
unfinished messages, open and closing sessions, the EVSEs, and the small tables that those need.
"""

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from roampost.store import sql
from roampost.store.migrate import shipped_migrations
from roampost.store.pages import Pages
from roampost.store.records import Value
from roampost.store.shapes import Row, row_of, shapes
from roampost.store.whole import Values, evse_of, is_whole

log = logging.getLogger(__name__)
_KEYS = {
    "boot": ("boot",),
    "evse": ("evse_id",),
    "session": ("session_id",),
    "outbox": ("seq",),
    "status_echo": ("hub", "evse_id"),
    "fault_latch": ("evse_id", "fault"),
    "hub_session": ("hub", "session_id"),
    "memory": ("hub", "name"),
}
_UNFINISHED = frozenset({"queued", "sending", "held", "parked"})
Key = tuple[Value, ...]


@dataclass(slots=True)
class Salvaged:
    """What goes on, by table and key; each row once, in the last of the states that were found of it."""

    rows: int = 0
    kept: dict[str, dict[Key, dict[str, Value]]] = field(default_factory=lambda: {table: {} for table in _KEYS})
    done: dict[str, set[Key]] = field(default_factory=lambda: {"outbox": set(), "session": set()})
    youngest: dict[str, Value] | None = None
    trouble: str | None = None  # why the file is not complete

    def take(self, row: Row) -> None:
        self.rows += 1
        if row.table not in _KEYS:
            return
        key = tuple(row.values[name] for name in _KEYS[row.table])
        if row.table == "outbox" and (self.youngest is None or _seq(row.values) > _seq(self.youngest)):
            self.youngest = row.values
        if not _goes_on(row):
            self.done.get(row.table, set()).add(key)
            self.kept[row.table].pop(key, None)
        elif key not in self.done.get(row.table, ()) and is_whole(row.table, row.values):
            known = self.kept[row.table].get(key)
            if known is None or _age(row.values) > _age(known):
                self.kept[row.table][key] = row.values


def read_rows(database: Path, wal: Path) -> Iterator[Row]:
    """Every row of ours that the file and its log hold."""
    known = shapes(shipped_migrations())
    with closing(Pages(database, wal)) as pages:
        for cell in pages.rows():
            if (row := row_of(cell, known)) is not None:
                yield row


def salvage(database: Path, wal: Path, file: IO[str]) -> Salvaged:
    """Write the file; a disk that does not take it takes nothing from what goes on."""
    found = Salvaged()
    for row in read_rows(database, wal):
        found.take(row)
        if found.trouble is None:
            try:
                file.write(json.dumps({"table": row.table, "columns": row.values}, default=bytes.hex) + "\n")
            except OSError as error:
                found.trouble = str(error)
    return found


def restore(connection: sqlite3.Connection, found: Salvaged) -> dict[str, int]:
    """Put what goes on into an empty store; how many rows each table has got."""
    _find_evses(found)
    counts = {table: sum([_put(connection, table, one) for one in kept.values()]) for table, kept in found.kept.items()}
    if found.youngest is not None and (found.youngest["seq"],) not in found.kept["outbox"]:
        _put(connection, "outbox", found.youngest)  # so that no number is given twice
    return counts


def _find_evses(found: Salvaged) -> None:
    """An open session without a record of its EVSE would never end."""
    orphans: dict[Value, list[Values]] = {}
    for one in found.kept["session"].values():
        if (one["evse_id"],) not in found.kept["evse"]:
            orphans.setdefault(one["evse_id"], []).append(one)
    for evse_id, sessions in orphans.items():
        sessions.sort(key=lambda one: (one["state"] == "closing", -_number(one, "changed_ms")))
        later = [one for one in sessions[1:] if one["state"] == "closing"]
        found.kept["evse"][evse_id,] = evse_of(sessions[0], later[0] if later else None)


def _put(connection: sqlite3.Connection, table: str, values: Values) -> bool:
    """What the schema refuses stays in the file alone."""
    columns = [name for name, *_ in connection.execute(sql.COLUMNS, (table,)) if name in values]
    row = {name: values[name] for name in columns}
    if table == "outbox" and _number(values, "attempts") > 0:
        row["unknown_outcome"] = 1  # a later state, in which it has arrived, may be what was damaged
    try:
        connection.execute(sql.restore(table, columns), tuple(row[name] for name in columns))
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        log.warning("a row of %s is only in the file of what was salvaged: %s", table, error)
        return False
    return True


def _goes_on(row: Row) -> bool:
    state = row.values.get("state")
    if row.table == "outbox":
        return state in _UNFINISHED
    return state in ("open", "closing") if row.table == "session" else True


def _age(values: Values) -> tuple[int, int]:
    changed = max(_number(values, "changed_ms"), _number(values, "changed_wall_ms"))
    return _number(values, "attempts"), changed


def _seq(values: Values) -> int:
    return _number(values, "seq")


def _number(values: Values, name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else 0
