"""The hub calls an operator over real TLS: what it asks, what it makes of the answer, what it writes down."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from roampost_sim.errors import CommandError
from roampost_sim.hub.oioi import OioiHub, OioiSettings
from roampost_sim.hub.oioi.remote import Manner
from roampost_sim.hub.outcome import Outcome
from tests.sim.hub.conftest import HandClock
from tests.sim.hub.inbound import Answer, Call, InboundService, http
from tests.sim.hub.oioi.messages import CARD, CONTRACT, EVSE, OTHER_CARD, PARTNER, SESSION, at, evco, final, running
from tests.sim.hub.operator import OioiOperator

YES: dict[str, Any] = {
    "session-start": {"session-start": {"session-id": SESSION, "is-stoppable": True}},
    "session-stop": {},
    "rfid-post": {"rfid": {"processed": 1}},
    "reservation-start": {"reservation-start": {"end": at(15)}},
    "reservation-stop": {},
}


def yes(call: Call) -> Answer:
    (name,) = call.body
    return {**YES[name], "result": {"code": 0, "message": "Success."}}


def say(code: Any, **parts: Any) -> Callable[[Call], Answer]:
    return lambda _: {"result": {"code": code}} | {name.replace("_", "-"): part for name, part in parts.items()}


def serve(hub: OioiHub, answer: Callable[[Call], Answer] = yes) -> InboundService:
    return InboundService(hub, answer, mutual=False)


Ask = Callable[[OioiHub], Any]
CALLS: list[tuple[Ask, str, dict[str, Any]]] = [
    (
        lambda hub: hub.calls.remote_start(EVSE, CONTRACT, payment="p1"),
        "session-start",
        {"user": evco(), "connector-id": EVSE, "payment-reference": "p1"},
    ),
    (
        lambda hub: hub.calls.remote_start(EVSE, driver={"identifier-type": "username", "identifier": "anna"}),
        "session-start",
        {"user": {"identifier-type": "username", "identifier": "anna"}, "connector-id": EVSE},
    ),
    (
        lambda hub: hub.calls.remote_stop(SESSION, evse_id=EVSE, driver=evco()),
        "session-stop",
        {"user": evco(), "connector-id": EVSE, "session-id": SESSION},
    ),
    (
        lambda hub: hub.calls.remote_stop(evse_id=EVSE, driver=evco()),
        "session-stop",
        {"user": evco(), "connector-id": EVSE},
    ),
    (
        lambda hub: hub.calls.post_cards((CARD, OTHER_CARD)),
        "rfid-post",
        {"rfids": [CARD, OTHER_CARD], "partner-identifier": PARTNER},
    ),
    (
        lambda hub: hub.calls.reserve(EVSE, CONTRACT, uid=CARD),
        "reservation-start",
        {"connector-id": EVSE, "identifier": [{"evco-id": CONTRACT, "rfid": CARD}]},
    ),
    (lambda hub: hub.calls.cancel_reservation(EVSE), "reservation-stop", {"connector-id": EVSE}),
]


@pytest.mark.parametrize(("ask", "name", "content"), CALLS)
async def test_each_question_as_it_goes_out(oioi_hub: OioiHub, ask: Ask, name: str, content: dict[str, Any]) -> None:
    async with serve(oioi_hub) as service:
        outcome: Outcome = await ask(oioi_hub)
    (call,) = service.heard
    assert (call.method, call.path, call.peer) == ("POST", "/oicp", None)
    assert (call.headers["authorization"], call.headers["content-type"]) == ("key=hubs-sandbox-key", "application/json")
    assert call.body == {name: content}
    assert (outcome.yes, outcome.code, outcome.problems) == (True, "000", ())


async def test_a_remote_start_opens_the_session_that_the_operator_names(oioi_hub: OioiHub) -> None:
    async with serve(oioi_hub) as service:
        outcome = await oioi_hub.calls.remote_start(EVSE, CONTRACT)
        await oioi_hub.calls.remote_stop(SESSION)
    session = oioi_hub.sessions[SESSION]
    assert (outcome.session_id, session.kind, session.uid, session.evse_id) == (SESSION, "remote", CONTRACT, EVSE)
    assert service.heard[1].body == {"session-stop": {"user": evco(), "connector-id": EVSE, "session-id": SESSION}}
    told = [entry.means or {} for entry in oioi_hub.record]
    assert [each["what"] for each in told] == ["remote_start", "remote_stop"]
    assert [each["hub_session"] for each in told] == [SESSION, SESSION]


async def test_the_session_of_an_evse_is_stopped_without_its_name(oioi_hub: OioiHub) -> None:
    async with serve(oioi_hub) as service:
        await oioi_hub.calls.remote_start(EVSE, CONTRACT)
        await oioi_hub.calls.remote_stop(evse_id=EVSE)
    assert service.heard[1].body == {"session-stop": {"user": evco(), "connector-id": EVSE}}


async def test_a_session_whose_post_overtook_the_answer_is_one_session(oioi_hub: OioiHub) -> None:
    first = running(user=evco())
    async with serve(oioi_hub):
        await OioiOperator(oioi_hub).call("session-post", first)
        await oioi_hub.calls.remote_start(EVSE, CONTRACT)
        await OioiOperator(oioi_hub).call("session-post", final(user=evco()))
        await oioi_hub.wait_for(lambda: len(oioi_hub.record) == 3)
    (session,) = oioi_hub.sessions.values()
    assert (session.kind, len(session.posts), session.closed, oioi_hub.violations) == ("remote", 2, True, [])


@pytest.mark.parametrize("code", [140, "144", 145, 181, "300", 302, 310, 312, 320, "321", 100])
async def test_a_refused_remote_start_opens_none(oioi_hub: OioiHub, code: Any) -> None:
    async with serve(oioi_hub, say(code)):
        outcome = await oioi_hub.calls.remote_start(EVSE, CONTRACT)
    assert (outcome.yes, outcome.result, outcome.code, oioi_hub.sessions) == (False, False, str(code), {})
    assert outcome.problems == ()


@pytest.mark.parametrize(("code", "told"), [(11, "011"), ("012", "012"), ("12", "012"), ("0", "000")])
async def test_any_success_is_one(oioi_hub: OioiHub, code: Any, told: str) -> None:
    async with serve(oioi_hub, say(code, **YES["session-start"])):
        outcome = await oioi_hub.calls.remote_start(EVSE, CONTRACT)
    assert (outcome.yes, outcome.code, outcome.problems) == (True, told, ())


async def test_a_reservation_is_held_until_it_is_cancelled(oioi_hub: OioiHub) -> None:
    async with serve(oioi_hub) as service:
        await oioi_hub.calls.reserve(EVSE, CONTRACT)
        (held,) = oioi_hub.state.reservations.values()
        await oioi_hub.calls.cancel_reservation(EVSE)
    assert (held.evse_id, held.evco_id, held.end, oioi_hub.state.reservations) == (EVSE, CONTRACT, at(15), {})
    assert service.heard[1].body["reservation-stop"]["identifier"] == [{"evco-id": CONTRACT}]


async def test_cards_that_were_posted_may_charge(oioi_hub: OioiHub) -> None:
    async with serve(oioi_hub):
        await oioi_hub.calls.post_cards((OTHER_CARD,))
    await OioiOperator(oioi_hub).call(
        "session-post", running(user={"identifier-type": "rfid", "identifier": OTHER_CARD})
    )
    await oioi_hub.wait_for(lambda: len(oioi_hub.record) == 2)
    assert oioi_hub.violations == []
    assert oioi_hub.state.posted == {PARTNER: frozenset({OTHER_CARD})}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (say(0), "answer: session-start: must not be null"),
        (say(0, session_start={"session-id": SESSION}), "answer: session-start.is-stoppable: must not be null"),
        (
            say(0, session_start={"session-id": SESSION, "is-stoppable": True}, hint=1),
            "answer: hint: is not a known field",
        ),
        (say(323), "answer: code 323 is none that answers session-start"),
        (say("x"), "answer: result.code: must match"),
        (say(1000), "answer: result.code: must be at most 999"),
        (lambda call: {"Result": True}, "answer: result: must not be null"),
        (lambda call: http("200 OK", b"no json"), "answer: must be of type object"),
        (lambda call: http("500 Internal Server Error"), "answer: HTTP 500 instead of an answer"),
        (
            lambda call: http("400 Bad Request", b'{"result": {"code": 230}}'),
            "answer: HTTP 400 instead of an answer",
        ),
        (lambda call: http("404 Not Found", b'{"result": {"code": 0}}'), "answer: HTTP 404 instead of an answer"),
    ],
)
async def test_an_answer_that_is_wrong_is_a_violation(
    oioi_hub: OioiHub, answer: Callable[[Call], Answer], problem: str
) -> None:
    async with serve(oioi_hub, answer):
        outcome = await oioi_hub.calls.remote_start(EVSE, CONTRACT)
    assert [told for told in outcome.problems if told.startswith(problem)], outcome.problems
    assert oioi_hub.violations == list(outcome.problems)


async def test_more_new_cards_than_cards_are_a_violation(oioi_hub: OioiHub) -> None:
    async with serve(oioi_hub, say(0, rfid={"processed": 2})):
        outcome = await oioi_hub.calls.post_cards((CARD,))
    assert outcome.problems == ("answer: processed is 2, and the list has 1 UIDs",)


async def test_an_entity_that_is_not_there_may_be_an_http_error(oioi_hub: OioiHub) -> None:
    async with serve(oioi_hub, lambda call: http("404 Not Found", b'{"result": {"code": 181}}')):
        outcome = await oioi_hub.calls.remote_start(EVSE, CONTRACT)
    assert (outcome.yes, outcome.code, outcome.http_status, outcome.problems) == (False, "181", 404, ())


@pytest.mark.parametrize(("identity", "key"), [("partner", "key=the-key-of-somebody-else"), ("none", None)])
async def test_another_key_is_shown_and_nothing_owed_for_it(oioi_hub: OioiHub, identity: str, key: str | None) -> None:
    async with serve(oioi_hub, lambda call: http("401 Unauthorized")) as service:
        outcome = await oioi_hub.calls.remote_start(EVSE, CONTRACT, manner=Manner(identity))
    assert service.heard[0].headers.get("authorization") == key
    assert (outcome.http_status, outcome.problems) == (401, ())


async def test_odd_questions_hold_more_and_nothing(oioi_hub: OioiHub) -> None:
    async with serve(oioi_hub) as service:
        await oioi_hub.calls.remote_start(EVSE, CONTRACT, manner=Manner(nulls=True, extra={"hint": 1}))
    assert service.heard[0].body["session-start"] == {
        "user": evco(),
        "connector-id": EVSE,
        "payment-reference": None,
        "hint": 1,
    }


async def test_a_call_is_a_line_of_the_record(oioi_hub: OioiHub, settings: OioiSettings, clock: HandClock) -> None:
    def late(call: Call) -> Answer:
        clock.t += 1.25
        return yes(call)

    async with serve(oioi_hub, late):
        await oioi_hub.calls.remote_start(EVSE, CONTRACT)
    assert settings.record_file is not None
    (line,) = settings.record_file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "t": 1000.0,
        "event": "call",
        "direction": "out",
        "operation": "session-start",
        "http_status": 200,
        "code": "000",
        "result": True,
        "seconds": 1.25,
        "reason": None,
        "violations": [],
        "means": {
            "what": "remote_start",
            "evse_id": EVSE,
            "user": "DE…-3",
            "session": SESSION,
            "hub_session": SESSION,
        },
        "connector-id": EVSE,
    }


async def test_no_answer_is_an_outcome_too(settings: OioiSettings) -> None:
    async with OioiHub(replace(settings, call_timeout_s=0.05)) as hub, serve(hub, lambda call: None):
        outcome = await hub.calls.remote_start(EVSE, CONTRACT)
    assert (outcome.yes, outcome.code, outcome.reason) == (False, None, "no answer within 0.05 s")
    assert hub.sessions == {}


async def test_what_the_hub_cannot_ask_is_told(oioi_hub: OioiHub) -> None:
    with pytest.raises(CommandError, match="no address of the operator"):
        await oioi_hub.calls.remote_start(EVSE, CONTRACT)
    with pytest.raises(CommandError, match="does not know the session nothing"):
        await oioi_hub.calls.remote_stop("nothing", evse_id=EVSE)
    with pytest.raises(CommandError, match="Who asks is either"):
        await oioi_hub.calls.remote_start(EVSE)
    with pytest.raises(CommandError, match="There is no operation 'station-post'"):
        await oioi_hub.calls.call("station-post", {})


async def test_two_calls_at_once_are_two_questions(oioi_hub: OioiHub) -> None:
    async with serve(oioi_hub) as service:
        await asyncio.gather(*(oioi_hub.calls.reserve(f"DE*ABC*E{i}", CONTRACT) for i in (1, 2)))
    assert {call.body["reservation-start"]["connector-id"] for call in service.heard} == {"DE*ABC*E1", "DE*ABC*E2"}
