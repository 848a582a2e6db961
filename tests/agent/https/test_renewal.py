"""New certificate files are taken up by themselves, and none that cannot be used stops what works."""

import logging
import shutil
from pathlib import Path

import pytest

from roampost.hubs.base import Arrival, Verdict
from tests.agent.certs import Certificates, Pair
from tests.agent.https.conftest import MakeLine, answered, post, refused
from tests.agent.https.hubside import ack, scripted


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


def append(target: Path, more: Path) -> None:
    """The new authority beside the old one, in the same file."""
    target.write_bytes(target.read_bytes() + more.read_bytes())


async def test_a_renewed_certificate_is_used_without_a_restart(
    certificates: Certificates, make_line: MakeLine, installed: Pair
) -> None:
    async with scripted(certificates, ack(), ack(), ack()) as far:
        line = make_line(far.url, cert_file=installed.cert, key_file=installed.key)
        await post(line)
        await post(line)
        install(certificates.client_renewed, installed)
        await post(line)
    assert [(asked.connection, asked.client_name) for asked in far.asked] == [
        (1, "DEABC"),
        (1, "DEABC"),
        (2, "DEABC-renewed"),
    ]


async def test_a_renewal_that_is_half_copied_stops_nothing(
    certificates: Certificates, make_line: MakeLine, installed: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "roampost")
    async with scripted(certificates, ack(), ack(), ack(), ack()) as far:
        line = make_line(far.url, cert_file=installed.cert, key_file=installed.key)
        await post(line)
        install(Pair(certificates.client_renewed.cert, certificates.client.key), installed)
        await post(line)
        await post(line)
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert str(installed.cert) in caplog.text
        install(certificates.client_renewed, installed)
        await post(line)
    assert [asked.client_name for asked in far.asked] == ["DEABC", "DEABC", "DEABC", "DEABC-renewed"]


async def test_files_that_cannot_be_used_hold_the_message_until_they_can(
    certificates: Certificates, make_line: MakeLine, installed: Pair
) -> None:
    installed.key.unlink()
    async with scripted(certificates, ack()) as far:
        line = make_line(far.url, cert_file=installed.cert, key_file=installed.key)
        answer = await refused(line)
        assert (answer.verdict, answer.arrival) == (Verdict.HOLD, Arrival.NO)
        assert str(installed.key) in answer.text
        install(certificates.client, installed)
        assert await answered(line)


async def test_a_new_authority_is_trusted_without_a_restart(
    certificates: Certificates, make_line: MakeLine, tmp_path: Path
) -> None:
    ca_file = Path(shutil.copy(certificates.other_ca, tmp_path / "ca.pem"))
    async with scripted(certificates, ack()) as far:
        line = make_line(far.url, ca_file=ca_file)
        assert (await refused(line)).verdict is Verdict.HOLD
        append(ca_file, certificates.ca)
        assert await answered(line)


@pytest.mark.parametrize("half", ["ca_file", "cert_file", "key_file"])
async def test_each_file_that_is_copied_in_place_and_only_half_stops_nothing(
    certificates: Certificates, make_line: MakeLine, tmp_path: Path, caplog: pytest.LogCaptureFixture, half: str
) -> None:
    caplog.set_level(logging.WARNING, "roampost")
    sources = {"ca_file": certificates.ca, "cert_file": certificates.client.cert, "key_file": certificates.client.key}
    files = {key: Path(shutil.copy(path, tmp_path / key)) for key, path in sources.items()}
    whole = files[half].read_bytes()
    async with scripted(certificates, *[ack()] * 3) as far:
        line = make_line(far.url, **files)
        await post(line)
        files[half].write_bytes(whole[: len(whole) // 2])
        assert await answered(line)
        (record,) = caplog.records
        assert f"{half} '{files[half]}'" in record.getMessage()
        files[half].write_bytes(whole)
        await post(line)
    assert [asked.connection for asked in far.asked] == [1, 1, 2]
    assert len(caplog.records) == 1
