"""Reads what a hub sent back: hostile bytes in, plain values out, no exceptions. Knows no verdicts.

Live answers have been seen with missing, null and wrongly spelt fields, so keys are compared without case,
codes may be numbers, and whatever has the wrong type counts as absent.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from roampost.hubs.oicp.wire import UID

TEXT_MAX = 200
FIELDS_MAX = 5
# What a card reader can read of an Identification; the other media are contracts.
CARD_MEDIA = ("rfidmifarefamilyidentification", "rfididentification")
# UIDs, contract and session IDs: driver data does not belong into texts that are logged.
_PERSONAL = re.compile(
    r"[0-9A-Fa-f]{8,}|([0-9A-Fa-f]{2}[:-]){3,}[0-9A-Fa-f]{2}|"
    r"(?<![A-Za-z0-9])([A-Za-z]{2}-?[A-Za-z0-9]{3}-?C[A-Za-z0-9]{8}-?[0-9A-Za-z]|"
    # An EvseID looks the same, but for its E.
    r"[A-Za-z]{2}[*-]?[A-Za-z0-9]{3}[*-](?!E)[A-Za-z0-9]{6}[*-]?[0-9X])(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e\u00a1-\u024f]+")


@dataclass(frozen=True, slots=True)
class Said:
    """words: the hub's own text, safe to show. fields: what HTTP 400 complains of. is_json: it was an object.

    session_id (the hub's) and partner_session_id (ours) are as they came: never to be shown.
    """

    result: bool | None = None
    code: str | None = None
    words: str = ""
    fields: tuple[str, ...] = ()
    is_json: bool = False
    session_id: str | None = None
    partner_session_id: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """The session that an answer has to be about: our own ID, and the hub's where it has given one."""

    session_id: str
    hub_session_id: str | None = None

    def is_another(self, said: Said) -> bool:
        """Whether the answer names another session; one that names none is believed."""
        theirs = self.hub_session_id is not None and said.session_id is not None
        return (said.partner_session_id or self.session_id) != self.session_id or (
            theirs and str(said.session_id).lower() != str(self.hub_session_id).lower()
        )


def read(body: bytes | None) -> Said:
    top = json_object(body)
    if top is None:
        return Said()
    status = lowered(top.get("statuscode"))
    words = (status.get("description"), status.get("additionalinfo"), top.get("message"))
    return Said(
        result=truth(top.get("result")),
        code=code_of(top),
        words=safe_text("; ".join(one for one in words if isinstance(one, str) and one.strip())),
        fields=_fields(top.get("validationerrors")),
        is_json=True,
        session_id=_text(top.get("sessionid")),
        partner_session_id=_text(top.get("cpopartnersessionid")),
    )


def json_object(body: bytes | None) -> Mapping[str, object] | None:
    """The top object with its keys in lower case, or None for anything else."""
    try:
        value = json.loads(body or b"")
    except (ValueError, RecursionError):  # not JSON, not text, an absurd number, absurdly deep
        return None
    return lowered(value) if isinstance(value, dict) else None


def code_of(top: Mapping[str, object]) -> str | None:
    """Three digits where the code is a number in whatever dress, else the cleaned word."""
    code = lowered(top.get("statuscode")).get("code")
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


def lowered(value: object) -> dict[str, object]:
    """An object with its keys in lower case; anything else counts as an empty one."""
    return {str(key).lower(): item for key, item in value.items()} if isinstance(value, dict) else {}


def clean_uid(value: object) -> str | None:
    """A card's UID in upper case; None for what is none."""
    upper = value.strip().upper() if isinstance(value, str) else ""
    return upper if re.fullmatch(UID, upper) else None


def word(value: object) -> str | None:
    """A word of an enumeration, to be compared without case; None for what is no text."""
    return value.strip().lower() if isinstance(value, str) else None


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def truth(value: object) -> bool | None:
    """Also where it is written as text; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(word(value) or "")


def _fields(errors: object) -> tuple[str, ...]:
    if not isinstance(errors, list):
        return ()
    names = (lowered(error).get("fieldreference") for error in errors[:FIELDS_MAX])
    return tuple(safe_text(name) if isinstance(name, str) else "a field without a name" for name in names)
