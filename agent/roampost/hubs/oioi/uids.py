"""A card's UID as OIOI has it: upper-case hex of 8, 14 or 20 characters, shorter ones filled up on the left. Pure."""

import re

LENGTHS = (8, 14, 20)
_HEX = re.compile(r"[0-9A-F]{1,20}")


def oioi_uid(uid: str) -> str | None:
    """None for what is no UID here: empty, longer than 20 characters, or not hex."""
    upper = uid.strip().upper()
    if _HEX.fullmatch(upper) is None:
        return None
    return upper.zfill(next(length for length in LENGTHS if length >= len(upper)))
