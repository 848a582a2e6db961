"""The control socket has the hub call the operator, over a real unix socket and real mutual TLS."""

from typing import Any

import pytest

from roampost_sim.hub.oicp import SandboxHub
from tests.sim.hub.conftest import Console
from tests.sim.hub.inbound import InboundService, http, refuse
from tests.sim.hub.oicp.messages import CONTRACT, EVSE, GUID


async def test_a_remote_start_and_its_stop(hub: SandboxHub, console: Console) -> None:
    async with InboundService(hub) as service:
        started = await console(do="remote_start", evse=EVSE, contract=CONTRACT, product="AC3")
        stopped = await console(do="remote_stop", session_id=started["session_id"])
    assert started == {
        "ok": True,
        "http_status": 200,
        "code": "000",
        "result": True,
        "session_id": service.heard[0].body["SessionID"],
        "seconds": 0.0,
        "body": {"Result": True, "StatusCode": {"Code": "000"}, "SessionID": started["session_id"]},
        "problems": [],
    }
    assert (stopped["ok"], stopped["session_id"]) == (True, started["session_id"])
    assert service.heard[0].body["PartnerProductID"] == "AC3"
    (session,) = (await console(ask="sessions"))["sessions"]
    assert (session["kind"], session["uid"], session["cdr"]) == ("remote", "DE…-3", False)


async def test_a_reservation_and_its_end(hub: SandboxHub, console: Console) -> None:
    async with InboundService(hub) as service:
        reserved = await console(do="reserve", evse=EVSE, contract=CONTRACT, minutes=15, session_id=GUID)
        ended = await console(do="cancel_reservation", session_id=GUID)
    assert (reserved["session_id"], ended["session_id"]) == (GUID, GUID)
    assert service.heard[0].body["Duration"] == 15


async def test_a_no_is_an_answer_too(hub: SandboxHub, console: Console) -> None:
    async with InboundService(hub, refuse("510")):
        answer = await console(do="remote_start", evse=EVSE, contract=CONTRACT)
    assert (answer["ok"], answer["result"], answer["code"]) == (True, False, "510")
    assert (await console(ask="sessions"))["sessions"] == []


async def test_every_option_of_a_question_arrives(hub: SandboxHub, console: Console) -> None:
    async with InboundService(hub) as service:
        options = {"session_id": GUID, "provider": "DE*ICE", "partner_session": "ours", "emp_partner_session": "theirs"}
        await console(do="remote_start", evse=EVSE, contract=CONTRACT, **options)
        manner = {"as": "partner", "nulls": True, "wrong_case": True, "extra": {"Hint": 1}}
        await console(do="remote_stop", session_id=GUID, evse="DE*ABC*E2", **manner)
    plain, odd = service.heard
    assert plain.body == {
        "SessionID": GUID,
        "ProviderID": "DE*ICE",
        "EvseID": EVSE,
        "Identification": {"RemoteIdentification": {"EvcoID": CONTRACT}},
        "CPOPartnerSessionID": "ours",
        "EMPPartnerSessionID": "theirs",
    }
    assert (odd.peer, odd.body["evseID"], odd.body["hint"]) == ("partner.sandbox.example", "DE*ABC*E2", 1)


async def test_anything_at_all_goes_out(hub: SandboxHub, console: Console) -> None:
    async with InboundService(hub, lambda call: http("400 Bad Request", b"no")) as service:
        told = await console(do="call", operation="AuthorizeRemoteStart", body={"a": None})
        await console(
            do="call", operation="AuthorizeRemoteStop", text="{", path="/else", content_type="text/x", method="GET"
        )
    assert (told["ok"], told["http_status"], told["body"], told["problems"]) == (True, 400, None, [])
    assert [call.text for call in service.heard] == [b'{"a": null}', b"{"]
    assert (service.heard[1].path, service.heard[1].method) == ("/oicp/else", "GET")


async def test_the_operators_address_is_set_and_forgotten(hub: SandboxHub, console: Console) -> None:
    async with InboundService(hub) as service:
        assert await console(do="operator", url=service.url, ca=str(hub.ca_file)) == {"ok": True}
        assert (await console(ask="operator"))["url"] == service.url
        assert hub.calls.ca_file == hub.ca_file
        assert (await console(do="remote_start", evse=EVSE, contract=CONTRACT))["ok"]
    assert await console(do="operator", url=None, ca=None) == {"ok": True}
    answer = await console(do="remote_start", evse=EVSE, contract=CONTRACT)
    assert (answer["ok"], "no address of the operator" in answer["error"]) == (False, True)
    assert hub.calls.ca_file is None


async def test_no_answer_is_told_in_a_sentence(hub: SandboxHub, console: Console) -> None:
    async with InboundService(hub, lambda call: b""):
        answer = await console(do="remote_start", evse=EVSE, contract=CONTRACT)
    sentence = "The operator did not answer AuthorizeRemoteStart: the connection was closed without an answer."
    assert answer == {"ok": False, "error": sentence}


START: dict[str, Any] = {"do": "remote_start", "evse": EVSE, "contract": CONTRACT}


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ({"do": "operator"}, '"operator" needs its "url"'),
        ({"do": "operator", "url": "127.0.0.1:8443"}, "is no base URL"),
        ({"do": "operator", "url": "https://host:port"}, "is no base URL"),
        ({"do": "operator", "url": 7}, '"url" is text, not 7.'),
        ({"do": "remote_start", "contract": CONTRACT}, 'The command needs "evse"'),
        ({"do": "remote_start", "evse": EVSE}, 'The command needs "contract"'),
        (START | {"minutes": 5}, "The command has no 'minutes'"),
        (START | {"nulls": 1}, '"nulls" is true or false, not 1.'),
        (START | {"extra": []}, '"extra" is an object, not [].'),
        (START | {"as": "root"}, '"as" is one of hub, partner, foreign, expired, none'),
        ({"do": "reserve", "evse": EVSE, "contract": CONTRACT, "minutes": 100}, "between 1 and 99"),
        ({"do": "reserve", "evse": EVSE, "contract": CONTRACT, "minutes": True}, "is a whole number, not True"),
        ({"do": "remote_stop"}, 'The command needs "session_id"'),
        ({"do": "cancel_reservation", "session_id": GUID}, 'give its "evse" too'),
        ({"do": "call", "operation": "AuthorizeRemoteStart"}, 'either a "body", any JSON, or a "text"'),
        ({"do": "call", "operation": "Nothing", "text": ""}, "There is no operation 'Nothing'"),
        ({"do": "call", "operation": "AuthorizeRemoteStart", "text": "", "path": "/a\r\nb"}, "printable ASCII only"),
    ],
)
async def test_what_cannot_be_asked_gets_a_sentence(
    hub: SandboxHub, console: Console, command: dict[str, Any], sentence: str
) -> None:
    async with InboundService(hub) as service:
        answer = await console(**command)
    assert (answer["ok"], sentence in answer["error"]) == (False, True), answer
    assert service.heard == []
