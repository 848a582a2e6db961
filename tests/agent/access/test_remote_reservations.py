"""Reservations from afar: for their driver, for their time, and written before they are told."""

from datetime import timedelta

from roampost.access.remote_rules import Look, RemoteRule, no_start
from roampost.domain.messages import ChargeRecord
from roampost.domain.stamp import Stamp
from roampost.evse.state import State
from roampost.hubs.remote import Outcome
from roampost_drivers.roles import Pilot
from tests.agent.access.front import CONTRACT, EVERY_HUB, HUB_ID, OTHER_ID, Front, cancel, plugged, reserve, start
from tests.agent.evse.makers import UID, evse, reservation
from tests.agent.loop.rig import Rig

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


@EVERY_HUB
async def test_a_charge_under_the_session_of_its_reservation_keeps_our_id(given: str | None) -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        kept = await front.desk.take(reserve(given))
        await plugged(rig)
        begun = await front.desk.take(start(given))
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


@EVERY_HUB
async def test_a_reservation_that_is_asked_for_again_is_prolonged_from_then_on(given: str | None) -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        first = await front.desk.take(reserve(given))
        assert first.until == rig.clock.stamp().later(900)
        await rig.look(Pilot.A, times=60, step_s=1.0)
        again = await front.desk.take(reserve(given and given.upper()))
        assert (again.outcome, again.session_id) == (Outcome.DONE, first.session_id)
        assert again.until == rig.clock.stamp().later(900)
        kept = rig.loop.evse.reservation
        assert kept is not None
        assert kept.duration_s == 960


async def test_the_reservations_own_session_lets_its_driver_in_by_another_medium() -> None:
    """The hub's session ID names the reservation; the app starts by the contract what was kept for the card."""
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        kept = await front.desk.take(reserve(uid=UID, contract_id=None))
        await plugged(rig)
        assert await front.says(start(OTHER_ID)) is Outcome.RESERVED
        assert await front.says(start(hub="second")) is Outcome.RESERVED
        begun = await front.desk.take(start())
        assert (begun.outcome, begun.session_id) == (Outcome.DONE, kept.session_id)


async def test_prolonged_where_no_clock_can_tell_it_is_kept_for_the_time_that_was_promised() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        await front.says(reserve(duration=timedelta(minutes=90)))
        kept = rig.loop.evse.reservation
        assert kept is not None
        # Made in an earlier boot, whose clock nobody had set.
        before = kept.model_copy(update={"since": Stamp(boot="b0", mono_ms=0, wall_ms=0, trusted=False)})
        rig.loop._core.put(reservation=before)  # as it is recovered
        await rig.look(Pilot.A, times=1_200, step_s=1.0)
        assert await front.says(reserve()) is Outcome.DONE
        await rig.look(Pilot.A, times=60, step_s=1.0)
        assert rig.loop.evse.reservation is not None
        await rig.look(Pilot.A, times=900, step_s=1.0)
        assert rig.loop.evse.reservation is None


@EVERY_HUB
async def test_a_vehicle_or_the_configuration_keeps_an_evse_from_being_reserved(given: str | None) -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        assert await Front(rig, reservable=False).says(reserve(given)) is Outcome.REFUSED
        assert await Front(rig).says(reserve(given, duration=timedelta(0))) is Outcome.REFUSED
        await rig.look(Pilot.B)
        assert await Front(rig).says(reserve(given)) is Outcome.IN_USE


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


@EVERY_HUB
async def test_a_reservation_that_the_disk_does_not_take_is_taken_back(given: str | None) -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.disk.fail()
        assert await Front(rig).says(reserve(given)) is Outcome.FAILED
        assert rig.loop.evse.reservation is None


def test_a_card_of_another_hub_is_not_the_reservation_s() -> None:
    kept = evse(State.PLUGGED, reservation=reservation(hub="second"))
    refusal = no_start(Look(kept, True, True), start(uid=UID), RemoteRule())
    assert refusal is not None
    assert refusal.outcome is Outcome.RESERVED
