"""One EVSE at its limits: what must not be permitted, billed, written or said."""

import logging

import pytest

from roampost.domain.messages import ChargeRecord, EvseStatus, StatusMessage
from roampost.evse.event import Grant
from roampost.evse.state import State
from roampost.loop.core import REWRITE_MAX_S, REWRITE_S
from roampost.store.errors import ChangeRefused
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import UID, at, card, evse, session
from tests.agent.loop.rig import LIMIT_MA, PaperDisk, Rig

GRANT = Grant("hubject", "hub-1", card())


async def asking(rig: Rig) -> None:
    await rig.look(Pilot.B)
    rig.loop.card(UID, "own-1")
    await rig.settle()


def records(rig: Rig) -> list[ChargeRecord]:
    return [message for message in rig.told() if isinstance(message, ChargeRecord)]


async def test_a_stop_in_order_permits_nothing_any_more() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.loop.forbid()
        await rig.look(Pilot.C, times=20)
        assert rig.charger.set_ma == 0
        assert rig.loop.quiet
        assert rig.loop.evse.session is not None
        assert rig.loop.evse.permitted_ma == 0


async def test_a_yes_during_the_stop_permits_nothing() -> None:
    async with Rig() as rig:
        await asking(rig)
        rig.loop.forbid()
        rig.loop.granted(GRANT)
        await rig.look(Pilot.B, times=10)
        assert rig.state() is State.READY
        assert max(rig.charger.written) == 0


async def test_the_commit_of_something_older_permits_nothing() -> None:
    async with Rig() as rig:
        await asking(rig)
        rig.hold = True
        rig.inputs[1] = False
        rig.energy_wh -= 5_000
        await rig.look(Pilot.B, times=1)  # a note about the meter waits for the disk
        rig.energy_wh += 5_000
        rig.loop.granted(GRANT)
        rig.disk.take_one()
        await rig.settle()
        assert rig.state() is State.READY
        assert max(rig.charger.written) == 0
        await rig.release()
        assert rig.charger.set_ma == LIMIT_MA


async def test_nothing_is_permitted_before_the_meter_was_read() -> None:
    async with Rig() as rig:
        await asking(rig)
        await rig.look(Pilot.B, times=1, step_s=6.5, silent="meter")
        assert rig.loop.senses.meter_wh(rig.clock.now_s) is None
        assert rig.state() is State.UNREADABLE

        await rig.look(Pilot.B)
        rig.loop.card(UID, "own-2")
        await rig.settle()
        rig.clock.now_s += 6.5
        rig.loop.granted(Grant("hubject", "hub-2", rig.asked[-1].card))  # type: ignore[union-attr]  # a start
        await rig.settle()
        assert rig.loop.evse.session is not None
        assert rig.loop.evse.permitted_ma == 0
        assert max(rig.charger.written) == 0
        await rig.look(Pilot.B)
        assert rig.loop.evse.session.meter_start_wh == rig.energy_wh
        assert rig.charger.set_ma == LIMIT_MA


async def test_the_first_look_waits_for_the_meter() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A, times=5, silent="meter")
        assert rig.state() is State.STARTING
        await rig.look(Pilot.A)
        assert rig.state() is State.AVAILABLE


@pytest.mark.parametrize("fault", ["tilt", "stuck_on"])
async def test_a_latch_holds_the_evse_down_over_a_restart(fault: str) -> None:
    async with Rig(evse(State.STARTING, faults=(fault,))) as rig:
        await rig.look(Pilot.A, times=40)
        assert rig.state() is State.FAULTED
        assert rig.loop.evse.faults == (fault,)
        assert [m.status for m in rig.told() if isinstance(m, StatusMessage)] == [EvseStatus.OUT_OF_SERVICE]
        assert rig.loop.acknowledge(fault) is None
        await rig.look(Pilot.A)
        assert rig.state() is State.AVAILABLE


async def test_a_latch_ends_a_recovered_session() -> None:
    before = evse(State.STARTING, session=session(charging_start=at(15)), permitted_ma=LIMIT_MA, faults=("tilt",))
    rig = Rig(before, absent_s=5)
    rig.charger.set_ma = LIMIT_MA
    async with rig:
        await rig.look(Pilot.C, times=12)
        assert rig.state() is State.FAULTED
        assert rig.charger.set_ma == 0
        assert len(records(rig)) == 1


async def test_an_acknowledgement_names_what_is_not_there_or_not_over() -> None:
    async with Rig() as rig:
        rig.inputs[2] = False
        await rig.look(Pilot.A)
        assert rig.loop.acknowledge("tilt") == "fault tilt is still present"
        assert "no latched fault rcd" in str(rig.loop.acknowledge("rcd"))


async def test_a_session_that_may_be_another_ones_is_flagged() -> None:
    before = evse(State.STARTING, session=session(charging_start=at(15)), permitted_ma=LIMIT_MA)
    rig = Rig(before, absent_s=901)
    rig.charger.set_ma = LIMIT_MA
    rig.energy_wh = 12_030
    async with rig:
        await rig.look(Pilot.C, times=12)
        (record,) = records(rig)
        assert rig.state() is State.FINISHING
        assert record.flag == "the agent was away for more than 900 s"
        assert record.energy_wh == 30
        assert record.charging_end == at(15)


async def test_a_car_that_draws_next_to_nothing_is_billed_for_it() -> None:
    async with Rig() as rig:
        await asking(rig)
        rig.loop.granted(GRANT)
        await rig.look(Pilot.C, power_w=60)
        assert rig.state() is State.READY
        rig.energy_wh += 90
        await rig.look(Pilot.C, power_w=60)
        await rig.look(Pilot.A, times=12)
        (record,) = records(rig)
        assert record.energy_wh == 90
        assert record.charging_start == record.session_start


async def test_charging_never_ends_before_it_began() -> None:
    async with Rig() as rig:
        await asking(rig)
        rig.loop.granted(GRANT)
        await rig.look(Pilot.B, power_w=7_000)
        await rig.look(Pilot.C, silent="meter")
        assert rig.state() is State.CHARGING
        await rig.silence(45)
        (record,) = records(rig)
        assert record.charging_end == record.charging_start


async def test_an_unplugged_car_ends_its_session_while_the_meter_is_silent() -> None:
    async with Rig() as rig:
        await rig.charge()
        await rig.look(Pilot.C, times=8, step_s=1.0, silent="meter")
        assert rig.state() is State.HOLDING
        await rig.look(Pilot.A, times=3, silent="meter")
        assert rig.loop.evse.session is None
        assert rig.state() is State.UNREADABLE
        await rig.look(Pilot.A, times=10, step_s=1.0, silent="meter")
        (record,) = records(rig)
        assert record.flag == "no meter reading after the end of the session"


async def test_a_silent_input_module_is_held_and_then_forbidden() -> None:
    async with Rig() as rig:
        await rig.charge()
        await rig.look(Pilot.C, times=10, step_s=0.5, silent="inputs", power_w=7_000)
        assert rig.state() is State.HOLDING
        assert rig.loop.evse.why == "io cannot be read"
        await rig.look(Pilot.C, times=50, step_s=0.5, silent="inputs")
        assert rig.state() is State.OUT_OF_SERVICE
        assert rig.charger.set_ma == 0


async def test_a_meter_that_is_not_believed_says_why() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.energy_wh = 5
        await rig.look(Pilot.C, times=8, step_s=1.0)
        assert rig.state() is State.HOLDING
        assert "meter-1 is not believed: register went from 12000 to 5 Wh" in rig.loop.evse.why


async def test_a_meter_that_is_strange_now_and_then_costs_one_note(caplog: pytest.LogCaptureFixture) -> None:
    async with Rig() as rig:
        await rig.charge()
        before = len(rig.commits)
        for _ in range(20):
            rig.energy_wh -= 5_000
            await rig.look(Pilot.C, times=1, power_w=7_000)
            rig.energy_wh += 5_000
            await rig.look(Pilot.C, times=1, power_w=7_000)
        assert len(rig.commits) == before + 1
        assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1


async def test_an_observed_evse_takes_no_cards() -> None:
    async with Rig(observe=True, meter=False) as rig:
        await rig.look(Pilot.B, silent="meter")
        rig.loop.card(UID, "own-1")
        await rig.settle()
        assert rig.state() is State.PLUGGED
        assert rig.asked == []


async def test_an_observed_evse_without_meter_follows_the_pilot() -> None:
    async with Rig(observe=True, meter=False) as rig:
        await rig.look(Pilot.A, silent="meter")
        await rig.look(Pilot.C, silent="meter")
        await rig.look(Pilot.A, silent="meter")
        told = [message.status for message in rig.told() if isinstance(message, StatusMessage)]
        assert told == [EvseStatus.AVAILABLE, EvseStatus.OCCUPIED, EvseStatus.AVAILABLE]


async def test_a_disk_that_takes_nothing_is_not_given_more_and_a_person_hears_no() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        rig.disk.fail()
        rig.loop.card(UID, "own-1")
        await rig.settle()
        assert rig.state() is State.PLUGGED
        assert "the disk takes no writes" in rig.loop.evse.why
        before = len(rig.commits)
        await rig.look(Pilot.B, times=600, step_s=1.0)
        assert len(rig.commits) == before


async def test_a_session_that_the_disk_took_late_is_permitted_then() -> None:
    async with Rig() as rig:
        await asking(rig)
        rig.disk.fail()
        rig.loop.granted(GRANT)
        await rig.look(Pilot.B, times=20, step_s=1.0)
        assert max(rig.charger.written) == 0
        rig.disk.take()
        await rig.look(Pilot.B, times=10, step_s=1.0)
        assert rig.charger.set_ma == LIMIT_MA


class RefusingDisk(PaperDisk):
    """Refuses every change for good."""

    def commit(self, now, effects):  # type: ignore[no-untyped-def]  # as in PaperDisk
        future = super().commit(now, effects)
        self.forget()
        if future.done():
            future = future.get_loop().create_future()
        future.set_exception(ChangeRefused("the store refuses this change (too long)"))
        return future


async def test_what_the_store_refuses_is_named_and_tried_again_ever_more_seldom(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Rig(disk=RefusingDisk()) as rig:
        await rig.look(Pilot.A)
        assert "never told to a hub: status" in caplog.text
        before = len(rig.commits)
        await rig.look(Pilot.A, times=int(REWRITE_MAX_S), step_s=1.0)
        assert 3 <= len(rig.commits) - before <= REWRITE_MAX_S / REWRITE_S / 4


async def test_a_minute_of_charging_writes_nothing() -> None:
    async with Rig() as rig:
        await rig.charge()
        before = len(rig.commits)
        for _ in range(120):
            rig.energy_wh += 1
            await rig.look(Pilot.C, times=1, step_s=0.5, power_w=7_000)
        assert len(rig.commits) == before


async def test_a_fault_is_one_step_with_its_error_and_one_record() -> None:
    async with Rig() as rig:
        await rig.charge()
        before = len(rig.commits)
        rig.inputs[0] = False
        await rig.look(Pilot.C, times=2, power_w=7_000)
        assert rig.state() is State.FAULTED
        assert len(rig.commits) - before <= 2
