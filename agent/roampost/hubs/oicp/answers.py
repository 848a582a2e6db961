"""Reads what a hub sent back: hostile bytes in, plain values out, no exceptions. Knows no verdicts.

Live answers have been seen with missing, null and wrongly spelt fields, so keys are compared without case,
codes may be numbers, and whatever has the wrong type counts as absent.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

TEXT_MAX = 200
FIELDS_MAX = 5
# UIDs, contract and session IDs: driver data does not belong into texts that are logged.
_LONG_HEX = re.compile(r"[0-9A-Fa-f]{8,}")
_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e\u00a1-\u024f]+")


@dataclass(frozen=True, slots=True)
class Said:
    """words: the hub's own text, safe to show. fields: what HTTP 400 complains of. is_json: it was an object."""

    result: bool | None = None
    code: str | None = None
    words: str = ""
    fields: tuple[str, ...] = ()
    is_json: bool = False


def read(body: bytes | None) -> Said:
    top = json_object(body)
    if top is None:
        return Said()
    status = _lowered(top.get("statuscode"))
    words = (status.get("description"), status.get("additionalinfo"), top.get("message"))
    return Said(
        result=_bool(top.get("result")),
        code=code_of(top),
        words=safe_text("; ".join(word for word in words if isinstance(word, str) and word.strip())),
        fields=_fields(top.get("validationerrors")),
        is_json=True,
    )


def json_object(body: bytes | None) -> Mapping[str, object] | None:
    """The top object with its keys in lower case, or None for anything else."""
    try:
        value = json.loads(body or b"")
    except (ValueError, RecursionError):  # not JSON, not text, an absurd number, absurdly deep
        return None
    return _lowered(value) if isinstance(value, dict) else None


def code_of(top: Mapping[str, object]) -> str | None:
    """Three digits where the code is a number in whatever dress, else the cleaned word."""
    code = _lowered(top.get("statuscode")).get("code")
    if isinstance(code, int) and not isinstance(code, bool):
        return f"{code:03d}"[:20]
    if not isinstance(code, str) or not code.strip():
        return None
    return safe_text(code.strip())[:20].zfill(3)


def safe_text(text: str) -> str:
    """One line, bounded, without control characters and without anything that looks like a card or an ID."""
    shown = _LONG_HEX.sub("…", _NOT_PRINTABLE.sub(" ", text[: TEXT_MAX * 4]))
    return " ".join(shown.split())[:TEXT_MAX]


def _lowered(value: object) -> dict[str, object]:
    return {str(key).lower(): item for key, item in value.items()} if isinstance(value, dict) else {}


def _bool(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def _fields(errors: object) -> tuple[str, ...]:
    if not isinstance(errors, list):
        return ()
    names = (_lowered(error).get("fieldreference") for error in errors[:FIELDS_MAX])
    return tuple(safe_text(name) if isinstance(name, str) else "a field without a name" for name in names)
