"""Who shows which API key: a hub, or nobody. Neither a text nor the time that it takes tells anything of a key.

Files are read again when they are others. One that cannot be used keeps the key of before in use, and where there is
none, its hub and no other out.
"""

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from roampost.config.inbound import KeyInbound
from roampost.filestamp import FileStamp, file_stamp
from roampost.hubs.https.api_key import UnusableKeyError, read_api_key

log = logging.getLogger(__name__)
KEY_MIN, KEY_MAX = 16, 256
# `key=abc`, as OIOI has it, in the spellings that partners make of it.
_HEADER = re.compile(rb"\s*key\s*=\s*(\S+)\s*", re.IGNORECASE)


class ApiKeys:
    """The keys of all hubs that are recognised by one."""

    def __init__(self, hubs: Mapping[str, KeyInbound]) -> None:
        self._keys = [_Key(hub, one.api_key_file) for hub, one in hubs.items()]
        self._look()

    def hub_of(self, headers: Sequence[bytes]) -> str | None:
        """headers: the value of every Authorization that a request has; two of them are as good as none."""
        self._look()
        found = _HEADER.fullmatch(headers[0]) if len(headers) == 1 else None
        if found is None:
            return None
        shown = _digest(found[1])
        # All of them, always: the time says neither how much of a key was right nor whose it was.
        matching = [key.hub for key in self._keys if hmac.compare_digest(key.digest, shown)]
        return matching[0] if len(matching) == 1 else None

    def _look(self) -> None:
        changed = [key.look() for key in self._keys]
        if any(changed):
            for sentence in _alike({key.hub: key.digest for key in self._keys}):
                log.warning("%s", sentence)


@dataclass(slots=True)
class _Key:
    """digest: of the key in use; while there is none, of nothing that anybody could show."""

    hub: str
    path: Path
    digest: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    known: bool = False
    stamp: FileStamp | None = None

    def look(self) -> bool:
        """Whether there is another key now."""
        # The stamp first: a file that changes while it is read is read again the next time.
        stamp = file_stamp(self.path)
        if stamp == self.stamp:
            return False
        self.stamp = stamp
        try:
            digest = _digest(_read(self.hub, self.path))
        except UnusableKeyError as error:
            what = "its old API key stays in use" if self.known else "it cannot call"
            log.warning("hub %s: %s: %s", self.hub, what, error)
            return False
        if self.known:
            log.info("hub %s: a new API key is in use", self.hub)
        self.digest, self.known = digest, True
        return True


def key_problems(hubs: Mapping[str, KeyInbound]) -> Iterator[str]:
    """Why a hub could not call, as its key file is now."""
    digests: dict[str, bytes] = {}
    for hub, one in hubs.items():
        try:
            digests[hub] = _digest(_read(hub, one.api_key_file))
        except UnusableKeyError as error:
            yield f"{error} Until then hubs.{hub} cannot call"
    yield from _alike(digests)


def _alike(digests: Mapping[str, bytes]) -> Iterator[str]:
    first: dict[bytes, str] = {}
    for hub, digest in digests.items():
        if first.setdefault(digest, hub) != hub:
            yield f"hubs.{first[digest]} and hubs.{hub} show the same API key, so neither can call; give each its own"


def _read(hub: str, path: Path) -> bytes:
    name = f"hubs.{hub}.inbound.api_key_file"
    key = read_api_key(path, name)
    if not KEY_MIN <= len(key) <= KEY_MAX:
        raise UnusableKeyError(
            f"{name} '{path}' must hold a key of {KEY_MIN} to {KEY_MAX} characters: agree on another with the hub."
        )
    return key.encode("ascii")


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()
