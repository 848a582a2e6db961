"""A hub without session IDs: its requests are told apart by the driver, the EVSE and the payment, never by no ID."""

import asyncio
from typing import Any

import pytest

from roampost.access.remote import RemoteDesk
from roampost.access.remote_rules import RemoteRule
from roampost.access.remote_same import ForDriver
from roampost.domain.messages import ChargeRecord, EndMessage
from roampost.evse.effect import Note
from roampost.evse.event import Card, Decider, Grant
from roampost.evse.state import State
from roampost.hubs.remote import Outcome, RemoteStop
from roampost_drivers.roles import Pilot
from tests.agent.access.front import (
    CONTRACT,
    HUB_ID,
    NEVER_S,
    Front,
    cancel,
    plugged,
    reserve,
    sessions_begun,
    start,
    stop,
)
from tests.agent.evse.makers import EVSE_ID, UID, evse, session
from tests.agent.loop.rig import Rig

SECOND = "DE*ABC*E1*2"
OTHER = "DE-8EO-Csomebody-1"
ACCOUNT = "username:x@example.org"
WAYS: list[dict[str, Any]] = [
    {"contract_id": CONTRACT},
    {"contract_id": None, "uid": UID.lower()},
    {"contract_id": None, "account": ACCOUNT},
]
EVERY_WAY = pytest.mark.parametrize("who", WAYS, ids=["contract", "card", "account"])
SOMEBODY = {"contract_id": OTHER, "uid": "04BBBB02", "account": "username:y@example.org"}


def desk(rig: Rig, other: Rig | None = None, *, paid: frozenset[tuple[str, str]] = frozenset()) -> RemoteDesk:
    """Over this EVSE and a second one, where there is one."""
    places = {EVSE_ID: rig.loop} if other is None else {EVSE_ID: rig.loop, SECOND: other.loop}
    numbers = iter(range(1, 100))
    return RemoteDesk(
        places,
        lambda _evse_id: ("hubject", "second"),
        dict.fromkeys(places, RemoteRule("waits")),
        clock=rig.clock,
        new_id=lambda: f"own-r{next(numbers)}",
        take_s=NEVER_S,
        commit_s=NEVER_S,
        paid=paid,
    )


# -- start ------------------------------------------------------------------------------------------------------


@EVERY_WAY
async def test_our_own_id_is_the_hub_s_too(who: dict[str, Any]) -> None:
    async with Rig() as rig:
        await plugged(rig)
        reply = await desk(rig).take(start(None, provider_session_id="pay-1", **who))
        assert (reply.outcome, reply.session_id, reply.waits_for_plug) == (Outcome.DONE, "own-r1", False)
        begun = rig.loop.evse.session
        assert begun is not None
        assert (begun.session_id, begun.hub_session_id) == ("own-r1", "own-r1")
        known = (begun.contract_id, begun.uid, begun.account, begun.provider_session_id)
        uid = UID if "uid" in who else None
        assert known == (who["contract_id"], uid, who.get("account"), "pay-1")


async def test_a_start_names_the_card_and_the_contract_where_both_are_known() -> None:
    async with Rig() as rig:
        await plugged(rig)
        await desk(rig).take(start(None, uid=UID, account=ACCOUNT))
        begun = rig.loop.evse.session
        assert begun is not None
        assert (begun.uid, begun.contract_id, begun.account) == (UID, CONTRACT, ACCOUNT)


@EVERY_WAY
async def test_the_same_driver_asking_again_while_it_runs_has_the_same_session(who: dict[str, Any]) -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = desk(rig)
        first = await front.take(start(None, **who))
        await rig.look(Pilot.C, power_w=11_000)
        again = await front.take(start(None, evse_id="deabce11", **who))
        assert (again.outcome, again.session_id) == (Outcome.DONE, first.session_id)
        assert sessions_begun(rig) == {"own-r1"}


async def test_another_driver_or_the_same_one_of_another_hub_finds_it_in_use() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        assert await front.says(start(None)) is Outcome.DONE
        assert await front.says(start(None, **SOMEBODY)) is Outcome.IN_USE
        assert await front.says(start(None, hub="second")) is Outcome.IN_USE
        assert sessions_begun(rig) == {"own-r1"}


@pytest.mark.parametrize("gone", [False, True], ids=["closing", "closed"])
async def test_when_it_is_over_the_same_driver_begins_the_next_one(gone: bool) -> None:
    """Without an ID nobody can tell a repeated start from the next charge."""
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        first = await front.desk.take(start(None))
        assert await front.says(stop(None)) is Outcome.DONE
        if gone:
            await rig.look(Pilot.A, times=20)
            await rig.look(Pilot.B)
        assert (rig.loop.evse.closing is None) == gone
        second = await front.desk.take(start(None))
        assert (second.outcome, second.session_id) == (Outcome.DONE, "own-r2")
        assert first.session_id == "own-r1"


async def test_after_a_restart_the_running_session_is_found_by_its_driver() -> None:
    ran = evse(State.STARTING, session=session(hub_session_id="own-1", account=ACCOUNT), permitted_ma=16_000)
    async with Rig(ran) as rig:
        front = desk(rig)
        reply = await front.take(start(None, contract_id=None, account=ACCOUNT))
        assert (reply.outcome, reply.session_id) == (Outcome.DONE, "own-1")
        assert sessions_begun(rig) <= {"own-1"}
        stopped = await front.take(stop(None, contract_id=None, uid=UID))
        assert (stopped.outcome, stopped.session_id) == (Outcome.DONE, "own-1")


async def test_a_start_that_could_not_be_written_may_be_tried_again_under_its_payment() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        rig.disk.fail()
        assert await front.says(start(None, provider_session_id="pay-1")) is Outcome.FAILED
        rig.disk.take()
        assert rig.loop.evse.closing is not None
        reply = await front.desk.take(start(None, provider_session_id="pay-1"))
        assert (reply.outcome, reply.session_id) == (Outcome.DONE, "own-r2")


# -- payments ---------------------------------------------------------------------------------------------------


async def test_a_payment_pays_for_one_charge() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        paid = start(None, provider_session_id="pay-1")
        first = await front.desk.take(paid)
        assert (await front.desk.take(paid)).session_id == first.session_id
        assert await front.says(start(None, provider_session_id="pay-2")) is Outcome.IN_USE
        assert await front.says(stop(None)) is Outcome.DONE
        assert await front.says(paid) is Outcome.NO_SESSION
        await rig.look(Pilot.A, times=20)
        await rig.look(Pilot.B)
        assert await front.says(paid) is Outcome.NO_SESSION
        assert await front.says(start(None, hub="second", provider_session_id="pay-1")) is Outcome.DONE


async def test_a_payment_is_one_evse_s() -> None:
    async with Rig() as rig, Rig(evse(State.STARTING, evse_id=SECOND)) as other:
        await plugged(rig)
        await plugged(other)
        front = desk(rig, other)
        assert (await front.take(start(None, provider_session_id="pay-1"))).outcome is Outcome.DONE
        there = start(None, evse_id=SECOND, provider_session_id="pay-1")
        assert (await front.take(there)).outcome is Outcome.IN_USE
        # The same driver may charge two vehicles: no ID is not one and the same ID.
        assert (await front.take(start(None, evse_id=SECOND))).outcome is Outcome.DONE


async def test_what_a_payment_has_paid_for_before_a_restart_is_over_after_it() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = desk(rig, paid=frozenset({("hubject", "pay-1")}))
        assert (await front.take(start(None, provider_session_id="pay-1"))).outcome is Outcome.NO_SESSION
        assert (await front.take(start(None))).outcome is Outcome.DONE


async def test_a_session_that_is_closing_after_a_restart_has_used_its_payment() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = desk(rig)
        await front.take(start(None, provider_session_id="pay-1"))
        await front.take(stop(None))
        left = rig.loop.evse
        assert left.closing is not None
    async with Rig(left, clock=rig.clock) as rig:
        assert (await desk(rig).take(start(None, provider_session_id="pay-1"))).outcome is Outcome.NO_SESSION


async def test_what_goes_on_over_a_restart_has_used_its_payment_when_it_is_over() -> None:
    ran = session(hub_session_id="own-1", contract_id=CONTRACT, provider_session_id="pay-1")
    async with Rig(evse(State.STARTING, session=ran, permitted_ma=16_000)) as rig:
        front = desk(rig)
        paid = start(None, provider_session_id="pay-1")
        assert (await front.take(paid)).session_id == "own-1"
        await rig.look(Pilot.A, times=20)
        assert rig.loop.evse.session is None
        await rig.look(Pilot.B)
        assert (await front.take(paid)).outcome is Outcome.NO_SESSION
        assert (await front.take(start(None, provider_session_id="pay-2"))).outcome is Outcome.DONE


# -- at once ----------------------------------------------------------------------------------------------------


async def test_drivers_at_other_evses_do_not_wait_for_each_other() -> None:
    async with Rig() as rig, Rig(evse(State.STARTING, evse_id=SECOND)) as other:
        await plugged(rig)
        await plugged(other)
        rig.hold = True
        front = desk(rig, other)
        waiting = asyncio.ensure_future(front.take(start(None)))
        await rig.settle()
        assert (await front.take(start(None, evse_id=SECOND))).outcome is Outcome.DONE
        assert (await front.take(stop(None, contract_id=OTHER))).outcome is Outcome.NO_SESSION
        assert not waiting.done()
        await rig.release()
        assert (await waiting).outcome is Outcome.DONE


async def test_a_driver_in_another_spelling_does_not_begin_a_second_session_meanwhile() -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.hold = True
        front = desk(rig)
        first = asyncio.ensure_future(front.take(start(None, uid=UID)))
        second = asyncio.ensure_future(front.take(start(None, contract_id=None, uid=UID)))
        await rig.settle()
        await rig.release()
        assert {(await one).session_id for one in (first, second)} == {"own-r1"}
        assert sessions_begun(rig) == {"own-r1"}


# -- stop -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [stop("OWN-R1"), stop(None)], ids=["our ID", "the driver"])
async def test_our_id_or_the_driver_names_the_session_to_stop(wanted: RemoteStop) -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        assert await front.says(start(None)) is Outcome.DONE
        assert await front.says(stop("own-r9")) is Outcome.NO_SESSION
        assert await front.says(stop(None, hub="second")) is Outcome.NO_SESSION
        assert await front.says(stop(None, contract_id=OTHER)) is Outcome.NO_SESSION
        assert await front.says(stop(None, contract_id=None)) is Outcome.NO_SESSION
        assert rig.state() is State.READY
        first = await front.desk.take(wanted)
        assert (first.outcome, first.session_id) == (Outcome.DONE, "own-r1")
        assert rig.state() is State.FINISHING
        assert await front.desk.take(wanted) == first


async def test_a_repeated_stop_is_answered_alike_until_the_next_charge_begins() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        await front.says(start(None))
        first = await front.desk.take(stop(None))
        await rig.look(Pilot.B, times=20)
        assert await front.desk.take(stop(None)) == first
        assert await front.says(stop(None, contract_id=OTHER)) is Outcome.NO_SESSION
        second = await front.desk.take(start(None, **SOMEBODY))
        assert await front.says(stop(None)) is Outcome.NO_SESSION
        stopped = await front.desk.take(stop(None, contract_id=OTHER))
        assert (stopped.outcome, stopped.session_id) == (Outcome.DONE, second.session_id)


async def test_the_driver_stops_also_what_the_hub_s_list_has_allowed() -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.loop.card(UID, "own-1")
        await rig.settle()
        rig.loop.granted(Grant("hubject", None, Card(UID, "own-1"), decided_by=Decider.LIST))
        await rig.settle()
        assert (await desk(rig).take(stop(None, uid=UID))).outcome is Outcome.DONE


async def test_a_late_authorization_without_an_id_of_the_hub_makes_ours_the_hub_s() -> None:
    async with Rig() as rig:
        await plugged(rig)
        rig.loop.card(UID, "own-1")
        await rig.settle()
        rig.loop.granted(Grant("hubject", None, Card(UID, "own-1"), decided_by=Decider.LIST, cap_wh=20_000))
        await rig.settle()
        front = desk(rig)
        assert (await front.take(stop("own-1"))).outcome is Outcome.NO_SESSION
        front.late_opened("own-1", "own-1")
        front.late_opened("own-1", "own-1")  # again after a restart
        begun = rig.loop.evse.session
        assert begun is not None
        assert (begun.hub_session_id, begun.cap_wh) == ("own-1", None)
        assert not any(isinstance(one, EndMessage) for one in rig.told())
        assert (await front.take(stop("own-1", hub="second"))).outcome is Outcome.NO_SESSION
        assert (await front.take(stop("own-1"))).outcome is Outcome.DONE


# -- reservations -----------------------------------------------------------------------------------------------


@EVERY_WAY
async def test_a_charge_of_the_driver_goes_on_under_the_id_of_his_reservation(who: dict[str, Any]) -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        kept = await front.desk.take(reserve(None, **who))
        assert (kept.outcome, kept.session_id) == (Outcome.DONE, "own-r1")
        reserved = rig.loop.evse.reservation
        assert reserved is not None
        assert (reserved.session_id, reserved.hub_session_id) == ("own-r1", "own-r1")
        await plugged(rig)
        assert await front.says(start(None, **SOMEBODY)) is Outcome.RESERVED
        assert await front.says(start(None, hub="second", **who)) is Outcome.RESERVED
        begun = await front.desk.take(start(None, **who))
        assert (begun.outcome, begun.session_id) == (Outcome.DONE, "own-r1")
        running = rig.loop.evse.session
        assert running is not None
        assert running.hub_session_id == "own-r1"
        assert rig.loop.evse.reservation is None
        notes = [effect.what for _, effects in rig.commits for effect in effects if isinstance(effect, Note)]
        assert notes == ["reservation_used"]
        assert not any(isinstance(one, ChargeRecord) for one in rig.told())


async def test_a_reservation_that_ran_out_keeps_nobody_from_reserving_or_starting_anew() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig, mode="waits")
        await front.says(reserve(None))
        await rig.look(Pilot.A, times=20, step_s=60.0)
        assert rig.loop.evse.reservation is None
        again = await front.desk.take(reserve(None))
        assert (again.outcome, again.session_id) == (Outcome.DONE, "own-r2")
        assert await front.says(cancel(None)) is Outcome.DONE
        assert (await front.desk.take(start(None))).session_id == "own-r3"


@pytest.mark.parametrize("who", [{}, {"contract_id": None}], ids=["its driver", "nobody"])
async def test_the_hub_s_reservation_is_cancelled_by_its_driver_or_without_one(who: dict[str, Any]) -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        wanted = cancel(None, **who)
        assert await front.says(wanted) is Outcome.NO_SESSION
        kept = await front.desk.take(reserve(None))
        assert await front.says(cancel(None, hub="second", **who)) is Outcome.NO_SESSION
        assert await front.says(cancel(None, contract_id=OTHER)) is Outcome.NO_SESSION
        first = await front.desk.take(wanted)
        assert (first.outcome, first.session_id) == (Outcome.DONE, kept.session_id)
        assert await front.desk.take(wanted) == first
        assert await front.says(cancel(None, contract_id=OTHER)) is Outcome.NO_SESSION
        # After the next reservation a repeated cancellation is about that one.
        await front.says(reserve(None))
        await rig.look(Pilot.A, times=20, step_s=60.0)
        assert rig.loop.evse.reservation is None
        assert await front.says(wanted) is Outcome.NO_SESSION


async def test_a_reservation_that_came_to_nothing_does_not_take_the_next_one_away() -> None:
    """It is cancelled and another driver's is made while the disk still stands still for it."""
    async with Rig() as rig:
        await rig.look(Pilot.A)
        rig.hold = True
        front = desk(rig)
        asked: list[ForDriver] = [reserve(None), cancel(None, contract_id=None), reserve(None, **SOMEBODY)]
        waiting = []
        for one in asked:
            waiting.append(asyncio.ensure_future(front.take(one)))
            await rig.settle()
        rig.disk._waiting.pop(0)[2].set_exception(OSError("no"))  # only the first one is not taken
        rig.disk.take()
        await rig.settle()
        outcomes = [(await one).outcome for one in waiting]
        assert outcomes == [Outcome.FAILED, Outcome.DONE, Outcome.DONE]
        kept = rig.loop.evse.reservation
        assert kept is not None
        assert kept.is_for(None, OTHER)


async def test_no_id_is_not_the_id_of_a_session_of_a_hub_that_has_them() -> None:
    async with Rig() as rig:
        await plugged(rig)
        front = Front(rig)
        assert await front.says(start(HUB_ID)) is Outcome.DONE
        assert await front.says(start(None, hub="second")) is Outcome.IN_USE
        assert await front.says(stop(None, hub="second")) is Outcome.NO_SESSION
        # An ID of ours is no ID of another hub's session.
        assert await front.says(stop("own-r1", hub="second")) is Outcome.NO_SESSION
        assert rig.state() is State.READY
