"""Every way through a session that a driver at the station can take, each to its End and its record."""

import pytest

from roampost.domain.messages import ChargeRecord, EndMessage
from roampost.evse.event import Grant
from roampost.evse.state import State
from roampost.evse.step import Rules
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import UID
from tests.agent.loop.rig import LIMIT_MA, Rig

OTHER = "04BBBB02"


async def end_of(rig: Rig) -> list[str]:
    """The car is gone, the meter has had its last word: what hubs were told but the status."""
    await rig.look(Pilot.A, times=14)
    return rig.told_of_sessions()


async def draw(rig: Rig, energy_wh: int) -> None:
    rig.energy_wh += energy_wh
    await rig.look(Pilot.C, power_w=11_000)


def record(rig: Rig) -> ChargeRecord:
    (one,) = [message for message in rig.told() if isinstance(message, ChargeRecord)]
    return one


async def test_card_first() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        await rig.show(UID)
        await rig.allow()
        assert rig.state() is State.AWAITING_PLUG
        await rig.look(Pilot.B)
        await draw(rig, 40)
        assert await end_of(rig) == ["start", "end", "cdr"]
        assert record(rig).energy_wh == 40


async def test_plug_first_and_unplugged_at_the_end() -> None:
    async with Rig() as rig:
        await rig.charge()
        await draw(rig, 40)
        assert await end_of(rig) == ["start", "end", "cdr"]
        assert rig.state() is State.AVAILABLE


@pytest.mark.parametrize(("zeros", "told"), [(False, ["end"]), (True, ["end", "cdr"])])
async def test_a_card_after_which_nobody_plugs_in(zeros: bool, told: list[str]) -> None:
    async with Rig(rules=Rules(LIMIT_MA, zero_energy_record=zeros)) as rig:
        await rig.look(Pilot.A)
        await rig.show(UID)
        await rig.allow()
        await rig.look(Pilot.A, times=62, step_s=1.0)
        assert rig.state() is State.AVAILABLE
        assert await end_of(rig) == told


@pytest.mark.parametrize(("zeros", "told"), [(False, ["end"]), (True, ["end", "cdr"])])
async def test_a_car_that_never_draws(zeros: bool, told: list[str]) -> None:
    async with Rig(rules=Rules(LIMIT_MA, zero_energy_record=zeros)) as rig:
        await rig.look(Pilot.B)
        await rig.show(UID)
        await rig.allow()
        await rig.look(Pilot.B, times=20, step_s=1.0)
        assert await end_of(rig) == told
        (end,) = [message for message in rig.told() if isinstance(message, EndMessage)]
        assert (end.charging_start, end.energy_wh) == (None, 0)


async def test_stopped_by_the_same_card() -> None:
    async with Rig() as rig:
        await rig.charge()
        await draw(rig, 40)
        await rig.show(UID, "own-2")
        await rig.look(Pilot.B, times=12)
        assert rig.state() is State.FINISHING
        assert rig.charger.set_ma == 0
        assert await end_of(rig) == ["start", "end", "cdr"]


async def test_stopped_by_a_card_that_the_hub_named_in_advance() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        await rig.show(UID)
        await rig.allow(stop_uids=(OTHER,))
        await draw(rig, 40)
        await rig.show(OTHER, "own-2")
        assert len(rig.asked) == 1
        assert await end_of(rig) == ["start", "end", "cdr"]


async def test_a_strange_card_stops_only_when_the_hub_allows_it() -> None:
    async with Rig() as rig:
        await rig.charge()
        await rig.show(OTHER, "own-2")
        assert len(rig.asked) == 2
        assert rig.state() is State.CHARGING
        rig.loop.stop_granted("own-9", OTHER)
        assert rig.state() is State.CHARGING
        rig.loop.stop_granted("own-1", OTHER)
        assert rig.state() is State.FINISHING
        assert await end_of(rig) == ["start", "end", "cdr"]


async def test_a_fault_in_mid_charge() -> None:
    async with Rig() as rig:
        await rig.charge()
        await draw(rig, 40)
        rig.inputs[0] = False
        await rig.look(Pilot.C)
        assert rig.state() is State.FAULTED
        assert await end_of(rig) == ["start", "error", "end", "cdr"]
        assert record(rig).energy_wh == 40


async def test_suspended_by_the_car_and_resumed() -> None:
    async with Rig() as rig:
        await rig.charge()
        await draw(rig, 40)
        await rig.look(Pilot.B, times=10)
        assert rig.state() is State.READY
        await draw(rig, 30)
        assert rig.state() is State.CHARGING
        await rig.look(Pilot.B, times=10)
        assert await end_of(rig) == ["start", "end", "cdr"]
        assert record(rig).energy_wh == 70
        assert record(rig).charging_end.mono_ms < record(rig).session_end.mono_ms


async def test_of_two_cards_at_once_the_first_is_asked_about() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        await rig.show(UID, "own-1")
        await rig.show(OTHER, "own-2")
        assert len(rig.asked) == 1
        await rig.allow()
        assert rig.loop.evse.session is not None
        assert rig.loop.evse.session.uid == UID
        await draw(rig, 40)
        assert await end_of(rig) == ["start", "end", "cdr"]


async def test_a_second_hubs_late_yes_is_closed_there() -> None:
    async with Rig() as rig:
        await rig.charge()
        card = rig.question().card
        rig.loop.granted(Grant("second", "second-1", card))
        await draw(rig, 40)
        await end_of(rig)
        ends = [(hub, one.session.hub_session_id) for hub, one in rig.disk.told() if isinstance(one, EndMessage)]
        assert [hub for hub, _ in ends] == ["second", "hubject"]
        assert ends[0] == ("second", "second-1")
        assert [hub for hub, one in rig.disk.told() if isinstance(one, ChargeRecord)] == ["hubject"]


async def test_a_question_that_nobody_answers_is_a_no_although_a_car_was_plugged_in_meanwhile() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        await rig.show(UID)
        await rig.look(Pilot.A, times=15, step_s=1.0)
        await rig.look(Pilot.B)
        assert rig.state() is State.ASKING_PLUGGED
        await rig.look(Pilot.B, times=6, step_s=1.0)
        assert rig.state() is State.PLUGGED
        assert rig.told_of_sessions() == []
