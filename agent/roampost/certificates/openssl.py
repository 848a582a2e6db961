"""The openssl command of the system: it makes keys and requests, and reads certificates for a person.

A library that could do it has no wheel for every machine that this runs on. Arguments are a list and never hold a
secret; a key goes from openssl into a file that was made for it, past this process.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_WAIT_S = 60
_LEGIBLE = "esc_ctrl,utf8,sep_multiline,sname"
# Of OpenSSL's report only the words between its function and its source line say something to a person.
_REPORT = re.compile(r"^[0-9A-Fa-f]+:error:[^:]*:[^:]*:[^:]*:(?P<why>[^:]+):")
_VERIFY = re.compile(r"^error \d+ at \d+ depth lookup: ?(?P<why>.+)$", re.MULTILINE)


class OpensslError(Exception):
    """openssl is not there or could not do it. The text says which and why."""


@dataclass(frozen=True, slots=True)
class Description:
    """Names as their parts, `CN=DEABC` being one. for_clients: may be shown by the client of a TLS connection."""

    subject: tuple[str, ...]
    issuer: tuple[str, ...]
    for_clients: bool

    def common_name(self) -> str | None:
        found = [part.removeprefix("CN=") for part in self.subject if part.startswith("CN=")]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Chain:
    """names from our certificate up to the trusted one; broken says why there is no way."""

    names: tuple[str, ...] = ()
    broken: str = ""


def run(*arguments: str, give: str = "", into: int = subprocess.PIPE) -> str:
    """Standard output, where it does not go `into` a file. Raises OpensslError."""
    done = _start(*arguments, give=give, into=into)
    if done.returncode != 0:
        raise OpensslError(f"openssl {arguments[0]} failed: {_why(done.stderr)}")
    return done.stdout or ""


def describe(pem: str) -> Description:
    """Of one certificate. Raises OpensslError."""
    text = run("x509", "-noout", "-subject", "-issuer", "-purpose", "-nameopt", _LEGIBLE, give=pem)
    names, _, purposes = text.partition("Certificate purposes:")
    subject, _, issuer = names.partition("\nissuer=")
    return Description(_parts(subject), _parts(issuer), "SSL client : Yes" in purposes)


def chain(cert_file: Path, ca_file: Path) -> Chain:
    """From the first certificate of cert_file to any of ca_file, whatever the time is. Raises OpensslError."""
    trust = ("-CAfile", str(ca_file), "-untrusted", str(cert_file), "-partial_chain", "-no_check_time")
    done = _start("verify", *trust, "-show_chain", "-nameopt", "utf8,sname,sep_comma_plus_space", str(cert_file))
    if done.returncode == 0:
        found = re.findall(r"^depth=\d+: ?(.*?)(?: \(untrusted\))?$", done.stdout, re.MULTILINE)
        return Chain(tuple(found))
    why = _VERIFY.search(done.stderr)
    if why is None:
        raise OpensslError(f"openssl verify failed: {_why(done.stderr)}")
    return Chain(broken=why["why"])


def _start(*arguments: str, give: str = "", into: int = subprocess.PIPE) -> "subprocess.CompletedProcess[str]":
    command = shutil.which("openssl")
    if command is None:
        raise OpensslError("openssl is not installed; on Debian: apt install openssl")
    # Only the file that was named may vouch for anything, not the system's store.
    nowhere = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull, "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 - a list, no shell; the words are ours or were looked at
            [command, *arguments],
            input=give,
            stdout=into,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env=os.environ | nowhere,
            timeout=_WAIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OpensslError(f"openssl cannot be run: {type(error).__name__}") from None


def _parts(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if "=" in line and line.startswith(" "))


def _why(report: str) -> str:
    lines = [line for line in report.splitlines() if line.strip()]
    told = [match["why"] if (match := _REPORT.match(line)) else line for line in lines]
    return "; ".join(told[-2:]) or "it does not say why"
