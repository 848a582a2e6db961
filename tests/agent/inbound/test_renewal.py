"""New certificate files are taken up by themselves, and none that cannot be used stops what works."""

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from roampost.config.inbound import Inbound
from roampost.inbound.service import InboundService
from roampost.inbound.tls import UnusableFilesError
from tests.agent.certs import Pair
from tests.agent.https.test_renewal import install
from tests.agent.inbound.place import PATIENT_S, Callers, Says, client_context, pinned, serving, settings, wire


@pytest.fixture
def installed(callers: Callers, tmp_path: Path) -> Pair:
    pair = Pair(tmp_path / "station.pem", tmp_path / "station.key")
    install(callers.server, pair)
    return pair


async def name_of(service: InboundService, callers: Callers) -> str:
    """The common name that the service shows to a new connection."""
    async with wire(service, callers, callers.hub) as (_, writer):
        shown = dict(pair for (pair,) in writer.get_extra_info("peercert")["subject"])
    return str(shown["commonName"])


async def test_a_renewed_certificate_is_shown_without_a_restart(callers: Callers, installed: Pair) -> None:
    async with serving(settings(callers, installed), pinned(callers), station=Says()) as service:
        assert await name_of(service, callers) == "station"
        install(callers.server_renewed, installed)
        assert await name_of(service, callers) == "station-renewed"


async def test_a_renewal_that_is_half_copied_stops_nothing(
    callers: Callers, installed: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(settings(callers, installed), pinned(callers), station=Says()) as service:
        install(Pair(callers.server_renewed.cert, callers.server.key), installed)
        assert await name_of(service, callers) == "station"
        assert "the old certificates stay in use" in caplog.text
        install(callers.server_renewed, installed)
        assert await name_of(service, callers) == "station-renewed"


async def test_an_authority_that_was_taken_out_is_believed_no_more(callers: Callers, tmp_path: Path) -> None:
    authority = tmp_path / "hub-ca.pem"
    authority.write_bytes(callers.hub_ca.read_bytes())
    async with serving(settings(callers), pinned(callers, client_ca_file=authority), station=Says()) as service:
        assert await name_of(service, callers) == "station"
        authority.write_bytes(callers.other_ca.read_bytes())
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await _first_byte(service, callers)


async def _first_byte(service: InboundService, callers: Callers) -> bytes:
    async with wire(service, callers, callers.hub) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return await reader.readexactly(1)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda one: one.name)
async def test_no_session_is_resumed_so_every_connection_shows_its_certificate(
    callers: Callers, version: ssl.TLSVersion
) -> None:
    context = client_context(callers, callers.hub)
    context.minimum_version = context.maximum_version = version
    async with serving(settings(callers), pinned(callers), station=Says()) as service:
        session, _ = await asyncio.to_thread(_session, context, service.port, None)
        _, reused = await asyncio.to_thread(_session, context, service.port, session)
    assert not reused


def _session(
    context: ssl.SSLContext, port: int, session: ssl.SSLSession | None
) -> tuple[ssl.SSLSession | None, bool | None]:
    """After an answer, because the tickets of TLS 1.3 come after the handshake."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENT_S) as plain,
        context.wrap_socket(plain, server_hostname="localhost", session=session) as tls,
    ):
        tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert tls.recv(4096).startswith(b"HTTP/1.1 404")
        return tls.session, tls.session_reused


SPOILT = {
    "no certificate": ("cert_file", b"x", "inbound.cert_file '"),
    "no key": ("key_file", b"x", "must be a certificate and the key that belongs to it"),
    "no authority": ("client_ca_file", b"x", "holds no certificate in PEM format"),
    "nothing": ("cert_file", None, "cannot be read: No such file or directory"),
}


@pytest.mark.parametrize("how", SPOILT)
async def test_files_that_cannot_be_used_are_told_in_words(
    callers: Callers, tmp_path: Path, how: str, installed: Pair
) -> None:
    key, content, told = SPOILT[how]
    authority = tmp_path / "ca.pem"
    authority.write_bytes(callers.hub_ca.read_bytes())
    path = {"cert_file": installed.cert, "key_file": installed.key, "client_ca_file": authority}[key]
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    inbound: Inbound = settings(callers, installed)
    with pytest.raises(UnusableFilesError, match=told) as caught:
        await InboundService(inbound, [pinned(callers, client_ca_file=authority)], Says()).run()
    assert str(path) in str(caught.value)
