"""What a hub has no words for never enters its lanes, how far a charge has come is kept in memory only, and what a hub
has no data of is told when it says so.
"""

from datetime import UTC
from functools import partial

from roampost.clock import WallTime
from roampost.domain.messages import EvseStatus, Message
from roampost.domain.stamp import Stamp
from roampost.evse.effect import Tell
from roampost.evse.state import State
from roampost.outbox.classes import draft
from roampost.site.hubs import Hubs
from roampost.site.ledger import Ledger
from roampost.site.publishing import Publisher
from roampost.site.pushes import Push, Wanted
from roampost.store.changes import Change, RowState
from tests.agent.delivery import cast
from tests.agent.delivery.world import Side, World
from tests.agent.evse.makers import evse
from tests.agent.oicp import samples

# An OIOI session ends with its record, and nothing is billed for a reservation there.
KINDS = {
    "oicp": {"status", "start", "error", "end", "cdr", "full_load", "evse_data", "evse_data_set"}
    | {"pricing_products", "evse_pricing"},
    "oioi": {"status", "start", "end", "cdr", "station_data"},
}
OF_A_SESSION = {
    "oicp": [["start", "error", "end", "cdr"], ["start", "end", "cdr"], ["cdr"]],
    "oioi": [["start", "end", "cdr"], ["start", "cdr"], []],
}


class WorldClock:
    """The world's time, as the station reads it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def stamp(self) -> Stamp:
        return cast.at(self._world.now_ms)

    def mono_s(self) -> float:
        return self._world.now_ms / 1000

    def wall_ms(self) -> int:
        return self._world.wall_ms()


def hubs(world: World) -> Hubs:
    names = tuple(side.name for side in world.sides)
    backends = {side.name: side.backend for side in world.sides}
    dispatchers = {side.name: side.dispatcher for side in world.sides}
    return Hubs(backends, dispatchers, {}, {cast.EVSE_ID: names})


def ledger(world: World) -> Ledger:
    known, clock = hubs(world), WorldClock(world)
    return Ledger(world.store.submit, known.of_evse, known.takes, clock=clock, wall_time=WallTime(UTC, clock=clock))


async def test_each_hub_gets_what_it_has_words_for_and_takes_all_of_it(world: World) -> None:
    sessions = {side.name: [await world.new_session(side) for _ in range(3)] for side in world.sides}
    told: list[Tell] = [Tell(cast.status(EvseStatus.OCCUPIED))]
    for name, (stays, leaves, reserved) in sessions.items():
        of_leaving = (cast.start(leaves), cast.leaves(leaves), cast.record(leaves))
        told += [Tell(message, name) for message in (*cast.whole(stays), *of_leaving, cast.reserved(reserved))]
    site: list[Message] = [message for side in world.sides for message in (*side.words.data, *side.words.once)]
    told += [Tell(message) for message in (*site, samples.DATA, cast.STATION)]
    await ledger(world).write(evse(State.AVAILABLE).model_copy(update={"evse_id": cast.EVSE_ID}), tuple(told))
    await world.pass_time(60)
    for side in world.sides:
        rows = world.rows(side)
        assert {row.kind for row in rows} <= KINDS[side.name]
        of_sessions = [[row.kind for row in rows if row.session_id == one.session_id] for one in sessions[side.name]]
        assert of_sessions == OF_A_SESSION[side.name]
        assert {row.state for row in rows} <= {RowState.DELIVERED, RowState.SUPERSEDED}
        assert side.far.violations == []


async def test_of_a_charge_only_the_newest_word_is_told_and_none_is_stored(world: World) -> None:
    hit, site = world.hit, hubs(world)
    session = await world.new_session(hit)
    began_ms = world.now_ms
    started = cast.start(session).model_copy(update={"charging_start": cast.at(began_ms)})
    await world.tell(hit, started)
    await hit.turns()
    for energy_wh in (500, 1_000, 1_500):
        site.offer(hit.name, cast.progress(session, energy_wh, began_ms))
        await world.pass_time(15)
        assert told_of(hit, session.session_id) == []
    await world.serve_the_others()
    await world.pass_time(60)
    assert told_of(hit, session.session_id) == [1_500]
    assert [row.kind for row in world.rows(hit)] == ["start"]
    assert hit.far.violations == []


async def test_what_was_offered_in_an_outage_or_before_a_restart_is_forgotten(world: World) -> None:
    hit = world.hit
    session = await world.new_session(hit)
    began_ms = world.now_ms
    await world.tell(hit, cast.start(session).model_copy(update={"charging_start": cast.at(began_ms)}))
    await hit.turns()
    hubs(world).offer(hit.name, cast.progress(session, 500, began_ms))
    await world.restart()
    await world.pass_time(600, step_s=10)
    assert told_of(hit, session.session_id) == []
    hit.far.fault("refuse")
    hubs(world).offer(hit.name, cast.progress(session, 1_000, began_ms))
    await world.pass_time(600, step_s=10)
    hit.far.clear()
    await world.serve_the_others()
    await world.pass_time(600, step_s=10)
    assert told_of(hit, session.session_id) == []
    assert [row.kind for row in world.rows(hit)] == ["start"]


def told_of(side: Side, session_id: str) -> list[int]:
    means = [one.means for one in side.far.record if one.means]
    return [one["energy_wh"] for one in means if one["what"] == "progress" and one["session"] == session_id]


async def test_a_hub_without_data_of_an_evse_is_told_it_and_then_takes_the_status(strict_world: World) -> None:
    world, hit = strict_world, strict_world.hit
    (seq,) = await world.tell(hit, cast.status(EvseStatus.OCCUPIED))
    await world.turns()
    assert (world.row(seq).state, hit.wants_data) == (RowState.HELD, [cast.EVSE_ID])
    assert hit.statuses() == []
    await world.serve_the_others()
    await publisher(world, hit).unknown_there(hit.wants_data)
    await world.turns()
    assert world.row(seq).state is RowState.DELIVERED
    assert hit.statuses() == [(cast.EVSE_ID, "Occupied")]


def publisher(world: World, side: Side) -> Publisher:
    async def tell(push: Push) -> None:
        change = Change(cast.at(world.now_ms), drafts=(draft(side.name, push.message, remembers=push.remembers),))
        await world.store.submit(change)

    wanted = Wanted({cast.EVSE_ID: cast.DATA})
    memory, waiting = partial(world.store.memory, side.name), partial(world.store.memory_waiting, side.name)
    return Publisher(side.name, wanted, False, side.backend.takes, memory, waiting, tell)
