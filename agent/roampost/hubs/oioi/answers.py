"""Reads what an OIOI hub sent back: hostile bytes in, plain values out, no exceptions. Knows no verdicts. Pure.

The code stands in `result`, after a failure it may stand in `error`; it may be a number or a text, with its leading
zeros or without. A success that comes with an error is no code at all.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from roampost.hubs.hostile import json_object, lowered, safe_text, three_digits
from roampost.hubs.oioi.codes import Sort, row_of

EVCO_ID_MAX = 64


@dataclass(frozen=True, slots=True)
class Said:
    """code: three digits where it is a number, else the word as it came. words: the hub's own text, safe to show.

    evco_id is as it came: never to be shown. is_json: whether it was an object at all, as everything that the hub says.
    """

    code: str | None = None
    words: str = ""
    evco_id: str | None = None
    is_json: bool = False


def read(body: bytes | None) -> Said:
    top = json_object(body)
    if top is None:
        return Said()
    error, result = top.get("error"), top.get("result")
    code = _code(result) or _three(top.get("code"))
    if error and not _is_success(_code(error)):
        code = _code(error) or (None if _is_success(code) else code)
    words = (_words(error), _words(result), _words(top))
    return Said(code, safe_text("; ".join(filter(None, words))), _evco_id(top), True)


def _code(part: object) -> str | None:
    """A text that is no number is a message."""
    if isinstance(part, dict):
        return _three(lowered(part).get("code"))
    if isinstance(part, str) and not re.fullmatch(r"\s*[0-9]+\s*", part):
        return None
    return _three(part)


def _three(code: object) -> str | None:
    found = three_digits(code)
    return found.lstrip("0").zfill(3) if found is not None and found.isdigit() else found


def _is_success(code: str | None) -> bool:
    return code is not None and row_of(code).sort is Sort.DONE


def _words(part: object) -> str | None:
    found = lowered(part).get("message") if isinstance(part, Mapping) else part
    return found.strip() if isinstance(found, str) and _code(found) is None else None


def _evco_id(top: Mapping[str, object]) -> str | None:
    """Beside the result, or in an object that is named like the call."""
    for part in (top, *map(lowered, (top.get("rfid-verify"), top.get("result")))):
        found = part.get("evco-id")
        if isinstance(found, str) and re.fullmatch(rf"[\x21-\x7e]{{1,{EVCO_ID_MAX}}}", found.strip()):
            return found.strip()
    return None
