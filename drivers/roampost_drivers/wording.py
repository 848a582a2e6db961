"""What is wrong with the shape of a device file, in words: where it is, what it is, what is allowed. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from roampost_drivers.device import Device

_UNKNOWN_KEY: Final = ("unexpected_keyword_argument", "extra_forbidden")
_SHOWN_CHARACTERS: Final = 60
_TYPES: Final = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "string_type": 'text in "quotes"',
    "tuple_type": "a list in [brackets]",
    "dataclass_type": "a table",
    "dict_type": "a table",
}
# The one value that may be of two types; the validator names the type that it tried as a part of the place.
_MIXED_KEY, _MIXED = "absent", 'a whole number or "nan"'

_Place = tuple[int | str, ...]


def sentences(error: ValidationError, document: Mapping[str, Any]) -> list[str]:
    """One sentence for each mistake; `document` tells the rows' names."""
    return list(dict.fromkeys(_sentence(detail, document) for detail in error.errors(include_url=False)))


def _sentence(detail: ErrorDetails, document: Mapping[str, Any]) -> str:
    loc, allowed = detail["loc"], _allowed(detail)
    if _MIXED_KEY in loc and isinstance(loc[-1], str) and loc[-1] != _MIXED_KEY:
        loc, allowed = loc[:-1], f"must be {_MIXED}"
    place = _in_words(loc, document)
    if detail["type"] in _UNKNOWN_KEY:
        key, known = str(loc[-1]), _keys_beside(loc)
        near = get_close_matches(key, known, n=1)
        hint = f'did you mean "{near[0]}"? ' if near else ""
        return f"{place}: unknown key; {hint}allowed are: {', '.join(known)}"
    if detail["type"] == "missing":
        return f"{place}: is missing"
    return f"{place}{_shown(detail['input'])}: {allowed}"


def _allowed(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _TYPES:
        return f"must be {_TYPES[kind]}"
    if kind in ("literal_error", "enum"):
        return f"must be {context['expected']}".replace("'", '"')
    if kind == "too_long":
        return f"must have {context['max_length']} values"
    return detail["msg"]


def _shown(value: object) -> str:
    """Nothing of a table or a list: it stands in the file, and is long."""
    return "" if isinstance(value, dict | list) else f" = {json.dumps(value, default=str)[:_SHOWN_CHARACTERS]}"


def _in_words(loc: _Place, document: Mapping[str, Any]) -> str:
    """`charger.pilot.row`, `row[3].unit`; `row "power": unit` where the row has a name. Lists count from 1."""
    name = _row_name(loc, document)
    if name is not None:
        return f'row "{name}": {_joined(loc[2:])}'
    return _joined(loc)


def _joined(loc: _Place) -> str:
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _row_name(loc: _Place, document: Mapping[str, Any]) -> str | None:
    if len(loc) < 3 or loc[0] != "row":
        return None
    row = document["row"][loc[1]]
    name = row.get("name") if isinstance(row, dict) else None
    return name if isinstance(name, str) and name else None


def _keys_beside(loc: _Place) -> list[str]:
    """The keys that a file may have where it has the unknown one."""
    shape: Any = Device
    for part in loc[:-1]:
        if isinstance(part, str) and is_dataclass(shape):
            found = next((field.type for field in fields(shape) if field.name == part), None)
            shape = next(_shapes(found), None)
    return [field.name for field in fields(shape) if field.name != "key"] if is_dataclass(shape) else []


def _shapes(annotation: Any) -> Iterator[Any]:
    """The dataclasses in an annotation such as tuple[Row, ...] or Finer | None."""
    if is_dataclass(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _shapes(inner)
