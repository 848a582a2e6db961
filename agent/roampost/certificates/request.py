"""A new private key and the request (PKCS#10) for a hub to sign it. The key never leaves its file.

The file is made by us, empty, for its owner alone, and never over another one; openssl then writes into it. Only what
is finished is shown to the service's group.
"""

import grp
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from roampost.certificates import openssl

GROUP = "roampost"
_ATTRIBUTES = ("C", "ST", "L", "O", "OU", "CN", "DC", "UID", "serialNumber", "emailAddress", "organizationIdentifier")
_PART = re.compile(r"/([A-Za-z]+)=((?:[^/\\+]|\\.)+)")
# With the subject on the command line no section is needed, and the system's own file shall add nothing.
_SETTINGS = "[req]\ndistinguished_name=none\nprompt=no\nstring_mask=utf8only\n[none]\n"


class KeyType(StrEnum):
    EC = "ec"
    RSA = "rsa"


_OPTIONS = {
    KeyType.EC: ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:named_curve"),
    KeyType.RSA: ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"),
}


class RequestError(Exception):
    """Nothing was made. The text says why."""


@dataclass(frozen=True, slots=True)
class Made:
    """owner as user:group, for people."""

    key_file: Path
    csr_file: Path
    subject: str
    key_mode: int
    owner: str


def common_name(operator_id: str) -> str:
    """DEABC for DE*ABC: what hubs usually want, the OperatorID without its separators."""
    return operator_id.upper().replace("*", "").removeprefix("+")


def subject_of(text: str, name: str) -> str:
    """A subject as openssl writes it, /O=Stadtwerke/CN=DEABC; name is added where it has none. Raises RequestError."""
    parts = _PART.findall(text)
    if not parts or not text.isprintable() or "".join(f"/{key}={value}" for key, value in parts) != text:
        raise RequestError(
            f"subject {text!r} must be written like /C=DE/O=Stadtwerke/CN={name}, a / or + inside a value as \\/ or \\+"
        )
    unknown = [key for key, _ in parts if key not in _ATTRIBUTES]
    if unknown:
        raise RequestError(f"subject {text!r} has {unknown[0]}, which is not one of {', '.join(_ATTRIBUTES)}")
    return text if any(key == "CN" for key, _ in parts) else f"{text}/CN={name}"


def make(key_file: Path, csr_file: Path, subject: str, kind: KeyType = KeyType.EC, *, group: str = GROUP) -> Made:
    """Both files, or none of them. Raises RequestError."""
    if csr_file.exists() or csr_file.is_symlink():
        raise RequestError(f"{csr_file} exists already and is not overwritten; --out names another folder")
    try:
        with _new_file(key_file) as key:
            openssl.run("genpkey", *_OPTIONS[kind], into=key)
            asked = openssl.run(
                "req", "-new", "-utf8", "-config", "/dev/stdin", "-subj", subject, "-key", str(key_file), give=_SETTINGS
            )
            mode, owner = _hand_over(key, group)
            with _new_file(csr_file) as csr:
                os.write(csr, asked.encode())
                os.fchmod(csr, 0o644)
    except openssl.OpensslError as error:
        raise RequestError(str(error)) from None
    return Made(key_file, csr_file, subject, mode, owner)


@contextmanager
def _new_file(path: Path) -> Iterator[int]:
    """Its descriptor, while only we can open it; on the disk afterwards, or gone when the block fails."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise RequestError(f"{path} exists already and is never overwritten; --out names another folder") from None
    except OSError as error:
        raise RequestError(f"{path} cannot be made: {error.strerror}") from None
    try:
        yield file
        os.fsync(file)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(file)


def _hand_over(key: int, group: str) -> tuple[int, str]:
    """To the service's group where we may; the mode is widened last."""
    mode, owner = 0o600, f"uid {os.geteuid()}"
    if os.geteuid() == 0:
        owner = "root"
        try:
            os.fchown(key, 0, grp.getgrnam(group).gr_gid)
            mode, owner = 0o640, f"root:{group}"
        except KeyError:
            pass  # no such group: the service is not installed here
    os.fchmod(key, mode)
    return mode, owner
