"""Starts, stops and reservations from afar: the right word for each state of the EVSE, and everything only once."""

import asyncio
from datetime import timedelta
from typing import Any, Literal

import pytest

from roampost.access.remembered import Remembered
from roampost.access.remote import RemoteDesk
from roampost.access.remote_rules import Look, RemoteRule, no_start
from roampost.domain.messages import ChargeRecord, EndMessage, LateAuthorization
from roampost.evse.effect import AskStart
from roampost.evse.event import Card, Decider, Grant
from roampost.evse.evse import Evse
from roampost.evse.state import State
from roampost.hubs.remote import CancelReservation, Outcome, RemoteStart, RemoteStop, Reply, Reserve
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import EVSE_ID, UID, evse, reservation, session
from tests.agent.loop.rig import Rig

HUB_ID = "b2688855-7f00-0002-6d8e-48d883f6ab00"
OTHER_ID = "b2688855-7f00-0002-6d8e-48d883f6ab01"
CONTRACT = "DE-8EO-CAet5e4XY-3"
QUARTER = timedelta(minutes=15)
# Longer than any machine is slow.
NEVER_S = 60.0


def start(hub_session_id: str = HUB_ID, hub: str = "hubject", **more: Any) -> RemoteStart:
    return RemoteStart(
        **{"hub": hub, "hub_session_id": hub_session_id, "evse_id": EVSE_ID, "contract_id": CONTRACT} | more
    )


def stop(hub_session_id: str = HUB_ID, hub: str = "hubject", evse_id: str = EVSE_ID) -> RemoteStop:
    return RemoteStop(hub, hub_session_id, evse_id)


def reserve(hub_session_id: str = HUB_ID, hub: str = "hubject", **more: Any) -> Reserve:
    fields: dict[str, Any] = {"hub": hub, "hub_session_id": hub_session_id, "evse_id": EVSE_ID, "duration": QUARTER}
    return Reserve(**fields | {"contract_id": CONTRACT} | more)


def cancel(hub_session_id: str = HUB_ID, hub: str = "hubject", evse_id: str = EVSE_ID) -> CancelReservation:
    return CancelReservation(hub, hub_session_id, evse_id)


class Front:
    """A desk over one EVSE; while it pauses, the hardware is looked at."""

    def __init__(
        self,
        rig: Rig,
        *,
        mode: Literal["plugged", "waits", "off"] = "plugged",
        reservable: bool = True,
        commit_s: float = NEVER_S,
        take_s: float = NEVER_S,
        sees: Pilot = Pilot.B,
    ) -> None:
        self.rig = rig
        self.sees = sees
        self.ids = 0
        self.pauses = 0
        self.desk = RemoteDesk(
            {EVSE_ID: rig.loop},
            lambda evse_id: ("hubject", "second") if evse_id == EVSE_ID else (),
            {EVSE_ID: RemoteRule(mode, reservable)},
            clock=rig.clock,
            new_id=self._new_id,
            take_s=take_s,
            commit_s=commit_s,
            pause=self._pause,
        )

    async def says(self, command: RemoteStart | RemoteStop | Reserve | CancelReservation) -> Outcome:
        return (await self.desk.take(command)).outcome

    def _new_id(self) -> str:
        self.ids += 1
        return f"own-r{self.ids}"

    async def _pause(self, seconds: float) -> None:
        self.pauses += 1
        await self.rig.look(self.sees, times=1, step_s=seconds)


async def plugged(rig: Rig) -> None:
    await rig.look(Pilot.A)
    await rig.look(Pilot.B)


def sessions_begun(rig: Rig) -> set[str]:
    return {now.session.session_id for now, _ in rig.commits if now.session is not None}


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
        assert (begun.uid, begun.contract_id) == (UID, None)
        rig.loop.card(UID, "own-x")
        assert rig.state() is State.FINISHING


async def test_it_is_answered_when_it_is_on_the_disk_and_not_before() -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        asked = asyncio.ensure_future(Front(rig).says(start()))
        await rig.settle()
        assert rig.state() is State.READY
        assert not asked.done()
        await rig.release()
        assert await asked is Outcome.DONE


@pytest.mark.parametrize("fault", ["slow", "broken"])
async def test_what_the_disk_does_not_take_is_taken_back(fault: str) -> None:
    async with Rig() as rig:
        await plugged(rig)
        if fault == "slow":
            rig.hold = True
        else:
            rig.disk.fail()
        front = Front(rig, commit_s=0.0 if fault == "slow" else NEVER_S)
        assert await front.says(start()) is Outcome.FAILED
        assert rig.state() is State.FINISHING
        assert rig.charger.set_ma == 0
        await rig.release()
        await rig.look(Pilot.B, times=20)
        assert rig.loop.evse.closing is None
        # Its end has been told to the hub: it cannot begin a second time.
        assert await front.says(start()) is Outcome.FAILED
        assert sessions_begun(rig) == {"own-r1"}


@pytest.mark.parametrize(
    ("mode", "pilot", "outcome", "state"),
    [
        ("plugged", Pilot.A, Outcome.NO_VEHICLE, State.AVAILABLE),
        ("waits", Pilot.A, Outcome.DONE, State.AWAITING_PLUG),
        ("waits", Pilot.B, Outcome.DONE, State.READY),
        ("off", Pilot.B, Outcome.REFUSED, State.PLUGGED),
    ],
)
async def test_the_configuration_says_whether_a_vehicle_must_be_there(
    mode: Literal["plugged", "waits", "off"], pilot: Pilot, outcome: Outcome, state: State
) -> None:
    async with Rig() as rig:
        await rig.look(pilot)
        assert await Front(rig, mode=mode).says(start()) is outcome
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


async def test_a_refused_start_is_decided_anew_when_it_is_repeated() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        assert await front.says(start()) is Outcome.NO_VEHICLE
        await rig.look(Pilot.B)
        assert await front.says(start()) is Outcome.DONE


async def test_the_last_session_is_given_time_to_be_written() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.loop.card(UID, "own-2")
        assert rig.loop.evse.closing is not None
        front = Front(rig)
        assert await front.says(start()) is Outcome.DONE
        assert front.pauses > 0
        assert rig.state() is State.READY
        assert [message.kind for message in rig.told()].count("cdr") == 1


async def test_a_session_that_is_not_written_in_time_keeps_the_evse_in_use() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.charger.deaf = True
        rig.loop.card(UID, "own-2")
        assert await Front(rig, sees=Pilot.C).says(start()) is Outcome.IN_USE
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


async def test_two_at_once_share_one_decision() -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        front = Front(rig)
        both = asyncio.gather(front.desk.take(start()), front.desk.take(start()))
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


async def test_a_start_is_recognised_after_a_restart() -> None:
    ran = evse(State.STARTING, session=session(hub_session_id=HUB_ID), permitted_ma=16_000)
    async with Rig(ran) as rig:
        reply = await Front(rig).desk.take(start())
        assert (reply.outcome, reply.session_id) == (Outcome.DONE, "own-1")
        assert sessions_begun(rig) <= {"own-1"}


async def test_a_stop_that_comes_while_its_start_is_decided_waits_for_it() -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        front = Front(rig)
        starting = asyncio.ensure_future(front.says(start()))
        await rig.settle()
        stopping = asyncio.ensure_future(front.says(stop()))
        await rig.settle()
        assert rig.state() is State.READY
        await rig.release()
        assert await starting is Outcome.DONE
        assert await stopping is Outcome.DONE
        assert rig.state() is State.FINISHING


async def test_a_caller_that_goes_away_leaves_a_decision_that_the_next_one_hears() -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        front = Front(rig)
        gone = asyncio.ensure_future(front.says(start()))
        await rig.settle()
        gone.cancel()
        await rig.settle()
        await rig.release()
        assert await front.says(start()) is Outcome.DONE
        assert sessions_begun(rig) == {"own-r1"}


async def test_a_decision_that_takes_too_long_is_answered_as_failed() -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        front = Front(rig, take_s=0.0)
        reply = await front.desk.take(start())
        assert reply == Reply(Outcome.FAILED, "the station did not decide in time")
        await rig.release()


def test_memory_is_bounded_per_hub() -> None:
    known = Remembered(per_hub=2)
    for number in range(3):
        known.put(start(f"ID-{number}", "a"), Reply(Outcome.DONE, str(number)))
    known.put(start("id-0", "b"), Reply(Outcome.DONE, "b"))
    assert [known.get(start(f"id-{number}", "a")) is not None for number in range(3)] == [False, True, True]
    assert known.get(start("ID-0", "b", evse_id="DEABCE11")) == Reply(Outcome.DONE, "b")
    assert known.get(start("id-0", "b", evse_id="DE*ABC*E1*2")) is None


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


async def test_a_session_is_stopped_while_nobody_has_plugged_in() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig, mode="waits")
        await front.says(start())
        assert await front.says(stop()) is Outcome.DONE
        assert rig.state() is State.AVAILABLE


async def test_a_session_is_stopped_while_its_hardware_is_unreadable() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        await front.says(start())
        await rig.silence(7.0)
        assert rig.state() is State.HOLDING
        assert await front.says(stop()) is Outcome.DONE
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


async def test_a_stop_before_a_restart_is_recognised_after_it() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        await front.says(start())
        await front.says(stop())
        left = rig.loop.evse
        assert left.closing is not None
    async with Rig(left, clock=rig.clock) as rig:
        assert await Front(rig).says(stop()) is Outcome.DONE


# -- reservations -----------------------------------------------------------------------------------------------


async def test_a_reserved_evse_is_its_driver_s() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        assert await front.says(reserve(provider_session_id="emp-1")) is Outcome.DONE
        kept = rig.loop.evse.reservation
        assert kept is not None
        assert (kept.contract_id, kept.duration_s, kept.provider_session_id) == (CONTRACT, 900, "emp-1")
        assert await front.says(reserve(OTHER_ID)) is Outcome.RESERVED
        await rig.look(Pilot.B)
        assert await front.says(start(OTHER_ID, contract_id="DE-8EO-Csomebody-1")) is Outcome.RESERVED
        assert await front.says(start(OTHER_ID, hub="second")) is Outcome.RESERVED
        assert await front.says(start(OTHER_ID)) is Outcome.DONE
        assert rig.loop.evse.reservation is None


async def test_a_charge_under_the_session_of_its_reservation_keeps_our_id() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        kept = await front.desk.take(reserve())
        await plugged(rig)
        begun = await front.desk.take(start())
        assert (begun.outcome, begun.session_id) == (Outcome.DONE, kept.session_id)
        assert rig.loop.evse.reservation is None
        assert not any(isinstance(one, ChargeRecord) for one in rig.told())


async def test_a_charge_of_the_same_driver_under_another_session_has_an_id_of_its_own() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        kept = await front.desk.take(reserve())
        await plugged(rig)
        begun = await front.desk.take(start(OTHER_ID))
        assert begun.session_id not in (None, kept.session_id)


async def test_a_reservation_that_is_asked_for_again_is_prolonged_from_then_on() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        first = await front.desk.take(reserve())
        await rig.look(Pilot.A, times=60, step_s=1.0)
        again = await front.desk.take(reserve(HUB_ID.upper()))
        assert (again.outcome, again.session_id) == (Outcome.DONE, first.session_id)
        kept = rig.loop.evse.reservation
        assert kept is not None
        assert kept.duration_s == 960


async def test_a_vehicle_or_the_configuration_keeps_an_evse_from_being_reserved() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        assert await Front(rig, reservable=False).says(reserve()) is Outcome.REFUSED
        assert await Front(rig).says(reserve(duration=timedelta(0))) is Outcome.REFUSED
        await rig.look(Pilot.B)
        assert await Front(rig).says(reserve()) is Outcome.IN_USE


async def test_a_cancelled_reservation_is_over_for_good() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        await front.says(reserve())
        assert await front.says(cancel(OTHER_ID)) is Outcome.NO_SESSION
        assert await front.says(cancel(hub="second")) is Outcome.NO_SESSION
        assert await front.says(cancel()) is Outcome.DONE
        assert await front.says(cancel()) is Outcome.DONE
        assert await front.says(reserve()) is Outcome.NO_SESSION
        assert rig.loop.evse.reservation is None
        assert [one.session.hub_session_id for one in rig.told() if isinstance(one, ChargeRecord)] == [HUB_ID]


async def test_a_reservation_that_the_disk_does_not_take_is_taken_back() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.disk.fail()
        assert await Front(rig).says(reserve()) is Outcome.FAILED
        assert rig.loop.evse.reservation is None


def test_a_card_of_another_hub_is_not_the_reservation_s() -> None:
    kept = evse(State.PLUGGED, reservation=reservation(hub="second"))
    refusal = no_start(Look(kept, True, True), start(uid=UID), RemoteRule())
    assert refusal is not None
    assert refusal.outcome is Outcome.RESERVED


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
    """Every question to it meets a bug."""

    @property
    def evse(self) -> Evse:
        raise ZeroDivisionError("a bug")

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError(name)


async def test_a_bug_is_an_answer_and_a_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with Rig() as rig:
        desk = RemoteDesk({EVSE_ID: BrokenPlace()}, lambda _: ("hubject",), {}, clock=rig.clock, new_id=str)
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
