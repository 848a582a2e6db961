"""Looks at a hub's certificate files before they are needed and says in words what is wrong with them.

Nothing is changed and nothing is sent. Validity dates come from the `openssl` command where it is installed: the
standard library reads no certificate of its own, and a package for it does not fit the machines this runs on.
"""

import shutil
import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from roampost.hubs.oicp.settings import OicpSettings

RENEWAL_NOTICE = timedelta(days=60)


def check_files(settings: OicpSettings, *, now: datetime) -> list[str]:
    """Every problem as one sentence; an empty list means that a TLS context can be made and lasts a while."""
    configured = {"ca_file": settings.ca_file, "cert_file": settings.cert_file, "key_file": settings.key_file}
    files = {key: path for key, path in configured.items() if path is not None}
    unreadable = [text for key, path in files.items() if (text := _unreadable(key, path))]
    if unreadable:
        return unreadable
    problems = [_pair(settings.cert_file, settings.key_file), _too_open(settings.key_file)]
    if settings.ca_file is not None:
        problems.append(_ca(settings.ca_file))
    problems += [_validity(key, path, now) for key, path in files.items() if key != "key_file"]
    return [problem for problem in problems if problem is not None]


def _unreadable(key: str, path: Path) -> str | None:
    try:
        content = path.read_bytes()
    except OSError as error:
        return f"{key} {path} cannot be read ({error.strerror}): check the path and who may read it."
    return None if b"-----BEGIN" in content else f"{key} {path} is not a PEM file: convert it with openssl."


def _ca(path: Path) -> str | None:
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        return f"ca_file {path} holds no usable certificate: put the hub's root and intermediate there."
    return None


def _pair(cert: Path, key: Path) -> str | None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(cert, key, password=lambda: "")
    except ssl.SSLError as error:
        if "MISMATCH" in (error.reason or ""):
            return f"key_file {key} is not the key of cert_file {cert}: use the key that the CSR was made with."
        if b"ENCRYPTED" in key.read_bytes():
            return f"key_file {key} has a passphrase, which nobody types at a charger: store it without one."
        return f"cert_file {cert} and key_file {key} cannot be loaded: check that both are whole PEM files."
    return None


def _too_open(key: Path) -> str | None:
    if stat.S_IMODE(key.stat().st_mode) & stat.S_IRWXO:
        return f"key_file {key} is open to every user of this machine: chmod o= {key}"
    return None


def _validity(name: str, path: Path, now: datetime) -> str | None:
    dates = _dates(path)
    if dates is None:
        return None
    start, end = dates
    if now < start:
        return f"{name} {path} is not valid before {start:%Y-%m-%d}: check the clock of this machine."
    if now >= end:
        return f"{name} {path} expired on {end:%Y-%m-%d}: renew it at the hub."
    if end - now < RENEWAL_NOTICE:
        return f"{name} {path} expires on {end:%Y-%m-%d}: have it renewed at the hub before."
    return None


def _dates(path: Path) -> tuple[datetime, datetime] | None:
    """notBefore and notAfter of the file's first certificate, or None where they cannot be read."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return None
    command = [openssl, "x509", "-noout", "-startdate", "-enddate", "-in", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603  # no shell
    dates = [line.partition("=")[2] for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(dates) != 2:
        return None
    start, end = (datetime.fromtimestamp(ssl.cert_time_to_seconds(date), UTC) for date in dates)
    return start, end
