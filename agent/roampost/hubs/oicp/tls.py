"""TLS towards a hub: the context from the configured files, and each way it can fail in an operator's words."""

import ssl
from dataclasses import dataclass

from roampost.hubs.base import Verdict
from roampost.hubs.oicp.settings import OicpSettings

# X509_V_ERR_… of OpenSSL's x509_vfy.h; 9 is not yet valid, 10 is expired.
_UNKNOWN_CA = (2, 18, 19, 20, 21)
_WRONG_HOST = (62, 64)


@dataclass(frozen=True, slots=True)
class TlsTrouble:
    """ours_refused: the server told us so by an alert, hence it has processed nothing, even after bytes were sent."""

    verdict: Verdict
    text: str
    ours_refused: bool = False


class UnusableFilesError(Exception):
    """The hub's certificate files cannot be used"""


def context_for(settings: OicpSettings) -> ssl.SSLContext:
    """Trusts ca_file and nothing else (without one, the system's store). Raises UnusableFilesError."""
    try:
        return _context(settings)
    except OSError as error:  # ssl.SSLError is one
        reason = (_reason(error) if isinstance(error, ssl.SSLError) else error.strerror) or "unreadable"
        names = ", ".join(str(path) for path in settings.files())
        raise UnusableFilesError(f"The hub's certificate files cannot be used ({reason}): check {names}.") from error


def _context(settings: OicpSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    # Python 3.13 turned both on or off by itself. A hub's private CA may predate the formalities of RFC 5280, and
    # the configured file may hold just the intermediate: the same files shall work on every Python.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    # Without an answer ready OpenSSL would ask for a passphrase on the terminal and block the agent.
    context.load_cert_chain(settings.cert_file, settings.key_file, password=lambda: "")
    return context


def explain(error: ssl.SSLError, settings: OicpSettings) -> TlsTrouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _their_certificate(error, settings)
    reason = _reason(error)
    if "_ALERT_" in reason:
        return _alert(reason.split("_ALERT_", 1)[1], settings)
    return TlsTrouble(
        Verdict.RETRY, f"The TLS connection to the hub broke ({reason or 'no reason'}); it is tried again."
    )


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL's word in one spelling; 3.x versions differ. Errors that Python code raises have no such attribute."""
    return str(getattr(error, "reason", None) or "").upper().replace(" ", "_").replace("/", "_")


def _their_certificate(error: ssl.SSLCertVerificationError, settings: OicpSettings) -> TlsTrouble:
    match error.verify_code:
        case 9:
            # Passing where the clock is still to be set; no reason to wait as long as for a person.
            return TlsTrouble(
                Verdict.RETRY,
                "The hub's certificate is not yet valid: this machine's clock may be wrong, check its time source.",
            )
        case 10:
            return TlsTrouble(
                Verdict.HOLD,
                "The hub's certificate has expired: check this machine's clock, else ask the hub for its new CA files.",
            )
        case code if code in _UNKNOWN_CA:
            return TlsTrouble(
                Verdict.HOLD,
                f"The hub's certificate was not signed by a CA in ca_file {settings.ca_file or '(not set)'}: "
                "put the hub's root and intermediate there, and check url.",
            )
        case code if code in _WRONG_HOST:
            return TlsTrouble(Verdict.HOLD, "The hub's certificate is for another host name: check url.")
        case code:
            return TlsTrouble(
                Verdict.HOLD, f"The hub's certificate was refused (OpenSSL {code}): check ca_file and url."
            )


def _alert(name: str, settings: OicpSettings) -> TlsTrouble:
    if "CERTIFICATE_EXPIRED" in name:
        text = f"The hub says that our client certificate has expired: renew cert_file {settings.cert_file}."
    elif "REVOKED" in name:
        text = f"The hub says that our client certificate was revoked: renew cert_file {settings.cert_file}."
    elif any(part in name for part in ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE", "DECRYPT")):
        text = (
            f"The hub refuses our client certificate ({name.lower()}): "
            f"check that cert_file {settings.cert_file} was signed by this hub."
        )
    else:
        return TlsTrouble(Verdict.RETRY, f"The hub ended the TLS connection ({name.lower()}); it is tried again.", True)
    return TlsTrouble(Verdict.HOLD, text, True)
