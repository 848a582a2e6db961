"""What a hub is asked, over real TLS: about a card, late about a card, and for the list of all cards."""

import asyncio
import json
import logging

import pytest

from roampost.domain.messages import Message
from roampost.hubs.base import Answer, Arrival, CardList, Decision, Verdict
from roampost.hubs.https.line import BODY_MAX_BYTES
from roampost.hubs.oicp import client
from tests.agent.certs import Certificates
from tests.agent.https.hubside import Drip, Hang, Reset, Say, Step, ack, scripted, unused_port
from tests.agent.oicp import samples
from tests.agent.oicp.conftest import MakeHub

RETRY, HOLD = Verdict.RETRY, Verdict.HOLD


ASK = {"evse_id": "DE*ABC*E840*1", "uid": samples.UID, "session_id": "rp-0001"}


async def test_a_late_yes_brings_the_session_and_a_late_no_refuses_it(
    certificates: Certificates, make_hub: MakeHub
) -> None:
    no = YES | {"AuthorizationStatus": "NotAuthorized", "SessionID": None, "StatusCode": {"Code": "102"}}
    steps = [Say(200, json.dumps(answer).encode(), (("Process-ID", "p-1"),)) for answer in (YES, no)]
    async with scripted(certificates, *steps, Reset(), ack()) as far:
        hub = make_hub(far.url)
        yes, refused, lost, odd = [await hub.deliver(samples.LATE, maybe_arrived=False) for _ in range(4)]
    assert (yes.verdict, yes.hub_session_id, yes.hub_reference) == (Verdict.DELIVERED, samples.HUB_SESSION, "p-1")
    assert (refused.verdict, refused.code, refused.hub_reference) == (Verdict.REFUSED, "102", "p-1")
    assert (lost.verdict, lost.arrival) == (RETRY, Arrival.MAYBE)
    assert (odd.verdict, odd.arrival) == (RETRY, Arrival.MAYBE)
    assert {asked.target for asked in far.asked} == {"/api/oicp/charging/v21/operators/DE%2AABC/authorize/start"}


def card_list(*uids: str) -> bytes:
    records = [{"Identification": {"RFIDMifareFamilyIdentification": {"UID": uid}}} for uid in uids]
    providers = [{"ProviderID": "DE-8EO", "AuthenticationDataRecord": records}]
    data = {"OperatorID": "DE*ABC", "ProviderAuthenticationData": providers}
    return json.dumps({"AuthenticationData": data, "StatusCode": {"Code": "000"}}).encode()


async def test_a_list_of_cards_longer_than_any_other_answer(certificates: Certificates, make_hub: MakeHub) -> None:
    uids = [f"{number:08X}" for number in range(20_000)]
    body = card_list(*uids)
    assert len(body) > 4 * BODY_MAX_BYTES
    async with scripted(certificates, Say(200, body)) as far:
        found = await make_hub(far.url).pull_cards()
    assert found == CardList(frozenset(uids))
    assert far.asked[0].target == "/api/oicp/authdata/v21/operators/DE%2AABC/pull-request"


async def test_a_list_of_cards_without_an_end_is_not_read(
    certificates: Certificates, make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LIST_MAX_BYTES", 1_000_000)
    async with scripted(certificates, Say(200, card_list("DEADBEEF") + b" " * 2_000_000)) as far:
        found = await make_hub(far.url).pull_cards()
    assert isinstance(found, Answer)
    assert "longer than" in found.text


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (Reset(), RETRY),
        (Say(200, b"?"), RETRY),
        (Say(429), RETRY),
        (Say(401, b'{"StatusCode": {"Code": "017"}}'), HOLD),
        (Say(403, b"<html>"), HOLD),
        (Say(200, b'{"StatusCode": {"Code": "210"}}'), HOLD),
    ],
    ids=str,
)
async def test_no_list_of_cards_has_its_reason(
    certificates: Certificates, make_hub: MakeHub, step: Step, verdict: Verdict
) -> None:
    async with scripted(certificates, step) as far:
        found = await make_hub(far.url).pull_cards()
    assert isinstance(found, Answer)
    assert found.verdict is verdict


async def test_an_empty_list_of_cards_is_taken_and_said(
    certificates: Certificates, make_hub: MakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    async with scripted(certificates, Say(200, card_list())) as far:
        assert await make_hub(far.url).pull_cards() == CardList(frozenset())
    assert "hubject: its list of cards is empty" in caplog.text


YES = {
    "SessionID": samples.HUB_SESSION,
    "CPOPartnerSessionID": "rp-0001",
    "ProviderID": "DE-8EO",
    "AuthorizationStatus": "Authorized",
    "StatusCode": {"Code": "000"},
    "AuthorizationStopIdentifications": [{"RFIDMifareFamilyIdentification": {"UID": "044A2DAA856281"}}],
}


async def test_a_card_is_authorized_and_another_one_may_stop(certificates: Certificates, make_hub: MakeHub) -> None:
    yes = Say(200, json.dumps(YES).encode())
    async with scripted(certificates, yes, yes) as far:
        hub = make_hub(far.url)
        start = await hub.authorize_start(**ASK)
        stop = await hub.authorize_stop(**ASK, hub_session_id=samples.HUB_SESSION)
    assert (start.decision, start.hub_session_id, start.stop_uids) == (
        Decision.YES,
        samples.HUB_SESSION,
        ("044A2DAA856281",),
    )
    assert stop.decision is Decision.YES
    assert [asked.target for asked in far.asked] == [
        "/api/oicp/charging/v21/operators/DE%2AABC/authorize/start",
        "/api/oicp/charging/v21/operators/DE%2AABC/authorize/stop",
    ]


@pytest.mark.parametrize("step", [Hang(), Drip(), Reset(), Say(503), Say(200, b"?")], ids=str)
async def test_a_question_without_an_answer_may_have_opened_a_session(
    certificates: Certificates, make_hub: MakeHub, step: Step
) -> None:
    async with scripted(certificates, step) as far:
        found = await make_hub(far.url, authorize_s=1.0).authorize_start(**ASK)
    assert (found.decision, found.maybe_open) == (Decision.NO_ANSWER, True)


async def test_a_question_that_never_left_has_opened_nothing(make_hub: MakeHub) -> None:
    found = await make_hub(f"https://127.0.0.1:{unused_port()}").authorize_start(**ASK)
    assert (found.decision, found.maybe_open) == (Decision.NO_ANSWER, False)


async def test_a_card_with_an_odd_uid_is_no_answer_and_not_sent(make_hub: MakeHub) -> None:
    hub = make_hub(f"https://127.0.0.1:{unused_port()}")
    start = await hub.authorize_start(**ASK | {"uid": "04AB"})
    stop = await hub.authorize_stop(**ASK, hub_session_id="none")
    assert (start.decision, stop.decision) == (Decision.NO_ANSWER, Decision.NO_ANSWER)
    assert "UID" in start.text
    assert "SessionID" in stop.text


@pytest.mark.parametrize("message", samples.ONE_OF_EACH, ids=lambda message: message.kind)
async def test_nothing_is_logged_that_names_a_driver(
    certificates: Certificates, make_hub: MakeHub, message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = Say(500, json.dumps({"StatusCode": {"Code": "001", "Description": f"card {samples.UID}"}}).encode())
    async with scripted(certificates, echo, Say(200, json.dumps(YES).encode())) as far:
        hub = make_hub(far.url)
        answer = await hub.deliver(message, maybe_arrived=False)
        found = await hub.authorize_start(**ASK)
    shown = caplog.text + answer.text + found.text
    assert "httpcore" in caplog.text  # the wire's own log was looked at too
    assert samples.UID not in shown
    assert "PRIVATE KEY" not in shown


async def test_a_person_waits_for_no_message_that_has_no_answer_yet(
    certificates: Certificates, make_hub: MakeHub
) -> None:
    """All lanes at once: four sessions, statuses, data, prices; and two people at two other EVSEs."""
    stuck: list[Message] = [*[samples.PROGRESS] * 4, samples.STATUS, samples.DATA, samples.PRODUCTS]
    yes = Say(200, json.dumps(YES).encode())
    async with scripted(certificates, *[Hang()] * 7, Hang(), Hang(), yes) as far:
        hub = make_hub(far.url)
        waiting: list[asyncio.Task[object]] = []
        waiting += [asyncio.create_task(hub.deliver(message, maybe_arrived=False)) for message in stuck]
        waiting += [asyncio.create_task(hub.authorize_start(**ASK)) for _ in range(2)]
        while len(far.asked) < 7 + 2:
            far.heard.clear()
            await asyncio.wait_for(far.heard.wait(), 30)
        assert (await hub.authorize_start(**ASK)).decision is Decision.YES
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
