"""Card numbers (UIDs) are personal data: how they are written where people read. Pure."""

from collections.abc import Callable

_SHOWN_CHARACTERS = 2


def mask_uid(uid: str) -> str:
    """Enough to tell two cards apart, not enough to use or to follow one: "…1F"."""
    return "…" + uid[-_SHOWN_CHARACTERS:] if len(uid) > 4 else "…"


def uid_text(policy: str) -> Callable[[str], str]:
    """How card numbers are written: policy is "masked" or "shown"."""
    return str if policy == "shown" else mask_uid
