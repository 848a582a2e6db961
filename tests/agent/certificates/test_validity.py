"""Dates of real certificates, and of everything that is none."""

import ssl
import subprocess
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.certificates.validity import UnreadableCertificateError, Validity, read_validities
from tests.agent.certs import Authority, Certificates, Pair


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("19700101000000Z", "19991231235959Z"),
        ("20200229010203Z", "20491231235959Z"),  # the last moment that UTCTime can write
        ("20260101000000Z", "20500101000000Z"),  # the first that it cannot
        ("20500101000000Z", "99991231235959Z"),  # RFC 5280, 4.1.2.5: no well-defined end
    ],
)
def test_both_ways_to_write_a_time_are_read(tmp_path: Path, start: str, end: str) -> None:
    pair = Authority(tmp_path, "ca").issue("leaf", start=start, end=end)
    assert read_validities(pair.cert) == (Validity(moment(start), moment(end)),)


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def test_a_certificate_without_extensions_is_read_as_openssl_reads_it(tmp_path: Path) -> None:
    """Up to OpenSSL 3.3 that is one of version 1, which has no field for its version."""
    cert, request, key = (str(tmp_path / f"v1.{what}") for what in ("pem", "csr", "key"))
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/C=DE/CN=DEABC", "-keyout", key, "-out", request)
    openssl("x509", "-req", "-in", request, "-signkey", key, "-days", "9", "-out", cert)
    asked = dict(line.split("=") for line in openssl("x509", "-noout", "-dates", "-in", cert).splitlines())
    (found,) = read_validities(Path(cert))
    assert found.not_before.timestamp() == ssl.cert_time_to_seconds(asked["notBefore"])
    assert found.not_after.timestamp() == ssl.cert_time_to_seconds(asked["notAfter"])


def openssl(*words: str) -> str:
    return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True, timeout=60).stdout


def test_a_chain_a_key_and_remarks_in_one_file_are_told_apart(certificates: Certificates, tmp_path: Path) -> None:
    file = tmp_path / "all.pem"
    parts = [certificates.client.key, certificates.client.cert, certificates.server_expired.cert]
    file.write_text("for Müller\n".join(part.read_text() for part in parts), "utf-8")
    assert [one.not_after.year for one in read_validities(file)] == [2090, 2021]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no certificate in PEM format"),
        (b"hello", "holds no certificate in PEM format"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB", "holds no certificate in PEM format"),
        (b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "damaged"),
        (b"-----BEGIN CERTIFICATE-----\nM\n-----END CERTIFICATE-----\n", "damaged"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"),
        (b"x" * 1_000_001, "larger than"),
    ],
)
def test_what_is_no_certificate_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "bad.pem"
    file.write_bytes(content)
    with pytest.raises(UnreadableCertificateError, match=words):
        read_validities(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableCertificateError, match="cannot be read: No such file"):
        read_validities(tmp_path / "none.pem")


@given(data=st.data())
def test_damaged_bytes_are_read_or_refused_and_nothing_else(
    certificates: Certificates, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    der = bytearray(ssl.PEM_cert_to_DER_cert(certificates.client.cert.read_text()))
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, min(len(der) - 1, 160)))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(der)))
    file = tmp_path_factory.getbasetemp() / "damaged.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(bytes(der[:cut])))
    with suppress(UnreadableCertificateError):
        (found,) = read_validities(file)
        assert found.not_before.tzinfo is found.not_after.tzinfo is UTC


def test_the_first_of_a_file_comes_first(certificates: Certificates, tmp_path: Path) -> None:
    both: list[Pair] = [certificates.client_expired, certificates.client]
    file = tmp_path / "both.pem"
    file.write_text("".join(pair.cert.read_text() for pair in both))
    assert read_validities(file)[0] == read_validities(certificates.client_expired.cert)[0]
