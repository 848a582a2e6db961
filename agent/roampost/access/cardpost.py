"""A list that a hub has posted takes the place of the one before, and the hub hears how many of its cards are new.

Takes seconds for a million cards, so it runs in a thread; therefore it opens files of its own.
"""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from roampost.access.cardfile import CardFile, CardFileError, write_cards
from roampost.access.cardkey import DIGEST_BYTES, CardKey
from roampost.domain.stamp import Stamp

_BEHIND_ALL = b"\xff" * (DIGEST_BYTES + 1)


def replace_cards(path: Path, key: CardKey, uids: Iterable[str], posted: Stamp) -> int:
    """Returns how many of them the list before did not hold: all, where there was none that could be read. Raises
    OSError when the new one cannot be written; the one before stays then."""
    before = _usable(path, key)
    if before is None:
        return write_cards(path, key, uids, posted)
    with closing(before):
        count = write_cards(path, key, uids, posted)
        try:
            with closing(CardFile(path)) as now:
                return new_cards(before, now)
        except (OSError, CardFileError):
            return count


def new_cards(before: CardFile, now: CardFile) -> int:
    """Both are sorted: one walk over each. Raises what `CardFile.digests` does."""
    old, last, new = before.digests(), b"", 0
    for digest in now.digests():
        while last < digest:
            last = next(old, _BEHIND_ALL)
        new += digest != last
    return new


def _usable(path: Path, key: CardKey) -> CardFile | None:
    try:
        file = CardFile(path)
    except (OSError, CardFileError):
        return None
    if file.head.key_id == key.id:
        return file
    file.close()
    return None
