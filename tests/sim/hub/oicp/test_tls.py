"""Who gets in: the client certificate decides, and a refused handshake is recorded with its reason."""

import asyncio
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from roampost_sim.hub.certificates import CertificateError, CertificateShop, Pair
from roampost_sim.hub.oicp import HubSettings, SandboxHub
from tests.sim.hub.oicp.messages import EVSE, status
from tests.sim.hub.operator import STATUS, Operator

BODY = status((EVSE, "Available"))
BAD: dict[str, tuple[Callable[[CertificateShop], Pair | None], str]] = {
    "none": (lambda shop: None, "PEER_DID_NOT_RETURN_A_CERTIFICATE"),
    "foreign": (lambda shop: shop.client("DEABC", foreign=True), "unable to get local issuer certificate"),
    "expired": (lambda shop: shop.client("DEABC", expired=True), "certificate has expired"),
    "early": (lambda shop: shop.client("DEABC", not_yet_valid=True), "certificate is not yet valid"),
}


@pytest.mark.parametrize("which", BAD)
async def test_a_wrong_client_is_refused_in_the_handshake(hub: SandboxHub, operator: Operator, which: str) -> None:
    make, reason = BAD[which]
    # The alert may be overtaken by the reset that follows it.
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await operator.with_client(make(hub.certificates)).post(STATUS, BODY)
    await hub.wait_for(lambda: len(hub.record) == 1)
    assert (hub.record[0].event, hub.record[0].reason) == ("tls-refused", reason)
    assert (await operator.post(STATUS, BODY)).code == "000"


async def test_a_client_certificate_can_be_left_out_where_it_is_not_required(settings: HubSettings) -> None:
    async with SandboxHub(replace(settings, require_client_certificate=False)) as hub:
        assert (await Operator(hub).with_client(None).post(STATUS, BODY)).code == "000"


async def test_what_is_no_tls_is_recorded(hub: SandboxHub) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    writer.write(b"POST / HTTP/1.1\r\n\r\n")
    await hub.wait_for(lambda: bool(hub.record))
    assert (hub.record[0].event, hub.record[0].reason) == ("tls-refused", "HTTP_REQUEST")
    writer.close()


def test_keys_are_for_their_owner_only(directory: Path) -> None:
    shop = CertificateShop(directory / "own")
    files = [shop.client("DEABC").key, shop.server().key, *(directory / "own").glob("*.key")]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (directory / "own").stat().st_mode & 0o777 == 0o700


def test_what_a_hub_shows_can_be_pinned(directory: Path) -> None:
    shop = CertificateShop(directory / "pinned")
    hub, partner, foreign = shop.hub("hub.example"), shop.hub("partner.example"), shop.hub("hub.example", foreign=True)
    told = subprocess.run(
        ["openssl", "x509", "-in", hub.certificate, "-noout", "-fingerprint", "-sha256", "-subject", "-ext",
         "subjectAltName,extendedKeyUsage"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert hub.sha256 == told.splitlines()[0].partition("=")[2].replace(":", "").lower()
    assert "CN = hub.example" in told or "CN=hub.example" in told
    assert "DNS:hub.example" in told
    assert "TLS Web Client Authentication" in told
    assert len({hub.sha256, partner.sha256, foreign.sha256}) == 3


def test_good_certificates_are_used_again(directory: Path) -> None:
    first = CertificateShop(directory / "again").client("DEABC").certificate.read_bytes()
    second = CertificateShop(directory / "again").client("DEABC").certificate.read_bytes()
    assert first == second


def test_a_lost_root_makes_all_certificates_anew(directory: Path) -> None:
    shop = CertificateShop(directory / "lost")
    first = shop.client("DEABC").certificate.read_bytes()
    shop.ca_file.unlink()
    assert shop.client("DEABC").certificate.read_bytes() != first


def test_a_machine_without_openssl_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CertificateError, match="apt install openssl"):
        CertificateShop(tmp_path / "none").client("DEABC")


def test_what_openssl_complains_of_is_told_in_a_sentence(tmp_path: Path) -> None:
    shop = CertificateShop(tmp_path / "c")
    assert shop.ca_file.exists()
    (tmp_path / "c" / "ca.key").write_text("no key", encoding="utf-8")
    with pytest.raises(CertificateError, match="openssl ca failed while the sandbox's certificates were made: "):
        shop.client("DEABC")
