"""The service through which hubs ask something of the station, and who may: `[inbound]` and `[hubs.<name>.inbound]`.

Off unless both are there. A certificate of the right authority is not enough, because a hub's authority may have
signed its other partners too: the hub itself is pinned, by fingerprint or by name. A hub whose protocol knows no client
certificates is recognised by the key that it shows.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from roampost.config.section import AbsolutePath, Section


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("must be an IP address of this machine, or 0.0.0.0, or :: for all of them") from None


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError("must be an IP address or a network such as 198.51.100.0/24, its host bits zero") from None


def _fingerprint(text: str) -> str:
    """As openssl prints it, or plain; kept as 64 digits in lower case."""
    digits = text.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ValueError("must be a SHA-256 fingerprint: 32 bytes in hex, as `openssl x509 -fingerprint -sha256` says")
    return digits


def _name(text: str) -> str:
    if not re.fullmatch(r"[\x21-\x29\x2b-\x7e]([\x20-\x29\x2b-\x7e]{0,252}[\x21-\x29\x2b-\x7e])?", text):
        raise ValueError("must be the common name or DNS name of the hub's certificate in full, without *")
    if re.match(r"(?i)(subject ?=|CN ?=|DNS ?:)", text):  # as openssl prints it; compared, it would be nobody's name
        raise ValueError("must be the name alone, without what openssl writes before it")
    return text.lower()


def _prefix(text: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", text):
        raise ValueError("must be empty or a path such as /api/oicp, without a slash at its end")
    return text


def _whole_path(text: str) -> str:
    if not _prefix(text):
        raise ValueError("must be a path such as /api/v4/request")
    return text


class HubInbound(Section):
    """How a hub that has a client certificate is recognised, and where it finds us."""

    client_ca_file: AbsolutePath = Field(description="the authority that signed the hub's client certificate, as PEM")
    fingerprints: tuple[Annotated[str, AfterValidator(_fingerprint)], ...] = Field(
        default=(), description="SHA-256 of the hub's certificates; a renewed one has another"
    )
    names: tuple[Annotated[str, AfterValidator(_name)], ...] = Field(
        default=(), description="common name or DNS name in the hub's certificates; a renewed one keeps it"
    )
    prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        default="/api/oicp", description="before the paths of the hub's protocol"
    )


class KeyInbound(Section):
    """How a hub that shows an API key is recognised, and where it finds us."""

    api_key_file: AbsolutePath = Field(description="one line: the key that the hub shows, 16 to 256 characters")
    prefix: Annotated[str, AfterValidator(_whole_path)] = Field(
        default="/api/v4/request", description="before the paths of the hub's protocol"
    )
    max_body_bytes: int = Field(
        default=1_048_576, ge=1_024, le=4_194_304, description="in place of inbound.max_body_bytes: lists are long"
    )


AnyInbound = HubInbound | KeyInbound


class Inbound(Section):
    """The listening side. Certificate and key are those that hubs expect of us as a server."""

    address: Annotated[str, AfterValidator(_address)] = "0.0.0.0"  # noqa: S104 - a hub is never on this machine
    # Below 1024 the unit's user may not listen.
    port: int = Field(default=8443, ge=1024, le=65_535)
    cert_file: AbsolutePath = Field(description="PEM, with the intermediates that hubs need")
    key_file: AbsolutePath
    allow: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        default=(), description="addresses and networks that may connect; empty: all"
    )
    max_body_bytes: int = Field(default=16_384, ge=1_024, le=1_048_576)
    requests_per_minute: int = Field(default=120, ge=1, le=60_000, description="of all callers together")
    address_requests_per_minute: int = Field(
        default=60, ge=1, le=60_000, description="of one address, and as many new connections"
    )


def problems(inbound: Inbound | None, hubs: Mapping[str, AnyInbound], *, wanted: bool, all_hubs: bool) -> Iterator[str]:
    """wanted: the file has an [inbound] section, which is None where it is wrong in itself. all_hubs: none of the
    file's hubs is left out for being wrong in itself."""
    pinned = {name: hub for name, hub in hubs.items() if isinstance(hub, HubInbound)}
    for name in hubs:
        if not wanted:
            yield f"hubs.{name}.inbound: there is no [inbound] section to listen by; add it, or take this out"
        if name in pinned and not pinned[name].fingerprints and not pinned[name].names:
            yield (
                f"hubs.{name}.inbound: fingerprints or names must pin the hub's own certificate, because its authority"
                " signs other partners too"
            )
    if inbound is not None and all_hubs and not hubs:
        yield "inbound: no hub may call; add [hubs.<name>.inbound] with the hub's authority and identity"
    yield from _ambiguous(pinned)
    yield from _one_key({name: hub for name, hub in hubs.items() if isinstance(hub, KeyInbound)})


def _one_key(hubs: Mapping[str, KeyInbound]) -> Iterator[str]:
    """A key has to say by itself which hub it is, whatever the path. That two files hold one key is seen when they
    are read."""
    first: dict[Path, str] = {}
    for hub, one in hubs.items():
        if first.setdefault(one.api_key_file, hub) != hub:
            yield (
                f"hubs.{hub}.inbound.api_key_file: '{one.api_key_file}' is the key of hubs.{first[one.api_key_file]}"
                " already; give each hub its own"
            )


def _ambiguous(hubs: Mapping[str, HubInbound]) -> Iterator[str]:
    """One port serves all hubs, so a certificate has to say by itself which of them it is."""
    first: dict[str, str] = {}
    for hub, one in hubs.items():
        for identity in chain(one.fingerprints, one.names):
            if first.setdefault(identity, hub) != hub:
                yield f"hubs.{hub}.inbound: {identity!r} is pinned for hubs.{first[identity]} already"
    if len({one.client_ca_file for one in hubs.values()}) > 1:
        for hub, one in hubs.items():
            if one.names:
                yield (
                    f"hubs.{hub}.inbound.names: with several client_ca_file one hub's authority could sign another's"
                    " name; pin fingerprints"
                )
