"""From when to when the certificates of a PEM file are valid: bytes in, dates out.

By hand, and only as much DER as leads to two dates (RFC 5280, 4.1): the running agent shall not start a process for
them, and the standard library reads certificates only of a peer or, not publicly, for its own tests.
"""

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_MAX_BYTES = 1_000_000
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_SEQUENCE, _INTEGER, _VERSION = 0x30, 0x02, 0xA0
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18


class UnreadableCertificateError(Exception):
    """The certificates of a file cannot be read. The text follows the file's name."""


@dataclass(frozen=True, slots=True)
class Validity:
    """Both moments belong to it."""

    not_before: datetime
    not_after: datetime


def read_validities(path: Path) -> tuple[Validity, ...]:
    """In the order of the file, at least one. Raises UnreadableCertificateError."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableCertificateError(f"cannot be read: {error.strerror}") from None
    if len(data) > _MAX_BYTES:
        raise UnreadableCertificateError(f"is larger than {_MAX_BYTES} bytes")
    found = tuple(_validity(_der(block)) for block in pem_blocks(data.decode("ascii", errors="replace")))
    if not found:
        raise UnreadableCertificateError("holds no certificate in PEM format")
    return found


def pem_blocks(text: str) -> list[str]:
    """The certificates of a PEM text, each with its two marks; keys and remarks are left out."""
    return [f"{_BEGIN}{part.partition(_END)[0]}{_END}\n" for part in text.split(_BEGIN)[1:] if _END in part]


def _der(block: str) -> bytes:
    try:
        return ssl.PEM_cert_to_DER_cert(block)
    except ValueError:
        raise UnreadableCertificateError("holds a damaged certificate") from None


def _validity(der: bytes) -> Validity:
    try:
        certificate = _Reader(der).value(_SEQUENCE)
        fields = _Reader(_Reader(certificate).value(_SEQUENCE))
        fields.skip_optional(_VERSION)
        for tag in (_INTEGER, _SEQUENCE, _SEQUENCE):  # serial number, signature algorithm, issuer
            fields.value(tag)
        times = _Reader(fields.value(_SEQUENCE))
        return Validity(_moment(*times.next()), _moment(*times.next()))
    except ValueError:
        raise UnreadableCertificateError("holds a damaged certificate") from None


class _Reader:
    """Tag, length, value, one after the other. Raises ValueError for what is not DER."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def value(self, tag: int) -> bytes:
        found, value = self.next()
        if found != tag:
            raise ValueError(f"tag {found:#x} in the place of {tag:#x}")
        return value

    def skip_optional(self, tag: int) -> None:
        if self._data[self._at : self._at + 1] == bytes([tag]):
            self.next()

    def next(self) -> tuple[int, bytes]:
        tag, length = self._take(1)[0], self._take(1)[0]
        if length >= 0x80:
            length = int.from_bytes(self._take(length - 0x80))
        return tag, self._take(length)

    def _take(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        if len(part) != size:
            raise ValueError("ends too early")
        self._at += size
        return part


def _moment(tag: int, value: bytes) -> datetime:
    text = value.decode("ascii")
    if tag == _UTC_TIME:
        # RFC 5280, 4.1.2.5.1: two digits of the year, 50 to 99 are of the last century.
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise ValueError(f"tag {tag:#x} is no time")
    if len(text) != len("20260102030405Z") or not text.endswith("Z"):
        raise ValueError("not in whole seconds of UTC")
    return datetime.fromisoformat(f"{text[:8]}T{text[8:]}")
