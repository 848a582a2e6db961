"""Who calls: a certificate is one of the hubs that the configuration pins, or nobody. Pure.

That the certificate was signed by a trusted authority has been checked by TLS; that authority may have signed others.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Where a request's state holds the name of the hub that sent it.
CALLER = "caller"
_SUBJECT_MAX = 200


@dataclass(frozen=True, slots=True)
class Certificate:
    """fingerprint: SHA-256 in lower-case hex. names: common and DNS names in lower case. subject: for people."""

    fingerprint: str
    names: frozenset[str]
    subject: str

    def __str__(self) -> str:
        pairs = (self.fingerprint[at : at + 2].upper() for at in range(0, len(self.fingerprint), 2))
        return f"{self.subject!r}, SHA-256 fingerprint {':'.join(pairs)}"


@dataclass(frozen=True, slots=True)
class Pin:
    """One hub's identities, in the spelling of `Certificate`."""

    hub: str
    fingerprints: frozenset[str]
    names: frozenset[str]


def certificate_of(der: bytes, decoded: Mapping[str, Any]) -> Certificate:
    """decoded: what `SSLObject.getpeercert()` says of a verified certificate."""
    subject = [pair for part in decoded.get("subject", ()) for pair in part]
    common = {value.lower() for name, value in subject if name == "commonName"}
    dns = {value.lower() for kind, value in decoded.get("subjectAltName", ()) if kind == "DNS"}
    text = ", ".join(f"{name}={value}" for name, value in subject)
    return Certificate(hashlib.sha256(der).hexdigest(), frozenset(common | dns), text[:_SUBJECT_MAX])


class Pins:
    """The callers of all configured hubs. That no identity belongs to two of them is for the configuration."""

    def __init__(self, *pins: Pin) -> None:
        self._pins = pins

    def hub_of(self, certificate: Certificate) -> str | None:
        return next(self._matching(certificate), None)

    def _matching(self, certificate: Certificate) -> Iterator[str]:
        # A fingerprint is the narrower word, so it decides first.
        yield from (one.hub for one in self._pins if certificate.fingerprint in one.fingerprints)
        yield from (one.hub for one in self._pins if certificate.names & one.names)
