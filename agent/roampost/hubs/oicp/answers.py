"""Reads what an OICP hub sent back: hostile bytes in, plain values out, no exceptions. Knows no verdicts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from roampost.hubs.hostile import json_object, lowered, safe_text, three_digits, truth
from roampost.hubs.oicp.wire import UID

FIELDS_MAX = 5
# What a card reader can read of an Identification; the other media are contracts.
CARD_MEDIA = ("rfidmifarefamilyidentification", "rfididentification")


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


def code_of(top: Mapping[str, object]) -> str | None:
    """Three digits where the code is a number in whatever dress, else the cleaned word."""
    return three_digits(lowered(top.get("statuscode")).get("code"))


def clean_uid(value: object) -> str | None:
    """A card's UID in upper case; None for what is none."""
    upper = value.strip().upper() if isinstance(value, str) else ""
    return upper if re.fullmatch(UID, upper) else None


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _fields(errors: object) -> tuple[str, ...]:
    if not isinstance(errors, list):
        return ()
    names = (lowered(error).get("fieldreference") for error in errors[:FIELDS_MAX])
    return tuple(safe_text(name) if isinstance(name, str) else "a field without a name" for name in names)
