"""One EVSE over its readings: permission, faults, silence, restarts."""

from roampost.domain.messages import ChargeRecord, EvseStatus, StatusMessage
from roampost.evse.event import Grant
from roampost.evse.evse import Evse
from roampost.evse.state import State
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import UID, at, card, evse, session
from tests.agent.loop.rig import LIMIT_MA, Rig


def statuses(rig: Rig) -> list[EvseStatus]:
    return [message.status for message in rig.told() if isinstance(message, StatusMessage)]


async def test_a_charge_permits_after_the_commit_and_bills_the_register() -> None:
    async with Rig() as rig:
        await rig.charge()
        assert rig.charger.set_ma == LIMIT_MA
        rig.energy_wh += 100
        await rig.look(Pilot.C, power_w=11_000, times=2)
        await rig.look(Pilot.A, times=12)
        record = rig.told()[-1]
        assert isinstance(record, ChargeRecord)
        assert record.energy_wh == 100
        assert rig.charger.set_ma == 0
        assert statuses(rig) == [EvseStatus.AVAILABLE, EvseStatus.OCCUPIED, EvseStatus.AVAILABLE]


async def test_nothing_is_permitted_before_the_session_is_on_the_disk() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        rig.loop.card(UID, "own-1")
        await rig.settle()
        rig.hold = True
        rig.loop.granted(Grant("hubject", "hub-1", card()))
        await rig.look(Pilot.B)
        assert rig.state() is State.READY
        assert rig.charger.written == [0]
        await rig.release()
        assert rig.charger.set_ma == LIMIT_MA


async def test_a_question_is_asked_after_it_is_on_the_disk() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        rig.hold = True
        rig.loop.card(UID, "own-1")
        await rig.settle()
        assert rig.asked == []
        await rig.release()
        assert len(rig.asked) == 1


async def test_a_trip_forbids_while_the_disk_stands_still() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.hold = True
        rig.inputs[0] = False
        await rig.look(Pilot.C, times=2, power_w=11_000)
        assert rig.charger.set_ma == 0
        assert rig.state() is State.FAULTED


async def test_a_commit_that_comes_late_does_not_permit_what_was_forbidden_since() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        rig.loop.card(UID, "own-1")
        await rig.settle()
        rig.hold = True
        rig.loop.granted(Grant("hubject", "hub-1", card()))
        await rig.look(Pilot.A, times=2)
        await rig.release()
        await rig.look(Pilot.A, times=2)
        assert max(rig.charger.written) == 0


async def test_a_fault_that_goes_away_gives_the_evse_back_after_its_time() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.inputs[0] = False
        await rig.look(Pilot.A)
        assert rig.state() is State.FAULTED
        rig.inputs[0] = True
        await rig.look(Pilot.A, times=10)
        assert rig.state() is State.FAULTED
        await rig.look(Pilot.A, times=20)
        assert rig.state() is State.AVAILABLE


async def test_a_station_that_starts_with_a_tripped_rcd_never_says_available() -> None:
    async with Rig() as rig:
        rig.inputs[0] = False
        await rig.look(Pilot.A)
        assert statuses(rig) == [EvseStatus.OUT_OF_SERVICE]


async def test_a_door_does_not_stop_a_charge_but_its_hub_hears_of_it_once() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.inputs[1] = False
        await rig.look(Pilot.C, times=5, power_w=11_000)
        assert rig.state() is State.CHARGING
        assert [message.kind for message in rig.told()].count("error") == 1


async def test_silence_is_unknown_then_out_of_service_and_heals() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        await rig.silence(5)
        assert rig.state() is State.UNREADABLE
        assert "controller-1 cannot be read: it did not answer" in rig.loop.evse.why
        await rig.silence(25)
        assert rig.state() is State.OUT_OF_SERVICE
        await rig.look(Pilot.A)
        said = [EvseStatus.AVAILABLE, EvseStatus.UNKNOWN, EvseStatus.OUT_OF_SERVICE, EvseStatus.AVAILABLE]
        assert statuses(rig) == said


async def test_a_charge_is_held_through_a_short_silence() -> None:
    async with Rig() as rig:
        await rig.charge()
        await rig.silence(10)
        assert rig.state() is State.HOLDING
        assert rig.keeper is not None
        assert rig.keeper.target_ma == LIMIT_MA
        await rig.look(Pilot.C, power_w=11_000)
        assert rig.state() is State.CHARGING


async def test_a_charge_that_stays_silent_is_forbidden_and_closed_at_the_last_good_reading() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.energy_wh += 50
        await rig.look(Pilot.C, power_w=11_000)
        await rig.silence(40)
        assert rig.state() is State.OUT_OF_SERVICE
        assert rig.keeper is not None
        assert rig.keeper.target_ma == 0
        record = rig.told()[-1]
        assert isinstance(record, ChargeRecord)
        assert record.energy_wh == 50
        assert record.flag is not None


async def test_an_impossible_end_reading_is_flagged_and_not_billed() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.energy_wh += 50
        await rig.look(Pilot.C, power_w=11_000)
        rig.energy_wh = 3
        await rig.look(Pilot.A, times=60)
        record = next(message for message in rig.told() if isinstance(message, ChargeRecord))
        assert record.energy_wh == 50
        assert "refused" in str(record.flag) or "register" in str(record.flag)


async def test_a_restart_in_mid_charge_resumes_without_touching_the_charger() -> None:
    running = session(charging_start=at(15), meter_last_wh=12_000)
    before = evse(State.STARTING, session=running, permitted_ma=LIMIT_MA, told=EvseStatus.OCCUPIED)
    rig = Rig(before, absent_s=5)
    rig.charger.set_ma = LIMIT_MA
    async with rig:
        await rig.look(Pilot.C, times=5, power_w=11_000)
        assert rig.state() is State.CHARGING
        assert rig.charger.written == []
        assert rig.told() == []


async def test_a_restart_after_an_unplug_closes_with_the_register_of_now() -> None:
    running = session(charging_start=at(15), meter_last_wh=12_000)
    before = evse(State.STARTING, session=running, permitted_ma=LIMIT_MA, told=EvseStatus.OCCUPIED)
    rig = Rig(before, absent_s=5)
    rig.charger.set_ma = LIMIT_MA
    rig.energy_wh = 12_080
    async with rig:
        await rig.look(Pilot.A, times=14)
        assert rig.state() is State.AVAILABLE
        record = rig.told()[-1]
        assert isinstance(record, ChargeRecord)
        assert record.energy_wh == 80
        assert rig.charger.set_ma == 0


async def test_a_charger_that_permits_without_a_session_is_forbidden_before_the_first_look() -> None:
    rig = Rig()
    rig.charger.set_ma = 32_000
    async with rig:
        assert rig.charger.set_ma == 0


async def test_a_charger_that_goes_on_although_forbidden_is_a_critical_fault_until_acknowledged() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.loop.card(UID, "own-2")
        await rig.look(Pilot.C, times=40, closed=True, power_w=11_000)
        assert rig.state() is State.FAULTED
        assert rig.loop.evse.faults == ("stuck_on",)
        assert "still conducts" in str(rig.loop.acknowledge("stuck_on"))
        await rig.look(Pilot.B, times=3)
        assert rig.loop.acknowledge("stuck_on") is None
        await rig.look(Pilot.B, times=3)
        assert rig.state() is State.PLUGGED


async def test_a_deaf_charger_is_told_again_until_it_reads_back() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.charger.deaf = True
        rig.loop.card(UID, "own-2")
        await rig.look(Pilot.C, times=15, power_w=11_000)
        tries = rig.charger.written.count(0)
        assert tries >= 3
        rig.charger.deaf = False
        await rig.look(Pilot.C, times=8, power_w=11_000)
        assert rig.charger.set_ma == 0


async def test_disable_ends_a_session_and_enable_looks_anew() -> None:
    async with Rig() as rig:
        await rig.charge()
        rig.loop.disable()
        await rig.look(Pilot.B, times=12)
        assert rig.state() is State.DISABLED
        assert rig.charger.set_ma == 0
        assert rig.told()[-1].kind == "cdr"
        rig.loop.enable()
        await rig.look(Pilot.B)
        assert rig.state() is State.PLUGGED


async def test_what_was_disabled_stays_so_over_a_restart() -> None:
    async with Rig(evse(State.STARTING, disabled=True)) as rig:
        await rig.look(Pilot.A)
        assert rig.state() is State.DISABLED


async def test_a_grant_for_a_question_that_was_given_up_is_closed_at_its_hub() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        rig.loop.card(UID, "own-1")
        await rig.look(Pilot.A)
        rig.loop.granted(Grant("hubject", "hub-1", card()))
        await rig.settle()
        assert rig.told()[-1].kind == "end"
        assert rig.loop.evse.session is None


async def test_a_checkpoint_is_written_every_five_minutes_of_a_charge() -> None:
    async with Rig() as rig:
        await rig.charge()
        before = len(rig.commits)
        await rig.look(Pilot.C, times=310, step_s=1.0, power_w=11_000)
        assert len(rig.commits) == before + 1


async def test_an_observed_charger_is_never_written() -> None:
    async with Rig(observe=True) as rig:
        await rig.look(Pilot.A)
        rig.charger.set_ma = 16_000
        await rig.look(Pilot.C, power_w=11_000)
        assert rig.state() is State.PLUGGED
        assert rig.charger.written == []
        assert statuses(rig) == [EvseStatus.AVAILABLE, EvseStatus.OCCUPIED]


async def test_the_context_survives_its_storage() -> None:
    async with Rig() as rig:
        await rig.charge()
        stored, _ = rig.commits[-1]
        assert Evse.model_validate_json(stored.model_dump_json()) == stored
