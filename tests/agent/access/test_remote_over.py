"""A hub takes one record for a session: what is over never begins again under the same ID, not even after a restart."""

from pathlib import Path

import pytest

from roampost.access.remote import RemoteDesk
from roampost.access.remote_rules import RemoteRule
from roampost.evse.state import State
from roampost.hubs.remote import Outcome, RemoteStart, Reserve
from roampost_drivers.roles import Pilot
from tests.agent.access.front import HUB_ID, OTHER_ID, Front, plugged, reserve, start
from tests.agent.evse.makers import EVSE_ID, evse
from tests.agent.evse.makers import session as charge
from tests.agent.loop.rig import Rig
from tests.agent.store.makers import cdr, change, end, open_store, session
from tests.agent.store.makers import start as begun


def desk(rig: Rig, ended: frozenset[tuple[str, str]]) -> RemoteDesk:
    return RemoteDesk(
        {EVSE_ID: rig.loop},
        lambda _evse_id: ("hubject", "second"),
        {EVSE_ID: RemoteRule()},
        clock=rig.clock,
        new_id=lambda: "own-r1",
        ended=ended,
    )


async def test_a_charge_under_a_reservation_that_has_run_out_is_refused() -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        front = Front(rig)
        assert await front.says(reserve()) is Outcome.DONE
        await rig.look(Pilot.A, times=20, step_s=60.0)
        assert rig.loop.evse.reservation is None
        await plugged(rig)
        assert await front.says(start()) is Outcome.NO_SESSION
        assert await front.says(start(OTHER_ID)) is Outcome.DONE


@pytest.mark.parametrize("command", [start(HUB_ID.upper()), reserve(HUB_ID.upper())])
async def test_what_was_over_before_a_restart_does_not_begin_again(command: RemoteStart | Reserve) -> None:
    async with Rig() as rig:
        await rig.look(Pilot.A)
        if isinstance(command, RemoteStart):
            await rig.look(Pilot.B)
        again = desk(rig, frozenset({("hubject", HUB_ID)}))
        assert (await again.take(command)).outcome is Outcome.NO_SESSION
        assert rig.loop.evse.session is None
        assert rig.loop.evse.reservation is None


async def test_what_goes_on_over_a_restart_does_not_begin_again_when_it_is_over() -> None:
    ran = charge(hub_session_id=HUB_ID)
    async with Rig(evse(State.STARTING, session=ran, permitted_ma=16_000)) as rig:
        again = desk(rig, frozenset())
        assert (await again.take(start(HUB_ID.upper()))).session_id == ran.session_id
        await rig.look(Pilot.A, times=20)
        assert rig.loop.evse.session is None
        await rig.look(Pilot.B)
        assert (await again.take(start(HUB_ID.upper()))).outcome is Outcome.NO_SESSION
        assert (await again.take(start(OTHER_ID))).outcome is Outcome.DONE


async def test_the_same_id_of_another_hub_is_another_session() -> None:
    async with Rig() as rig:
        await plugged(rig)
        assert (await desk(rig, frozenset({("second", HUB_ID)})).take(start())).outcome is Outcome.DONE
        assert rig.state() is State.READY


async def test_a_start_knows_which_sessions_were_told_to_be_over(tmp_path: Path) -> None:
    store = open_store(tmp_path / "roampost.db")
    unnamed = end("s3").model_copy(update={"session": session("s3").model_copy(update={"hub_session_id": None})})
    loud = cdr("s2").model_copy(update={"session": session("s2").model_copy(update={"hub_session_id": "H-S2"})})
    await store.submit(change(begun("s0"), end("s1"), loud, unnamed))
    assert store.recover().ended == {("hub", "h-s1"), ("hub", "h-s2")}
    assert store.recover().paid == frozenset()
    store.close()


async def test_a_start_knows_which_payments_were_used(tmp_path: Path) -> None:
    store = open_store(tmp_path / "roampost.db")
    paid = {"hub_session_id": "own-1", "session_id": "own-1", "provider_session_id": "Pay-1"}
    record = cdr("own-1").model_copy(update={"session": session("own-1").model_copy(update=paid)})
    await store.submit(change(begun("s0"), record))
    assert store.recover().paid == {("hub", "Pay-1")}
    store.close()
