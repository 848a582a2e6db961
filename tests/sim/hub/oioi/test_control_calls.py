"""The control socket has an OIOI hub call the operator, over a real unix socket and real TLS."""

from typing import Any

import pytest

from roampost_sim.hub.oioi import OioiHub
from tests.sim.hub.conftest import Console
from tests.sim.hub.inbound import InboundService, http
from tests.sim.hub.oioi.messages import CARD, CONTRACT, EVSE, PARTNER, SESSION, evco, post_station, rfid
from tests.sim.hub.oioi.test_caller import YES, say, serve
from tests.sim.hub.operator import OioiOperator


async def test_a_remote_start_and_its_stop(oioi_hub: OioiHub, oioi_console: Console) -> None:
    async with serve(oioi_hub) as service:
        started = await oioi_console(do="remote_start", evse=EVSE, contract=CONTRACT, payment="p1")
        stopped = await oioi_console(do="remote_stop", session_id=started["session_id"])
    assert started == {
        "ok": True,
        "http_status": 200,
        "code": "000",
        "result": True,
        "session_id": SESSION,
        "seconds": 0.0,
        "body": YES["session-start"] | {"result": {"code": 0, "message": "Success."}},
        "problems": [],
    }
    assert (stopped["ok"], stopped["session_id"]) == (True, SESSION)
    assert service.heard[0].body["session-start"]["payment-reference"] == "p1"
    (session,) = (await oioi_console(ask="sessions"))["sessions"]
    assert (session["kind"], session["uid"], session["identifier_type"]) == ("remote", "DE…-3", "evco-id")
    assert (session["cdr"], session["energy_wh"], session["posts"]) == (False, None, 0)


@pytest.mark.parametrize(
    ("driver", "user"),
    [
        ({"contract": CONTRACT}, evco()),
        ({"uid": CARD}, rfid()),
        ({"username": "anna"}, {"identifier-type": "username", "identifier": "anna"}),
        (
            {"username": "anna", "token": "secret"},
            {"identifier-type": "username", "identifier": "anna", "token": "secret"},
        ),
        ({"token": "secret"}, {"identifier-type": "token", "identifier": "secret"}),
    ],
)
async def test_who_asks_is_told_in_any_way(
    oioi_hub: OioiHub, oioi_console: Console, driver: dict[str, str], user: dict[str, str]
) -> None:
    async with serve(oioi_hub) as service:
        await oioi_console(do="remote_start", evse=EVSE, **driver)
        await oioi_console(do="remote_stop", evse=EVSE, **driver)
    assert [next(iter(call.body.values()))["user"] for call in service.heard] == [user, user]


async def test_a_reservation_and_its_end(oioi_hub: OioiHub, oioi_console: Console) -> None:
    async with serve(oioi_hub):
        reserved = await oioi_console(do="reserve", evse=EVSE, contract=CONTRACT, uid=CARD)
        (held,) = (await oioi_console(ask="reservations"))["reservations"]
        ended = await oioi_console(do="cancel_reservation", evse=EVSE)
    assert (reserved["ok"], ended["ok"], held["evse_id"], held["end"]) == (
        True,
        True,
        EVSE,
        YES["reservation-start"]["reservation-start"]["end"],
    )
    assert (await oioi_console(ask="reservations"))["reservations"] == []


async def test_the_list_of_cards_is_posted(oioi_hub: OioiHub, oioi_console: Console) -> None:
    async with serve(oioi_hub) as service:
        assert (await oioi_console(do="cards_posted", uids=[CARD]))["result"]
        assert (await oioi_console(do="cards_posted", uids=[], partner="second"))["ok"]
    assert service.heard[1].body == {"rfid-post": {"rfids": [], "partner-identifier": "second"}}
    assert (await oioi_console(ask="cards_posted"))["partners"] == {PARTNER: 1, "second": 0}


async def test_a_no_is_an_answer_too(oioi_hub: OioiHub, oioi_console: Console) -> None:
    async with serve(oioi_hub, say(320)):
        answer = await oioi_console(do="remote_start", evse=EVSE, contract=CONTRACT)
    assert (answer["ok"], answer["result"], answer["code"]) == (True, False, "320")


async def test_anything_at_all_goes_out(oioi_hub: OioiHub, oioi_console: Console) -> None:
    async with serve(oioi_hub, lambda call: http("400 Bad Request", b"no")) as service:
        told = await oioi_console(do="call", operation="session-start", body={"a": None}, **{"as": "none"})
        odd = {"path": "/else", "content_type": "text/x", "method": "GET"}
        await oioi_console(do="call", operation="session-stop", text="{", **odd)
    assert (told["ok"], told["http_status"], told["body"], told["problems"]) == (True, 400, None, [])
    assert [call.text for call in service.heard] == [b'{"a": null}', b"{"]
    assert ["authorization" in call.headers for call in service.heard] == [False, True]
    assert (service.heard[1].path, service.heard[1].method) == ("/oicp/else", "GET")


async def test_the_stations_that_the_hub_has_are_told(oioi_operator: OioiOperator, oioi_console: Console) -> None:
    await oioi_operator.call("station-post", post_station())
    assert (await oioi_console(ask="stations"))["stations"] == [post_station()["station"]]


async def test_no_answer_is_told_in_a_sentence(oioi_hub: OioiHub, oioi_console: Console) -> None:
    async with serve(oioi_hub, lambda call: b""):
        answer = await oioi_console(do="remote_start", evse=EVSE, contract=CONTRACT)
    sentence = "The operator did not answer session-start: the connection was closed without an answer."
    assert answer == {"ok": False, "error": sentence}


@pytest.mark.parametrize("manner", ["partner", "none"])
async def test_a_call_with_another_key(oioi_hub: OioiHub, oioi_console: Console, manner: str) -> None:
    async with serve(oioi_hub) as service:
        await oioi_console(do="reserve", evse=EVSE, contract=CONTRACT, nulls=True, extra={"a": 1}, **{"as": manner})
    assert service.heard[0].headers.get("authorization") != "key=hubs-sandbox-key"
    assert service.heard[0].body["reservation-start"]["a"] == 1


START: dict[str, Any] = {"do": "remote_start", "evse": EVSE}


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (START, "The command needs one of contract, uid, username, token"),
        (START | {"contract": CONTRACT, "uid": CARD}, "Who asks is one of contract, uid, username, token"),
        ({"do": "remote_start", "contract": CONTRACT}, 'The command needs "evse"'),
        (START | {"contract": CONTRACT, "wrong_case": True}, "The command has no 'wrong_case'"),
        (START | {"contract": CONTRACT, "as": "root"}, '"as" is one of hub, partner, none'),
        ({"do": "remote_stop"}, 'The command needs "session_id" or "evse"'),
        ({"do": "remote_stop", "session_id": "nothing"}, "does not know the session nothing"),
        ({"do": "reserve", "evse": EVSE}, 'The command needs "contract"'),
        ({"do": "reserve", "evse": EVSE, "contract": CONTRACT, "minutes": 15}, "The command has no 'minutes'"),
        ({"do": "cancel_reservation"}, 'The command needs "evse"'),
        ({"do": "cards_posted"}, '"cards_posted" needs its "uids"'),
        ({"do": "cards_posted", "uids": [7]}, '"cards_posted" needs its "uids"'),
        ({"do": "cards_posted", "uids": "A"}, "\"uids\" is a list, not 'A'."),
        ({"do": "call", "operation": "session-start"}, 'either a "body", any JSON, or a "text"'),
        ({"do": "call", "operation": "station-post", "text": ""}, "There is no operation 'station-post'"),
        ({"do": "call", "operation": "session-stop", "text": "", "path": "/a\r\nb"}, "printable ASCII only"),
        ({"do": "stop_cards", "uid": CARD, "others": []}, "The hub cannot do 'stop_cards'"),
    ],
)
async def test_what_cannot_be_asked_gets_a_sentence(
    oioi_hub: OioiHub, oioi_console: Console, command: dict[str, Any], sentence: str
) -> None:
    async with InboundService(oioi_hub, mutual=False) as service:
        answer = await oioi_console(**command)
    assert (answer["ok"], sentence in answer["error"]) == (False, True), answer
    assert service.heard == []
