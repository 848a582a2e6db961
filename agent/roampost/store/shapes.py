"""To which table a row belongs, by its values alone: the pages say it only as long as all above them can be read."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from roampost.store import sql
from roampost.store.records import Cell, Value

_TYPES: dict[str, type] = {"TEXT": str, "INTEGER": int}


@dataclass(frozen=True, slots=True)
class Row:
    """One row, by the names of its columns in the newest schema that has this table so."""

    table: str
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: type
    needed: bool
    is_rowid: bool


@dataclass(frozen=True, slots=True)
class Shape:
    table: str
    columns: tuple[Column, ...]
    has_rowid: bool

    def row(self, cell: Cell) -> Row | None:
        """The cell as a row of this table; None if it cannot be one."""
        if self.has_rowid != (cell.rowid is not None) or len(cell.values) != len(self.columns):
            return None
        found: dict[str, Value] = {}
        for column, value in zip(self.columns, cell.values, strict=True):
            value = cell.rowid if column.is_rowid and value is None else value
            if not (isinstance(value, column.type) or (value is None and not column.needed)):
                return None
            found[column.name] = value
        return Row(self.table, found)


def shapes(scripts: Sequence[str]) -> tuple[Shape, ...]:
    """The tables of every version that there has been, the newest first."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        found: list[Shape] = []
        for script in scripts:
            connection.executescript(script)
            found = [*_shapes(connection), *found]
    return tuple(dict.fromkeys(found))


def _shapes(connection: sqlite3.Connection) -> list[Shape]:
    found = []
    for table, without_rowid in connection.execute(sql.TABLES).fetchall():
        columns = [
            Column(name, _TYPES[kind], bool(needed or key), bool(key) and kind == "INTEGER" and not without_rowid)
            for name, kind, needed, key in connection.execute(sql.COLUMNS, (table,))
        ]
        found.append(Shape(table, tuple(columns), not without_rowid))
    return found


def row_of(cell: Cell, known: Sequence[Shape]) -> Row | None:
    return next((row for shape in known if (row := shape.row(cell)) is not None), None)
