"""Where charging is free: once per plug, no hub hears of it, no card is asked about."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from roampost.evse.event import Card, Decider, Grant
from roampost.evse.state import State
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import UID, evse, reservation, session
from tests.agent.loop.rig import LIMIT_MA, TIMING, Rig

FREE = replace(TIMING, free=True)


def free(**more: object) -> Rig:
    return Rig(timing=FREE, **more)  # type: ignore[arg-type]  # passed on


async def charge(rig: Rig) -> None:
    await rig.look(Pilot.B)
    await rig.look(Pilot.C, power_w=11_000)
    assert rig.state() is State.CHARGING


async def test_whoever_plugs_in_charges_and_no_hub_hears_of_more_than_the_status() -> None:
    async with free() as rig:
        await rig.look(Pilot.A)
        await charge(rig)
        assert rig.charger.set_ma == LIMIT_MA
        rig.energy_wh += 40
        await rig.look(Pilot.C, power_w=11_000)
        await rig.look(Pilot.A, times=14)
        assert rig.told_of_sessions() == []
        assert rig.progress == []
        assert rig.not_owed() == ["charging is free here, no hub is owed a record"]
        await charge(rig)


async def test_nothing_is_permitted_before_the_free_session_is_on_the_disk() -> None:
    async with free() as rig:
        await rig.look(Pilot.A)
        rig.hold = True
        await rig.look(Pilot.B)
        assert rig.state() is State.READY
        assert max(rig.charger.written) == 0
        await rig.release()
        assert rig.charger.set_ma == LIMIT_MA


async def test_no_card_is_asked_about_and_none_stops_it() -> None:
    async with free() as rig:
        await rig.look(Pilot.A)
        await rig.show(UID)
        await charge(rig)
        await rig.show(UID)
        assert rig.state() is State.CHARGING
        assert rig.asked == []


def stop(rig: Rig) -> None:
    session = rig.loop.evse.session
    assert session is not None
    rig.loop.stop_remote(session.session_id, "stopped by the operator")


def disable(rig: Rig) -> None:
    rig.loop.disable()
    rig.loop.tick()
    rig.loop.enable()


def trip(rig: Rig) -> None:
    rig.inputs[0] = False


@pytest.mark.parametrize("end", [stop, disable, trip])
async def test_what_was_stopped_begins_anew_only_after_it_was_unplugged(end: Callable[[Rig], None]) -> None:
    async with free() as rig:
        await charge(rig)
        end(rig)
        await rig.look(Pilot.C, times=12)
        rig.inputs[0] = True
        await rig.look(Pilot.B, times=60)
        assert rig.state() in (State.FINISHING, State.PLUGGED)
        assert rig.loop.evse.session is None
        stored, _ = rig.commits[-1]
        assert stored.served
        await rig.look(Pilot.A)
        await charge(rig)


async def test_a_restart_does_not_forget_that_it_was_stopped() -> None:
    async with free(first=evse(State.STARTING, served=True)) as rig:
        await rig.look(Pilot.B, times=12)
        assert rig.state() is State.PLUGGED
        await rig.look(Pilot.A)
        await charge(rig)


async def test_another_car_that_came_while_the_evse_was_held_down_is_served() -> None:
    async with free() as rig:
        await charge(rig)
        rig.inputs[0] = False
        await rig.look(Pilot.C, times=12)
        await rig.look(Pilot.A)
        rig.inputs[0] = True
        await rig.look(Pilot.B, times=60)
        assert rig.state() is State.READY


async def test_what_ended_because_nobody_could_look_begins_anew_by_itself() -> None:
    async with free() as rig:
        await charge(rig)
        await rig.silence(45)
        assert rig.state() is State.OUT_OF_SERVICE
        await rig.look(Pilot.B, times=12)
        assert rig.state() is State.READY
        assert len(rig.not_owed()) == 1


async def test_a_free_charge_that_was_left_alone_for_too_long_begins_anew() -> None:
    left = session(hub=None, hub_session_id=None, decided_by="free", uid=None)
    rig = free(first=evse(State.STARTING, session=left, permitted_ma=LIMIT_MA), absent_s=5_000)
    async with rig:
        await rig.look(Pilot.B)
        assert rig.state() is State.FINISHING  # its last word is not in
        await rig.look(Pilot.B, times=12)
        assert rig.state() is State.READY
        assert rig.loop.evse.session is not None
        assert rig.loop.evse.session.session_id != left.session_id
        assert rig.not_owed() == ["charging is free here, no hub is owed a record"]


async def test_a_place_that_was_started_from_afar_in_vain_has_served_nobody() -> None:
    async with free() as rig:
        await rig.look(Pilot.A)
        rig.loop.start_remote(Grant("hubject", "hub-far", Card(UID, "far-1"), decided_by=Decider.PROVIDER))
        rig.loop.stop_remote("far-1", "stopped from afar")
        assert not rig.loop.evse.served
        await rig.look(Pilot.A, times=12)
        await charge(rig)


async def test_what_is_only_observed_or_reserved_or_stopping_begins_nothing() -> None:
    async with free(observe=True) as rig:
        await rig.look(Pilot.B)
        assert rig.state() is State.PLUGGED
    async with free() as rig:
        await rig.look(Pilot.A)
        rig.loop.reserve(reservation(since=rig.clock.stamp()))
        await rig.look(Pilot.B)
        assert rig.state() is State.PLUGGED
        await rig.show(UID)
        assert rig.state() is State.ASKING_PLUGGED
    async with free() as rig:
        await rig.look(Pilot.A)
        rig.loop.forbid()
        await rig.look(Pilot.B)
        assert rig.state() is State.PLUGGED
