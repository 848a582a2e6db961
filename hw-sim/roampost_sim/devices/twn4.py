"""Elatec TWN4 with the Simple Protocol app: ASCII hex lines ended by CR, numbers LSB first.

A command is function (two bytes) and parameters; a reply begins with an error byte. `answer` is pure in its line:
no port, no waiting.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from roampost_sim.plan import Plan

OK, UNKNOWN_FUNCTION, MISSING_PARAMETER, UNUSED_PARAMETER, PARSER_ERROR = 0, 1, 2, 3, 5
ISO14443A, EM4102 = 0x80, 0x40
ALL_TAG_TYPES = b"\xff" * 8
NO = b"\x00"
LONGEST_LINE = 512


class Twn4Plan(Plan):
    kind: Literal["twn4"] = "twn4"
    link: str
    turnaround_ms: int = Field(default=5, ge=0)


@dataclass(frozen=True, slots=True)
class Card:
    """A tag as the reader sees it. UID in the order of anticollision, ATQA as a number."""

    uid: bytes
    tag_type: int = ISO14443A
    atqa: int = 0x0004
    sak: int = 0x08


@dataclass(slots=True)
class Twn4:
    cards: list[Card] = field(default_factory=list)
    _tag_types: bytes = ALL_TAG_TYPES

    def power_up(self) -> None:
        self._tag_types = ALL_TAG_TYPES

    def answer(self, line: str) -> str:
        """The reply line to a command line, both without CR."""
        command = _decoded(line)
        if command is None or len(command) < 2:
            return _reply(PARSER_ERROR)
        known = FUNCTIONS.get(command[:2])
        if known is None:
            return _reply(UNKNOWN_FUNCTION)
        parameters, function = known
        if len(command) - 2 != parameters:
            return _reply(MISSING_PARAMETER if len(command) - 2 < parameters else UNUSED_PARAMETER)
        return _reply(OK, function(self, command[2:]))

    def seen(self) -> list[Card]:
        return [card for card in self.cards if self._looks_for(card.tag_type)]

    def _looks_for(self, tag_type: int) -> bool:
        # SetTagTypes: two masks of 32 bits, low frequency (types 40h…) and high frequency (types 80h…).
        low, high = self._tag_types[:4], self._tag_types[4:]
        mask = int.from_bytes(high if tag_type >= 0x80 else low, "little")
        return bool(mask >> (tag_type & 0x1F) & 1)

    def search_tag(self, parameters: bytes) -> bytes:
        if not self.seen():
            return NO
        card = self.seen()[0]
        uid = card.uid[: parameters[0]]
        # The number of bits comes first, then the number of bytes.
        return bytes([1, card.tag_type, 8 * len(card.uid), len(uid)]) + uid

    def set_tag_types(self, parameters: bytes) -> bytes:
        self._tag_types = parameters
        return b""

    def atqa(self, _parameters: bytes) -> bytes:
        card = self._iso14443a()
        return b"\x01" + card.atqa.to_bytes(2, "little") if card else b"\x00\x00\x00"

    def sak(self, _parameters: bytes) -> bytes:
        card = self._iso14443a()
        return bytes([1, card.sak]) if card else b"\x00\x00"

    def search_multi_tag(self, parameters: bytes) -> bytes:
        uids = [card.uid for card in self.seen() if card.tag_type == ISO14443A]
        listed = b"".join(bytes([len(uid)]) + uid for uid in uids)[: parameters[0]]
        return bytes([1, len(uids), len(listed)]) + listed if uids else NO

    def _iso14443a(self) -> Card | None:
        return next((card for card in self.seen() if card.tag_type == ISO14443A), None)


def _decoded(line: str) -> bytes | None:
    if not line.isalnum():  # fromhex would let spaces pass
        return None
    try:
        return bytes.fromhex(line)
    except ValueError:
        return None


def _reply(error: int, data: bytes = b"") -> str:
    return (bytes([error]) + data).hex().upper()


# function: (bytes of parameters, what it does)
FUNCTIONS: dict[bytes, tuple[int, Callable[[Twn4, bytes], bytes]]] = {
    b"\x05\x00": (1, Twn4.search_tag),
    b"\x05\x02": (8, Twn4.set_tag_types),
    b"\x12\x04": (0, Twn4.atqa),
    b"\x12\x05": (0, Twn4.sak),
    b"\x12\x08": (1, Twn4.search_multi_tag),
}


class LineSplitter:
    """Bytes in, lines without their CR out. A line that never ends is dropped."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        *lines, self._rest = (self._rest + data).split(b"\r")
        if len(self._rest) > LONGEST_LINE:
            self._rest = b""
        return [line.decode("ascii", "replace").strip() for line in lines]
