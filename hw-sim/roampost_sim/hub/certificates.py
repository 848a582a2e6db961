"""Throw-away certificates, made with the openssl command line: a root, the hub's server and its clients.

Everything lies in one directory (0700, keys 0600), which several hubs may share, and is used again while it is valid.
`openssl ca` issues, because it alone can set both ends of the validity in every release of openssl.
"""

import fcntl
import hashlib
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from roampost_sim.errors import SimError

# As long as such certificates are issued for; nobody is to be alarmed about those of a sandbox.
_LIFE_DAYS = 800
# A day less, counted from when it was made: then it is made anew.
_USE_S = (_LIFE_DAYS - 1) * 86_400

# VERIFY_X509_STRICT, the default of Python 3.13, wants all of these extensions.
_CONFIG = """\
[req]
distinguished_name = subject
prompt = no
[subject]
CN = placeholder
[ca]
default_ca = shop
[shop]
database = {work}/index.txt
new_certs_dir = {work}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = policy
[policy]
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost,IP:127.0.0.1
[hub]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:{name}
[client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class CertificateError(SimError):
    """The sandbox's certificates cannot be made."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, PEM files."""

    certificate: Path
    key: Path

    @property
    def sha256(self) -> str:
        """The fingerprint by which the certificate can be pinned: of its DER form, in hexadecimal."""
        text = self.certificate.read_text(encoding="ascii")
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()


class CertificateShop:
    """Makes what is asked for in its directory. Raises CertificateError with one sentence."""

    def __init__(self, directory: Path, owner: str = "") -> None:
        """owner: who makes what is wrong on purpose for itself alone, where others make the same in this directory."""
        self._directory = directory
        self._owner = owner
        # The hub asks from threads, for several calls at once.
        self._making = threading.Lock()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def ca_file(self) -> Path:
        with self._alone():
            return self._root("ca").certificate

    def server(self, *, expired: bool = False, foreign: bool = False) -> Pair:
        return self._leaf("server", "localhost", expired=expired, foreign=foreign)

    def client(
        self, common_name: str, *, expired: bool = False, not_yet_valid: bool = False, foreign: bool = False
    ) -> Pair:
        """A client of this name; foreign: signed by a CA that the hub does not know."""
        return self._leaf("client", common_name, expired=expired, not_yet_valid=not_yet_valid, foreign=foreign)

    def hub(self, name: str, *, expired: bool = False, foreign: bool = False) -> Pair:
        """What a hub, or a partner of it, shows when it calls an operator: the name is CN and SAN."""
        return self._leaf("hub", name, expired=expired, foreign=foreign)

    def operator(self, common_name: str) -> Pair:
        """For the operator's inbound service on this machine."""
        return self._leaf("server", common_name)

    def _leaf(
        self, section: str, name: str, *, expired: bool = False, not_yet_valid: bool = False, foreign: bool = False
    ) -> Pair:
        marks = {"expired": expired, "early": not_yet_valid, "foreign": foreign}
        stem = "-".join([section, name, *(mark for mark, on in marks.items() if on)])
        if self._owner and any(marks.values()):
            stem += f"-{self._owner}"
        with self._alone():
            # First: a new root removes the leaves of the old one.
            root = self._root("foreign-ca" if foreign else "ca")
            pair = self._pair(stem)
            # What is wrong on purpose is made anew each time: only a good certificate can be seen to be good.
            if expired or not_yet_valid or not self._usable(pair):
                shift_days = -2 * _LIFE_DAYS if expired else _LIFE_DAYS if not_yet_valid else 0
                self._issue(pair, root, section, name, shift_days)
            return pair

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Among the threads of this process, and among the processes that share the directory."""
        with self._making, (self._directory / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _root(self, stem: str) -> Pair:
        pair = self._pair(stem)
        if not self._usable(pair):
            # Leaves of an older root would not fit a new one.
            for old in self._directory.glob("*.pem"):
                if stem == "ca" and not old.name.startswith("foreign-ca"):
                    old.unlink()
            self._issue(pair, None, "root", f"Roampost sandbox {stem}", 0)
        return pair

    def _pair(self, stem: str) -> Pair:
        return Pair(self._directory / f"{stem}.pem", self._directory / f"{stem}.key")

    def _usable(self, pair: Pair) -> bool:
        """All that lies here was made here: its age tells its validity, and an empty file a failure."""
        try:
            made = pair.certificate.stat()
        except FileNotFoundError:
            return False
        return pair.key.exists() and made.st_size > 0 and time.time() - made.st_mtime < _USE_S

    def _issue(self, pair: Pair, issuer: Pair | None, section: str, name: str, shift_days: int) -> None:
        work = self._directory / f".{pair.certificate.stem}"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        (work / "index.txt").touch()
        config, request = work / "openssl.cnf", work / "request.csr"
        config.write_text(_CONFIG.format(work=work, name=name), encoding="utf-8")
        pair.key.unlink(missing_ok=True)
        pair.key.touch(mode=0o600)
        _must("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(pair.key))
        common = ["-config", str(config)]
        _must("req", "-new", "-key", str(pair.key), "-subj", f"/CN={name}", "-out", str(request), *common)
        signer = ["-selfsign", "-keyfile", str(pair.key)]
        if issuer is not None:
            signer = ["-cert", str(issuer.certificate), "-keyfile", str(issuer.key)]
        dates = ["-startdate", _asn1(shift_days - 1), "-enddate", _asn1(shift_days + _LIFE_DAYS)]
        files = ["-in", str(request), "-out", str(pair.certificate), "-notext", "-batch"]
        _must("ca", *common, *signer, "-extensions", section, *dates, *files)
        shutil.rmtree(work)


def _asn1(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


def _must(*arguments: str) -> None:
    done = _run(["openssl", *arguments])
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CertificateError(f"openssl {arguments[0]} failed while the sandbox's certificates were made: {last}")


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        raise CertificateError(
            "The sandbox hub makes its certificates with the openssl command, which is not installed; "
            "on Debian: apt install openssl"
        ) from None
