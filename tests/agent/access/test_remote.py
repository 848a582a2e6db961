"""Starts and stops from afar: the right word for each state of the EVSE."""

import asyncio
from typing import Any, Literal

import pytest

from roampost.access.remote import RemoteDesk
from roampost.domain.messages import EndMessage, LateAuthorization
from roampost.evse.effect import AskStart
from roampost.evse.event import Card, Decider, Grant
from roampost.evse.evse import Evse
from roampost.evse.state import State
from roampost.hubs.remote import Outcome, RemoteStart
from roampost_drivers.roles import Pilot
from tests.agent.access.front import (
    CONTRACT,
    EVERY_HUB,
    HUB_ID,
    NEVER_S,
    OTHER_ID,
    Front,
    cancel,
    plugged,
    reserve,
    sessions_begun,
    start,
    stop,
)
from tests.agent.evse.makers import EVSE_ID, UID
from tests.agent.loop.rig import Rig

# -- start ------------------------------------------------------------------------------------------------------


async def test_a_start_from_afar_charges_for_the_contract() -> None:
    async with Rig() as rig:
        await plugged(rig)
        reply = await Front(rig).desk.take(start(product_id="AC3", provider_session_id="emp-1"))
        assert (reply.outcome, reply.session_id) == (Outcome.DONE, "own-r1")
        begun = rig.loop.evse.session
        assert begun is not None
        assert (begun.hub, begun.hub_session_id, begun.uid, begun.contract_id) == ("hubject", HUB_ID, None, CONTRACT)
        assert (begun.product_id, begun.provider_session_id) == ("AC3", "emp-1")
        assert begun.decided_by is Decider.PROVIDER
        await rig.look(Pilot.C, power_w=11_000)
        assert rig.state() is State.CHARGING
        assert not any(isinstance(one, LateAuthorization) for one in rig.told())


async def test_a_start_that_names_a_card_is_that_card_s_to_stop() -> None:
    async with Rig() as rig:
        await plugged(rig)
        await Front(rig).says(start(uid=UID.lower()))
        begun = rig.loop.evse.session
        assert begun is not None
        assert (begun.uid, begun.contract_id) == (UID, CONTRACT)
        rig.loop.card(UID, "own-x")
        assert rig.state() is State.FINISHING


@EVERY_HUB
async def test_it_is_answered_when_it_is_on_the_disk_and_not_before(given: str | None) -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        asked = asyncio.ensure_future(Front(rig).says(start(given)))
        await rig.settle()
        assert rig.state() is State.READY
        assert not asked.done()
        await rig.release()
        assert await asked is Outcome.DONE


@pytest.mark.parametrize("fault", ["slow", "broken"])
@EVERY_HUB
async def test_what_the_disk_does_not_take_is_taken_back(given: str | None, fault: str) -> None:
    async with Rig() as rig:
        await plugged(rig)
        if fault == "slow":
            rig.hold = True
        else:
            rig.disk.fail()
        front = Front(rig, commit_s=0.0 if fault == "slow" else NEVER_S)
        assert await front.says(start(given)) is Outcome.FAILED
        assert rig.state() is State.FINISHING
        assert rig.charger.set_ma == 0
        await rig.release()
        await rig.look(Pilot.B, times=20)
        assert rig.loop.evse.closing is None
        # Under an ID its end has been told to the hub: it cannot begin a second time.
        assert await front.says(start(given)) is (Outcome.FAILED if given else Outcome.DONE)
        assert sessions_begun(rig) == ({"own-r1"} if given else {"own-r1", "own-r2"})


@pytest.mark.parametrize(
    ("mode", "pilot", "outcome", "state"),
    [
        ("plugged", Pilot.A, Outcome.NO_VEHICLE, State.AVAILABLE),
        ("waits", Pilot.A, Outcome.DONE, State.AWAITING_PLUG),
        ("waits", Pilot.B, Outcome.DONE, State.READY),
        ("off", Pilot.B, Outcome.REFUSED, State.PLUGGED),
    ],
)
@EVERY_HUB
async def test_the_configuration_says_whether_a_vehicle_must_be_there(
    given: str | None, mode: Literal["plugged", "waits", "off"], pilot: Pilot, outcome: Outcome, state: State
) -> None:
    async with Rig() as rig:
        await rig.look(pilot)
        reply = await Front(rig, mode=mode).desk.take(start(given))
        assert (reply.outcome, reply.waits_for_plug) == (outcome, state is State.AWAITING_PLUG)
        assert rig.state() is state


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        (start(evse_id="DE*ABC*E9*9"), Outcome.UNKNOWN_EVSE),
        (start(hub="third"), Outcome.UNKNOWN_EVSE),
        (reserve(evse_id="DE*ABC*E9*9"), Outcome.UNKNOWN_EVSE),
        (stop(evse_id="DE*ABC*E9*9"), Outcome.NO_SESSION),
        (cancel(hub="third"), Outcome.NO_SESSION),
        (start(evse_id="deabce11"), Outcome.DONE),
    ],
)
async def test_an_evse_is_known_in_each_spelling_and_only_to_its_hubs(command: RemoteStart, outcome: Outcome) -> None:
    async with Rig() as rig:
        await plugged(rig)
        assert await Front(rig).says(command) is outcome


async def test_broken_or_unreadable_hardware_is_told_as_what_it_is() -> None:
    async with Rig() as rig:
        front = Front(rig)
        assert await front.says(start()) is Outcome.UNREACHABLE
        await plugged(rig)
        rig.inputs[0] = False
        await rig.look(Pilot.B)
        assert rig.state() is State.FAULTED
        assert await front.says(start()) is Outcome.OUT_OF_SERVICE
        assert await front.says(reserve()) is Outcome.OUT_OF_SERVICE
        rig.inputs[0] = True
        await rig.look(Pilot.B, times=40)
        await rig.silence(4.0)
        assert rig.state() is State.UNREADABLE
        assert await front.says(start()) is Outcome.UNREACHABLE
        await rig.look(Pilot.B)
        rig.loop.disable()
        assert await front.says(start()) is Outcome.OUT_OF_SERVICE
        assert sessions_begun(rig) == set()


async def test_readings_that_are_late_are_unreachable_before_the_state_says_so() -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.clock.now_s += 10.0
        assert rig.state() is State.PLUGGED
        assert await Front(rig).says(start()) is Outcome.UNREACHABLE


async def test_an_evse_in_use_is_in_use() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        rig.loop.card(UID, "own-1")
        await rig.settle()
        assert await front.says(start()) is Outcome.IN_USE
        (question,) = rig.asked
        assert isinstance(question, AskStart)
        rig.loop.granted(Grant("hubject", OTHER_ID, question.card))
        assert await front.says(start()) is Outcome.IN_USE
        assert await front.says(reserve()) is Outcome.IN_USE
        assert sessions_begun(rig) == {"own-1"}


@EVERY_HUB
async def test_a_refused_start_is_decided_anew_when_it_is_repeated(given: str | None) -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        assert await front.says(start(given)) is Outcome.NO_VEHICLE
        await rig.look(Pilot.B)
        assert await front.says(start(given)) is Outcome.DONE


@EVERY_HUB
async def test_the_last_session_is_given_time_to_be_written(given: str | None) -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.loop.card(UID, "own-2")
        assert rig.loop.evse.closing is not None
        front = Front(rig)
        assert await front.says(start(given)) is Outcome.DONE
        assert front.pauses > 0
        assert rig.state() is State.READY
        assert [message.kind for message in rig.told()].count("cdr") == 1


@EVERY_HUB
async def test_a_session_that_is_not_written_in_time_keeps_the_evse_in_use(given: str | None) -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.charger.deaf = True
        rig.loop.card(UID, "own-2")
        assert await Front(rig, sees=Pilot.C).says(start(given)) is Outcome.IN_USE
        assert sessions_begun(rig) == {"own-1"}


async def test_a_fault_is_told_at_once_whatever_is_still_being_written() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.inputs[0] = False
        await rig.look(Pilot.C, power_w=0, silent="meter")
        assert rig.state() is State.FAULTED
        assert rig.loop.evse.closing is not None
        front = Front(rig)
        assert await front.says(start()) is Outcome.OUT_OF_SERVICE
        assert front.pauses == 0


# -- stop -------------------------------------------------------------------------------------------------------


async def test_a_provider_stops_the_session_that_a_card_began() -> None:
    async with Rig() as rig:
        await rig.charge()
        running = rig.loop.evse.session
        assert running is not None
        assert running.hub_session_id is not None
        front = Front(rig)
        reply = await front.desk.take(stop(running.hub_session_id.upper()))
        assert (reply.outcome, reply.session_id) == (Outcome.DONE, "own-1")
        assert rig.state() is State.FINISHING
        assert rig.charger.set_ma == 0
        assert await front.desk.take(stop(running.hub_session_id)) == reply


async def test_only_the_session_that_is_named_is_stopped() -> None:
    async with Rig() as rig:
        await rig.charge()
        assert await Front(rig).says(stop(OTHER_ID)) is Outcome.NO_SESSION
        assert rig.state() is State.CHARGING


@EVERY_HUB
async def test_a_session_is_stopped_while_nobody_has_plugged_in(given: str | None) -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig, mode="waits")
        await front.says(start(given))
        assert await front.says(stop(given)) is Outcome.DONE
        assert rig.state() is State.AVAILABLE


@EVERY_HUB
async def test_a_session_is_stopped_while_its_hardware_is_unreadable(given: str | None) -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        await front.says(start(given))
        await rig.silence(7.0)
        assert rig.state() is State.HOLDING
        assert await front.says(stop(given)) is Outcome.DONE
        assert rig.state() is State.UNREADABLE


async def test_a_stop_that_the_disk_does_not_take_stops_and_is_told_as_failed_until_it_is_written() -> None:
    async with Rig() as rig:
        await rig.charge()
        front = Front(rig)
        hub_session_id = "b2688855-7f00-0002-6d8e-48d883f6abb6"
        rig.disk.fail()
        assert await front.says(stop(hub_session_id)) is Outcome.FAILED
        assert rig.state() is State.FINISHING
        assert await front.says(stop(hub_session_id)) is Outcome.FAILED
        rig.disk.take()
        await rig.look(Pilot.B, times=60, step_s=0.2)
        assert await front.says(stop(hub_session_id)) is Outcome.DONE


@EVERY_HUB
async def test_a_stop_before_a_restart_is_recognised_after_it(given: str | None) -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        await front.says(start(given))
        await front.says(stop(given))
        left = rig.loop.evse
        assert left.closing is not None
    async with Rig(left, clock=rig.clock) as rig:
        assert await Front(rig).says(stop(given)) is Outcome.DONE


# -- late authorization -----------------------------------------------------------------------------------------


async def offline(rig: Rig) -> None:
    await plugged(rig)
    rig.loop.card(UID, "own-1")
    await rig.settle()
    rig.loop.granted(Grant("hubject", None, Card(UID, "own-1"), decided_by=Decider.LIST, cap_wh=20_000))
    await rig.settle()
    await rig.look(Pilot.C, power_w=11_000)
    assert rig.state() is State.CHARGING


async def test_a_session_whose_late_authorization_is_refused_is_stopped() -> None:
    async with Rig() as rig:
        await offline(rig)
        desk = Front(rig).desk
        assert not desk.late_refused("own-0", "unknown card")
        assert desk.late_refused("own-1", "unknown card")
        assert rig.state() is State.FINISHING
        assert "unknown card" in rig.loop.evse.why
        assert not desk.late_refused("own-1", "unknown card")


async def test_a_session_that_was_authorized_late_can_be_stopped_from_afar() -> None:
    async with Rig() as rig:
        await offline(rig)
        front = Front(rig)
        assert await front.says(stop()) is Outcome.NO_SESSION
        front.desk.late_opened("own-0", OTHER_ID)
        front.desk.late_opened("own-1", HUB_ID)
        assert await front.says(stop()) is Outcome.DONE
        assert rig.state() is State.FINISHING


# -- bugs -------------------------------------------------------------------------------------------------------


class BrokenPlace:
    """Every question to it meets a bug, but the one when the desk is made."""

    def __init__(self, evse: Evse) -> None:
        self._looks = iter([evse])

    @property
    def evse(self) -> Evse:
        for evse in self._looks:
            return evse
        raise ZeroDivisionError("a bug")

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError(name)


async def test_a_bug_is_an_answer_and_a_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with Rig() as rig:
        place = BrokenPlace(rig.loop.evse)
        desk = RemoteDesk({EVSE_ID: place}, lambda _: ("hubject",), {}, clock=rig.clock, new_id=str)
        assert (await desk.take(start())).outcome is Outcome.FAILED
        assert "ZeroDivisionError" in caplog.text


async def test_every_session_of_these_paths_is_closed_once() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        await front.says(start())
        await rig.look(Pilot.C, power_w=11_000)
        await front.says(stop())
        await rig.look(Pilot.B, times=20)
        kinds = [one.kind for one in rig.told() if one.kind != "status"]
        assert kinds == ["start", "end", "cdr"]
        (end,) = [one for one in rig.told() if isinstance(one, EndMessage)]
        assert end.session.hub_session_id == HUB_ID
