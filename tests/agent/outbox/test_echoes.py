"""A status whose answer was lost may still land at the hub, over its successor: that one is said once more."""

from pathlib import Path

from roampost.domain.messages import EvseStatus, Message
from roampost.outbox.backoff import Pace
from roampost.store.changes import RowState
from tests.agent.outbox.bench import DELIVERED, SILENT, Bench
from tests.agent.store.makers import change, status


async def test_a_status_whose_answer_was_lost_is_followed_by_the_newest_once_more(bench: Bench) -> None:
    answers = iter([SILENT])
    bench.hub.script = lambda message: next(answers, DELIVERED)
    bench.hub.gate.clear()
    await bench.store.submit(change(status(EvseStatus.AVAILABLE)))
    bench.dispatcher.turn()
    await bench.hub.arrived.wait()
    await bench.store.submit(change(status(EvseStatus.OCCUPIED)))
    bench.hub.gate.set()
    await bench.dispatcher.settled()
    await bench.pass_time(59)
    statuses: list[Message] = [message for message, _ in bench.hub.sent]
    assert statuses == [status(EvseStatus.AVAILABLE), status(EvseStatus.OCCUPIED)]
    await bench.pass_time(3600, step_s=5)
    assert [message for message, _ in bench.hub.sent] == [*statuses, status(EvseStatus.OCCUPIED)]
    assert bench.states() == [RowState.SUPERSEDED, RowState.DELIVERED, RowState.DELIVERED]


async def test_an_answer_lost_before_the_retry_still_counts_for_the_successor(bench: Bench) -> None:
    answers = iter([SILENT])
    bench.hub.script = lambda message: next(answers, DELIVERED)
    await bench.store.submit(change(status(EvseStatus.AVAILABLE)))
    await bench.pass_time(5)
    await bench.store.submit(change(status(EvseStatus.OCCUPIED)))
    await bench.pass_time(300)
    sent = [message.status for message, _ in bench.hub.sent if message.kind == "status"]
    assert sent == [*[EvseStatus.AVAILABLE] * 2, *[EvseStatus.OCCUPIED] * 2]


async def test_a_status_in_flight_at_a_crash_may_land_over_its_successor_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "roampost.db", pace=Pace(drain_s=0.01))
    bench.hub.gate.clear()
    await bench.dispatcher.start()
    await bench.store.submit(change(status(EvseStatus.AVAILABLE)))
    bench.dispatcher.turn()
    await bench.hub.arrived.wait()
    await bench.store.submit(change(status(EvseStatus.OCCUPIED)))
    await bench.dispatcher.stop()
    bench.hub.gate.set()
    await bench.restart()
    await bench.pass_time(300)
    sent = [message.status for message, _ in bench.hub.sent if message.kind == "status"]
    states = bench.states()
    bench.store.close()
    assert sent == [EvseStatus.AVAILABLE, EvseStatus.OCCUPIED, EvseStatus.OCCUPIED]
    assert states == [RowState.SUPERSEDED, RowState.DELIVERED, RowState.DELIVERED]


async def test_a_successor_whose_own_answer_was_lost_is_said_once_more_too(bench: Bench) -> None:
    answers = iter([SILENT, SILENT])
    bench.hub.script = lambda message: next(answers, DELIVERED)
    bench.hub.gate.clear()
    await bench.store.submit(change(status(EvseStatus.OUT_OF_SERVICE)))
    bench.dispatcher.turn()
    await bench.hub.arrived.wait()
    await bench.store.submit(change(status(EvseStatus.AVAILABLE)))
    bench.hub.gate.set()
    await bench.dispatcher.settled()
    await bench.pass_time(300)
    sent = [message.status for message, _ in bench.hub.sent if message.kind == "status"]
    assert sent == [EvseStatus.OUT_OF_SERVICE, *[EvseStatus.AVAILABLE] * 3]
