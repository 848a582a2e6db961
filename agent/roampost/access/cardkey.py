"""The key under which card numbers are hashed, and how. The key stands alone in a file that only the agent reads.

A card number of four bytes can be guessed through in seconds, salt or not: what protects a list that got about is that
the key did not go with it. So the key is in no list and in no configuration.
"""

import hashlib
import hmac
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

DIGEST_BYTES = 16
_KEY_BYTES = 32
_FILE = re.compile(rb"([0-9a-f]{64})\n?")
# ISO 14443: 4, 7 or 10 bytes.
_UID = re.compile(r"[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20}")
_MAY = "root and the agent's own user may do it"


class CardKeyError(Exception):
    """The key of the card digests cannot be had; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class CardKey:
    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Names the key without telling it, so that a list of another key is recognised."""
        return hashlib.sha256(b"roampost card key\0" + self.secret).hexdigest()[:16]

    def digest(self, uid: str) -> bytes:
        """uid: upper-case hex, as readers and hubs write it."""
        return hmac.digest(self.secret, uid.encode(), "sha256")[:DIGEST_BYTES]


def uid_of(text: str) -> str | None:
    """A card number as a person writes it ("04:a1:b2:c3") in our one spelling; None where it is none."""
    uid = text.replace(":", "").replace("-", "").upper()
    return uid if _UID.fullmatch(uid) else None


def load_key(path: Path) -> CardKey:
    """Raises CardKeyError, also when there is none."""
    try:
        with path.open("rb") as file:
            match = _FILE.fullmatch(file.read(1000))
    except FileNotFoundError as error:
        raise CardKeyError(
            f"{path} cannot be read: {error.strerror}; `roampost cards hash` makes one, and own cards that were hashed"
            " with a lost one have to be hashed again"
        ) from None
    except OSError as error:
        raise CardKeyError(f"{path} cannot be read: {error.strerror}; {_MAY}") from None
    if match is None:
        raise CardKeyError(
            f"{path} holds no key (64 hex digits); put the right one back, or remove the file: a new key is made, and"
            " own cards have to be hashed again"
        )
    return CardKey(bytes.fromhex(match[1].decode()))


def load_or_make_key(path: Path) -> CardKey:
    """The key of this file; a new one where there is no file. Raises CardKeyError."""
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        raise CardKeyError(f"{path} cannot be made: {error.strerror}; {_MAY}") from None
    return load_key(path)


def _make(path: Path) -> None:
    """Whole or not at all; of two that make one at the same time the first wins."""
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        write_file(made, secrets.token_hex(_KEY_BYTES).encode() + b"\n")
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_file(path: Path, *parts: bytes) -> None:
    """A new file that only its owner reads, on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)
        file.writelines(parts)
        file.flush()
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
