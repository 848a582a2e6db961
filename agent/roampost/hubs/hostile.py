"""Reads what a hub sent: hostile bytes in, plain values out, no exceptions. Pure; knows no hub's field names.

Live answers have been seen with missing, null and wrongly spelt fields, so keys are compared without case, and
whatever has the wrong type counts as absent.
"""

import json
import re
from collections.abc import Mapping

TEXT_MAX = 200
# UIDs, contract and session IDs, e-mail addresses: driver data does not belong into texts that are logged.
_PERSONAL = re.compile(
    r"[^\s@<>\"'(),:;]{1,64}@[A-Za-z0-9.-]*[A-Za-z0-9]|[0-9A-Fa-f]{8,}|([0-9A-Fa-f]{2}[:-]){3,}[0-9A-Fa-f]{2}|"
    r"(?<![A-Za-z0-9])([A-Za-z]{2}-?[A-Za-z0-9]{3}-?C[A-Za-z0-9]{8}-?[0-9A-Za-z]|"
    # An EvseID looks the same, but for its E.
    r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-](?!E)[A-Za-z0-9]{6}[*-]?[0-9X])(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e\u00a1-\u00ac\u00ae-\u024f]+")


def json_object(body: bytes | None) -> Mapping[str, object] | None:
    """The top object with its keys in lower case, or None for anything else."""
    try:
        value = json.loads(body or b"")
    except (ValueError, RecursionError):  # not JSON, not text, an absurd number, absurdly deep
        return None
    return lowered(value) if isinstance(value, dict) else None


def lowered(value: object) -> dict[str, object]:
    """An object with its keys in lower case; anything else counts as an empty one."""
    return {str(key).lower(): item for key, item in value.items()} if isinstance(value, dict) else {}


def three_digits(code: object) -> str | None:
    """A code that is a number in whatever dress has three digits; else it is the cleaned word, None for none."""
    if isinstance(code, float) and code.is_integer():
        code = int(code)
    if isinstance(code, int) and not isinstance(code, bool):
        return f"{code:03d}"[:20]
    if not isinstance(code, str) or not code.strip():
        return None
    return safe_text(code.strip())[:20].zfill(3)


def safe_text(text: str) -> str:
    """One line, bounded, without control characters and without anything that looks like a card or an ID."""
    shown = _PERSONAL.sub("…", _NOT_PRINTABLE.sub(" ", text[: TEXT_MAX * 4]))
    return " ".join(shown.split())[:TEXT_MAX]


def word(value: object) -> str | None:
    """A word of an enumeration, to be compared without case; None for what is no text."""
    return value.strip().lower() if isinstance(value, str) else None


def truth(value: object) -> bool | None:
    """Also where it is written as text; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(word(value) or "")
