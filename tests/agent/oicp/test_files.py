"""Certificate files: what is wrong is said in words before they are needed, and new ones are taken up by themselves."""

import logging
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roampost.hubs.base import Arrival, Verdict
from roampost.hubs.oicp.files import check_files
from roampost.hubs.oicp.settings import OicpSettings
from tests.agent.oicp import samples
from tests.agent.oicp.certs import Certificates, Pair
from tests.agent.oicp.conftest import MakeHub
from tests.agent.oicp.hubside import ack, scripted

# The certificates are made while the tests run: a moment later than this line.
NOW = datetime.now(UTC) + timedelta(hours=1)


def complaints(settings: OicpSettings, **changes: object) -> str:
    return "\n".join(check_files(replace(settings, **changes), now=NOW))  # type: ignore[arg-type]  # any field


def test_good_files_have_no_problem(settings: OicpSettings) -> None:
    assert check_files(settings, now=NOW) == []


@pytest.mark.parametrize("key", ["ca_file", "cert_file", "key_file"])
def test_a_missing_file_is_named(settings: OicpSettings, tmp_path: Path, key: str) -> None:
    found = complaints(settings, **{key: tmp_path / "gone.pem"})
    assert found.startswith(f"{key} {tmp_path}/gone.pem cannot be read (No such file or directory)")


@pytest.mark.parametrize("key", ["ca_file", "cert_file", "key_file"])
def test_a_file_that_is_no_pem_is_named(settings: OicpSettings, tmp_path: Path, key: str) -> None:
    der = tmp_path / "some.der"
    der.write_bytes(b"\x30\x82\x01\x0a")
    assert complaints(settings, **{key: der}).startswith(f"{key} {der} is not a PEM file")


def test_a_ca_file_without_a_certificate(settings: OicpSettings) -> None:
    assert "holds no usable certificate" in complaints(settings, ca_file=settings.key_file)


def test_the_system_store_needs_no_file(settings: OicpSettings) -> None:
    assert complaints(settings, ca_file=None) == ""


def test_a_key_of_another_certificate(settings: OicpSettings, certificates: Certificates) -> None:
    assert "is not the key of cert_file" in complaints(settings, key_file=certificates.client_renewed.key)


def test_a_certificate_that_is_cut_off(settings: OicpSettings, tmp_path: Path) -> None:
    half = tmp_path / "half.pem"
    half.write_text(settings.cert_file.read_text()[:200])
    assert "cannot be loaded" in complaints(settings, cert_file=half)


def test_a_key_with_a_passphrase_is_refused_and_not_asked_for(settings: OicpSettings, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    command = [
        "openssl",
        "pkcs8",
        "-topk8",
        "-in",
        str(settings.key_file),
        "-out",
        str(locked),
        "-passout",
        "pass:1234",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    locked.chmod(0o600)
    assert complaints(settings, key_file=locked).startswith(f"key_file {locked} has a passphrase")


def test_a_key_that_everybody_may_read(settings: OicpSettings, tmp_path: Path) -> None:
    key = Path(shutil.copy(settings.key_file, tmp_path / "open.key"))
    key.chmod(0o644)
    assert complaints(settings, key_file=key) == (
        f"key_file {key} is open to every user of this machine: chmod o= {key}"
    )
    key.chmod(0o640)
    assert complaints(settings, key_file=key) == ""


@pytest.mark.parametrize(
    ("now", "word"),
    [
        (datetime(2019, 12, 31, tzinfo=UTC), "is not valid before 2020-01-01"),
        (datetime(2089, 10, 1, tzinfo=UTC), ""),
        (datetime(2089, 12, 1, tzinfo=UTC), "expires on 2090-01-01"),
        (datetime(2090, 1, 2, tzinfo=UTC), "expired on 2090-01-01"),
    ],
)
def test_validity_of_the_client_certificate(settings: OicpSettings, now: datetime, word: str) -> None:
    found = [line for line in check_files(settings, now=now) if line.startswith("cert_file")]
    assert [word in line for line in found] == ([True] if word else [])


def test_without_the_openssl_command_dates_are_not_judged(
    settings: OicpSettings, certificates: Certificates, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expired = {"cert_file": certificates.client_expired.cert, "key_file": certificates.client_expired.key}
    assert "expired on 2021-01-01" in complaints(settings, **expired)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert complaints(settings, **expired) == ""


@pytest.fixture
def installed(certificates: Certificates, tmp_path: Path) -> Pair:
    """The files as configured, in a place where they can be replaced."""
    pair = Pair(tmp_path / "client.pem", tmp_path / "client.key")
    install(certificates.client, pair)
    return pair


def install(source: Pair, target: Pair) -> None:
    """As an installer does it: beside, then into place; so the file is another one, whatever its time and size."""
    for new, old in ((source.cert, target.cert), (source.key, target.key)):
        Path(shutil.copy(new, old.with_suffix(".new"))).rename(old)


async def test_a_renewed_certificate_is_used_without_a_restart(
    certificates: Certificates, make_hub: MakeHub, installed: Pair
) -> None:
    async with scripted(certificates, ack(), ack(), ack()) as far:
        hub = make_hub(far.url, cert_file=installed.cert, key_file=installed.key)
        await hub.deliver(samples.STATUS, maybe_arrived=False)
        await hub.deliver(samples.STATUS, maybe_arrived=False)
        install(certificates.client_renewed, installed)
        await hub.deliver(samples.STATUS, maybe_arrived=False)
    assert [(asked.connection, asked.client_name) for asked in far.asked] == [
        (1, "DEABC"),
        (1, "DEABC"),
        (2, "DEABC-renewed"),
    ]


async def test_a_renewal_that_is_half_copied_stops_nothing(
    certificates: Certificates, make_hub: MakeHub, installed: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "roampost")
    async with scripted(certificates, ack(), ack(), ack(), ack()) as far:
        hub = make_hub(far.url, cert_file=installed.cert, key_file=installed.key)
        await hub.deliver(samples.STATUS, maybe_arrived=False)
        install(Pair(certificates.client_renewed.cert, certificates.client.key), installed)
        await hub.deliver(samples.STATUS, maybe_arrived=False)
        await hub.deliver(samples.STATUS, maybe_arrived=False)
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert str(installed.cert) in caplog.text
        install(certificates.client_renewed, installed)
        await hub.deliver(samples.STATUS, maybe_arrived=False)
    assert [asked.client_name for asked in far.asked] == ["DEABC", "DEABC", "DEABC", "DEABC-renewed"]


async def test_files_that_cannot_be_used_hold_the_message_until_they_can(
    certificates: Certificates, make_hub: MakeHub, installed: Pair
) -> None:
    installed.key.unlink()
    async with scripted(certificates, ack()) as far:
        hub = make_hub(far.url, cert_file=installed.cert, key_file=installed.key)
        answer = await hub.deliver(samples.STATUS, maybe_arrived=False)
        assert (answer.verdict, answer.arrival) == (Verdict.HOLD, Arrival.NO)
        assert str(installed.key) in answer.text
        install(certificates.client, installed)
        assert (await hub.deliver(samples.STATUS, maybe_arrived=False)).verdict is Verdict.DELIVERED
