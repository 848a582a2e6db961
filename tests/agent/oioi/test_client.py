"""The client over real TLS: one address, one call a body, and a verdict whatever comes back."""

import asyncio
import json
from pathlib import Path

import pytest

from roampost.domain.messages import Message
from roampost.hubs.base import Arrival, Decision, Verdict
from tests.agent.https.hubside import Drip, Hang, Raw, Reset, Say, Step, unused_port
from tests.agent.oicp import samples as oicp
from tests.agent.oioi import samples
from tests.agent.oioi.conftest import KEY, PATH, Far, MakeHub
from tests.agent.oioi.samples import CONTRACT, result
from tests.agent.oioi.schemas import problems

RETRY, HOLD = Verdict.RETRY, Verdict.HOLD
OK = Say(200, result(0))
CARD = {"evse_id": "DE*ABC*E1", "uid": samples.UID, "session_id": "rp-0001"}
OTHER_CARD = CARD | {"hub_session_id": "rp-0001"}


async def test_one_of_each_message_is_delivered_to_one_address_on_one_connection(far: Far, make_hub: MakeHub) -> None:
    async with far(*[OK] * len(samples.ONE_OF_EACH)) as there:
        hub = make_hub(there.port)
        answers = [await hub.deliver(message, maybe_arrived=False) for message in samples.ONE_OF_EACH]
    assert {(answer.verdict, answer.arrival, answer.code) for answer in answers} == {
        (Verdict.DELIVERED, Arrival.YES, "000")
    }
    assert {(asked.target, asked.connection) for asked in there.asked} == {(PATH, 1)}
    assert [problems(asked.body) for asked in there.asked] == [[]] * len(answers)
    head = there.asked[0].headers
    assert (head["authorization"], head["content-type"]) == (f"key={KEY}", "application/json")


@pytest.mark.parametrize(
    ("step", "verdict", "arrival", "status"),
    [
        (Reset(), RETRY, Arrival.MAYBE, None),
        (Raw(b""), RETRY, Arrival.MAYBE, None),
        (Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), RETRY, Arrival.MAYBE, None),
        (Say(200, b"garbage"), RETRY, Arrival.MAYBE, 200),
        (Say(200, result(0) + b" " * 1_000_000), RETRY, Arrival.MAYBE, 200),
        (Say(200, result("100")), RETRY, Arrival.NO, 200),
        (Say(200, result("220")), HOLD, Arrival.NO, 200),
        (Say(200, result(182)), Verdict.REJECT, Arrival.YES, 200),
        (Say(302, b"", (("Location", "https://127.0.0.1:1/"),)), HOLD, Arrival.NO, 302),
        (Say(400, result(230)), Verdict.REJECT, Arrival.YES, 400),
        (Say(401, result(210)), HOLD, Arrival.NO, 401),
        (Say(403, b"<html>"), HOLD, Arrival.NO, 403),
        (Say(404, b"<html>"), HOLD, Arrival.NO, 404),
        (Say(500, result(300)), RETRY, Arrival.NO, 500),
    ],
    ids=str,
)
async def test_each_fault_of_the_hub_has_its_verdict_and_arrival(
    far: Far, make_hub: MakeHub, step: Step, verdict: Verdict, arrival: Arrival, status: int | None
) -> None:
    async with far(step, OK) as there:
        hub = make_hub(there.port)
        answer = await hub.deliver(samples.CDR, maybe_arrived=False)
        assert (answer.verdict, answer.arrival, answer.http_status) == (verdict, arrival, status)
        assert (await hub.deliver(samples.CDR, maybe_arrived=True)).verdict is Verdict.DELIVERED
        assert there.asked[-1].body == there.asked[0].body


async def test_no_answer_in_time_may_have_arrived(far: Far, make_hub: MakeHub) -> None:
    async with far(Hang(), Drip()) as there:
        silent = await make_hub(there.port, timeout_s=0.5).deliver(samples.CDR, maybe_arrived=False)
        dripping = await make_hub(there.port, deliver_s=1.0).deliver(samples.CDR, maybe_arrived=False)
    assert {(answer.verdict, answer.arrival) for answer in (silent, dripping)} == {(RETRY, Arrival.MAYBE)}


async def test_a_hub_that_is_away(make_hub: MakeHub) -> None:
    hub = make_hub(unused_port())
    answer = await hub.deliver(samples.STATUS, maybe_arrived=False)
    assert (answer.verdict, answer.arrival) == (RETRY, Arrival.NO)
    asked = await hub.authorize_start(**CARD)
    assert (asked.decision, asked.maybe_open) == (Decision.NO_ANSWER, False)
    assert "refuses the connection" in asked.text


@pytest.mark.parametrize(
    ("wish", "wait_s"), [("120", 120.0), ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0), ("9" * 30, 3600.0), ("soon", None)]
)
async def test_a_busy_hub_says_when(far: Far, make_hub: MakeHub, wish: str, wait_s: float | None) -> None:
    async with far(Say(503, b"", (("Retry-After", wish),))) as there:
        answer = await make_hub(there.port).deliver(samples.STATUS, maybe_arrived=False)
    assert (answer.verdict, answer.arrival, answer.retry_after_s) == (RETRY, Arrival.NO, wait_s)


async def test_a_status_of_an_unknown_evse_wants_its_station(far: Far, make_hub: MakeHub) -> None:
    async with far(Say(200, result("181"))) as there:
        answer = await make_hub(there.port).deliver(samples.STATUS, maybe_arrived=False)
    assert (answer.verdict, answer.wants_data) == (HOLD, True)
    assert "[poi]" in answer.text


NOT_HEX = samples.SESSION.model_copy(update={"uid": "DEADBEEFX"})
# Begun at the OICP hub that had the name before.
OF_ANOTHER = samples.SESSION.model_copy(update={"hub_session_id": oicp.SESSION.hub_session_id})


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (oicp.FULL_LOAD, "no words"),
        (oicp.ERROR, "no words"),
        (oicp.DATA, "no words"),
        (samples.END, "no words"),
        (samples.CDR.model_copy(update={"reservation": True}), "no words"),
        (samples.CDR.model_copy(update={"session": NOT_HEX}), "UID"),
        (samples.CDR.model_copy(update={"session": OF_ANOTHER}), "another protocol"),
        (samples.START.model_copy(update={"session": OF_ANOTHER}), "another protocol"),
        (samples.POST.model_copy(update={"data": ('{"evse_id": 7}',)}), "cannot be read"),
        (samples.POST.model_copy(update={"before": samples.POST.data[:1]}), "cannot change"),
    ],
)
async def test_what_cannot_be_said_is_parked_without_being_sent(
    far: Far, make_hub: MakeHub, message: Message, word: str
) -> None:
    async with far() as there:
        answer = await make_hub(there.port).deliver(message, maybe_arrived=False)
        assert there.connections == 0
    assert (answer.verdict, answer.arrival) == (Verdict.REJECT, Arrival.NO)
    assert word in answer.text
    assert "DEADBEEF" not in answer.text


async def test_a_key_file_that_has_gone_holds_the_message_and_answers_nobody(
    far: Far, make_hub: MakeHub, no_key_file: Path
) -> None:
    async with far() as there:
        hub = make_hub(there.port)
        answer = await hub.deliver(samples.STATUS, maybe_arrived=False)
        asked = await hub.authorize_start(**CARD)
        assert there.connections == 0
    assert (answer.verdict, answer.arrival) == (HOLD, Arrival.NO)
    assert answer.text.startswith(f"hubs.surf.api_key_file '{no_key_file}'")
    assert (asked.decision, asked.text) == (Decision.NO_ANSWER, answer.text)


# --- cards ---------------------------------------------------------------------------------------------------------


async def test_a_card_may_charge_under_our_own_session(far: Far, make_hub: MakeHub) -> None:
    async with far(Say(200, result(0, **{"evco-id": CONTRACT}))) as there:
        found = await make_hub(there.port).authorize_start(**CARD)
    assert (found.decision, found.hub_session_id, found.contract_id) == (Decision.YES, "rp-0001", CONTRACT)
    assert json.loads(there.asked[0].body) == {"rfid-verify": {"rfid": samples.UID}}


async def test_a_card_that_oioi_has_no_form_for_is_not_asked_about(far: Far, make_hub: MakeHub) -> None:
    async with far() as there:
        found = await make_hub(there.port).authorize_start(**(CARD | {"uid": "DEADBEEFX"}))
        assert there.connections == 0
    assert found.decision is Decision.NO_ANSWER
    assert "DEADBEEF" not in found.text


@pytest.mark.parametrize(("contract", "decision"), [(CONTRACT, Decision.YES), ("DE-DCB-C12345679-X", Decision.NO)])
async def test_another_card_stops_the_session_of_its_contract(
    far: Far, make_hub: MakeHub, contract: str, decision: Decision
) -> None:
    async with far(Say(200, result(0, **{"evco-id": contract}))) as there:
        found = await make_hub(there.port).authorize_stop(**OTHER_CARD, contract_id=CONTRACT)
    assert found.decision is decision


async def test_without_a_contract_no_other_card_is_asked_about(far: Far, make_hub: MakeHub) -> None:
    async with far() as there:
        found = await make_hub(there.port).authorize_stop(**OTHER_CARD)
        assert there.connections == 0
    assert found.decision is Decision.NO


@pytest.mark.parametrize(
    ("code", "verdict", "hub_session_id"),
    [(0, Verdict.DELIVERED, "rp-0001"), (192, Verdict.REFUSED, None), (100, RETRY, None)],
)
async def test_a_late_question(
    far: Far, make_hub: MakeHub, code: int, verdict: Verdict, hub_session_id: str | None
) -> None:
    async with far(Say(200, result(code))) as there:
        answer = await make_hub(there.port).deliver(samples.LATE, maybe_arrived=False)
    assert (answer.verdict, answer.hub_session_id) == (verdict, hub_session_id)


# --- the rest of the interface -------------------------------------------------------------------------------------


async def test_there_are_no_limits_and_no_list_to_ask_for(make_hub: MakeHub) -> None:
    hub = make_hub(1)
    assert (hub.name, hub.limits) == ("surf", ())
    found = await hub.pull_cards()
    assert "posts its list of cards" in getattr(found, "text", "")


async def test_cancelling_passes_and_leaves_the_hub_usable(far: Far, make_hub: MakeHub) -> None:
    async with far(Hang(), OK) as there:
        hub = make_hub(there.port)
        task = asyncio.create_task(hub.deliver(samples.STATUS, maybe_arrived=False))
        await there.heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await hub.deliver(samples.STATUS, maybe_arrived=False)).verdict is Verdict.DELIVERED
