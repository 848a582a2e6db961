"""What the hub holds against what it should hold, field by field. Pure.

How a value is written makes no difference: case of keys, 22 or 22.0, true or "true", order in a list, null or absent.
Fields that only the hub knows (when a record was changed) are not ours to compare.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from roampost.config.identifiers import canonical
from roampost.domain.messages import EvseStatus
from roampost.hubs.comparison import Difference
from roampost.hubs.hostile import lowered, word
from roampost.hubs.oicp.encode import STATUS

_SHOWN_MAX = 80
# A record has four levels; a hub's answer may have hundreds.
_DEEPEST = 20


def of_statuses(here: Mapping[str, EvseStatus | None], held: Mapping[str, str]) -> Iterator[Difference]:
    """held is keyed by canonical ids."""
    for evse_id, status in here.items():
        ours, theirs = None if status is None else STATUS[status], held.get(canonical(evse_id))
        if word(ours) != word(theirs):
            yield Difference(evse_id, "status", ours, _shown(theirs))


def of_record(evse_id: str, here: Mapping[str, object], held: Mapping[str, object]) -> Iterator[Difference]:
    """here: the record as it would be pushed, a key for every field of the protocol; held with keys in lower case."""
    for name, value in here.items():
        if name != "EvseID":
            yield from _of_field(evse_id, name, value, held.get(name.lower()))


def _of_field(evse_id: str, path: str, here: object, at_hub: object) -> Iterator[Difference]:
    ours, theirs = _plain(here), _plain(at_hub)
    if ours == theirs:
        return
    if isinstance(here, Mapping) and isinstance(at_hub, Mapping):
        held = lowered(at_hub)
        for name, value in here.items():
            yield from _of_field(evse_id, f"{path}.{name}", value, held.get(str(name).lower()))
        return
    yield Difference(evse_id, path, _shown(ours), _shown(theirs))


def _plain(value: object, key: str = "", depth: int = 0) -> object:
    """The same for everything that means the same; None for what says nothing."""
    if depth > _DEEPEST:
        return "…"
    match value:
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return _number(str(value))
        case str():
            text = " ".join(value.split())
            return (" ".join(map(_number, text.split())) if key == "coordinates" else text) or None
        case Mapping():
            plain = {name: _plain(item, name, depth + 1) for name, item in lowered(value).items()}
            return {name: item for name, item in sorted(plain.items()) if item is not None} or None
        case list() | tuple():
            items = (_plain(item, depth=depth + 1) for item in value)
            return sorted((item for item in items if item is not None), key=_sortable) or None
        case _:
            return None


def _number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return format(number.normalize(), "f") if number.is_finite() and abs(number.adjusted()) < 20 else text


def _sortable(item: object) -> str:
    return json.dumps(item, sort_keys=True)


def _shown(plain: object) -> str | None:
    if plain is None:
        return None
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    return text if len(text) <= _SHOWN_MAX else text[: _SHOWN_MAX - 1] + "…"
