"""Throw-away certificates made with the openssl command: a hub's CA, another one, and what they signed."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_CA_CONFIG = """
[ca]
default_ca = here
[here]
dir = {folder}
new_certs_dir = {folder}
database = {folder}/index.txt
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


@dataclass(frozen=True, slots=True)
class Pair:
    cert: Path
    key: Path


class Authority:
    """A certificate authority in a folder of its own; start and end are openssl's YYYYMMDDHHMMSSZ."""

    def __init__(self, folder: Path, name: str, parent: "Authority | None" = None, **period: str) -> None:
        self.folder = folder / name
        self.folder.mkdir()
        (self.folder / "index.txt").touch()
        (self.folder / "ca.cnf").write_text(_CA_CONFIG.format(folder=self.folder))
        self.pair = parent.issue(name, constraints="critical,CA:TRUE", **period) if parent else self._self_signed(name)

    def _self_signed(self, name: str) -> Pair:
        pair = Pair(self.folder / "ca.pem", self.folder / "ca.key")
        _key(pair.key)
        usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
        subject = ("-subj", f"/CN={name}", "-days", "3650")
        _openssl("req", "-x509", "-new", "-key", pair.key, "-out", pair.cert, *subject, *usage)
        return pair

    def issue(
        self,
        name: str,
        san: str = "",
        start: str = "20200101000000Z",
        end: str = "20900101000000Z",
        constraints: str = "CA:FALSE",
        usage: str = "",
        file: str = "",
    ) -> Pair:
        """file: the files' name where it is not the certificate's."""
        file = file or name
        pair = Pair(self.folder / f"{file}.pem", self.folder / f"{file}.key")
        _key(pair.key)
        request, extensions = self.folder / f"{file}.csr", self.folder / f"{file}.ext"
        _openssl("req", "-new", "-key", pair.key, "-subj", f"/CN={name}", "-out", request)
        lines = ["authorityKeyIdentifier=keyid", "subjectKeyIdentifier=hash", f"basicConstraints={constraints}"]
        lines += [f"extendedKeyUsage={usage}"] if usage else []
        extensions.write_text("\n".join([*lines, *([f"subjectAltName={san}"] if san else []), ""]))
        _openssl(
            "ca", "-batch", "-config", self.folder / "ca.cnf", "-cert", self.pair.cert, "-keyfile", self.pair.key,
            "-in", request, "-out", pair.cert, "-notext", "-extfile", extensions, "-startdate", start, "-enddate", end,
        )  # fmt: skip
        return pair


@dataclass(frozen=True, slots=True)
class Certificates:
    ca: Path
    intermediate_ca: Path
    other_ca: Path
    server: Pair
    server_of_intermediate: Pair
    server_expired: Pair
    server_early: Pair
    server_elsewhere: Pair
    client: Pair
    client_renewed: Pair
    client_expired: Pair
    client_early: Pair
    client_foreign: Pair
    old_ca: Path
    server_of_old_ca: Pair


def make(folder: Path) -> Certificates:
    hub, other = Authority(folder, "hub-ca"), Authority(folder, "other-ca")
    intermediate = Authority(folder, "hub-intermediate", hub)
    old = Authority(folder, "old-hub-ca", hub, end="20210101000000Z")
    here = "DNS:localhost,IP:127.0.0.1"
    return Certificates(
        ca=hub.pair.cert,
        intermediate_ca=intermediate.pair.cert,
        other_ca=other.pair.cert,
        server=hub.issue("server", here),
        server_of_intermediate=intermediate.issue("server-of-intermediate", here),
        server_expired=hub.issue("server-expired", here, end="20210101000000Z"),
        server_early=hub.issue("server-early", here, start="20800101000000Z"),
        server_elsewhere=hub.issue("server-elsewhere", "DNS:hub.example"),
        client=hub.issue("DEABC"),
        client_renewed=hub.issue("DEABC-renewed"),
        client_expired=hub.issue("DEABC-expired", end="20210101000000Z"),
        client_early=hub.issue("DEABC-early", start="20800101000000Z"),
        client_foreign=other.issue("foreign"),
        old_ca=old.pair.cert,
        server_of_old_ca=old.issue("server-of-old-ca", here),
    )


def _key(path: Path) -> None:
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    path.chmod(0o600)


def _openssl(*arguments: str | Path) -> None:
    command = shutil.which("openssl")
    assert command is not None, "the openssl command makes the certificates of these tests"
    subprocess.run([command, *map(str, arguments)], check=True, capture_output=True, timeout=60)
