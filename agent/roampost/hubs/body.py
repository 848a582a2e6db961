"""The body of a hub's request, from hostile bytes to a JSON object, for every protocol that speaks JSON. Pure."""

import json
from collections.abc import Callable, Mapping
from typing import NoReturn

Members = Mapping[str, object]


class BadBodyError(Exception):
    """The body is no JSON object, or says two things at once. The text repeats nothing of it."""


def members(body: bytes, spelt: Callable[[str], str] = str) -> Members:
    """spelt: how this protocol compares keys, applied to those of all objects. Raises BadBodyError only."""

    def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        """Two readers of one text must not understand different things: what is said twice has to be said alike."""
        found: dict[str, object] = {}
        for key, value in pairs:
            name = spelt(key)
            known = found.get(name)
            if known is not None and value is not None and known != value:
                raise BadBodyError("a member is given twice")
            found[name] = value if known is None else known
        return found

    try:
        top = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError):  # not JSON, not UTF-8, an absurd number, absurdly deep
        raise BadBodyError("the body is not JSON") from None
    if not isinstance(top, dict):
        raise BadBodyError("the body is not a JSON object")
    return top


def _constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
