"""What keeps files from being used, each cause alone."""

import subprocess
from pathlib import Path

import pytest

from roampost.certificates.files import Files, open_to_all, troubles
from tests.agent.certs import Certificates


@pytest.fixture
def files(certificates: Certificates) -> dict[str, Path]:
    return {
        "cert_file": certificates.client.cert,
        "key_file": certificates.client.key,
        "ca_file": certificates.ca,
    }  # fmt: skip


def found(files: dict[str, Path]) -> list[tuple[str, Path]]:
    return [(one.key, one.path) for one in troubles(Files(**files))]


def test_good_files_have_no_trouble(files: dict[str, Path]) -> None:
    assert found(files) == []
    assert found({key: path for key, path in files.items() if key != "ca_file"}) == []


@pytest.mark.parametrize("key", ["cert_file", "key_file", "ca_file"])
@pytest.mark.parametrize("content", [None, "", "hello", "-----BEGIN CERTIFICATE-----\nMIIB\n"])
def test_only_the_bad_file_is_named(files: dict[str, Path], tmp_path: Path, key: str, content: str | None) -> None:
    bad = tmp_path / "bad.pem"
    if content is not None:
        bad.write_text(content)
    assert found(files | {key: bad}) == [(key, bad)]


@pytest.mark.parametrize("kind", [("EC", "ec_paramgen_curve:P-384"), ("RSA", "rsa_keygen_bits:2048")])
def test_a_key_of_another_certificate_or_kind_does_not_belong(
    files: dict[str, Path], tmp_path: Path, kind: tuple[str, str]
) -> None:
    key = tmp_path / "other.key"
    make = ["openssl", "genpkey", "-algorithm", kind[0], "-pkeyopt", kind[1], "-out", str(key)]
    subprocess.run(make, check=True, capture_output=True, timeout=60)
    (trouble,) = troubles(Files(**files | {"key_file": key}))
    assert f"key_file '{key}' does not belong to the certificate in cert_file" in str(trouble)


@pytest.mark.parametrize(("mode", "is_open"), [(0o600, False), (0o640, False), (0o644, True), (0o601, True)])
def test_a_key_is_open_when_others_may_do_anything_with_it(tmp_path: Path, mode: int, is_open: bool) -> None:
    key = tmp_path / "a.key"
    key.touch()
    key.chmod(mode)
    assert open_to_all(key) is is_open
    assert open_to_all(tmp_path / "none.key") is False
