"""The files that make a TLS context towards a hub, and what is wrong with them before anything is sent.

The key is only ever loaded by the TLS library of this process, as the agent itself does it: no copy, no other process.
"""

import ssl
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# OpenSSL's words for a key of another certificate; the last is said where it is of another kind (EC, RSA) as well.
_OTHER_KEY = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED")


@dataclass(frozen=True, slots=True)
class Files:
    """As configured; ca_file None trusts the system's store."""

    cert_file: Path
    key_file: Path
    ca_file: Path | None = None

    def named(self) -> dict[str, Path]:
        """By the key of the configuration."""
        found = {"cert_file": self.cert_file, "key_file": self.key_file, "ca_file": self.ca_file}
        return {key: path for key, path in found.items() if path is not None}


@dataclass(frozen=True, slots=True)
class Trouble:
    """key: of the configuration. text follows the path and says what to do."""

    key: str
    path: Path
    text: str

    def __str__(self) -> str:
        return f"{self.key} '{self.path}' {self.text}"


def troubles(files: Files) -> list[Trouble]:
    """Why no context can be made of the files; each cause alone. Empty when one can."""
    found = [Trouble(key, path, text) for key, path in files.named().items() if (text := _unreadable(path))]
    return found or [*_authority(files.ca_file), *_pair(files)]


def authority_troubles(ca_file: Path) -> list[Trouble]:
    """The same for a hub that we show no certificate of our own."""
    text = _unreadable(ca_file)
    return [Trouble("ca_file", ca_file, text)] if text else list(_authority(ca_file))


def open_to_all(path: Path) -> bool:
    """Whether every user of this machine may read, change or run it."""
    with suppress(OSError):
        return bool(stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO)
    return False


def _unreadable(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None


def _authority(ca_file: Path | None) -> Iterator[Trouble]:
    if ca_file is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(ca_file)
    except (ssl.SSLError, OSError):
        yield Trouble(
            "ca_file",
            ca_file,
            "holds no certificate in PEM format, or a damaged one: put the hub's root and intermediate CA there",
        )


def _pair(files: Files) -> Iterator[Trouble]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not _holds_certificate(files.cert_file):
        yield Trouble("cert_file", files.cert_file, "holds no certificate in PEM format: put the hub's answer there")
        return
    try:
        # Without an answer ready OpenSSL would ask for a passphrase on the terminal.
        context.load_cert_chain(files.cert_file, files.key_file, password=lambda: "")
    except (ssl.SSLError, ValueError, OSError) as error:
        text = (
            f"does not belong to the certificate in cert_file '{files.cert_file}': put the key there that its"
            " request was made with"
            if getattr(error, "reason", None) in _OTHER_KEY
            else "must be a private key in PEM format, without a passphrase"
        )
        yield Trouble("key_file", files.key_file, text)


def _holds_certificate(path: Path) -> bool:
    """A certificate without its key fails for the missing key alone."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (ssl.SSLError, OSError):
        return False
    return True
