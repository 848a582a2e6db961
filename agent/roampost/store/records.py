"""SQLite's rows as they stand in a page, read without SQLite, which refuses a whole tree for one bad page of it.

Pure. Every byte may be wrong: what cannot be a row raises Unreadable. Source: sqlite.org/fileformat2.html.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Value = int | float | str | bytes | None
# The next part of a long row: page number in, page out.
Read = Callable[[int], bytes | None]

INDEX_INTERIOR, INDEX_LEAF, TABLE_LEAF = 0x02, 0x0A, 0x0D
HEADER_BYTES = 100  # of the file, on page 1, before the page's own
_MOST_BYTES = 16 * 1024 * 1024  # no message is longer; a damaged length may say anything
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class Unreadable(Exception):  # noqa: N818 - it says what the bytes are
    """These bytes are not a row."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One row. rowid is None in a table without one, and in an index."""

    rowid: int | None
    values: tuple[Value, ...]


def cells(page: bytes, *, first: bool, read: Read) -> Iterator[Cell]:
    """The rows of a page that can be read; none of a page that holds no rows. first: it is page 1."""
    start = HEADER_BYTES if first else 0
    if len(page) < start + 12 or page[start] not in (INDEX_INTERIOR, INDEX_LEAF, TABLE_LEAF):
        return
    pointers = start + (12 if page[start] == INDEX_INTERIOR else 8)
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    for at in range(pointers, min(pointers + 2 * count, len(page) - 1), 2):
        try:
            yield _cell(page, int.from_bytes(page[at : at + 2], "big"), page[start], read)
        except (Unreadable, IndexError, struct.error):
            continue


def _cell(page: bytes, at: int, kind: int, read: Read) -> Cell:
    length, at = varint(page, at + 4 if kind == INDEX_INTERIOR else at)
    rowid = None
    if kind == TABLE_LEAF:
        rowid, at = varint(page, at)
    return Cell(rowid, record(_payload(page, at, length, read, in_table=kind == TABLE_LEAF)))


def _payload(page: bytes, at: int, length: int, read: Read, *, in_table: bool) -> bytes:
    """The row's bytes: all on this page, or the first of them and a chain of pages with the rest."""
    if not 0 < length <= _MOST_BYTES:
        raise Unreadable
    size = len(page)
    most = size - 35 if in_table else (size - 12) * 64 // 255 - 23
    if length <= most:
        return _exactly(page[at : at + length], length)
    least = (size - 12) * 32 // 255 - 23
    local = least + (length - least) % (size - 4)
    local = local if local <= most else least
    found = bytearray(_exactly(page[at : at + local], local))
    following = int.from_bytes(_exactly(page[at + local : at + local + 4], 4), "big")
    while len(found) < length:
        part = read(following)
        if part is None:
            raise Unreadable
        found += part[4 : 4 + length - len(found)]
        following = int.from_bytes(part[:4], "big")
    return bytes(found)


def record(payload: bytes) -> tuple[Value, ...]:
    """The values of one row. Text that is not UTF-8 keeps its bytes as lone surrogates."""
    end, at = varint(payload, 0)
    body = end
    if end > len(payload):
        raise Unreadable
    found: list[Value] = []
    while at < end:
        kind, at = varint(payload, at)
        value, body = _value(payload, kind, body)
        found.append(value)
    if at != end or body != len(payload):
        raise Unreadable
    return tuple(found)


def _value(payload: bytes, kind: int, at: int) -> tuple[Value, int]:
    if kind in (0, 8, 9):
        return (None if kind == 0 else kind - 8), at
    if kind in _INTEGER_BYTES:
        size = _INTEGER_BYTES[kind]
        return int.from_bytes(_exactly(payload[at : at + size], size), "big", signed=True), at + size
    if kind == 7:
        return struct.unpack(">d", payload[at : at + 8])[0], at + 8
    if kind < 12:
        raise Unreadable
    size = (kind - 12) // 2
    data = _exactly(payload[at : at + size], size)
    return (data.decode("utf-8", "surrogateescape") if kind % 2 else data), at + size


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    value = 0
    for offset in range(8):
        byte = data[at + offset]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + offset + 1
    value = value << 8 | data[at + 8]
    return (value - (1 << 64) if value >= 1 << 63 else value), at + 9


def _exactly(data: bytes, size: int) -> bytes:
    if len(data) != size or size < 0:
        raise Unreadable
    return data
