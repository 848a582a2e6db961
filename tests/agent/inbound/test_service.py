"""Requests over real TLS: answered in time and within bounds, whatever the caller or the station does."""

import asyncio
import json
import logging
from typing import Any

import pytest

from roampost.hubs.remote import CancelReservation, Outcome, RemoteStart, RemoteStop, Reserve
from roampost.inbound.service import InboundService, Most, NotListeningError, Times
from tests.agent.inbound.place import (
    BODIES,
    CUT,
    PATIENT_S,
    START,
    STOP,
    Breaks,
    Callers,
    Hangs,
    Says,
    calling,
    code,
    pinned,
    serving,
    settings,
    wire,
)
from tests.agent.inbound.wires import answer_of, plain
from tests.agent.oicp.openapi import needs_openapi, schema_errors


@needs_openapi
@pytest.mark.parametrize("path", BODIES)
async def test_each_operation_is_asked_and_acknowledged(callers: Callers, path: str) -> None:
    station = Says()
    async with (
        serving(settings(callers), pinned(callers), station=station) as service,
        calling(service, callers, callers.hub) as client,
    ):
        answer = await client.post(path, json=BODIES[path])
    kinds = dict(zip(BODIES, (RemoteStart, RemoteStop, Reserve, CancelReservation), strict=True))
    assert [type(one) for one in station.asked] == [kinds[path]]
    assert code(answer) == (200, "000")
    assert schema_errors("eRoamingAcknowledgment", answer.content) == []
    assert answer.headers["content-type"] == "application/json"


async def test_an_answer_tells_its_date_and_not_what_made_it(callers: Callers) -> None:
    async with (
        serving(settings(callers), pinned(callers), station=Says()) as service,
        calling(service, callers, callers.hub) as client,
    ):
        for method, path in (("POST", START), ("GET", "/"), ("GET", START), ("HEAD", START)):
            answer = await client.request(method, path, json=BODIES[START])
            assert sorted(set(answer.headers) - {"allow"}) == ["content-length", "content-type", "date"]


@pytest.mark.parametrize(
    "path", ["/", "/api/oicp", START + "/", START.replace("start", "pause"), START.replace("/v21", "/v22"), START[9:]]
)
async def test_there_are_no_other_paths(callers: Callers, path: str) -> None:
    async with (
        serving(settings(callers), pinned(callers), station=Says()) as service,
        calling(service, callers, callers.hub) as client,
    ):
        for method in ("GET", "POST"):
            assert code(await client.request(method, path, json=BODIES[START])) == (404, "022")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "BREW"])
async def test_only_post_asks_for_anything(callers: Callers, method: str) -> None:
    station = Says()
    async with (
        serving(settings(callers), pinned(callers), station=station) as service,
        calling(service, callers, callers.hub) as client,
    ):
        answer = await client.request(method, START, json=BODIES[START])
    assert (*code(answer), answer.headers["allow"], station.asked) == (405, "022", "POST", [])


async def test_a_body_as_long_as_allowed_is_read_and_a_longer_one_is_refused(callers: Callers) -> None:
    inbound = settings(callers, max_body_bytes=1024)
    async with (
        serving(inbound, pinned(callers), station=Says()) as service,
        calling(service, callers, callers.hub) as client,
    ):
        for size, status in ((1024, 200), (1025, 413), (4 * 1024, 413)):
            body = json.dumps(BODIES[START]).encode().ljust(size)
            answer = await client.post(START, content=body)
            assert answer.status_code == status


async def test_a_body_without_end_is_not_read_to_its_end(callers: Callers) -> None:
    inbound = settings(callers, max_body_bytes=1024)
    async with (
        serving(inbound, pinned(callers), station=Says()) as service,
        wire(service, callers, callers.hub) as (reader, writer),
    ):
        chunk = b"400\r\n" + b" " * 1024 + b"\r\n"
        writer.write(plain(START, chunk * 5, "Transfer-Encoding: chunked"))
        assert (await answer_of(reader))[0] == 413
        assert await reader.read() == b""


async def test_a_head_without_end_is_refused(callers: Callers) -> None:
    async with (
        serving(settings(callers), pinned(callers), station=Says()) as service,
        wire(service, callers, callers.hub) as (reader, writer),
    ):
        writer.write(b"POST / HTTP/1.1\r\nX: " + b"x" * 20_000)
        assert (await reader.readline()).split(b" ")[1] == b"400"


@pytest.mark.parametrize("sent", [b"", b"POST / HT", plain(START, b"{}")[:-1]], ids=["nothing", "head", "body"])
async def test_a_request_that_never_becomes_whole_is_cut(callers: Callers, sent: bytes) -> None:
    times = Times(request_s=0.1, answer_s=PATIENT_S)
    async with (
        serving(settings(callers), pinned(callers), station=Says(), times=times) as service,
        wire(service, callers, callers.hub) as (reader, writer),
    ):
        writer.write(sent)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(1)


async def test_a_request_that_is_whole_waits_for_its_answer_longer_than_a_slow_one_may_take(callers: Callers) -> None:
    station = Hangs()
    times = Times(request_s=0.1, answer_s=PATIENT_S)
    async with (
        serving(settings(callers), pinned(callers), station=station, times=times) as service,
        wire(service, callers, callers.hub) as (reader, writer),
        wire(service, callers, callers.hub) as (slow, _),
    ):
        writer.write(plain(START, json.dumps(BODIES[START]).encode()))
        await station.begun.wait()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await slow.readexactly(1)  # so more than request_s is over
        station.decide.set()
        assert (await answer_of(reader))[0] == 200


async def test_a_connection_goes_on_after_a_request_that_was_refused_before_it_was_whole(callers: Callers) -> None:
    times = Times(request_s=3.0, answer_s=PATIENT_S)
    async with (
        serving(settings(callers), pinned(callers), station=Says(), times=times) as service,
        wire(service, callers, callers.hub) as (reader, writer),
    ):
        head, _, body = plain("/nowhere", b"{}").partition(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n")
        assert (await answer_of(reader))[0] == 404
        writer.write(body)
        async with wire(service, callers, callers.hub) as (slow, _):
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await slow.readexactly(1)  # so more than request_s is over
        writer.write(plain(START, json.dumps(BODIES[START]).encode()))
        assert (await answer_of(reader))[0] == 200


async def test_requests_in_one_go_are_answered_in_their_order(callers: Callers) -> None:
    station = Says()
    paths = [START, STOP, "/nowhere", START]
    async with (
        serving(settings(callers), pinned(callers), station=station) as service,
        wire(service, callers, callers.hub) as (reader, writer),
    ):
        writer.write(b"".join(plain(one, json.dumps(BODIES.get(one, {})).encode()) for one in paths))
        assert [(await answer_of(reader))[0] for _ in paths] == [200, 200, 404, 200]
    assert [type(one) for one in station.asked] == [RemoteStart, RemoteStop, RemoteStart]


async def test_one_address_may_ask_so_often_and_is_told_when_again(callers: Callers) -> None:
    station = Says()
    inbound = settings(callers, address_requests_per_minute=3)
    async with (
        serving(inbound, pinned(callers), station=station) as service,
        calling(service, callers, callers.hub) as client,
    ):
        answers = [await client.post(START, json=BODIES[START]) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert (answers[3].headers["retry-after"], code(answers[3])[1], len(station.asked)) == ("20", "320", 3)


async def test_connections_count_too_before_their_tls(callers: Callers, caplog: pytest.LogCaptureFixture) -> None:
    inbound = settings(callers, address_requests_per_minute=1)
    async with (
        serving(inbound, pinned(callers), station=Says()) as service,
        calling(service, callers, callers.hub) as first,
        calling(service, callers, callers.hub) as second,
    ):
        assert (await first.get("/")).status_code == 404
        with pytest.raises(CUT):
            await second.get("/")
    assert "too many connections in a minute" in caplog.text


async def test_no_more_connections_than_a_small_machine_bears(
    callers: Callers, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        serving(settings(callers), pinned(callers), station=Says(), most=Most(connections=1)) as service,
        calling(service, callers, callers.hub) as first,
        calling(service, callers, callers.hub) as second,
    ):
        assert (await first.get("/")).status_code == 404
        with pytest.raises(CUT):
            await second.get("/")
    assert "1 connections are open already" in caplog.text


async def test_a_connection_that_never_begins_tls_counts_as_well(
    callers: Callers, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(settings(callers), pinned(callers), station=Says(), most=Most(connections=1)) as service:
        _, silent = await asyncio.open_connection("127.0.0.1", service.port)
        async with calling(service, callers, callers.hub) as client:
            with pytest.raises(CUT):
                await client.get("/")
        silent.close()
        await silent.wait_closed()
    assert "1 connections are open already" in caplog.text


async def test_a_station_that_does_not_decide_in_time_is_a_failure_and_its_work_goes_on(callers: Callers) -> None:
    station = Hangs()
    times = Times(answer_s=0.1, request_s=PATIENT_S, drain_s=PATIENT_S)
    async with (
        serving(settings(callers), pinned(callers), station=station, times=times) as service,
        calling(service, callers, callers.hub) as client,
    ):
        assert code(await client.post(START, json=BODIES[START])) == (200, "021")
        assert station.finished == 0
        station.decide.set()
        assert code(await client.post(START, json=BODIES[START])) == (200, "000")
    assert station.finished == 2


async def test_more_undecided_requests_than_bearable_are_sent_away_for_a_while(callers: Callers) -> None:
    station = Hangs()
    times = Times(answer_s=0.1, request_s=PATIENT_S)
    async with (
        serving(settings(callers), pinned(callers), station=station, times=times, most=Most(decisions=1)) as service,
        calling(service, callers, callers.hub) as client,
    ):
        assert code(await client.post(START, json=BODIES[START])) == (200, "021")
        answer = await client.post(START, json=BODIES[START])
        assert (*code(answer), answer.headers["retry-after"]) == (503, "320", "5")
        station.decide.set()


async def test_a_bug_of_the_station_is_a_failure_for_the_hub_and_a_traceback_for_us(
    callers: Callers, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        serving(settings(callers), pinned(callers), station=Breaks()) as service,
        calling(service, callers, callers.hub) as client,
    ):
        assert code(await client.post(START, json=BODIES[START])) == (200, "021")
    assert "ZeroDivisionError" in caplog.text


async def test_a_caller_that_goes_away_does_not_undo_what_it_has_asked_for(callers: Callers) -> None:
    station = Hangs()
    async with serving(settings(callers), pinned(callers), station=station) as service:
        async with wire(service, callers, callers.hub) as (_, writer):
            writer.write(plain(START, json.dumps(BODIES[START]).encode()))
            await station.begun.wait()
        station.decide.set()
    assert station.finished == 1


async def test_a_caller_that_goes_away_in_the_middle_of_a_body_leaves_no_trace(
    callers: Callers, caplog: pytest.LogCaptureFixture
) -> None:
    station = Says()
    async with (
        serving(settings(callers), pinned(callers), station=station) as service,
        wire(service, callers, callers.hub) as (_, writer),
    ):
        writer.write(plain(START, b"{}")[:-1])
        await writer.drain()
    assert station.asked == []
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


async def test_a_port_that_is_taken_is_told_in_words(callers: Callers) -> None:
    async with serving(settings(callers), pinned(callers), station=Says()) as first:
        second = settings(callers).model_copy(update={"port": first.port})
        with pytest.raises(
            NotListeningError, match=f"port {first.port} cannot be listened at: Address already in use;"
        ):
            await InboundService(second, [pinned(callers)], Says()).run()


async def test_a_caller_that_tls_has_not_named_is_nobody() -> None:
    """No connection of ours leads here; a mistake of ours must not open the door."""
    from roampost.inbound.app import InboundApp

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    await InboundApp({})({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send)
    assert sent[0]["status"] == 401


async def test_every_outcome_reaches_the_hub(callers: Callers) -> None:
    station = Says()
    async with (
        serving(settings(callers), pinned(callers), station=station) as service,
        calling(service, callers, callers.hub) as client,
    ):
        for outcome in Outcome:
            station.outcome = outcome
            answer = await client.post(START, json=BODIES[START])
            assert (answer.status_code, answer.json()["Result"]) == (200, outcome is Outcome.DONE)
