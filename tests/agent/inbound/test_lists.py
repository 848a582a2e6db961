"""Lists of cards that a hub posts, long and slow ones, over real TLS; times, and what the log says of it all."""

import asyncio
import json
import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from roampost.hubs.inbound import Asked, Said
from roampost.hubs.oioi.inbound import OioiInbound
from roampost.hubs.remote import ReplaceCards
from roampost.inbound.http import PART_BYTES
from roampost.inbound.service import Times
from tests.agent.inbound.place import (
    KEY,
    OIOI,
    PATIENT_S,
    Callers,
    Hangs,
    Says,
    calling,
    keyed,
    result,
    serving,
    settings,
    shows,
    wire,
)
from tests.agent.inbound.wires import answer_of, plain
from tests.agent.oioi.requests_in import HUB, UID, request

STOP = request("session-stop")


async def test_a_list_may_be_longer_than_other_requests_up_to_the_hubs_own_bound(
    callers: Callers, tmp_path: Path
) -> None:
    station = Says()
    uids = [f"{number:08X}" for number in range(20_000)]
    body = json.dumps(request("rfid-post", rfids=uids)).encode()
    hub = keyed(tmp_path, max_body_bytes=len(body))
    async with (
        serving(settings(callers, max_body_bytes=1024), hub, station=station) as service,
        calling(service, callers, None) as client,
    ):
        assert result(await client.post(OIOI, content=body, headers=shows())) == (200, 0)
        assert result(await client.post(OIOI, content=body + b" ", headers=shows())) == (413, 200)
        spoilt = body.replace(b'"00004E1F"', b'"........"')
        answer = await client.post(OIOI, content=spoilt, headers=shows())
        assert result(answer) == (400, 230)
        assert "number 20000 of rfids" in answer.json()["result"]["message"]
    assert [one.uids for one in station.asked if isinstance(one, ReplaceCards)] == [frozenset(uids)]


async def test_a_long_list_may_take_longer_than_a_request_while_its_parts_keep_coming(
    callers: Callers, tmp_path: Path
) -> None:
    def chunk(part: bytes) -> bytes:
        return f"{len(part):x}\r\n".encode() + part + b"\r\n"

    times = Times(request_s=3.0, answer_s=PATIENT_S)
    hub = keyed(tmp_path, max_body_bytes=4_194_304)
    async with (
        serving(settings(callers), hub, station=Says(), times=times) as service,
        wire(service, callers, None) as (reader, writer),
        wire(service, callers, None) as (slow, _),
    ):
        over = asyncio.create_task(slow.read())
        writer.write(plain(OIOI, b"", f"Authorization: key={KEY}", "Transfer-Encoding: chunked"))
        writer.write(chunk(json.dumps(request("rfid-post")).encode()))
        while not over.done():  # which it is when more than request_s is over
            writer.write(chunk(b" " * PART_BYTES))
            await writer.drain()
            await asyncio.wait({over}, timeout=0.2)
        writer.write(chunk(b""))
        assert (await answer_of(reader))[0] == 200
        await asyncio.gather(over, return_exceptions=True)


async def test_a_long_list_of_which_nothing_comes_any_more_is_cut(callers: Callers, tmp_path: Path) -> None:
    times = Times(request_s=0.3, answer_s=PATIENT_S)
    async with (
        serving(settings(callers), keyed(tmp_path), station=Says(), times=times) as service,
        wire(service, callers, None) as (reader, writer),
    ):
        body = b" " * (3 * PART_BYTES)
        writer.write(plain(OIOI, body, f"Authorization: key={KEY}")[:-1])
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)


async def test_a_long_list_is_read_beside_what_must_not_wait(
    callers: Callers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside: list[bool] = []
    real = OioiInbound.read

    def seen(self: OioiInbound, path: str, parameters: Mapping[str, str], body: bytes) -> Asked | Said:
        beside.append(threading.current_thread() is not threading.main_thread())
        return real(self, path, parameters, body)

    monkeypatch.setattr(OioiInbound, "read", seen)
    async with (
        serving(settings(callers), keyed(tmp_path), station=Says()) as service,
        calling(service, callers, None) as client,
    ):
        for count in (10, 10_000):
            body = request("rfid-post", rfids=["1234ABCD"] * count)
            assert result(await client.post(OIOI, json=body, headers=shows())) == (200, 0)
    assert beside == [False, True]


async def test_of_two_long_lists_one_is_read_at_a_time(
    callers: Callers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)
    met: list[bool] = []
    real = OioiInbound.read

    def seen(self: OioiInbound, path: str, parameters: Mapping[str, str], body: bytes) -> Asked | Said:
        with suppress(threading.BrokenBarrierError):
            both.wait(1)
            met.append(True)
        return real(self, path, parameters, body)

    monkeypatch.setattr(OioiInbound, "read", seen)
    body = request("rfid-post", rfids=["1234ABCD"] * 10_000)
    async with (
        serving(settings(callers), keyed(tmp_path), station=Says()) as service,
        calling(service, callers, None) as client,
    ):
        answers = await asyncio.gather(*(client.post(OIOI, json=body, headers=shows()) for _ in range(2)))
    assert [result(one) for one in answers] == [(200, 0)] * 2
    assert met == []


async def test_what_is_refused_at_once_is_in_the_log_and_names_nobody(
    callers: Callers, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "roampost")
    async with (
        serving(settings(callers), keyed(tmp_path), station=Says()) as service,
        calling(service, callers, None) as client,
    ):
        await client.post(OIOI, json=request("rfid-post", partner_identifier="somebody else"), headers=shows())
        await client.post(OIOI, json=request("rfid-post", rfids=[UID, "no card"]), headers=shows())
    refused = [text for text in caplog.messages if text.startswith(f"hub {HUB}: refused at once")]
    assert "HTTP 200" in refused[0]
    assert "Invalid partner identifier" in refused[0]
    assert "HTTP 400" in refused[1]
    assert "number 2 of rfids" in refused[1]
    assert UID not in caplog.text


async def test_the_log_counts_cards_and_names_nobody(
    callers: Callers, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "roampost")
    person = {"identifier-type": "username", "identifier": "eva@example.org", "token": "s3cret"}
    async with (
        serving(settings(callers), keyed(tmp_path), station=Says()) as service,
        calling(service, callers, None) as client,
    ):
        await client.post(OIOI, json=request("rfid-post"), headers=shows())
        await client.post(OIOI, json=request("session-start", user=person), headers=shows())
        assert "its list of cards is empty now" not in caplog.text
        await client.post(OIOI, json=request("rfid-post", rfids=[]), headers=shows())
    assert f"hub {HUB}: a list of 2 cards: done" in caplog.messages
    assert f"hub {HUB}: RemoteStart at DE*ABC*E1*1: done" in caplog.messages
    assert "its list of cards is empty now" in caplog.text
    assert not [word for word in (UID, "1234ABCD", "eva@", "s3cret") if word in caplog.text]


async def test_what_is_not_decided_in_time_is_said_so(callers: Callers, tmp_path: Path) -> None:
    station = Hangs()
    times = Times(answer_s=0.1, request_s=PATIENT_S, drain_s=PATIENT_S)
    async with (
        serving(settings(callers), keyed(tmp_path), station=station, times=times) as service,
        calling(service, callers, None) as client,
    ):
        assert result(await client.post(OIOI, json=STOP, headers=shows())) == (200, 302)
        station.decide.set()


async def test_a_connection_without_a_certificate_that_asks_nothing_is_cut(
    callers: Callers, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "roampost")
    times = Times(request_s=0.1, answer_s=PATIENT_S)
    async with (
        serving(settings(callers), keyed(tmp_path), station=Says(), times=times) as service,
        wire(service, callers, None) as (reader, _),
    ):
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)
    assert "127.0.0.1: closed, because no whole request came within 0.1 s" in caplog.text
