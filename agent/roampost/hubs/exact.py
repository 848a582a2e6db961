"""Numbers that arrive as they are: kilowatt-hours of watt-hours, and JSON that keeps each place of a Decimal. Pure."""

import json
from collections.abc import Mapping
from decimal import Decimal


def kwh(energy_wh: int) -> Decimal:
    """Kilowatt-hours with exactly three places."""
    return Decimal(energy_wh).scaleb(-3)


def exact_json(value: object) -> bytes:
    """Of mappings, tuples, and what `json` knows."""
    return _json(value).encode("ascii")


def _json(value: object) -> str:
    # json.dumps writes no Decimal, and a float would lose the third place of 30.500.
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key)}:{_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ",".join(map(_json, value)) + "]"
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value)
