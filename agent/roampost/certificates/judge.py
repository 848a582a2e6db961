"""What a certificate is, and whether it will do for its hub: facts, each with one line of advice where it will not."""

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from roampost.certificates import openssl
from roampost.certificates.expiry import Level, condition, date, days_left
from roampost.certificates.files import Files, open_to_all, troubles
from roampost.certificates.request import common_name
from roampost.certificates.validity import UnreadableCertificateError, Validity, pem_blocks, read_validities

_MOST_NAMES = 5
_READABLE = "there, readable to root and the group roampost"


@dataclass(frozen=True, slots=True)
class Hub:
    """What of a hub's configuration is held against its certificate."""

    name: str
    operator_id: str
    files: Files


@dataclass(frozen=True, slots=True)
class Fact:
    """advice is None where all is well."""

    about: str
    text: str
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One file, or one hub's files. The dates are those of the first certificate; None when there is none."""

    file: Path
    hub: str | None
    validity: Validity | None
    facts: tuple[Fact, ...]

    @property
    def fine(self) -> bool:
        return all(fact.advice is None for fact in self.facts)


def judge_file(path: Path, now: datetime) -> Judged:
    """Each certificate of any PEM file, by itself. Raises OpensslError."""
    return _judged(path, None, lambda _: _each(path, now))


def judge_hub(hub: Hub, now: datetime) -> Judged:
    """The hub's files together, as the agent would use them. Raises OpensslError."""
    return _judged(hub.files.cert_file, hub.name, lambda validity: _of_hub(hub, validity, now))


def _judged(path: Path, hub: str | None, facts: Callable[[Validity], Iterator[Fact]]) -> Judged:
    try:
        first = read_validities(path)[0]
    except UnreadableCertificateError as error:
        advice = (
            "name a certificate in PEM format" if hub is None else f"put the hub's answer to your request {_READABLE}"
        )
        return Judged(path, hub, None, (Fact("certificate", str(error), advice),))
    return Judged(path, hub, first, tuple(facts(first)))


def _each(path: Path, now: datetime) -> Iterator[Fact]:
    blocks = pem_blocks(path.read_text("ascii", errors="replace"))
    for block, validity in zip(blocks, read_validities(path), strict=True):
        yield from _names(openssl.describe(block))
        yield _period(validity, now)


def _of_hub(hub: Hub, validity: Validity, now: datetime) -> Iterator[Fact]:
    files = hub.files
    found = openssl.describe(_first_block(files.cert_file))
    yield from _names(found)
    yield _operator(found, hub.operator_id)
    yield _period(validity, now)
    yield _usage(found)
    yield from _key(files)
    yield from _authority(files, found, now)


def _names(found: openssl.Description) -> Iterator[Fact]:
    yield Fact("subject", ", ".join(found.subject))
    yield Fact("issuer", ", ".join(found.issuer))


def _operator(found: openssl.Description, operator_id: str) -> Fact:
    name = found.common_name()
    if name is not None and common_name(name) == common_name(operator_id):
        return Fact("operator", f"the common name is that of {operator_id}")
    return Fact(
        "operator",
        f"the common name is {name or 'absent'}, the configuration has operator_id {operator_id}",
        "a hub may refuse it: correct operator_id, or ask the hub for which operator it has signed",
    )


def _period(validity: Validity, now: datetime) -> Fact:
    text = f"from {date(validity.not_before)} to {date(validity.not_after)}"
    level, told = condition(validity, now)
    if not told:
        return Fact("valid", f"{text}, {days_left(validity.not_after, now)} days left")
    early = level is Level.EARLY
    advice = "check this machine's clock, else wait" if early else "ask for a new one: roampost cert request"
    return Fact("valid", f"{text}; {told}", advice)


def _usage(found: openssl.Description) -> Fact:
    if found.for_clients:
        return Fact("usage", "client authentication is allowed")
    return Fact("usage", "client authentication is not allowed", "tell the hub that it must be (clientAuth)")


def _key(files: Files) -> Iterator[Fact]:
    wrong = troubles(Files(files.cert_file, files.key_file))
    if wrong:
        unread = wrong[0].text.startswith("cannot be read")
        advice = f"put the key {_READABLE}" if unread else "if it is lost, make both anew: roampost cert request"
        yield Fact("key", f"{wrong[0].path} {wrong[0].text}", advice)
        return
    mode = stat.S_IMODE(files.key_file.stat().st_mode)
    yield Fact(
        "key",
        f"{files.key_file} belongs to the certificate, mode {mode:04o}",
        f"every user of this machine can read or change it: chmod o= {files.key_file}"
        if open_to_all(files.key_file)
        else None,
    )


def _authority(files: Files, found: openssl.Description, now: datetime) -> Iterator[Fact]:
    if files.ca_file is None:
        yield Fact("chain", "not looked at: there is no ca_file")
        return
    try:
        last = max(read_validities(files.ca_file), key=lambda one: one.not_after)
    except UnreadableCertificateError as error:
        yield Fact("ca", f"{files.ca_file} {error}", f"put the hub's root and intermediate CA {_READABLE}")
        return
    if told := condition(last, now)[1]:
        yield Fact("ca", f"{files.ca_file} {told}", "put the hub's new root and intermediate CA there")
    yield _chain(files.cert_file, files.ca_file, found)


def _chain(cert_file: Path, ca_file: Path, found: openssl.Description) -> Fact:
    way = openssl.chain(cert_file, ca_file)
    if not way.broken:
        return Fact("chain", f"{' <- '.join(way.names)}, in {ca_file}")
    issuer = ", ".join(found.issuer)
    return Fact(
        "chain",
        f"no way from its issuer {issuer} to {ca_file}, which holds {_held(ca_file)} ({way.broken})",
        f"if {issuer} is an intermediate CA of this hub, add it to {ca_file};"
        " else the certificate is another hub's: test and production are two",
    )


def _held(ca_file: Path) -> str:
    blocks = pem_blocks(ca_file.read_text("ascii", errors="replace"))
    if len(blocks) > _MOST_NAMES:
        return f"{len(blocks)} certificates"
    return "; ".join(", ".join(openssl.describe(block).subject) for block in blocks)


def _first_block(path: Path) -> str:
    return pem_blocks(path.read_text("ascii", errors="replace"))[0]
