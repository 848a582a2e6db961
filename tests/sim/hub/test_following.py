"""A session is followed through the record of either hub by the same words, from the card to the bill."""

from typing import Any

from roampost_sim.hub.oioi import OioiHub
from tests.sim.hub.inbound import Answer, Call, InboundService, acknowledge
from tests.sim.hub.meeting import AnyHub
from tests.sim.hub.oicp import messages as oicp
from tests.sim.hub.oicp.messages import CONTRACT, EVSE, at
from tests.sim.hub.oioi import messages as oioi
from tests.sim.hub.operator import CDR, NOTIFY, START, AnyOperator, OioiOperator


async def walk(operator: AnyOperator) -> None:
    """Card, start, progress, end of charging, record: 2.5 kWh, then 5 kWh."""
    if isinstance(operator, OioiOperator):
        await operator.authorize()
        posts = (oioi.running(), oioi.running(energy_consumed=2.5), oioi.ended(), oioi.final())
        for content in posts:
            assert (await operator.call("session-post", content)).code == "000"
        return
    answer = await operator.post(START, oicp.authorize(CPOPartnerSessionID="ours"))
    session_id, ours = answer.json()["SessionID"], {"CPOPartnerSessionID": "ours", "Identification": oicp.card()}
    for told in (oicp.start, oicp.progress, oicp.end):
        assert (await operator.post(NOTIFY, told(session_id, **ours))).code == "000"
    assert (await operator.post(CDR, oicp.cdr(session_id, **ours))).code == "000"


async def test_a_session_is_told_in_the_same_words(any_hub: AnyHub, any_operator: AnyOperator) -> None:
    await any_operator.push()
    await walk(any_operator)
    await any_hub.wait_for(lambda: len(any_hub.record) == 6)
    meant: list[dict[str, Any]] = [entry.as_json()["means"] for entry in any_hub.record]
    assert [each["what"] for each in meant] == ["status", "authorize", "start", "progress", "end", "cdr"]
    assert meant[0] == {"what": "status", "evse_id": EVSE, "status": "Occupied"}
    assert [each["user"] for each in meant[1:]] == ["04…80"] * 5
    assert [each.get("energy_wh") for each in meant[3:]] == [2500, 5000, 5000]
    assert {each["evse_id"] for each in meant[2:]} == {EVSE}
    assert len({(each["session"], each["hub_session"]) for each in meant[2:]}) == 1
    assert {each["start"] for each in meant[2:]} == {at(1)}
    assert [each.get("end") for each in meant[2:]] == [None, None, at(40), at(40)]
    assert (meant[5]["session_start"], meant[5]["session_end"]) == (at(0), at(41))
    assert {(entry.code, entry.http_status) for entry in any_hub.record} == {("000", 200)}
    (session,) = any_hub.sessions.values()
    assert (session.closed, session.evse_id, any_hub.violations) == (True, EVSE, [])


def plugged_in(call: Call) -> Answer:
    """The operator's yes, in either protocol."""
    if "session-start" not in call.body:
        return acknowledge(call)
    started = {"session-id": oioi.SESSION, "is-stoppable": True}
    return {"session-start": started, "result": {"code": "11", "message": "Charging"}}


async def test_a_remote_start_is_told_in_the_same_words(any_hub: AnyHub) -> None:
    async with InboundService(any_hub, plugged_in, mutual=not isinstance(any_hub, OioiHub)):
        outcome = await any_hub.calls.remote_start(EVSE, CONTRACT)
    assert (outcome.yes, outcome.problems) == (True, ())
    told = any_hub.record[0].as_json()
    assert (told["event"], told["direction"], told["result"]) == ("call", "out", True)
    meant = told["means"]
    assert {name: meant[name] for name in ("what", "evse_id", "user", "hub_session")} == {
        "what": "remote_start",
        "evse_id": EVSE,
        "user": "DE…-3",
        "hub_session": outcome.session_id,
    }
    (session,) = any_hub.sessions.values()
    assert (session.session_id, session.kind, session.uid) == (outcome.session_id, "remote", CONTRACT)
