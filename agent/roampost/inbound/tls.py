"""The server's side of TLS: a context from the configured files, a new one when the files are others.

Every caller shows a certificate that one of the hubs' authorities signed, and shows it on every connection: no session
is resumed, so what was believed once is not believed later for that reason. It may show none only where a hub is
recognised by its key; one that it shows is believed or the end all the same.
"""

import logging
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from roampost.config.inbound import AnyInbound, HubInbound, Inbound, KeyInbound
from roampost.filestamp import FileStamp, file_stamp
from roampost.supervise.supervisor import PlainError

log = logging.getLogger(__name__)


class UnusableFilesError(PlainError):
    """The files of the inbound service cannot be used"""


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """As configured. client_ca_files: of all hubs that may call with a certificate; unnamed: some need none."""

    cert_file: Path
    key_file: Path
    client_ca_files: tuple[Path, ...]
    unnamed: bool = False

    @classmethod
    def of(cls, inbound: Inbound, callers: Iterable[AnyInbound]) -> "ServerFiles":
        hubs = tuple(callers)
        authorities = dict.fromkeys(one.client_ca_file for one in hubs if isinstance(one, HubInbound))
        unnamed = any(isinstance(one, KeyInbound) for one in hubs)
        return cls(inbound.cert_file, inbound.key_file, tuple(authorities), unnamed)

    @property
    def verify_mode(self) -> ssl.VerifyMode:
        if not self.unnamed:
            return ssl.CERT_REQUIRED
        # Without an authority no certificate could be believed, so none is asked for: partners show what they have.
        return ssl.CERT_OPTIONAL if self.client_ca_files else ssl.CERT_NONE

    def stamps(self) -> tuple[FileStamp, ...]:
        return tuple(file_stamp(path) for path in (self.cert_file, self.key_file, *self.client_ca_files))


def context_for(files: ServerFiles) -> ssl.SSLContext:
    """Raises UnusableFilesError, in words."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    context.num_tickets = 0
    _own(context, files)
    for path in files.client_ca_files:
        _trust(context, path)
    context.verify_mode = files.verify_mode
    # As towards a hub: its file may hold just the intermediate.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _own(context: ssl.SSLContext, files: ServerFiles) -> None:
    for key, path in (("cert_file", files.cert_file), ("key_file", files.key_file)):
        _readable(f"inbound.{key}", path)
    try:
        # Without an answer ready OpenSSL would ask for a passphrase on the terminal and block the agent.
        context.load_cert_chain(files.cert_file, files.key_file, password=lambda: "")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise UnusableFilesError(
            f"inbound.cert_file '{files.cert_file}' and inbound.key_file '{files.key_file}' must be a certificate and"
            " the key that belongs to it, in PEM format, the key without a passphrase"
        ) from error


def _trust(context: ssl.SSLContext, path: Path) -> None:
    _readable("client_ca_file", path)
    try:
        context.load_verify_locations(path)
    except OSError as error:
        raise UnusableFilesError(
            f"client_ca_file '{path}' holds no certificate in PEM format, or a damaged one: put the hub's root and"
            " intermediate CA there"
        ) from error


def _readable(key: str, path: Path) -> None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise UnusableFilesError(f"{key} '{path}' cannot be read: {error.strerror}") from error


class Contexts:
    """The context for the next connection. Raises UnusableFilesError when there never was a usable one."""

    def __init__(self, files: ServerFiles) -> None:
        self._files = files
        self._stamps = files.stamps()
        self._current = context_for(files)

    def newest(self) -> ssl.SSLContext:
        # The stamps first: files that change while they are read are read again the next time.
        stamps = self._files.stamps()
        if stamps != self._stamps:
            self._stamps = stamps
            try:
                self._current = context_for(self._files)
                log.info("new certificate files are in use")
            except UnusableFilesError as error:
                # A renewal that is half copied: what works goes on, until the files change again.
                log.warning("the old certificates stay in use: %s", error)
        return self._current
