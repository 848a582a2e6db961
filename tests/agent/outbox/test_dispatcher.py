"""Which message goes when. Time is set by hand; the store is real."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from roampost.domain.messages import Message
from roampost.hubs.base import Answer
from roampost.outbox.backoff import Pace
from roampost.store.changes import RowState, Who
from tests.agent.outbox.bench import BUSY, DELIVERED, NO_ROUTE, SILENT, UNKNOWN_EVSE, WRONG_CERTIFICATE, Bench
from tests.agent.store.makers import cdr, change, end, error, start, status


async def test_messages_of_a_session_go_one_after_another_in_order(bench: Bench) -> None:
    await bench.store.submit(change(start(), error(), end(), cdr()))
    assert await bench.turns() == float("inf")
    assert bench.hub.kinds == ["start", "error", "end", "cdr"]
    assert set(bench.states()) == {RowState.DELIVERED}


async def test_the_most_urgent_of_the_due_lanes_go_first(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "roampost.db", max_parallel=1)
    await bench.dispatcher.start()
    await bench.store.submit(change(start("s1"), end("s2"), cdr("s3")))
    await bench.turns()
    bench.store.close()
    assert bench.hub.kinds == ["cdr", "end", "start"]


async def test_sessions_share_the_places_and_the_status_lane_has_its_own(bench: Bench) -> None:
    bench.hub.gate.clear()
    await bench.store.submit(change(*(start(f"s{number}") for number in range(9)), status(), status(evse_id="E2")))
    bench.dispatcher.turn()
    bench.dispatcher.turn()
    assert bench.dispatcher.health().in_flight == 5
    bench.hub.gate.set()
    await bench.turns()
    assert len(bench.hub.sent) == 11


async def test_a_message_is_marked_on_the_disk_before_it_leaves(bench: Bench) -> None:
    bench.hub.gate.clear()
    await bench.store.submit(change(start()))
    bench.dispatcher.turn()
    await bench.hub.arrived.wait()
    assert bench.states() == [RowState.SENDING]
    bench.hub.gate.set()
    await bench.turns()


async def test_a_rejected_message_is_parked_and_its_lane_goes_on(bench: Bench) -> None:
    bench.hub.script = lambda message: UNKNOWN_EVSE if message.kind == "start" else DELIVERED
    await bench.store.submit(change(start(), end()))
    await bench.turns()
    assert bench.states() == [RowState.PARKED, RowState.DELIVERED]


async def test_a_held_message_holds_its_own_lane_only(bench: Bench) -> None:
    bench.hub.script = lambda message: WRONG_CERTIFICATE if message == start() else DELIVERED
    await bench.store.submit(change(start(), end(), start("s2")))
    wait_ms = await bench.turns()
    assert bench.states() == [RowState.HELD, RowState.QUEUED, RowState.DELIVERED]
    assert 300_000 <= wait_ms <= 900_000
    assert bench.dispatcher.health().held == 1


async def test_a_status_that_fails_does_not_keep_other_evses_waiting(bench: Bench) -> None:
    bench.hub.script = lambda message: BUSY if message == status() else DELIVERED
    await bench.store.submit(change(status(), status(evse_id="E2")))
    await bench.turns()
    assert bench.states() == [RowState.QUEUED, RowState.DELIVERED]


async def test_a_lost_answer_is_told_to_the_hub_with_the_next_attempt(bench: Bench) -> None:
    answers = iter([SILENT, BUSY, DELIVERED])
    bench.hub.script = lambda message: next(answers)
    await bench.store.submit(change(cdr()))
    await bench.pass_time(10)
    assert [maybe for _, maybe in bench.hub.sent] == [False, True, True]


async def test_a_wait_survives_a_restart(bench: Bench) -> None:
    bench.hub.script = lambda message: replace(BUSY, retry_after_s=600.0)
    await bench.store.submit(change(cdr()))
    await bench.turns()
    await bench.restart()
    assert await bench.turns() == 600_000
    assert len(bench.hub.sent) == 1


@pytest.mark.parametrize("jump_ms", [-40 * 365 * 86_400_000, 40 * 365 * 86_400_000])
async def test_a_wall_clock_that_jumped_does_not_put_a_message_off_for_years(bench: Bench, jump_ms: int) -> None:
    bench.hub.script = lambda message: replace(BUSY, retry_after_s=600.0)
    await bench.store.submit(change(cdr()))
    await bench.turns()
    bench.wall_jump_ms = jump_ms
    assert await bench.turns() == 600_000
    await bench.restart()
    await bench.turns()
    assert len(bench.hub.sent) == 2


async def test_an_unreachable_hub_is_tried_with_one_message_at_a_time(bench: Bench) -> None:
    bench.hub.script = lambda message: NO_ROUTE
    await bench.store.submit(change(*(start(f"s{number}") for number in range(50))))
    await bench.turns()
    assert len(bench.hub.sent) == 4
    await bench.pass_time(600)
    assert 20 <= len(bench.hub.sent) - 4 <= 120
    assert len({message.session.session_id for message, _ in bench.hub.sent if message.kind == "start"}) > 15
    assert not bench.dispatcher.health().reachable


async def test_a_backlog_leaves_at_once_when_the_hub_is_back(bench: Bench) -> None:
    bench.hub.script = lambda message: NO_ROUTE
    await bench.store.submit(change(*(start(f"s{number}") for number in range(50)), status()))
    await bench.pass_time(3600, step_s=5)
    bench.hub.script = lambda message: DELIVERED
    await bench.pass_time(30)
    assert set(bench.states()) == {RowState.DELIVERED}


async def test_a_hub_that_answers_a_question_is_sent_what_waits_without_a_probe(bench: Bench) -> None:
    bench.hub.script = lambda message: NO_ROUTE
    await bench.store.submit(change(*(start(f"s{number}") for number in range(10))))
    await bench.pass_time(600, step_s=5)
    bench.hub.script = lambda message: DELIVERED
    bench.dispatcher.heard()
    assert bench.dispatcher.health().reachable
    await bench.turns()
    assert set(bench.states()) == {RowState.DELIVERED}


async def test_an_outage_is_remembered_over_a_restart(bench: Bench) -> None:
    bench.hub.script = lambda message: NO_ROUTE
    await bench.store.submit(change(*(start(f"s{number}") for number in range(9))))
    await bench.pass_time(600)
    sent = len(bench.hub.sent)
    await bench.restart()
    await bench.turns()
    assert len(bench.hub.sent) <= sent + 1


async def test_a_hub_is_never_called_without_a_message(bench: Bench) -> None:
    bench.hub.script = lambda message: NO_ROUTE
    await bench.store.submit(change(start()))
    await bench.turns()
    await bench.store.discard(1, "test", who=Who())
    sent = len(bench.hub.sent)
    await bench.pass_time(300)
    assert len(bench.hub.sent) == sent


async def test_a_pause_that_the_hub_asks_for_is_kept_by_every_lane(bench: Bench) -> None:
    bench.hub.script = lambda message: replace(BUSY, http_status=429, retry_after_s=90.0)
    await bench.store.submit(change(start()))
    await bench.turns()
    await bench.store.submit(change(cdr("s2")))
    await bench.pass_time(89)
    assert bench.hub.kinds == ["start"]
    await bench.pass_time(2)
    assert len(bench.hub.sent) == 3


async def test_messages_that_tell_a_time_wait_for_a_trusted_clock(bench: Bench) -> None:
    bench.clock_ready = False
    await bench.store.submit(change(cdr(), status(), mono_ms=bench.now_ms, trusted=False))
    await bench.store.submit(change(start("s2"), mono_ms=bench.now_ms))
    await bench.turns()
    assert sorted(bench.hub.kinds) == ["start", "status"]
    bench.clock_ready = True
    await bench.turns()
    assert bench.hub.kinds[2:] == ["cdr"]


async def test_the_wait_for_a_trusted_clock_has_a_limit(bench: Bench) -> None:
    bench.clock_ready = False
    await bench.store.submit(change(cdr(), mono_ms=bench.now_ms, trusted=False))
    await bench.pass_time(599)
    assert bench.hub.sent == []
    await bench.pass_time(2)
    assert bench.hub.kinds == ["cdr"]


async def test_a_silent_third_party_does_not_hold_up_a_cdr(bench: Bench) -> None:
    bench.hub.script = lambda message: DELIVERED if message.kind == "cdr" else SILENT
    await bench.store.submit(change(start(), error(), end()))
    await bench.pass_time(300)
    assert set(bench.hub.kinds) == {"start"}
    await bench.store.submit(change(cdr()))
    await bench.pass_time(59)
    assert "cdr" not in bench.hub.kinds
    await bench.pass_time(4)
    assert bench.states() == [*[RowState.SUPERSEDED] * 3, RowState.DELIVERED]
    assert "goes without it" in (bench.rows()[0].last_text or "")


async def test_an_outage_does_not_cost_the_notifications_of_a_session(bench: Bench) -> None:
    answers = iter([SILENT])
    bench.hub.script = lambda message: next(answers, NO_ROUTE)
    await bench.store.submit(change(start(), end(), cdr()))
    await bench.pass_time(7200, step_s=5)
    bench.hub.script = lambda message: DELIVERED
    await bench.pass_time(31)
    assert bench.states() == [RowState.DELIVERED] * 3


async def test_a_bug_in_a_hub_is_an_unknown_outcome_and_not_the_end(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(message: Message) -> Answer:
        raise KeyError("surprise")

    bench.hub.script = broken
    await bench.store.submit(change(cdr()))
    await bench.turns()
    (row,) = bench.rows()
    assert (row.state, row.unknown_outcome) == (RowState.QUEUED, True)
    assert "Traceback" in caplog.text


async def test_a_message_that_cannot_be_read_is_parked(bench: Bench) -> None:
    made = change(cdr())
    await bench.store.submit(replace(made, drafts=(replace(made.drafts[0], body='{"kind": "cdr"}'),)))
    await bench.turns()
    assert bench.hub.sent == []
    assert bench.states() == [RowState.PARKED]


async def test_requeue_sends_a_parked_message_at_once(bench: Bench) -> None:
    bench.hub.script = lambda message: UNKNOWN_EVSE
    await bench.store.submit(change(cdr()))
    await bench.turns()
    bench.hub.script = lambda message: DELIVERED
    await bench.store.requeue(1, who=Who())
    await bench.turns()
    assert bench.states() == [RowState.DELIVERED]


# --- the running loop ----------------------------------------------------------------------------------------------


async def test_a_commit_wakes_the_loop_by_itself(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "roampost.db", pace=Pace(turn_s=3600))
    running = asyncio.create_task(bench.dispatcher.run())
    for expected in (1, 2, 3):
        bench.hub.arrived.clear()
        await bench.store.submit(change(status()))
        async with asyncio.timeout(30):
            await bench.hub.arrived.wait()
        assert len(bench.hub.sent) == expected
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    bench.store.close()


async def test_a_clean_stop_waits_for_the_answer_of_what_is_in_flight(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "roampost.db")
    bench.hub.gate.clear()
    running = asyncio.create_task(bench.dispatcher.run())
    await bench.store.submit(change(cdr(), start("s2")))
    await bench.hub.arrived.wait()
    running.cancel()
    bench.hub.gate.set()
    with suppress(asyncio.CancelledError):
        await running
    states = bench.states()
    bench.store.close()
    assert states[0] is RowState.DELIVERED
    assert RowState.SENDING not in states


async def test_a_clean_stop_waits_for_the_answers_and_begins_nothing_new(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "roampost.db")
    bench.hub.gate.clear()
    running = asyncio.create_task(bench.dispatcher.run())
    await bench.store.submit(change(cdr("s1")))
    await bench.hub.arrived.wait()
    stopping = asyncio.create_task(bench.dispatcher.stop())
    await bench.store.submit(change(cdr("s2")))
    await asyncio.sleep(0)
    assert bench.dispatcher.turn() == float("inf")
    assert bench.dispatcher.health().in_flight == 1
    assert not stopping.done()
    bench.hub.gate.set()
    await stopping
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    bench.store.close()
    assert bench.states() == [RowState.DELIVERED, RowState.QUEUED]
    assert [row.attempts for row in bench.rows()] == [1, 0]


async def test_an_answer_that_never_comes_is_left_as_an_unknown_outcome(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "roampost.db", pace=Pace(drain_s=0.01))
    bench.hub.gate.clear()
    running = asyncio.create_task(bench.dispatcher.run())
    await bench.store.submit(change(cdr()))
    await bench.hub.arrived.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert bench.states() == [RowState.SENDING]
    await bench.restart()
    bench.hub.gate.set()
    await bench.turns()
    bench.store.close()
    assert bench.hub.sent[1] == (cdr(), True)


async def test_a_lane_that_is_started_again_takes_up_what_it_left(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "roampost.db", pace=Pace(drain_s=0.01))
    bench.hub.gate.clear()
    await bench.dispatcher.start()
    await bench.store.submit(change(cdr()))
    bench.dispatcher.turn()
    await bench.hub.arrived.wait()
    await bench.dispatcher.stop()
    bench.hub.gate.set()
    await bench.dispatcher.start()
    await bench.turns()
    assert bench.hub.sent == [(cdr(), False), (cdr(), True)]
    assert bench.states() == [RowState.DELIVERED]
    bench.store.close()


@pytest.mark.parametrize("drain_s", [20.0, 0.0])
async def test_what_is_only_marked_at_a_clean_stop_does_not_leave_and_is_not_unknown(
    tmp_path: Path, drain_s: float
) -> None:
    bench = Bench(tmp_path / "roampost.db", pace=Pace(drain_s=drain_s))
    await bench.dispatcher.start()
    await bench.store.submit(change(cdr()))
    bench.dispatcher.turn()
    await asyncio.sleep(0)  # the attempt has asked for its mark, and no more
    await bench.dispatcher.stop()
    bench.store.close()
    assert bench.hub.sent == []
    (row,) = bench.rows()
    assert (row.state, row.attempts, row.unknown_outcome) == (RowState.QUEUED, 0, False)
