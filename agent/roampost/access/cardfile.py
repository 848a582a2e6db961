"""A hub's list of cards in a file of its own: sorted digests of one size, so that a look-up is a few reads.

Line 1: "roampost-cards 1 <crc32 of everything behind it>". Line 2: JSON, the key's name, when it was had, how many.
Then the digests, 16 bytes each. The file is replaced whole; what is damaged counts as not there. It is read, never
mapped: a file that somebody cuts short must not kill the agent.
"""

import os
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from roampost.access.cardkey import DIGEST_BYTES, CardKey, sync_folder, write_file
from roampost.domain.stamp import Stamp

_FIRST = re.compile(rb"roampost-cards 1 ([0-9a-f]{8})\n")
_FIRST_BYTES = 26
_HEAD_MAX_BYTES = 1_000
_CHUNK_BYTES = 1 << 20
_BUCKETS = 256


class CardFileError(Exception):
    """The list cannot be used; the sentence says why."""


class Head(BaseModel):
    """pulled: when the hub was asked for the list, or has posted it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    key_id: str
    pulled: Stamp
    count: int = Field(ge=0)


def write_cards(path: Path, key: CardKey, uids: Iterable[str], pulled: Stamp) -> int:
    """Replace the list; returns how many it holds. Raises OSError. Takes seconds for a million cards.

    Sorted by buckets of the first byte: in memory there is never more than the digests themselves.
    """
    buckets = [bytearray() for _ in range(_BUCKETS)]
    for uid in uids:
        digest = key.digest(uid.upper())
        buckets[digest[0]] += digest
    body = [_sorted(bucket) for bucket in buckets]
    count = sum(map(len, body)) // DIGEST_BYTES
    head = Head(key_id=key.id, pulled=pulled, count=count).model_dump_json().encode() + b"\n"
    crc = zlib.crc32(head)
    for part in body:
        crc = zlib.crc32(part, crc)
    made = path.with_name(path.name + ".new")
    write_file(made, b"roampost-cards 1 %08x\n" % crc, head, *body)
    made.replace(path)
    sync_folder(path.parent)
    return count


def _sorted(bucket: bytearray) -> bytes:
    """Each digest once: a hub may list a card in two spellings."""
    whole = bytes(bucket)
    bucket.clear()
    return b"".join(sorted({whole[at : at + DIGEST_BYTES] for at in range(0, len(whole), DIGEST_BYTES)}))


class CardFile:
    """An open list; `close` it. Another one that takes its name does not change this one."""

    def __init__(self, path: Path) -> None:
        """Reads all of it once. Raises FileNotFoundError, other OSErrors, and CardFileError where it is damaged."""
        self._path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.head, self._start = self._checked()
        except BaseException:
            self.close()
            raise

    def holds(self, digest: bytes) -> bool:
        """Raises CardFileError when the file has been damaged since it was opened, and OSError."""
        low, high = 0, self.head.count
        while low < high:
            middle = (low + high) // 2
            found = os.pread(self._descriptor, DIGEST_BYTES, self._start + middle * DIGEST_BYTES)
            if len(found) != DIGEST_BYTES:
                raise CardFileError(f"{self._path} has been cut short")
            if found == digest:
                return True
            low, high = (middle + 1, high) if found < digest else (low, middle)
        return False

    def digests(self) -> Iterator[bytes]:
        """All of them, in their order. Raises as `holds` does."""
        end = self._start + self.head.count * DIGEST_BYTES
        for at in range(self._start, end, _CHUNK_BYTES):
            wanted = min(_CHUNK_BYTES, end - at)
            chunk = os.pread(self._descriptor, wanted, at)
            if len(chunk) != wanted:
                raise CardFileError(f"{self._path} has been cut short")
            yield from (chunk[one : one + DIGEST_BYTES] for one in range(0, wanted, DIGEST_BYTES))

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _checked(self) -> tuple[Head, int]:
        top = os.pread(self._descriptor, _FIRST_BYTES + _HEAD_MAX_BYTES, 0)
        first = _FIRST.match(top)
        head, newline, _ = top[_FIRST_BYTES:].partition(b"\n")
        if first is None or not newline:
            raise CardFileError(f"{self._path} is no list of cards that this version of Roampost wrote")
        start = _FIRST_BYTES + len(head) + 1
        try:
            known = Head.model_validate_json(head)
        except ValidationError:
            raise CardFileError(f"{self._path} is damaged") from None
        size = os.fstat(self._descriptor).st_size
        if size != start + known.count * DIGEST_BYTES or self._crc(size) != int(first[1], 16):
            raise CardFileError(f"{self._path} is damaged")
        return known, start

    def _crc(self, size: int) -> int:
        crc = 0
        for at in range(_FIRST_BYTES, size, _CHUNK_BYTES):
            crc = zlib.crc32(os.pread(self._descriptor, _CHUNK_BYTES, at), crc)
        return crc
