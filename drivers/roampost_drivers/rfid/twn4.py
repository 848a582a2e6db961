"""Elatec TWN4 Simple Protocol: ASCII hex lines that end with CR. Pure; source: DocRev17 of the protocol.

A UID goes on only when it can identify a driver: 4, 7 or 10 bytes of ISO 14443, in natural order (uid0 first).
"""

from dataclasses import dataclass
from typing import Final

from roampost_drivers.errors import Nonsense, Refused

# Function 05 00, with at most 0x10 = 16 bytes of UID wanted back.
SEARCH_TAG: Final = b"050010"

_ERRORS: Final = {
    1: "unknown function", 2: "missing parameter", 3: "unused parameters", 4: "invalid function", 5: "parser error",
}  # fmt: skip
# Result, tag type, bit count, byte count.
_HEADER: Final = 4
_UID_BYTES: Final = (4, 7, 10)
_RANDOM: Final = 0x08
_CASCADE: Final = 0x88


@dataclass(frozen=True, slots=True)
class Tag:
    """A card in the field: the reader's type code (0x80 is ISO 14443-A), the UID's bits, the UID in natural order."""

    kind: int
    bits: int
    uid: bytes


def parse_search(line: bytes) -> Tag | None:
    """The answer to SEARCH_TAG, without its CR; None where no card is there. Raises Refused and Nonsense."""
    data = _unhex(line)
    if data[0]:
        reason = _ERRORS.get(data[0], "unknown error")
        raise Refused(f"The reader refused: {reason} ({data[0]:02X}); does it run the Simple Protocol app?", data[0])
    if data[1:] == b"\x00":
        return None
    if len(data) < 1 + _HEADER or data[1] != 1:
        raise Nonsense("The reader's answer is cut off.")
    tag = Tag(kind=data[2], bits=data[3], uid=data[5:])
    if len(tag.uid) != data[4] or not 8 * len(tag.uid) - 7 <= tag.bits <= 8 * len(tag.uid):
        raise Nonsense("The reader's answer contradicts itself in length.")
    return tag


def why_useless(tag: Tag, *, accept_random: bool = False) -> str | None:
    """Why a card's UID identifies nobody; None where it does."""
    if tag.bits != 8 * len(tag.uid) or len(tag.uid) not in _UID_BYTES:
        return f"a UID of {tag.bits} bits (type {tag.kind:02X}) is none of 4, 7 or 10 bytes"
    if len(tag.uid) == 4 and tag.uid[0] == _CASCADE:
        return "it is the first half of a longer UID (88...)"
    if len(tag.uid) == 4 and tag.uid[0] == _RANDOM and not accept_random:
        return "it is random (08...): phones and passports show another one at each tap"
    return None


def _unhex(line: bytes) -> bytes:
    try:
        data = bytes.fromhex(line.decode("ascii").strip("\n"))
    except ValueError as error:  # UnicodeDecodeError is one
        raise Nonsense("The reader's answer is not made of hex digits.") from error
    if not data:
        raise Nonsense("The reader's answer is empty.")
    return data
