"""Progress notifications: the newest, spaced, never before Start or after End, and shed before anything else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from roampost.domain.messages import Message, ProgressMessage
from roampost.domain.stamp import Stamp
from roampost.hubs.base import Limit
from roampost.outbox.progress import Progress
from roampost.store.changes import Change, SessionRow, SessionState
from tests.agent.outbox.bench import BUSY, DELIVERED, NO_ROUTE, UNKNOWN_EVSE, Bench, ScriptedHub
from tests.agent.store.makers import BOOT, WALL_MS, cdr, change, end, error, late, offline, session, stamp, start

BEGUN_MS = 10_000


def progress(session_id: str = "s1", *, began_ms: int = BEGUN_MS, wh: int = 0, boot: str = BOOT) -> ProgressMessage:
    began = Stamp(boot=boot, mono_ms=began_ms, wall_ms=WALL_MS + began_ms, trusted=True)
    return ProgressMessage(
        session=session(session_id), session_start=began, charging_start=began, occurred=began, energy_wh=wh
    )


def pure(*, began_ms: int = BEGUN_MS, boot: str = BOOT) -> Progress:
    made = Progress(first_s=60, every_s=300, begun_ms=BEGUN_MS, boot=BOOT)
    made.started("s1", None)
    made.offer(progress(began_ms=began_ms, boot=boot))
    return made


def test_the_first_comes_a_while_after_the_energy_and_others_after_the_last_one() -> None:
    made = pure()
    assert (made.due(BEGUN_MS + 59_999), made.next_due_ms(BEGUN_MS)) == ([], BEGUN_MS + 60_000)
    assert made.due(BEGUN_MS + 60_000) == [progress()]
    made.attempted("s1", BEGUN_MS + 60_000)
    assert (made.due(BEGUN_MS + 900_000), made.next_due_ms(0)) == ([], None)
    made.offer(progress(wh=5))
    assert made.next_due_ms(0) == BEGUN_MS + 360_000


@pytest.mark.parametrize(("began_ms", "boot"), [(BEGUN_MS - 1, BOOT), (BEGUN_MS + 5, "an earlier boot")])
def test_after_a_restart_a_whole_interval_is_waited(began_ms: int, boot: str) -> None:
    assert pure(began_ms=began_ms, boot=boot).next_due_ms(0) == BEGUN_MS + 300_000


def test_only_the_newest_of_each_session_waits_and_none_that_has_not_started() -> None:
    made = pure()
    made.offer(progress(wh=5))
    made.offer(progress("s2", wh=7))
    assert made.due(BEGUN_MS + 400_000) == [progress(wh=5)]
    made.started("s2", None)
    assert len(made.due(BEGUN_MS + 400_000)) == 2


def test_what_is_over_says_no_more_and_the_memory_is_bounded() -> None:
    made = pure()
    made.over("s1")
    for number in range(1000):
        made.offer(progress(f"x{number}"))
    assert made.due(BEGUN_MS + 400_000) == []
    assert len(made._newest) == 128


def test_an_id_that_came_late_is_filled_in() -> None:
    made = Progress(first_s=60, every_s=300, begun_ms=0, boot=BOOT)
    made.started("s1", "h-late")
    unknown = session().model_copy(update={"hub_session_id": None})
    made.offer(progress().model_copy(update={"session": unknown}))
    assert [one.session.hub_session_id for one in made.due(1_000_000)] == ["h-late"]


# --- among the lanes -----------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def charging(bench: Bench) -> AsyncIterator[Bench]:
    """Start is delivered, and a first Progress offered."""
    await bench.store.submit(change(start()))
    await bench.turns()
    bench.dispatcher.offer(progress())
    yield bench


async def test_it_goes_when_it_is_due_and_the_newest_goes(charging: Bench) -> None:
    await charging.pass_time(59)
    assert charging.hub.kinds == ["start"]
    charging.dispatcher.offer(progress(wh=5))
    await charging.pass_time(2)
    assert charging.hub.sent[1:] == [(progress(wh=5), False)]
    assert len(charging.rows()) == 1


async def test_it_is_spaced_from_the_last_attempt_even_if_that_failed(charging: Bench) -> None:
    charging.hub.script = lambda message: BUSY
    for second in range(0, 900, 30):
        charging.dispatcher.offer(progress(wh=second))
        await charging.pass_time(30)
    assert charging.hub.kinds == ["start", *["progress"] * 3]
    assert charging.dispatcher.health().reachable


async def test_it_waits_for_its_start(bench: Bench) -> None:
    bench.hub.script = lambda message: BUSY
    bench.dispatcher.offer(progress())
    await bench.store.submit(change(start()))
    await bench.pass_time(400)
    assert set(bench.hub.kinds) == {"start"}
    bench.hub.script = lambda message: DELIVERED
    await bench.pass_time(301)
    assert bench.hub.kinds[-2:] == ["start", "progress"]


async def test_a_start_that_was_rejected_has_no_progress(bench: Bench) -> None:
    bench.hub.script = lambda message: UNKNOWN_EVSE
    bench.dispatcher.offer(progress())
    await bench.store.submit(change(start()))
    await bench.pass_time(400)
    assert bench.hub.kinds == ["start"]


@pytest.mark.parametrize("last", [end(), cdr()])
async def test_none_comes_once_the_end_is_drafted(charging: Bench, last: Message) -> None:
    charging.hub.script = lambda message: DELIVERED if message.kind == "progress" else BUSY
    await charging.store.submit(change(last))
    charging.dispatcher.offer(progress(wh=5))
    await charging.pass_time(400)
    assert "progress" not in charging.hub.kinds


async def test_none_goes_past_what_its_session_has_to_tell_before(charging: Bench) -> None:
    charging.hub.script = lambda message: BUSY if message.kind == "error" else DELIVERED
    await charging.store.submit(change(error()))
    await charging.pass_time(400)
    assert set(charging.hub.kinds) == {"start", "error"}
    charging.hub.script = lambda message: DELIVERED
    await charging.pass_time(301)
    assert charging.hub.kinds[-2:] == ["error", "progress"]


async def test_while_the_hub_cannot_be_reached_none_is_tried(charging: Bench) -> None:
    charging.hub.script = lambda message: NO_ROUTE
    await charging.store.submit(change(start("s2")))
    await charging.pass_time(400)
    assert set(charging.hub.kinds) == {"start"}
    charging.hub.script = lambda message: DELIVERED
    await charging.pass_time(31)
    assert charging.hub.kinds[-1] == "progress"


async def test_it_waits_for_a_clock_that_can_be_believed(charging: Bench) -> None:
    charging.clock_ready = False
    unsure = progress().occurred.model_copy(update={"trusted": False})
    charging.dispatcher.offer(progress().model_copy(update={"occurred": unsure}))
    await charging.pass_time(400)
    assert charging.hub.kinds == ["start"]
    charging.clock_ready = True
    await charging.turns()
    assert charging.hub.kinds == ["start", "progress"]


async def test_its_own_offline_failure_is_one_of_the_hub(charging: Bench) -> None:
    charging.hub.script = lambda message: NO_ROUTE
    await charging.pass_time(61)
    assert charging.hub.kinds == ["start", "progress"]
    assert not charging.dispatcher.health().reachable


async def test_where_nothing_is_stored_it_finds_out_that_the_hub_is_back(charging: Bench) -> None:
    charging.hub.script = lambda message: NO_ROUTE
    await charging.pass_time(61)
    charging.hub.script = lambda message: DELIVERED
    await charging.pass_time(301)
    assert charging.hub.kinds == ["start", "progress"]
    charging.dispatcher.offer(progress(wh=5))
    await charging.turns()
    assert charging.hub.kinds == ["start", "progress", "progress"]
    assert charging.dispatcher.health().reachable


async def test_only_one_at_a_time_finds_out_that_the_hub_is_back(charging: Bench) -> None:
    await charging.store.submit(change(start("s2")))
    await charging.turns()
    charging.hub.script = lambda message: NO_ROUTE
    await charging.pass_time(61)
    charging.now_ms += 301_000
    charging.dispatcher.offer(progress())
    charging.dispatcher.offer(progress("s2"))
    charging.hub.gate.clear()
    charging.dispatcher.turn()
    in_flight = charging.dispatcher.health().in_flight
    charging.hub.gate.set()
    await charging.dispatcher.settled()
    assert in_flight == 1


async def test_the_end_of_its_session_waits_while_it_is_in_flight(charging: Bench) -> None:
    charging.now_ms += 61_000
    charging.hub.gate.clear()
    charging.hub.arrived.clear()
    charging.dispatcher.turn()
    await charging.hub.arrived.wait()
    await charging.store.submit(change(end()))
    charging.dispatcher.turn()
    assert charging.hub.in_flight == 1
    charging.hub.gate.set()
    await charging.dispatcher.settled()
    await charging.turns()
    assert charging.hub.kinds == ["start", "progress", "end"]


async def test_it_is_shed_before_what_is_stored(tmp_path: Path) -> None:
    limits = (Limit("notifications", 5, frozenset({"start", "end", "progress"})),)
    bench = Bench(tmp_path / "roampost.db", hub=ScriptedHub(limits=limits))
    await bench.dispatcher.start()
    await bench.store.submit(change(start()))
    await bench.turns()
    bench.dispatcher.offer(progress())
    await bench.store.submit(change(*(start(f"x{number}") for number in range(10))))
    await bench.pass_time(151)
    shed = list(bench.hub.kinds)
    await bench.pass_time(15)
    bench.store.close()
    assert shed == ["start"] * 11
    assert bench.hub.kinds[11:] == ["progress"]


async def test_after_a_restart_the_store_tells_of_the_starts(charging: Bench) -> None:
    await charging.store.submit(Change(stamp(), sessions=(SessionRow("s1", "E1", "{}", SessionState.OPEN, "hub"),)))
    charging.now_ms += 61_000
    await charging.restart()
    began_ms = charging.now_ms
    charging.dispatcher.offer(progress())
    charging.dispatcher.offer(progress("unheard of"))
    await charging.pass_time(299)
    assert charging.hub.kinds == ["start"]
    await charging.pass_time(2)
    assert charging.hub.sent[1:] == [(progress(), False)]
    assert charging.now_ms >= began_ms + 300_000


async def test_a_session_that_began_offline_has_progress_with_the_id_that_came_late(bench: Bench) -> None:
    opened = replace(DELIVERED, hub_session_id="h-late")
    bench.hub.script = lambda message: opened if message.kind == "late_authorization" else DELIVERED
    unknown = session().model_copy(update={"hub_session_id": None})
    bench.dispatcher.offer(progress().model_copy(update={"session": unknown}))
    await bench.store.submit(change(late(), offline(start())))
    await bench.pass_time(61)
    assert bench.hub.kinds == ["late_authorization", "start", "progress"]
    (last, _) = bench.hub.sent[-1]
    assert isinstance(last, ProgressMessage)
    assert last.session.hub_session_id == "h-late"


async def test_those_whose_answer_does_not_come_leave_room_for_a_record(bench: Bench) -> None:
    sessions = [f"s{number}" for number in range(6)]
    await bench.store.submit(change(*(start(one) for one in sessions)))
    await bench.turns()
    for one in sessions:
        bench.dispatcher.offer(progress(one))
    bench.now_ms += 61_000
    bench.hub.gate.clear()
    bench.dispatcher.turn()
    assert bench.dispatcher.health().in_flight == 2
    await bench.store.submit(change(cdr("s9"), cdr("s8")))
    bench.dispatcher.turn()
    assert bench.dispatcher.health().in_flight == 4
    bench.hub.gate.set()
    await bench.dispatcher.settled()
    assert sorted(bench.hub.kinds[-4:]) == ["cdr", "cdr", "progress", "progress"]
