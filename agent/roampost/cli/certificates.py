"""Certificate, key and authority of a hub, as files: there, readable, belonging together, not running out."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

from roampost.config.model import OicpHub

_EXPIRY_DAYS = 60
_DAY_S = 86_400


def certificate_advice(name: str, hub: OicpHub, *, now_s: float) -> Iterator[str]:
    """One sentence for each thing that would keep the hub from answering us."""
    wanted = {"cert_file": hub.cert_file, "key_file": hub.key_file, "ca_file": hub.ca_file}
    wrong = [f"hubs.{name}.{key}: {text}" for key, path in wanted.items() if path and (text := _unreadable(path))]
    if wrong:
        yield from wrong
        return
    if hub.ca_file is not None and not _loads(hub.ca_file):
        yield f"hubs.{name}.ca_file = '{hub.ca_file}': holds no certificate in PEM format"
    yield from _pair(name, hub)
    yield from _expiry(name, hub.cert_file, now_s)


def _unreadable(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        return f"'{path}' cannot be read: {error.strerror}"
    return None


def _loads(path: Path) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (ssl.SSLError, OSError):
        return False
    return True


def _pair(name: str, hub: OicpHub) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        # Without a password of ours OpenSSL would ask for one on the terminal.
        context.load_cert_chain(hub.cert_file, hub.key_file, password=lambda: "")
    except (ssl.SSLError, ValueError, OSError) as error:
        if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
            yield f"hubs.{name}.key_file = '{hub.key_file}': does not belong to the certificate '{hub.cert_file}'"
        else:
            yield (
                f"hubs.{name}: '{hub.cert_file}' and '{hub.key_file}' must be a certificate and its key in PEM"
                " format, the key without a passphrase"
            )


def _expiry(name: str, path: Path, now_s: float) -> Iterator[str]:
    command = ["openssl", "x509", "-noout", "-enddate", "-in", str(path)]
    try:
        # openssl of the system: it is how certificates are made here, and it saves a large dependency.
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        yield f"hubs.{name}.cert_file: its expiry is not known, because openssl is not installed"
        return
    if done.returncode != 0:
        return  # told by _pair
    end_s = ssl.cert_time_to_seconds(done.stdout.strip().removeprefix("notAfter="))
    days = int((end_s - now_s) // _DAY_S)
    if days < 0:
        yield f"hubs.{name}.cert_file = '{path}': ran out {-days} days ago; the hub refuses everything"
    elif days < _EXPIRY_DAYS:
        yield f"hubs.{name}.cert_file = '{path}': runs out in {days} days; ask the hub for a new one"
