"""A hub that shows a key, over real TLS, alone and beside one that has a certificate."""

import json
import logging
from pathlib import Path

import pytest

from roampost.hubs.remote import CancelReservation, RemoteStart, RemoteStop, ReplaceCards, Reserve
from roampost.inbound.service import Most
from tests.agent.inbound.place import (
    BODIES,
    CUT,
    KEY,
    OIOI,
    START,
    Callers,
    Says,
    calling,
    code,
    fingerprint,
    keyed,
    pinned,
    result,
    serving,
    settings,
    shows,
    wire,
)
from tests.agent.inbound.wires import answer_of, plain
from tests.agent.oioi import schemas_in as schemas
from tests.agent.oioi.requests_in import CALLS, HUB, request

STOP = request("session-stop")


async def test_each_call_is_asked_and_answered(callers: Callers, tmp_path: Path) -> None:
    station = Says()
    async with (
        serving(settings(callers), keyed(tmp_path), station=station) as service,
        calling(service, callers, None) as client,
    ):
        for call in CALLS:
            answer = await client.post(OIOI, json=request(call), headers=shows())
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/json"
            assert schemas.errors(schemas.ANSWERS[call], answer.content) == []
    kinds = [RemoteStart, RemoteStop, ReplaceCards, Reserve, CancelReservation]
    assert [(type(one), one.hub) for one in station.asked] == [(kind, HUB) for kind in kinds]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "key=nobody's-key-at-all")],
        [("Authorization", f"Bearer {KEY}")],
        [("Authorization", f"key={KEY}"), ("Authorization", f"key={KEY}")],
        [("X-Authorization", f"key={KEY}")],
        [("Authorization", f"key={KEY},key={KEY}")],
    ],
    ids=["none", "wrong", "bearer", "twice", "elsewhere", "list"],
)
async def test_without_the_key_nothing_is_asked(
    callers: Callers, tmp_path: Path, headers: list[tuple[str, str]]
) -> None:
    station = Says()
    async with (
        serving(settings(callers), pinned(callers), keyed(tmp_path), station=station) as service,
        calling(service, callers, None) as client,
    ):
        for method in ("POST", "GET"):
            answer = await client.request(method, OIOI, json=STOP, headers=headers)
            assert result(answer) == (401, 210)
            assert schemas.errors(schemas.REFUSAL, answer.content) == []
            assert answer.headers["www-authenticate"] == "key"
        for path in ("/", START, OIOI + "/"):
            answer = await client.post(path, json=BODIES[START], headers=headers)
            assert (answer.status_code, answer.json()) == (401, {"message": "not allowed"})
    assert station.asked == []


async def test_a_refusal_waits_for_no_body_and_ends_the_connection(callers: Callers, tmp_path: Path) -> None:
    body = json.dumps(STOP).encode()
    station = Says()
    async with (
        serving(settings(callers), keyed(tmp_path), station=station) as service,
        wire(service, callers, None) as (reader, writer),
    ):
        writer.write(plain(OIOI, body, f"Authorization: key={KEY}"))
        assert (await answer_of(reader))[0] == 200
        writer.write(plain(OIOI, body, "Authorization: key=nobody's-key-at-all").removesuffix(body))
        assert (await answer_of(reader))[0] == 401
        assert await reader.read() == b""
    assert len(station.asked) == 1


@pytest.mark.parametrize(("key", "status"), [("nobody's-key-at-all", b"401"), (KEY, b"100")])
async def test_a_caller_that_promises_a_body_is_not_asked_for_it_before_its_key_was_right(
    callers: Callers, tmp_path: Path, key: str, status: bytes
) -> None:
    async with (
        serving(settings(callers), keyed(tmp_path), station=Says()) as service,
        wire(service, callers, None) as (reader, writer),
    ):
        writer.write(plain(OIOI, b"{}", "Expect: 100-continue", f"Authorization: key={key}").removesuffix(b"{}"))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.split(b" ")[1] == status


async def test_strangers_keep_no_connection_from_a_hub(callers: Callers, tmp_path: Path) -> None:
    body = json.dumps(STOP).encode()
    async with (
        serving(
            settings(callers), pinned(callers), keyed(tmp_path), station=Says(), most=Most(connections=2)
        ) as service,
        wire(service, callers, None) as first,
        wire(service, callers, None) as second,
    ):
        for reader, writer in (first, second):
            writer.write(plain("/", body))
            assert (await answer_of(reader))[0] == 401
            assert await reader.read() == b""
            writer.close()
        async with calling(service, callers, callers.hub) as client:
            assert code(await client.post(START, json=BODIES[START])) == (200, "000")


async def test_strangers_use_up_nothing_that_is_for_the_hubs(callers: Callers, tmp_path: Path) -> None:
    inbound = settings(callers, requests_per_minute=6)
    async with (
        serving(inbound, pinned(callers), keyed(tmp_path), station=Says()) as service,
        calling(service, callers, callers.hub) as hub,
        calling(service, callers, None) as stranger,
    ):
        assert code(await hub.post(START, json=BODIES[START])) == (200, "000")
        for _ in range(4):
            assert (await stranger.post(OIOI, json=STOP, headers=shows("nobody's-key-at-all"))).status_code == 401
        for _ in range(5):
            assert code(await hub.post(START, json=BODIES[START])) == (200, "000")
        assert (await hub.post(START, json=BODIES[START])).status_code == 429


async def test_refusals_count_for_the_address_and_the_right_key_is_refused_alike_then(
    callers: Callers, tmp_path: Path
) -> None:
    body = json.dumps(STOP).encode()
    right, wrong = (plain(OIOI, body, f"Authorization: key={key}") for key in (KEY, "nobody's-key-at-all"))
    station = Says()
    async with (
        serving(settings(callers, address_requests_per_minute=4), keyed(tmp_path), station=station) as service,
        wire(service, callers, None) as hub,
        wire(service, callers, None) as guesser,
        wire(service, callers, None) as again,
        wire(service, callers, None) as elsewhere,
    ):
        said = []
        for (reader, writer), sent in (
            *((hub, right),) * 3,
            (guesser, wrong),
            (again, wrong),
            (hub, right),
            (elsewhere, plain("/", body)),
        ):
            writer.write(sent)
            said.append(await answer_of(reader))
    assert [status for status, _ in said] == [200, 200, 200, 401, 429, 429, 429]
    assert said[4] == said[5]
    assert said[6][1] == {"message": "too many requests"}
    assert len(station.asked) == 3


async def test_a_wrong_key_is_written_down_once_and_not_what_it_was(
    callers: Callers, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with (
        serving(settings(callers), keyed(tmp_path), station=Says()) as service,
        calling(service, callers, None) as client,
    ):
        for _ in range(5):
            await client.post(OIOI, json=STOP, headers=shows("nobody's-key-at-all"))
        await client.post(OIOI, json=STOP, headers=shows())
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("roampost")]
    assert len([one for one in ours if "an API key that is no hub's" in one]) == 1
    assert not [one for one in ours if "nobody's-key" in one or KEY in one]


# --- both kinds on one port -------------------------------------------------------------------------------------------


async def test_both_hubs_are_served_on_one_port(callers: Callers, tmp_path: Path) -> None:
    station = Says()
    async with serving(settings(callers), pinned(callers), keyed(tmp_path), station=station) as service:
        async with calling(service, callers, callers.hub) as client:
            assert code(await client.post(START, json=BODIES[START])) == (200, "000")
        async with calling(service, callers, None) as client:
            assert result(await client.post(OIOI, json=request("session-start"), headers=shows())) == (200, 11)
    assert [one.hub for one in station.asked] == ["hubject", HUB]


async def test_a_hub_with_a_certificate_speaks_for_itself_whatever_key_it_shows(
    callers: Callers, tmp_path: Path
) -> None:
    station = Says()
    async with (
        serving(settings(callers), pinned(callers), keyed(tmp_path), station=station) as service,
        calling(service, callers, callers.hub) as client,
    ):
        assert code(await client.post(OIOI, json=STOP, headers=shows())) == (404, "022")
        assert code(await client.post(START, json=BODIES[START], headers=shows())) == (200, "000")
    assert [one.hub for one in station.asked] == ["hubject"]


async def test_a_key_opens_nothing_of_a_hub_that_has_a_certificate(callers: Callers, tmp_path: Path) -> None:
    station = Says()
    async with (
        serving(settings(callers), pinned(callers), keyed(tmp_path), station=station) as service,
        calling(service, callers, None) as client,
    ):
        assert result(await client.post(START, json=BODIES[START], headers=shows())) == (404, 200)
    assert station.asked == []


@pytest.mark.parametrize("who", ["partner", "imposter", "hub_expired"])
async def test_a_certificate_that_is_shown_has_to_be_right_even_beside_a_key(
    callers: Callers, tmp_path: Path, who: str
) -> None:
    station = Says()
    async with (
        serving(settings(callers), pinned(callers), keyed(tmp_path), station=station) as service,
        calling(service, callers, getattr(callers, who)) as client,
    ):
        with pytest.raises(CUT):
            await client.post(OIOI, json=STOP, headers=shows())
    assert station.asked == []


async def test_where_all_show_keys_no_certificate_is_asked_for(callers: Callers, tmp_path: Path) -> None:
    async with (
        serving(settings(callers), keyed(tmp_path), station=Says()) as service,
        calling(service, callers, callers.imposter) as client,
    ):
        assert result(await client.post(OIOI, json=STOP, headers=shows())) == (200, 0)


async def test_each_key_speaks_for_its_own_hub_also_under_one_path(callers: Callers, tmp_path: Path) -> None:
    station = Says()
    other = "another-key-of-some-length"
    hubs = keyed(tmp_path), keyed(tmp_path, "second", other), keyed(tmp_path, "third", "x" * 16, prefix="/third")
    async with (
        serving(settings(callers), *hubs, station=station) as service,
        calling(service, callers, None) as client,
    ):
        for key in (other, KEY):
            assert result(await client.post(OIOI, json=STOP, headers=shows(key))) == (200, 0)
        assert result(await client.post(OIOI, json=STOP, headers=shows("x" * 16))) == (404, 200)
    assert [one.hub for one in station.asked] == ["second", HUB]


async def test_a_fingerprint_and_a_key_may_both_name_hubs_of_the_same_protocols_prefix(
    callers: Callers, tmp_path: Path
) -> None:
    """The path decides nothing: who calls does."""
    station = Says()
    pin = pinned(callers, names=(), fingerprints=(fingerprint(callers.hub),), prefix=OIOI)
    path = START.replace("/api/oicp", OIOI)
    async with serving(settings(callers), pin, keyed(tmp_path), station=station) as service:
        async with calling(service, callers, callers.hub) as client:
            assert code(await client.post(path, json=BODIES[START])) == (200, "000")
        async with calling(service, callers, None) as client:
            assert result(await client.post(OIOI, json=STOP, headers=shows())) == (200, 0)
    assert [one.hub for one in station.asked] == ["hubject", HUB]
