"""Tables, ages and moments as a person reads them; JSON as a script does. Pure, except for `say`."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_MOST_CELL = 100
# A sentence is read and copied whole; only a flood is cut.
MOST_TEXT = 500


def age(ms: int) -> str:
    """ "3 h 20 min": the two largest units that matter."""
    left_s = max(0, ms) // 1000
    parts: list[str] = []
    for size_s, unit in _UNITS:
        if left_s >= size_s or (unit == "s" and not parts):
            parts.append(f"{left_s // size_s} {unit}")
            left_s %= size_s
        elif parts:
            break
    return " ".join(parts[:2])


def moment(ms: int, zone: tzinfo = UTC) -> str:
    return datetime.fromtimestamp(ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns as wide as their widest cell; the last one is for sentences: left ragged, and not cut to a cell."""
    cells = [[head.upper() for head in heads], *([*map(clean, row[:-1]), clean(row[-1], MOST_TEXT)] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def clean(value: object, most: int = _MOST_CELL) -> str:
    """One printable line: text from a hub must not steer the terminal."""
    text = "-" if value is None or value == "" else str(value)
    safe = "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))
    return safe if len(safe) <= most else safe[: most - 1] + "…"


def count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def say(text: str) -> None:
    print(text)


def complain(*sentences: str) -> None:
    for one in sentences:
        print(one, file=sys.stderr)
