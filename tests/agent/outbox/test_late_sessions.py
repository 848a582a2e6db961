"""A session that began while no hub could be asked, in its lane."""

from dataclasses import replace

import pytest

from roampost.domain.messages import LateAuthorization, Message, SessionMessage, StartMessage
from roampost.hubs.base import Answer
from roampost.store.changes import Change, RowState, SessionRow, SessionState, Who
from tests.agent.outbox.bench import BUSY, DELIVERED, NO_CONTRACT, SILENT, UNKNOWN_EVSE, Bench
from tests.agent.store.makers import cdr, change, end, error, late, offline, stamp, start

OPENED = replace(DELIVERED, hub_session_id="h-late")
WHOLE = (late(), offline(start()), offline(error()), offline(end()), offline(cdr()))


def opens(message: Message) -> Answer:
    return OPENED if isinstance(message, LateAuthorization) else DELIVERED


def refuses(message: Message) -> Answer:
    return NO_CONTRACT if isinstance(message, LateAuthorization) else DELIVERED


async def test_what_follows_a_late_authorization_tells_the_id_that_it_brought(bench: Bench) -> None:
    bench.hub.script = opens
    await bench.store.submit(change(*WHOLE))
    await bench.turns()
    assert bench.hub.kinds == ["late_authorization", "start", "error", "end", "cdr"]
    told = [message.session.hub_session_id for message, _ in bench.hub.sent if isinstance(message, SessionMessage)]
    assert told == [None, *["h-late"] * 4]
    assert bench.opened == [("s1", "h-late")]
    assert set(bench.states()) == {RowState.DELIVERED}


async def test_a_message_that_knows_its_session_keeps_what_it_knows(bench: Bench) -> None:
    bench.hub.script = opens
    await bench.store.submit(change(late(), start()))
    await bench.turns()
    (message, _) = bench.hub.sent[-1]
    assert message == start()


async def test_a_cdr_waits_for_its_late_authorization_without_limit(bench: Bench) -> None:
    bench.hub.script = lambda message: BUSY
    await bench.store.submit(change(*WHOLE))
    await bench.pass_time(2 * 86_400, step_s=60)
    assert set(bench.hub.kinds) == {"late_authorization"}
    assert bench.states() == [RowState.QUEUED] * 5
    bench.hub.script = opens
    await bench.pass_time(301)
    assert set(bench.states()) == {RowState.DELIVERED}


async def test_a_cdr_does_not_wait_for_the_notifications_of_an_opened_session(bench: Bench) -> None:
    bench.hub.script = lambda message: opens(message) if message.kind in ("late_authorization", "cdr") else SILENT
    await bench.store.submit(change(*WHOLE))
    await bench.pass_time(65)
    assert bench.states() == [RowState.DELIVERED, *[RowState.SUPERSEDED] * 3, RowState.DELIVERED]


async def test_a_refusal_ends_the_session_and_is_told(bench: Bench) -> None:
    bench.hub.script = refuses
    await bench.store.submit(change(*WHOLE[:3], start("s2")))
    await bench.turns()
    await bench.store.submit(change(*WHOLE[3:]))
    await bench.pass_time(600, step_s=10)
    assert sorted(bench.hub.kinds) == ["late_authorization", "start"]
    assert bench.refused == [("s1", "102: no contract")]
    assert bench.dispatcher.health().waiting == 0
    assert [row.state for row in bench.rows() if row.session_id == "s1"] == [RowState.REFUSED] * 5


async def test_a_person_has_a_refused_session_tried_again(bench: Bench) -> None:
    bench.hub.script = refuses
    await bench.store.submit(change(*WHOLE))
    await bench.turns()
    bench.hub.script = opens
    await bench.store.requeue(5, who=Who())
    await bench.turns()
    assert set(bench.states()) == {RowState.DELIVERED}
    assert bench.hub.kinds[1:] == ["late_authorization", "start", "error", "end", "cdr"]


async def test_a_parked_late_authorization_keeps_its_session_waiting_for_a_person(bench: Bench) -> None:
    bench.hub.script = lambda message: UNKNOWN_EVSE
    await bench.store.submit(change(*WHOLE))
    await bench.pass_time(600, step_s=10)
    await bench.restart()
    await bench.pass_time(600, step_s=10)
    assert bench.states() == [RowState.PARKED, *[RowState.QUEUED] * 4]
    bench.hub.script = opens
    await bench.store.requeue(1, who=Who())
    await bench.turns()
    assert set(bench.states()) == {RowState.DELIVERED}


@pytest.mark.parametrize("brings", [None, "discarded"])
async def test_a_session_that_was_never_opened_is_parked_with_one_sentence(bench: Bench, brings: str | None) -> None:
    await bench.store.submit(change(late(), offline(cdr())))
    if brings == "discarded":
        await bench.store.discard(1, "written off", who=Who())
    await bench.turns()
    row = bench.rows()[1]
    assert row.state is RowState.PARKED
    assert "no late authorization of it was delivered" in (row.last_text or "")
    assert "cdr" not in bench.hub.kinds


async def test_a_lost_answer_is_in_the_record_of_attempts(bench: Bench) -> None:
    answers = iter([SILENT])
    bench.hub.script = lambda message: next(answers, OPENED)
    await bench.store.submit(change(late()))
    await bench.pass_time(5)
    assert [maybe for _, maybe in bench.hub.sent] == [False, True]
    (row,) = bench.rows()
    assert (row.state, row.unknown_outcome) == (RowState.DELIVERED, True)


@pytest.mark.parametrize(
    ("script", "opened", "refused"), [(opens, [("s1", "h-late")], 0), (refuses, [], 1)], ids=["opened", "refused"]
)
async def test_the_next_run_is_told_again_while_the_session_goes_on(
    bench: Bench, script: object, opened: list[tuple[str, str]], refused: int
) -> None:
    bench.hub.script = opens if script is opens else refuses
    await bench.store.submit(Change(stamp(), sessions=(SessionRow("s1", "E1", "{}", SessionState.OPEN, "hub"),)))
    await bench.store.submit(change(late()))
    await bench.turns()
    bench.opened.clear()
    bench.refused.clear()
    await bench.restart()
    assert (bench.opened, len(bench.refused)) == (opened, refused)


async def test_a_bug_in_what_is_told_does_not_end_the_lanes(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.refused = None  # type: ignore[assignment] # the bug
    bench.hub.script = refuses
    await bench.store.submit(change(late(), start("s2")))
    await bench.turns()
    assert bench.states() == [RowState.REFUSED, RowState.DELIVERED]
    assert "Traceback" in caplog.text


async def test_only_a_late_authorization_can_be_refused(bench: Bench) -> None:
    bench.hub.script = lambda message: NO_CONTRACT if isinstance(message, StartMessage) else DELIVERED
    await bench.store.submit(change(start(), end()))
    await bench.turns()
    assert bench.states() == [RowState.PARKED, RowState.DELIVERED]
    assert bench.refused == []
