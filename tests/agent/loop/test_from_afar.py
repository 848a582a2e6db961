"""What hubs ask of an EVSE: starts, stops, reservations, and what each leaves at the hub."""

import asyncio

import pytest

from roampost.domain.messages import ChargeRecord, EvseStatus, StatusMessage
from roampost.evse.event import Card, Decider, Grant
from roampost.evse.reservation import Reservation
from roampost.evse.state import State
from roampost.store.errors import StoreFailed
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import UID, at, evse, reservation
from tests.agent.loop.rig import Rig

OTHER = "04BBBB02"
CONTRACT = "DE-ABC-C12345678-X"
FAR = Grant("hubject", "hub-far", Card(None, "far-1"), decided_by=Decider.PROVIDER, contract_id=CONTRACT)


def kept(rig: Rig, **changes: object) -> Reservation:
    return reservation(since=rig.clock.stamp(), **changes)


def reserved(rig: Rig) -> bool:
    return rig.loop.evse.reservation is not None


def statuses(rig: Rig) -> list[EvseStatus]:
    return [message.status for message in rig.told() if isinstance(message, StatusMessage)]


def records(rig: Rig) -> list[ChargeRecord]:
    return [message for message in rig.told() if isinstance(message, ChargeRecord)]


async def test_started_and_stopped_from_afar() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.B)
        assert rig.loop.start_remote(FAR)
        await rig.settle()
        rig.energy_wh += 10
        await rig.look(Pilot.C, power_w=11_000)
        assert rig.state() is State.CHARGING
        assert not rig.loop.stop_remote("own-9", "stopped from afar")
        assert rig.loop.stop_remote("far-1", "stopped from afar")
        assert not rig.loop.stop_remote("far-1", "stopped from afar")
        await rig.look(Pilot.B, times=12)
        assert rig.told_of_sessions() == ["start", "end", "cdr"]
        (record,) = records(rig)
        assert (record.session.uid, record.session.contract_id) == (None, CONTRACT)


async def test_started_from_afar_before_the_plug() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        assert rig.loop.start_remote(FAR)
        assert rig.state() is State.AWAITING_PLUG
        await rig.look(Pilot.B)
        rig.energy_wh += 10
        await rig.look(Pilot.C, power_w=11_000)
        assert rig.state() is State.CHARGING


async def test_not_started_where_it_is_not_free_or_only_observed_or_at_the_end() -> None:
    async with Rig(observe=True) as rig:
        await rig.look(Pilot.B)
        assert not rig.loop.start_remote(FAR)
        assert not rig.loop.reserve(kept(rig))
    async with Rig() as rig:
        assert not rig.loop.start_remote(FAR)  # nothing has been looked at
        await rig.charge()
        assert not rig.loop.start_remote(FAR)
        rig.loop.stop_remote("own-1", "stopped from afar")
        assert not rig.loop.start_remote(FAR)  # its last word is not in
        await rig.look(Pilot.B, times=12)
        rig.loop.forbid()
        assert not rig.loop.start_remote(FAR)
        assert not rig.loop.reserve(kept(rig))


async def test_what_is_readable_and_whether_a_vehicle_is_there() -> None:
    async with Rig() as rig:
        assert not rig.loop.readable()
        assert rig.loop.vehicle() is None
        await rig.look(Pilot.A)
        assert rig.loop.readable()
        assert rig.loop.vehicle() is False
        await rig.look(Pilot.B)
        assert rig.loop.vehicle() is True
        await rig.silence(5)
        assert not rig.loop.readable()
        assert rig.loop.vehicle() is None


async def test_committed_waits_for_all_that_was_handed_over_and_tells_of_a_failure() -> None:
    async with Rig() as rig:
        await rig.loop.committed()
        await rig.look(Pilot.B)
        rig.hold = True
        rig.loop.start_remote(FAR)
        written = rig.loop.committed()
        await rig.settle()
        assert not written.done()
        written.cancel()  # who waits gives up; the write goes on
        await rig.settle()
        await rig.release()
        await rig.loop.committed()
        assert rig.disk.written[-1][0].session is not None
        rig.disk.fail()
        rig.loop.stop_remote("far-1", "stopped from afar")
        with pytest.raises(StoreFailed):
            await asyncio.wait_for(rig.loop.committed(), 5)


async def test_a_reservation_is_for_its_driver_only_and_closed_by_the_session_that_uses_it() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        assert rig.loop.reserve(kept(rig))
        await rig.look(Pilot.A, times=60, step_s=1.0)
        assert statuses(rig) == [EvseStatus.AVAILABLE, EvseStatus.RESERVED]
        await rig.show(OTHER)
        assert not rig.loop.start_remote(FAR)
        assert not rig.loop.reserve(kept(rig, session_id="own-q", hub_session_id="another"))
        assert rig.asked == []
        await rig.show(UID, "own-1")
        assert statuses(rig)[-1] is EvseStatus.RESERVED
        await rig.allow()
        (record,) = records(rig)
        assert (record.session.session_id, record.energy_wh, record.meter_start_wh) == ("own-r", 0, None)
        assert 60_000 <= record.session_end.mono_ms - record.session_start.mono_ms < 61_000
        await rig.look(Pilot.B)
        rig.energy_wh += 10
        await rig.look(Pilot.C, power_w=11_000)
        await rig.look(Pilot.A, times=14)
        assert [one.session.session_id for one in records(rig)] == ["own-r", "own-1"]
        assert statuses(rig)[-1] is EvseStatus.AVAILABLE


async def test_its_driver_may_come_with_a_contract() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.loop.reserve(kept(rig, uid=None, contract_id=CONTRACT))
        assert rig.loop.start_remote(FAR)
        assert [one.session.session_id for one in records(rig)] == ["own-r"]


async def test_a_charge_under_the_reservations_own_session_has_the_only_record() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.loop.reserve(kept(rig, hub_session_id="HUB-FAR"))
        assert rig.loop.start_remote(FAR)
        await rig.look(Pilot.B)
        rig.energy_wh += 10
        await rig.look(Pilot.C, power_w=11_000)
        await rig.look(Pilot.A, times=14)
        assert [one.session.session_id for one in records(rig)] == ["far-1"]


async def test_a_reservation_runs_out_prolonged_or_not() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.loop.reserve(kept(rig, duration_s=60))
        await rig.look(Pilot.A, times=50, step_s=1.0)
        assert rig.loop.reserve(kept(rig, duration_s=60))
        await rig.look(Pilot.A, times=50, step_s=1.0)
        assert reserved(rig)
        await rig.look(Pilot.A, times=12, step_s=1.0)
        assert not reserved(rig)
        (record,) = records(rig)
        assert record.session_end.mono_ms - record.session_start.mono_ms == 110_000
        assert statuses(rig) == [EvseStatus.AVAILABLE, EvseStatus.RESERVED, EvseStatus.AVAILABLE]


async def test_a_reservation_is_cancelled_once() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.loop.reserve(kept(rig))
        assert rig.loop.unreserve("cancelled by the provider")
        assert not rig.loop.unreserve("cancelled by the provider")
        assert len(records(rig)) == 1
        assert statuses(rig)[-1] is EvseStatus.AVAILABLE


async def test_a_fault_leaves_a_reservation_until_it_is_over() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.loop.reserve(kept(rig, duration_s=60))
        rig.inputs[0] = False
        await rig.look(Pilot.A, times=20, step_s=1.0)
        assert statuses(rig)[-1] is EvseStatus.OUT_OF_SERVICE
        rig.inputs[0] = True
        await rig.look(Pilot.A, times=20, step_s=1.0)
        assert statuses(rig)[-1] is EvseStatus.RESERVED
        rig.inputs[0] = False
        await rig.look(Pilot.A, times=25, step_s=1.0)
        assert rig.state() is State.FAULTED
        assert len(records(rig)) == 1


@pytest.mark.parametrize(("away_s", "left"), [(30, True), (5_000, False)])
async def test_a_reservation_outlives_the_agent_but_not_its_time(away_s: int, left: bool) -> None:
    rig = Rig(evse(State.STARTING, reservation=reservation(since=at(1_000 - away_s), duration_s=60)), absent_s=away_s)
    async with rig:
        await rig.look(Pilot.A)
        assert reserved(rig) is left
        assert statuses(rig) == [EvseStatus.RESERVED if left else EvseStatus.AVAILABLE]
        assert len(records(rig)) == (not left)
        for record in records(rig):
            assert record.session_end == reservation(since=at(1_000 - away_s)).since.later(60)


async def test_where_no_clock_can_tell_a_reservation_counts_from_the_start_of_the_agent() -> None:
    before = at(10).model_copy(update={"boot": "b0", "trusted": False})
    async with Rig(evse(State.STARTING, reservation=reservation(since=before, duration_s=60))) as rig:
        await rig.look(Pilot.A, times=50, step_s=1.0)
        assert reserved(rig)
        await rig.look(Pilot.A, times=12, step_s=1.0)
        assert not reserved(rig)
        assert len(records(rig)) == 1


async def test_what_has_run_out_just_now_keeps_nobody_out() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.loop.reserve(kept(rig, duration_s=60))
        rig.clock.now_s += 61
        assert rig.loop.reserve(kept(rig, session_id="own-q", hub_session_id="another"))
        assert [one.session.session_id for one in records(rig)] == ["own-r"]
        assert rig.loop.evse.reservation is not None
        assert rig.loop.evse.reservation.session_id == "own-q"
