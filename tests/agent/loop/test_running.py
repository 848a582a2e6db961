"""What a running session comes to as time goes by: idle end, caps, progress, readings in between, signed values."""

from dataclasses import replace

import pytest

from roampost.domain.messages import Calibration, ChargeRecord, EndMessage, EvseStatus
from roampost.evse.event import Decider
from roampost.evse.session import BETWEEN_MAX, SIGNED_MAX
from roampost.evse.state import State
from roampost.evse.step import Rules
from roampost.loop.running import BETWEEN_S, OFFER_S
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import UID, at, evse, session
from tests.agent.loop.rig import LIMIT_MA, TIMING, Rig


def ends(rig: Rig) -> list[EndMessage]:
    return [message for message in rig.told() if isinstance(message, EndMessage)]


def record(rig: Rig) -> ChargeRecord:
    (one,) = [message for message in rig.told() if isinstance(message, ChargeRecord)]
    return one


async def become_full(rig: Rig) -> None:
    await rig.charge()
    rig.energy_wh += 40
    await rig.look(Pilot.C, power_w=11_000)
    await rig.look(Pilot.B, times=905, step_s=1.0)


async def test_a_full_car_is_an_end_while_it_stays_and_one_record_when_it_leaves() -> None:
    async with Rig(rules=Rules(LIMIT_MA, penalty_after_s=600)) as rig:
        await become_full(rig)
        (end,) = ends(rig)
        assert (end.session_end, end.energy_wh) == (None, 40)
        assert end.penalty_start == end.charging_end.later(600)
        assert rig.loop.evse.session is not None
        assert rig.charger.set_ma == LIMIT_MA
        rig.energy_wh += 30  # it heats itself before it leaves
        await rig.look(Pilot.C, power_w=11_000)
        assert rig.state() is State.CHARGING
        rig.inputs[1] = False  # for the hub this charge is over
        await rig.look(Pilot.C, power_w=11_000, times=20, step_s=1.0)
        await rig.look(Pilot.B, times=905, step_s=1.0)
        await rig.look(Pilot.A, times=14)
        assert rig.told_of_sessions() == ["start", "end", "cdr"]
        assert record(rig).energy_wh == 70
        assert record(rig).charging_end.mono_ms > end.charging_end.mono_ms


async def test_no_penalty_and_no_idle_end_where_none_is_configured() -> None:
    async with Rig() as rig:
        await become_full(rig)
        assert [one.penalty_start for one in ends(rig)] == [None]
    async with Rig(timing=replace(TIMING, idle_end_s=0)) as rig:
        await become_full(rig)
        assert ends(rig) == []


async def test_a_car_that_was_paused_before_a_restart_is_idle_from_then_on() -> None:
    paused = session(charging_start=at(15), meter_last=at(60), meter_last_wh=12_000)
    before = evse(State.STARTING, session=paused, permitted_ma=LIMIT_MA, told=EvseStatus.OCCUPIED)
    rig = Rig(before, absent_s=5)
    rig.charger.set_ma = LIMIT_MA
    async with rig:
        await rig.look(Pilot.B, times=890, step_s=1.0)
        assert ends(rig) == []
        await rig.look(Pilot.B, times=20, step_s=1.0)
        assert [one.charging_end for one in ends(rig)] == [at(60)]


@pytest.mark.parametrize(("cap_wh", "cap_s", "unit"), [(30, None, "30 Wh"), (None, 30, "30 s")])
async def test_a_session_without_a_hubs_word_ends_at_its_limit(
    cap_wh: int | None, cap_s: int | None, unit: str
) -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        await rig.show(UID)
        await rig.allow(hub_session_id=None, decided_by=Decider.LIST, cap_wh=cap_wh, cap_s=cap_s)
        for _ in range(31):
            rig.energy_wh += 2
            await rig.look(Pilot.C, times=1, step_s=1.0, power_w=7_000)
        assert rig.state() is State.FINISHING
        closing = rig.loop.evse.closing or next(one.closing for one, _ in reversed(rig.commits) if one.closing)
        assert unit in str(closing.why)
        await rig.look(Pilot.A, times=14)
        assert rig.told_of_sessions() == ["late_authorization", "start", "end", "cdr"]


async def test_a_recovered_session_is_looked_at_before_its_limits() -> None:
    running = session(charging_start=at(15), cap_wh=10, meter_last_wh=12_020)
    rig = Rig(evse(State.STARTING, session=running, permitted_ma=LIMIT_MA), absent_s=5)
    rig.charger.set_ma = LIMIT_MA
    async with rig:
        await rig.look(Pilot.A, times=14)
        closed = [one.closing.why for one, _ in rig.commits if one.closing is not None]
        assert set(closed) == {"no vehicle was there when the agent came back"}


async def test_a_session_that_its_hub_took_late_is_bounded_no_more_and_named() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        await rig.show(UID)
        await rig.allow(hub_session_id=None, decided_by=Decider.LIST, cap_s=30)
        await rig.look(Pilot.C, times=20, power_w=7_000)
        rig.loop.opened("own-9", "hub-9")
        rig.loop.opened("own-1", "hub-1")
        await rig.look(Pilot.C, times=40, step_s=1.0, power_w=7_000)
        assert rig.state() is State.CHARGING
        stored, _ = rig.commits[-1]
        assert stored.session is not None
        assert (stored.session.hub_session_id, stored.session.decided_by) == ("hub-1", Decider.LIST)
        rig.loop.opened("own-1", "hub-2")
        await rig.look(Pilot.A, times=14)
        assert record(rig).session.hub_session_id == "hub-1"


async def test_a_late_word_names_a_session_that_is_being_closed() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        await rig.show(UID)
        await rig.allow(hub_session_id=None, decided_by=Decider.LIST)
        rig.loop.stop_remote("own-1", "stopped")
        rig.loop.opened("own-1", "hub-1")
        await rig.look(Pilot.A, times=14)
        assert [one.session.hub_session_id for one in ends(rig)] == ["hub-1"]


async def test_a_session_that_its_hub_refused_late_is_stopped_and_told_in_whole() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        await rig.show(UID)
        await rig.allow(hub_session_id=None, decided_by=Decider.LIST)
        await rig.look(Pilot.C, power_w=7_000)
        assert rig.progress == []
        assert rig.loop.stop_remote("own-1", "the hub did not take the session")
        await rig.look(Pilot.B, times=12)
        assert rig.charger.set_ma == 0
        assert rig.told_of_sessions() == ["late_authorization", "start", "end", "cdr"]
        assert record(rig).session.hub_session_id is None


async def test_an_own_card_is_told_to_nobody_and_its_end_says_why() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        await rig.show(UID)
        await rig.allow(hub=None, hub_session_id=None, decided_by=Decider.OPERATOR)
        rig.energy_wh += 30
        await rig.look(Pilot.C, power_w=7_000, times=20)
        rig.inputs[1] = False
        await rig.look(Pilot.B, times=905, step_s=1.0)
        await rig.look(Pilot.A, times=14)
        assert rig.told_of_sessions() == []
        assert rig.progress == []
        assert rig.not_owed() == ["one of the operator's own cards, no hub is owed a record"]


async def test_progress_is_offered_while_energy_flows() -> None:
    async with Rig() as rig:
        await rig.charge()
        for _ in range(60):
            rig.energy_wh += 2
            await rig.look(Pilot.C, times=1, step_s=1.0, power_w=7_000)
        offered = [message.energy_wh for hub, message in rig.progress if hub == "hubject"]
        assert len(offered) == len(rig.progress) == 60 / OFFER_S + 1
        assert offered == sorted(offered, key=lambda energy_wh: energy_wh or 0)
        before = len(rig.progress)
        await rig.look(Pilot.B, times=60, step_s=1.0)
        assert len(rig.progress) == before


async def test_progress_never_goes_back_over_a_restart_and_is_none_after_the_end_was_told() -> None:
    told = session(charging_start=at(15), meter_last_wh=12_000)
    for running, offered in ((told, [80]), (told.model_copy(update={"end_told": True}), [])):
        rig = Rig(evse(State.STARTING, session=running, permitted_ma=LIMIT_MA), absent_s=60)
        rig.charger.set_ma = LIMIT_MA
        rig.energy_wh = 12_080
        async with rig:
            await rig.look(Pilot.C, times=5, power_w=7_000)
            assert rig.state() is State.CHARGING
            assert [message.energy_wh for _, message in rig.progress] == offered


async def test_a_level_rises_after_a_restart_when_the_disk_has_it() -> None:
    rig = Rig(evse(State.STARTING, session=session(), permitted_ma=0), absent_s=5)
    async with rig:
        rig.hold = True
        await rig.look(Pilot.B)
        assert rig.state() is State.READY
        assert rig.charger.set_ma == 0
        await rig.release()
        assert rig.charger.set_ma == LIMIT_MA


async def test_readings_in_between_cost_no_writes_and_are_in_the_record() -> None:
    async with Rig() as rig:
        await rig.charge()
        before = len(rig.commits)
        for _ in range(int(2 * BETWEEN_S) + 5):
            rig.energy_wh += 2
            await rig.look(Pilot.C, times=1, step_s=1.0, power_w=7_000)
        assert len(rig.commits) - before == 6  # the ordinary checkpoints of half an hour
        await rig.look(Pilot.A, times=14)
        one = record(rig)
        assert len(one.meters_between_wh) == 2
        assert one.meter_start_wh is not None
        assert one.meters_between_wh[0] - one.meter_start_wh == pytest.approx(2 * BETWEEN_S, abs=10)
        assert ends(rig)[0].meters_between_wh == one.meters_between_wh


def test_a_long_session_keeps_every_second_reading_and_none_twice() -> None:
    one = session()
    for energy_wh in range(12_001, 12_001 + BETWEEN_MAX + 1):
        one = one.model_copy(update={"meter_last_wh": energy_wh}).between()
    assert len(one.meters_between_wh) == BETWEEN_MAX // 2 + 1
    assert one.between() is one


LAW = Calibration(public_key="04ab", encoding="OCMF")


async def test_what_the_meter_signed_is_in_the_record_in_order() -> None:
    async with Rig(rules=Rules(LIMIT_MA, calibration=LAW)) as rig:
        rig.signs = lambda energy_wh: f"OCMF|{energy_wh}"
        await rig.charge()
        for _ in range(int(BETWEEN_S) + 5):
            rig.energy_wh += 1
            await rig.look(Pilot.C, times=1, step_s=1.0, power_w=7_000)
        await rig.look(Pilot.A, times=14)
        one = record(rig)
        assert [value.moment for value in one.signed] == ["start", "progress", "end"]
        assert [value.text for value in one.signed] == [
            f"OCMF|{energy_wh}" for energy_wh in (one.meter_start_wh, *one.meters_between_wh, one.meter_end_wh)
        ]
        assert one.calibration == LAW
        assert one.flag is None


async def test_a_signed_dataset_that_no_record_can_carry_leaves_a_flag() -> None:
    async with Rig() as rig:
        rig.signs = lambda _energy_wh: "x" * (SIGNED_MAX + 1)
        await rig.charge()
        await rig.look(Pilot.A, times=14)
        one = record(rig)
        assert one.signed == ()
        assert one.flag == "the meter's signed dataset (start) has 3001 characters, 3000 can be carried"
