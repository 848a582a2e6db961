"""The pages of a database that may be damaged, each as its newest commit left it; a bad one hides no other.

The write-ahead log lies over the file, up to its first frame that is not proved. Checksums chain from frame to frame,
so that a later one is proved by the sum that the one before it bears. It may be from an older end of the log: what
stands there is read beside the rest, not in its place.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

from roampost.store.records import HEADER_BYTES, Cell, cells

_MAGIC = b"SQLite format 3\0"
_WAL_HEADER, _FRAME_HEADER = 32, 24
_SIZES = frozenset(1 << bits for bits in range(9, 17))
_OUR_SIZE = 4096  # SQLite's default, which no migration changes


class Pages:
    """Open until `close`. A file that is missing, or no file at all, has no pages."""

    def __init__(self, database: Path, log: Path) -> None:
        self._file = _open(database)
        self._log = _open(log)
        header = _read(self._file, HEADER_BYTES, 0)
        self.size = _page_size(header, _read(self._log, _WAL_HEADER, 0))
        self._in_log: dict[int, int] = {}
        self._beyond: dict[int, int] = {}
        for number, at, is_beyond in self._frames():
            (self._beyond if is_beyond else self._in_log)[number] = at
        self.count = max([_length(self._file) // self.size, *self._in_log, *self._beyond])
        self._left = 0

    def close(self) -> None:
        for descriptor in (self._file, self._log):
            if descriptor is not None:
                os.close(descriptor)

    def rows(self) -> Iterator[Cell]:
        """Every row that is not on a page given back: those hold what was once and is no more."""
        free = self._free()
        for number in range(1, self.count + 1):
            if number not in free:
                yield from self._cells(number, self.read(number))
        for number, at in self._beyond.items():
            if number not in free:
                yield from self._cells(number, _read(self._log, self.size, at))

    def _cells(self, number: int, page: bytes | None) -> Iterator[Cell]:
        if page is not None:
            self._left = self.count  # a chain of pages that runs in a ring ends
            yield from cells(page, first=number == 1, read=self._next)

    def read(self, number: int) -> bytes | None:
        if not 0 < number <= self.count:
            return None
        if number in self._in_log:
            page = _read(self._log, self.size, self._in_log[number])
        else:
            page = _read(self._file, self.size, (number - 1) * self.size)
        return page if len(page) == self.size else None

    def _next(self, number: int) -> bytes | None:
        self._left -= 1
        return self.read(number) if self._left >= 0 else None

    def _free(self) -> frozenset[int]:
        """The pages that the header's list of free pages names, as far as it can be followed."""
        head = self.read(1)
        found: set[int] = set()
        trunk = 0 if head is None or not head.startswith(_MAGIC) else int.from_bytes(head[32:36], "big")
        while trunk not in found and (page := self.read(trunk)) is not None:
            found.add(trunk)
            trunk, count, *leaves = struct.unpack(f">{self.size // 4}I", page)
            if count > len(leaves):
                break
            found.update(leaves[:count])
        return frozenset(found)

    def _frames(self) -> Iterator[tuple[int, int, bool]]:
        """Page number and place of each frame that is proved and whose transaction ended, in their order; whether it
        stands beyond one that is not proved."""
        header = _read(self._log, _WAL_HEADER, 0)
        if len(header) < _WAL_HEADER:
            return
        order = ">" if header[3] & 1 else "<"
        waiting: list[tuple[int, int, bool]] = []
        last, at, is_beyond = struct.unpack(">2I", header[24:32]), _WAL_HEADER, False
        size = _FRAME_HEADER + self.size
        while len(frame := _read(self._log, size, at)) == size:
            number, committed = struct.unpack(">2I", frame[:8])
            summed = checksum(frame[:8] + frame[_FRAME_HEADER:], last, order)
            last = struct.unpack(">2I", frame[16:24])
            if frame[8:16] == header[16:24] and summed == last and number > 0:
                waiting.append((number, at + _FRAME_HEADER, is_beyond))
                if committed:
                    yield from waiting
                    waiting.clear()
            else:
                is_beyond = True
                waiting.clear()
            at += size


def checksum(data: bytes, before: tuple[int, ...], order: str) -> tuple[int, int]:
    """SQLite's sum over pairs of words, going on from the one before."""
    first, second = before
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def _page_size(header: bytes, log: bytes) -> int:
    """By the file if it still says so, else by its log, else what we always use."""
    told = int.from_bytes(header[16:18], "big") if header.startswith(_MAGIC) else 0
    logged = int.from_bytes(log[8:12], "big")
    return next((size for size in (65536 if told == 1 else told, logged) if size in _SIZES), _OUR_SIZE)


def _open(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _read(descriptor: int | None, size: int, at: int) -> bytes:
    """Less than asked for at the end, and where the medium gives nothing."""
    try:
        return b"" if descriptor is None else os.pread(descriptor, size, at)
    except OSError:
        return b""


def _length(descriptor: int | None) -> int:
    return 0 if descriptor is None else os.fstat(descriptor).st_size
