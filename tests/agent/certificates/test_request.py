"""Real keys and requests; who may read them, from the first instant on; and that nothing half-done is left."""

import grp
import os
import stat
import subprocess
from pathlib import Path

import pytest

from roampost.certificates import openssl
from roampost.certificates.request import KeyType, RequestError, common_name, make, subject_of

GROUP = grp.getgrgid(os.getgid()).gr_name


def asked(*words: str) -> str:
    return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True, timeout=60).stdout


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(("kind", "words"), [(KeyType.EC, "NIST CURVE: P-256"), (KeyType.RSA, "(3072 bit")])
def test_the_request_is_signed_by_the_key_beside_it(tmp_path: Path, kind: KeyType, words: str) -> None:
    key, csr = tmp_path / "hub.key", tmp_path / "hub.csr"
    made = make(key, csr, "/C=DE/O=Städtische Werke\\/Nord/CN=DEABC", kind, group=GROUP)
    assert (made.key_file, made.csr_file) == (key, csr)
    text = asked("req", "-in", str(csr), "-verify", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus,sname")
    assert "Subject: C=DE,O=Städtische Werke/Nord,CN=DEABC" in text
    assert words in text
    assert asked("req", "-in", str(csr), "-noout", "-pubkey") == asked("pkey", "-in", str(key), "-pubout")
    assert "PRIVATE" not in csr.read_text()


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_the_key_is_never_readable_by_others_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    """Looked at before and after each time that openssl runs."""
    key, seen = tmp_path / "hub.key", []
    run = openssl.run

    def looking(*words: str, give: str = "", into: int = subprocess.PIPE) -> str:
        seen.append(mode_of(key))
        try:
            return run(*words, give=give, into=into)
        finally:
            seen.append(mode_of(key))

    monkeypatch.setattr(openssl, "run", looking)
    before = os.umask(umask)
    try:
        made = make(key, tmp_path / "hub.csr", "/CN=DEABC", group=GROUP)
    finally:
        os.umask(before)
    assert seen == [0o600] * 4
    assert mode_of(key) == made.key_mode
    assert made.key_mode & stat.S_IRWXO == 0
    assert mode_of(tmp_path / "hub.csr") == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to another group")
def test_root_gives_the_key_to_the_services_group_and_keeps_it_where_there_is_none(tmp_path: Path) -> None:
    made = make(tmp_path / "a.key", tmp_path / "a.csr", "/CN=DEABC", group="daemon")
    assert (made.key_mode, made.owner) == (0o640, "root:daemon")
    found = made.key_file.stat()
    assert (found.st_uid, found.st_gid, mode_of(made.key_file)) == (0, grp.getgrnam("daemon").gr_gid, 0o640)
    made = make(tmp_path / "b.key", tmp_path / "b.csr", "/CN=DEABC", group="no-such-group")
    assert (made.key_mode, made.owner, mode_of(made.key_file)) == (0o600, "root", 0o600)


@pytest.mark.parametrize("there", ["hub.key", "hub.csr"])
@pytest.mark.parametrize("dangling", [False, True])
def test_nothing_is_overwritten_and_no_link_followed(tmp_path: Path, there: str, dangling: bool) -> None:
    old = tmp_path / there
    if dangling:
        old.symlink_to(tmp_path / "elsewhere")
    else:
        old.write_text("precious")
    with pytest.raises(RequestError, match=rf"{there} exists already and is (not|never) overwritten; --out"):
        make(tmp_path / "hub.key", tmp_path / "hub.csr", "/CN=DEABC", group=GROUP)
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert dangling or old.read_text() == "precious"


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"openssl req failed: .*C=DEU"):
        make(tmp_path / "hub.key", tmp_path / "hub.csr", "/C=DEU/CN=DEABC", group=GROUP)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be made: No such file or directory"):
        make(tmp_path / "no" / "hub.key", tmp_path / "hub.csr", "/CN=DEABC", group=GROUP)


def test_a_missing_openssl_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RequestError, match="openssl is not installed; on Debian: apt install openssl"):
        make(tmp_path / "hub.key", tmp_path / "hub.csr", "/CN=DEABC", group=GROUP)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("operator_id", "name"), [("DE*ABC", "DEABC"), ("deabc", "DEABC"), ("+49*536", "49536"), ("49*536", "49536")]
)
def test_the_common_name_is_the_operator_without_separators(operator_id: str, name: str) -> None:
    assert common_name(operator_id) == name


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("/C=DE/O=Stadtwerke", "/C=DE/O=Stadtwerke/CN=DEABC"),
        ("/CN=hub-42", "/CN=hub-42"),
        ("/O=A\\/B", "/O=A\\/B/CN=DEABC"),
    ],
)
def test_a_subject_gets_the_name_that_it_lacks(text: str, subject: str) -> None:
    assert subject_of(text, "DEABC") == subject


@pytest.mark.parametrize("text", ["", "CN=DEABC", "/CN=", "/CN=a\nb", "/O=a+CN=b", "/O=A/B", "/O", "/X=1", "/cn=a"])
def test_a_subject_that_openssl_would_change_silently_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="subject"):
        subject_of(text, "DEABC")
