"""TLS towards a hub: the context from the configured files, and each way it can fail in an operator's words.

A hub's alert often says little, so our own file is looked at before the sentence is made: a certificate that has ended
or not begun is told as that, whatever the alert's name.
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from roampost.certificates.expiry import Level, condition, date
from roampost.certificates.files import Files, Trouble, authority_troubles, troubles
from roampost.certificates.validity import UnreadableCertificateError, Validity, read_validities
from roampost.hubs.base import Verdict
from roampost.hubs.https.endpoint import Endpoint

# X509_V_ERR_… of OpenSSL's x509_vfy.h; 9 is not yet valid, 10 is expired.
_UNKNOWN_CA = (2, 18, 19, 20, 21)
_WRONG_HOST = (62, 64)
# Alerts of RFC 8446, 6.2 that are about our certificate.
_OURS = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE", "DECRYPT")


@dataclass(frozen=True, slots=True)
class TlsTrouble:
    """ours_refused: the server told us so by an alert, hence it has processed nothing, even after bytes were sent."""

    verdict: Verdict
    text: str
    ours_refused: bool = False


class UnusableFilesError(Exception):
    """The hub's certificate files cannot be used"""


def context_for(endpoint: Endpoint) -> ssl.SSLContext:
    """Trusts ca_file and nothing else (without one, the system's store). Raises UnusableFilesError."""
    try:
        return _context(endpoint)
    except OSError as error:  # ssl.SSLError is one
        # Nothing is found when the files were replaced meanwhile; the next request takes them up.
        why = "; ".join(map(str, _troubles(endpoint))) or f"{type(error).__name__}, check {_named(endpoint)}"
        raise UnusableFilesError(f"The hub's certificate files cannot be used: {why}.") from error


def _context(endpoint: Endpoint) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=endpoint.ca_file)
    # Python 3.13 turned both on or off by itself. A hub's private CA may predate the formalities of RFC 5280, and
    # the configured file may hold just the intermediate: the same files shall work on every Python.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if endpoint.cert_file is not None:
        # Without an answer ready OpenSSL would ask for a passphrase on the terminal and block the agent.
        context.load_cert_chain(endpoint.cert_file, endpoint.key_file, password=lambda: "")
    return context


def _troubles(endpoint: Endpoint) -> list[Trouble]:
    if endpoint.cert_file is None or endpoint.key_file is None:
        return [] if endpoint.ca_file is None else authority_troubles(endpoint.ca_file)
    return troubles(Files(endpoint.cert_file, endpoint.key_file, endpoint.ca_file))


def _named(endpoint: Endpoint) -> str:
    configured = (endpoint.ca_file, endpoint.cert_file, endpoint.key_file)
    return ", ".join(str(path) for path in configured if path is not None) or "the system's CA store"


def explain(error: ssl.SSLError, endpoint: Endpoint, now: datetime) -> TlsTrouble:
    """now: this machine's clock, which dates of certificates are held against."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _their_certificate(error, endpoint, now)
    reason = _reason(error)
    if "_ALERT_" in reason:
        return _alert(reason.split("_ALERT_", 1)[1], endpoint, now)
    return TlsTrouble(
        Verdict.RETRY, f"The TLS connection to the hub broke ({reason or 'no reason'}); it is tried again."
    )


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL's word in one spelling; 3.x versions differ. Errors that Python code raises have no such attribute."""
    return str(getattr(error, "reason", None) or "").upper().replace(" ", "_").replace("/", "_")


def _their_certificate(error: ssl.SSLCertVerificationError, endpoint: Endpoint, now: datetime) -> TlsTrouble:
    match error.verify_code:
        case 9:
            # Passing where the clock is still to be set; no reason to wait as long as for a person.
            return TlsTrouble(
                Verdict.RETRY,
                f"The hub's certificate is not yet valid: this machine's clock may be wrong, it says {_minute(now)};"
                " check its time source.",
            )
        case 10:
            text = _authority_ended(endpoint.ca_file, now) or "ask the hub to renew it"
            return TlsTrouble(
                Verdict.HOLD,
                f"The hub's certificate has expired: check this machine's clock, it says {_minute(now)}; else {text}.",
            )
        case code if code in _UNKNOWN_CA:
            return TlsTrouble(
                Verdict.HOLD,
                f"The hub's certificate was not signed by a CA in ca_file {endpoint.ca_file or '(not set)'}: "
                "put the hub's root and intermediate there, and check url.",
            )
        case code if code in _WRONG_HOST:
            return TlsTrouble(Verdict.HOLD, "The hub's certificate is for another host name: check url.")
        case code:
            return TlsTrouble(
                Verdict.HOLD, f"The hub's certificate was refused (OpenSSL {code}): check ca_file and url."
            )


def _alert(name: str, endpoint: Endpoint, now: datetime) -> TlsTrouble:
    if not any(part in name for part in _OURS):
        return TlsTrouble(Verdict.RETRY, f"The hub ended the TLS connection ({name.lower()}); it is tried again.", True)
    return TlsTrouble(Verdict.HOLD, _refused(name.lower(), endpoint, now), True)


def _refused(name: str, endpoint: Endpoint, now: datetime) -> str:
    if endpoint.cert_file is None:
        section = f"hubs.{endpoint.name}"
        return (
            f"The hub refuses a connection without a client certificate ({name}): check url; if the hub has given you"
            f" one, set {section}.cert_file and {section}.key_file."
        )
    refused = f"The hub refuses our client certificate ({name})"
    renew = f"renew cert_file {endpoint.cert_file}"
    own = _first_of(endpoint.cert_file)
    level, told = (Level.UNKNOWN, "") if own is None else condition(own, now)
    if level is Level.EXPIRED:
        return f"{refused}: it {told}; {renew}."
    if level is Level.EARLY:
        return f"{refused}: cert_file {endpoint.cert_file} {told}; check the clock, else wait."
    if "certificate_expired" in name:
        until = f", although this file says {date(own.not_after)}" if own is not None else ""
        return f"The hub says that our client certificate has expired{until}: {renew}, check this machine's clock."
    if "revoked" in name:
        return f"The hub says that our client certificate was revoked: {renew}."
    return (
        f"{refused}: check that cert_file {endpoint.cert_file} was signed by this hub;"
        f" run: roampost cert show --hub {endpoint.name}"
    )


def _first_of(path: Path) -> Validity | None:
    """Our own certificate is the first of its file; what follows are intermediates."""
    try:
        return read_validities(path)[0]
    except UnreadableCertificateError:
        return None


def _authority_ended(ca_file: Path | None, now: datetime) -> str:
    """What to do when no certificate of ca_file is valid any more; empty when one is."""
    if ca_file is None:
        return ""
    try:
        last = max(read_validities(ca_file), key=lambda one: one.not_after)
    except UnreadableCertificateError:
        return ""
    level, told = condition(last, now)
    return f"put the hub's new CA into ca_file {ca_file}, which {told}" if level is Level.EXPIRED else ""


def _minute(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
