"""The hub calls an operator over real mutual TLS: what it asks, what it makes of the answer, what it writes down."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from roampost_sim.errors import CommandError
from roampost_sim.hub.oicp import HubSettings, SandboxHub
from roampost_sim.hub.oicp.remote import Manner
from tests.sim.hub.conftest import HandClock
from tests.sim.hub.inbound import Answer, Call, InboundService, acknowledge, http, refuse
from tests.sim.hub.oicp.messages import CONTRACT, EVSE, GUID, OTHER_CARD, at, card, cdr, end, start, stop
from tests.sim.hub.operator import CDR, NOTIFY, STOP, Operator

REMOTE = {"RemoteIdentification": {"EvcoID": CONTRACT}}


# The questions.


async def test_a_remote_start_opens_a_session(hub: SandboxHub, clock: HandClock) -> None:
    async with InboundService(hub) as service:
        outcome = await hub.calls.remote_start(EVSE, CONTRACT)
    (call,) = service.heard
    assert (call.method, call.path) == ("POST", "/oicp/charging/v21/providers/DE-8EO/authorize-remote/start")
    assert (call.headers["content-type"], call.peer) == ("application/json", "hub.sandbox.example")
    assert call.body == {
        "SessionID": outcome.session_id,
        "ProviderID": "DE-8EO",
        "EvseID": EVSE,
        "Identification": REMOTE,
    }
    assert (outcome.yes, outcome.http_status, outcome.code, outcome.problems) == (True, 200, "000", ())
    session = hub.sessions[str(UUID(outcome.session_id))]
    assert (session.kind, session.uid, session.evse_id, session.opened_t) == ("remote", CONTRACT, EVSE, clock.t)
    assert hub.violations == []


@pytest.mark.parametrize("code", ["501", "510", "601", "602", "603", "700", "400"])
async def test_a_refused_remote_start_opens_none(hub: SandboxHub, code: str) -> None:
    async with InboundService(hub, refuse(code)):
        outcome = await hub.calls.remote_start(EVSE, CONTRACT)
    assert (outcome.yes, outcome.result, outcome.code, hub.sessions) == (False, False, code, {})
    assert hub.violations == []


async def test_a_repeat_of_a_session_is_the_same_question_and_keeps_its_session(hub: SandboxHub) -> None:
    async with InboundService(hub) as service:
        first = await hub.calls.remote_start(EVSE, CONTRACT)
        await hub.calls.remote_start(EVSE, CONTRACT, session_id=first.session_id)
        service.answer = refuse("602")
        await hub.calls.remote_start(EVSE, CONTRACT, session_id=first.session_id)
    assert service.heard[0].body == service.heard[1].body == service.heard[2].body
    assert list(hub.sessions) == [first.session_id]


async def test_a_session_lives_from_remote_start_over_remote_stop_to_record(hub: SandboxHub) -> None:
    operator = Operator(hub)
    async with InboundService(hub) as service:
        session_id = (await hub.calls.remote_start(EVSE, CONTRACT, emp_partner_id="theirs")).session_id or ""
        told = {"Identification": REMOTE, "CPOPartnerSessionID": "ours", "EMPPartnerSessionID": "theirs"}
        assert (await operator.post(NOTIFY, start(session_id, **told))).code == "000"
        assert (await hub.calls.remote_stop(session_id)).yes
        assert (await operator.post(NOTIFY, end(session_id, **told))).code == "000"
        assert (await operator.post(CDR, cdr(session_id, **told))).code == "000"
    assert service.heard[1].path == "/oicp/charging/v21/providers/DE-8EO/authorize-remote/stop"
    assert service.heard[1].body == {
        "SessionID": session_id,
        "ProviderID": "DE-8EO",
        "EvseID": EVSE,
        "CPOPartnerSessionID": "ours",
        "EMPPartnerSessionID": "theirs",
    }
    assert hub.sessions[session_id].closed
    assert hub.violations == []


@pytest.mark.parametrize(
    ("changes", "violation"),
    [
        ({"Identification": card()}, "mismatch: Identification is not the medium"),
        ({"CPOPartnerSessionID": "other"}, "mismatch: CPOPartnerSessionID, the session was opened with ours"),
        ({"EMPPartnerSessionID": "theirs"}, "mismatch: EMPPartnerSessionID, the session was opened with None"),
        ({"EvseID": "DE*ABC*E2"}, "mismatch: EvseID DE*ABC*E2"),
    ],
)
async def test_what_does_not_fit_a_remote_session_is_recorded(
    hub: SandboxHub, changes: dict[str, Any], violation: str
) -> None:
    def named(call: Call) -> Answer:
        return {"Result": True, "StatusCode": {"Code": "000"}, "CPOPartnerSessionID": "ours"}

    async with InboundService(hub, named):
        session_id = (await hub.calls.remote_start(EVSE, CONTRACT)).session_id or ""
    told = {"Identification": {"RemoteIdentification": {"EvcoID": CONTRACT.replace("-", "")}}}
    assert (await Operator(hub).post(NOTIFY, start(session_id, **told | changes))).code == "000"
    (found,) = hub.violations
    assert found.startswith(violation)


async def test_no_card_stops_a_session_that_an_app_began(hub: SandboxHub) -> None:
    async with InboundService(hub):
        session_id = (await hub.calls.remote_start(EVSE, CONTRACT)).session_id or ""
    answer = await Operator(hub).post(STOP, stop(session_id, OTHER_CARD))
    assert (answer.json()["AuthorizationStatus"], answer.code) == ("NotAuthorized", "102")


async def test_a_start_that_overtakes_the_answer_finds_its_session(hub: SandboxHub) -> None:
    async with InboundService(hub, lambda call: None) as service:
        asking = asyncio.create_task(hub.calls.remote_start(EVSE, CONTRACT, session_id=GUID))
        await service.arrived.wait()
        assert (await Operator(hub).post(NOTIFY, start(GUID))).code == "000"
    outcome = await asking
    assert outcome.reason == "the connection was closed without an answer"
    assert hub.sessions == {}


async def test_a_reservation_is_a_session_of_its_own_with_a_record_of_its_own(hub: SandboxHub) -> None:
    async with InboundService(hub) as service:
        reserved = (await hub.calls.reserve(EVSE, CONTRACT, minutes=15)).session_id or ""
        charged = (await hub.calls.remote_start(EVSE, CONTRACT)).session_id or ""
        assert (await hub.calls.cancel_reservation(reserved)).yes
    assert [call.path.rpartition("/")[2] for call in service.heard] == [
        "reservation-start-request",
        "start",
        "reservation-stop-request",
    ]
    assert service.heard[0].body["Duration"] == 15
    assert [hub.sessions[each].kind for each in (reserved, charged)] == ["reservation", "remote"]
    nothing = {"ConsumedEnergy": 0, "MeterValueStart": 10.123, "MeterValueEnd": 10.123, "ChargingEnd": at(1)}
    assert (await Operator(hub).post(CDR, cdr(reserved, Identification=REMOTE, **nothing))).code == "000"
    assert [hub.sessions[each].closed for each in (reserved, charged)] == [True, False]
    assert hub.violations == []


async def test_what_the_hub_does_not_know_needs_its_evse(hub: SandboxHub) -> None:
    async with InboundService(hub, refuse("400")) as service:
        with pytest.raises(CommandError, match=r'does not know the session .*: give its "evse" too'):
            await hub.calls.remote_stop(GUID)
        outcome = await hub.calls.remote_stop(GUID, evse_id=EVSE)
    assert (outcome.code, service.heard[0].body["EvseID"]) == ("400", EVSE)


async def test_odd_and_hostile_questions_go_out_as_they_are(hub: SandboxHub) -> None:
    async with InboundService(hub, refuse("022")) as service:
        await hub.calls.remote_start(EVSE, CONTRACT, manner=Manner(nulls=True, wrong_case=True, extra={"Hint": 1}))
        await hub.calls.call("AuthorizeRemoteStart", b"{\xff", place="/x?y=1", content_type="text/plain", method="PUT")
        await hub.calls.call("AuthorizeRemoteStop", [None], provider_id="DE*XYZ")
    odd, raw, listed = service.heard
    assert (odd.body["identification"]["rFIDIdentification"], odd.body["hint"]) == (None, 1)
    assert (raw.method, raw.path, raw.text, raw.headers["content-type"]) == (
        "PUT",
        "/oicp/x?y=1",
        b"{\xff",
        "text/plain",
    )
    assert (listed.path, listed.text) == ("/oicp/charging/v21/providers/DE*XYZ/authorize-remote/stop", b"[null]")
    assert (hub.sessions, hub.violations) == ({}, [])
    with pytest.raises(CommandError, match="no operation 'AuthorizeStart'"):
        await hub.calls.call("AuthorizeStart", {})


# Who the hub is.


async def test_another_partner_of_the_same_ca_gets_through_tls(hub: SandboxHub) -> None:
    async with InboundService(hub, lambda call: http("403 Forbidden")) as service:
        outcome = await hub.calls.remote_start(EVSE, CONTRACT, manner=Manner(identity="partner"))
    assert (service.heard[0].peer, outcome.http_status, outcome.yes) == ("partner.sandbox.example", 403, False)
    assert (hub.sessions, hub.violations) == ({}, [])


@pytest.mark.parametrize("identity", ["foreign", "expired", "none"])
async def test_who_has_no_right_certificate_is_not_heard(hub: SandboxHub, identity: str) -> None:
    async with InboundService(hub) as service:
        outcome = await hub.calls.remote_start(EVSE, CONTRACT, manner=Manner(identity=identity))
    assert (service.heard, outcome.yes, outcome.http_status, hub.sessions) == ([], False, None, {})
    assert outcome.reason


async def test_the_hub_believes_no_service_of_another_ca(hub: SandboxHub) -> None:
    foreign = hub.certificates.client("other", foreign=True).certificate.with_name("foreign-ca.pem")
    async with InboundService(hub) as service:
        hub.calls.ca_file = foreign
        outcome = await hub.calls.remote_start(EVSE, CONTRACT)
    assert service.heard == []
    assert (outcome.reason or "").startswith("TLS: ")


# The answers.


def said(**body: Any) -> dict[str, Any]:
    return {"Result": True, "StatusCode": {"Code": "000"}} | body


BAD: dict[str, tuple[Answer, str]] = {
    "html": (http("200 OK", b"<html>"), "the body must be one JSON object"),
    "http status": (http("500 Oops"), "HTTP 500 instead of an acknowledgement"),
    "small letters": ({"result": True, "statusCode": {"code": "000"}}, "statusCode: must not be null"),
    "unknown code": (said(StatusCode={"Code": "999"}), "statusCode.code: must be one of"),
    "null": (said(SessionID=None), "sessionID: must be of type string"),
    "yes and no": (said(StatusCode={"Code": "510"}), "Result is true and the code 510"),
    "no and success": (said(Result=False), "Result is false and the code 000"),
    "another session": (said(SessionID=GUID), "SessionID is not that of the question"),
    "another field": (said(EvseID=EVSE), "evseID: is not a known field"),
}


@pytest.mark.parametrize("which", BAD)
async def test_a_wrong_answer_is_a_violation_of_the_operators(hub: SandboxHub, which: str) -> None:
    answer, sentence = BAD[which]
    async with InboundService(hub, lambda call: answer):
        outcome = await hub.calls.remote_start(EVSE, CONTRACT)
    assert any(told.startswith("answer: ") and sentence in told for told in outcome.problems), outcome.problems
    assert hub.violations == list(outcome.problems)


async def test_an_answer_that_comes_late_is_told(settings: HubSettings, clock: HandClock) -> None:
    def late(call: Call) -> Answer:
        clock.t += 10.5
        return acknowledge(call)

    async with SandboxHub(settings) as hub, InboundService(hub, late):
        outcome = await hub.calls.remote_start(EVSE, CONTRACT)
    assert (outcome.yes, outcome.seconds) == (True, 10.5)
    assert hub.violations == ["answer: after 10.5 s; the hub rates an operator on answering within 10 s"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"no http\r\n\r\n", "no HTTP: "),
        (b"", "the connection was closed without an answer"),
        (http("200 OK", b"{", 100), "no HTTP: "),
        (http("200 OK", b"x" * 1_500_000), "the answer is too large"),
    ],
    ids=["no http", "nothing", "half", "too much"],
)
async def test_what_is_no_answer_is_told_in_words(hub: SandboxHub, answer: bytes, reason: str) -> None:
    async with InboundService(hub, lambda call: answer):
        outcome = await hub.calls.remote_start(EVSE, CONTRACT)
    assert (outcome.reason or "").startswith(reason)
    assert hub.violations == [f"answer: {outcome.reason}"]
    assert hub.sessions == {}


async def test_the_hub_waits_no_longer_than_it_says(settings: HubSettings) -> None:
    assert settings.call_timeout_s == 60
    async with SandboxHub(replace(settings, call_timeout_s=0.3)) as hub, InboundService(hub, lambda call: None):
        outcome = await hub.calls.remote_start(EVSE, CONTRACT)
    assert (outcome.reason, hub.sessions) == ("no answer within 0.3 s", {})


async def test_a_service_that_is_not_there_is_told(hub: SandboxHub) -> None:
    async with InboundService(hub) as service:
        url = service.url
    hub.calls.url = url
    outcome = await hub.calls.remote_start(EVSE, CONTRACT)
    assert outcome.reason is not None
    assert "Connect" in outcome.reason or "refused" in outcome.reason


async def test_without_an_address_there_is_no_call(hub: SandboxHub) -> None:
    with pytest.raises(CommandError, match="no address of the operator"):
        await hub.calls.remote_start(EVSE, CONTRACT)
    assert (hub.sessions, hub.record) == ({}, [])


async def test_a_call_that_cannot_go_out_leaves_no_session(hub: SandboxHub, tmp_path: Path) -> None:
    async with InboundService(hub) as service:
        with pytest.raises(CommandError, match='"as" is one of'):
            await hub.calls.remote_start(EVSE, CONTRACT, manner=Manner(identity="root"))
        hub.calls.ca_file = tmp_path / "none.pem"
        with pytest.raises(CommandError, match=r"none\.pem, cannot be read"):
            await hub.calls.remote_start(EVSE, CONTRACT)
    assert (service.heard, hub.sessions, hub.record) == ([], {}, [])


# The record.


async def test_a_call_is_a_line_of_the_record(hub: SandboxHub, settings: HubSettings, clock: HandClock) -> None:
    def slow(call: Call) -> Answer:
        clock.t += 1.25
        return acknowledge(call)

    async with InboundService(hub, slow):
        outcome = await hub.calls.reserve(EVSE, CONTRACT, minutes=15)
    assert isinstance(settings.record_file, Path)
    (line,) = settings.record_file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "t": 1000.0,
        "event": "call",
        "direction": "out",
        "operation": "AuthorizeRemoteReservationStart",
        "http_status": 200,
        "code": "000",
        "result": True,
        "seconds": 1.25,
        "reason": None,
        "violations": [],
        "means": {
            "what": "reserve",
            "evse_id": EVSE,
            "hub_session": outcome.session_id,
            "user": "DE…-3",
            "minutes": 15,
        },
        "EvseID": EVSE,
        "SessionID": outcome.session_id,
        "ProviderID": "DE-8EO",
        "Duration": 15,
        "EvcoID": "DE…-3",
    }
