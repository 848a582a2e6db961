"""One Modbus request and what may count as its answer. Pure.

RTU has no transaction id: only unit, function code and length tie an answer to its question, and the library
below us compares the unit alone. So every byte that comes in is held against the question here.
"""

from dataclasses import dataclass
from typing import Final

READ_BITS: Final = (1, 2)
READS: Final = (1, 2, 3, 4)
# unit, function, byte count or address, CRC: the parts of an RTU frame around the data.
_AROUND_DATA: Final = 5
_WRITE_ECHO: Final = 8
_EXCEPTION: Final = 5
# A transceiver that turns round may leave a glitch byte or two behind the frame.
_GLITCH: Final = 2


@dataclass(frozen=True, slots=True)
class Question:
    """A read of `count` registers (functions 3, 4) or bits (1, 2), or a write of `values` (5, 6, 16)."""

    unit: int
    function: int
    address: int
    count: int
    values: tuple[int, ...] = ()

    def __str__(self) -> str:
        verb = "read" if self.function in READS else "write"
        return f"{verb} of {self.address} x {self.count} (function {self.function}) at unit {self.unit}"

    @property
    def data_bytes(self) -> int:
        """Bytes of data in the answer to a read."""
        return (self.count + 7) // 8 if self.function in READ_BITS else 2 * self.count

    @property
    def characters(self) -> int:
        """Characters on an RTU wire, request and answer together."""
        request = 9 + 2 * self.count if self.function == 16 else 8
        answer = _AROUND_DATA + self.data_bytes if self.function in READS else _WRITE_ECHO
        return request + answer


def rtu_length(question: Question, data: bytes) -> int | None:
    """How long the RTU answer that `data` begins will be; None where `data` cannot begin an answer to the question."""
    header = bytes((question.unit, question.function)) + _header_rest(question)
    refusal = bytes((question.unit, question.function | 0x80))
    if data[:2] == refusal[: len(data)] and len(data) <= _EXCEPTION + _GLITCH:
        return _EXCEPTION
    if data[: len(header)] != header[: len(data)]:
        return None
    length = _AROUND_DATA + question.data_bytes if question.function in READS else _WRITE_ECHO
    return length if len(data) <= length + _GLITCH else None


def _header_rest(question: Question) -> bytes:
    if question.function in READS:
        return bytes((question.data_bytes,))
    last = question.count if question.function == 16 else question.values[0]
    if question.function == 5:
        last = 0xFF00 if last else 0
    return question.address.to_bytes(2, "big") + last.to_bytes(2, "big")
