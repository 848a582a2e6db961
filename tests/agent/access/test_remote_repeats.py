"""The same request again, at once or later or after a restart: everything happens only once."""

import asyncio

from roampost.access.remembered import Remembered
from roampost.access.remote import RemoteDesk
from roampost.access.remote_rules import RemoteRule
from roampost.evse.state import State
from roampost.hubs.remote import Outcome, Reply
from roampost_drivers.roles import Pilot
from tests.agent.access.front import EVERY_HUB, HUB_ID, Front, cancel, plugged, reserve, sessions_begun, start, stop
from tests.agent.evse.makers import EVSE_ID, evse, session
from tests.agent.loop.rig import Rig

# -- the same request again -------------------------------------------------------------------------------------


async def test_a_repeated_start_gets_the_same_answer_in_any_case_and_starts_nothing() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        first = await front.desk.take(start())
        assert await front.desk.take(start(HUB_ID.upper())) == first
        assert await front.says(stop()) is Outcome.DONE
        assert await front.desk.take(start()) == first
        assert rig.state() is State.FINISHING
        assert sessions_begun(rig) == {"own-r1"}


@EVERY_HUB
async def test_two_at_once_share_one_decision(given: str | None) -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        front = Front(rig)
        both = asyncio.gather(front.desk.take(start(given)), front.desk.take(start(given)))
        await rig.settle()
        await rig.release()
        first, second = await both
        assert first == second
        assert first.outcome is Outcome.DONE
        assert sessions_begun(rig) == {"own-r1"}


async def test_the_same_session_id_of_another_hub_is_another_session() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        assert await front.says(start()) is Outcome.DONE
        assert await front.says(start(hub="second")) is Outcome.IN_USE
        assert await front.says(stop(hub="second")) is Outcome.NO_SESSION
        assert rig.state() is State.READY


async def test_a_session_is_one_evse_s() -> None:
    second = "DE*ABC*E1*2"
    async with Rig() as rig, Rig(evse(State.STARTING, evse_id=second)) as other:
        await plugged(rig)
        await plugged(other)
        desk = RemoteDesk(
            {EVSE_ID: rig.loop, second: other.loop},
            lambda _evse_id: ("hubject",),
            {EVSE_ID: RemoteRule(), second: RemoteRule()},
            clock=rig.clock,
            new_id=lambda: "own-r1",
        )
        assert (await desk.take(start())).outcome is Outcome.DONE
        assert (await desk.take(start(evse_id=second))).outcome is Outcome.IN_USE
        assert (await desk.take(stop(evse_id=second))).outcome is Outcome.NO_SESSION
        assert (rig.state(), other.state()) == (State.READY, State.PLUGGED)
        assert (await desk.take(stop())).outcome is Outcome.DONE
        assert (await desk.take(stop(evse_id=second))).outcome is Outcome.NO_SESSION


async def test_a_reservation_is_one_evse_s_like_its_charge() -> None:
    """Each end of either would be a record under the same session, and a hub takes one."""
    second = "DE*ABC*E1*2"
    async with Rig() as rig, Rig(evse(State.STARTING, evse_id=second)) as other:
        await rig.look(Pilot.A)
        await other.look(Pilot.A)
        desk = RemoteDesk(
            {EVSE_ID: rig.loop, second: other.loop},
            lambda _evse_id: ("hubject", "second"),
            {EVSE_ID: RemoteRule("waits"), second: RemoteRule("waits")},
            clock=rig.clock,
            new_id=lambda: "own-r1",
        )
        assert (await desk.take(reserve())).outcome is Outcome.DONE
        assert (await desk.take(reserve(evse_id=second))).outcome is Outcome.IN_USE
        assert (await desk.take(start(HUB_ID.upper(), evse_id=second))).outcome is Outcome.IN_USE
        assert (await desk.take(reserve(hub="second", evse_id=second))).outcome is Outcome.DONE
        assert (await desk.take(cancel(hub="second", evse_id=second))).outcome is Outcome.DONE
        assert (await desk.take(start())).outcome is Outcome.DONE
        assert (await desk.take(reserve(evse_id=second))).outcome is Outcome.IN_USE
        assert other.loop.evse.session is None
        assert other.loop.evse.reservation is None


async def test_a_start_is_recognised_after_a_restart() -> None:
    ran = evse(State.STARTING, session=session(hub_session_id=HUB_ID), permitted_ma=16_000)
    async with Rig(ran) as rig:
        reply = await Front(rig).desk.take(start())
        assert (reply.outcome, reply.session_id) == (Outcome.DONE, "own-1")
        assert sessions_begun(rig) <= {"own-1"}


@EVERY_HUB
async def test_a_stop_that_comes_while_its_start_is_decided_waits_for_it(given: str | None) -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        front = Front(rig)
        starting = asyncio.ensure_future(front.says(start(given)))
        await rig.settle()
        stopping = asyncio.ensure_future(front.says(stop(given)))
        await rig.settle()
        assert rig.state() is State.READY
        await rig.release()
        assert await starting is Outcome.DONE
        assert await stopping is Outcome.DONE
        assert rig.state() is State.FINISHING


@EVERY_HUB
async def test_a_caller_that_goes_away_leaves_a_decision_that_the_next_one_hears(given: str | None) -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        front = Front(rig)
        gone = asyncio.ensure_future(front.says(start(given)))
        await rig.settle()
        gone.cancel()
        await rig.settle()
        await rig.release()
        assert await front.says(start(given)) is Outcome.DONE
        assert sessions_begun(rig) == {"own-r1"}


@EVERY_HUB
async def test_a_decision_that_takes_too_long_is_answered_as_late(given: str | None) -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        front = Front(rig, take_s=0.0)
        reply = await front.desk.take(start(given))
        assert reply == Reply(Outcome.LATE, "the station did not decide in time")
        await rig.release()


def test_memory_is_bounded_per_hub() -> None:
    known = Remembered(per_hub=2)
    for number in range(3):
        known.put(start(f"ID-{number}", "a"), Reply(Outcome.DONE, str(number)))
    known.put(start("id-0", "b"), Reply(Outcome.DONE, "b"))
    assert [known.get(start(f"id-{number}", "a")) is not None for number in range(3)] == [False, True, True]
    assert known.get(start("ID-0", "b", evse_id="DEABCE11")) == Reply(Outcome.DONE, "b")
    assert known.get(start("id-0", "b", evse_id="DE*ABC*E1*2")) is None
