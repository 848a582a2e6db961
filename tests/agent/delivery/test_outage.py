"""A hub that cannot be reached: nothing is lost, and when it is back it hears everything once and in order."""

from roampost.domain.messages import EvseStatus
from roampost.store.changes import RowState
from tests.agent.delivery import cast
from tests.agent.delivery.words import Held
from tests.agent.delivery.world import World

NEWS = (
    cast.status(EvseStatus.OCCUPIED),
    cast.status(EvseStatus.RESERVED, cast.NEIGHBOUR),
    cast.status(EvseStatus.OUT_OF_SERVICE),
    cast.status(EvseStatus.AVAILABLE),
)


async def test_a_session_and_the_news_of_an_outage_are_told_when_it_is_over(world: World) -> None:
    hit = world.hit
    session = await world.new_session(hit)
    told = hit.takes(*cast.whole(session))
    hit.far.fault("refuse")
    seqs = await world.tell(hit, *told)
    news = [(await world.tell(hit, message))[0] for message in NEWS]
    await world.turns()
    await world.serve_the_others()
    await world.pass_time(900, step_s=10)
    assert not hit.dispatcher.health().reachable
    assert set(world.states(seqs)) == {RowState.QUEUED}
    assert len(world.reasons(hit)) > 0
    hit.far.clear()
    await world.pass_time(60)
    assert set(world.states(seqs)) == {RowState.DELIVERED}
    superseded, delivered = RowState.SUPERSEDED, RowState.DELIVERED
    assert world.states(news) == [superseded, delivered, superseded, delivered]
    assert hit.held(session) == Held(tuple(one.kind for one in told[:-1]), 1)
    assert sorted(hit.statuses()) == [(cast.EVSE_ID, "Available"), (cast.NEIGHBOUR, "Reserved")]
    assert hit.far.violations == []


async def test_an_outage_may_outlast_a_restart(world: World) -> None:
    hit = world.hit
    sessions = [await world.new_session(hit) for _ in range(6)]
    hit.far.fault("refuse")
    seqs = [seq for session in sessions for seq in await world.tell(hit, *hit.takes(*cast.whole(session)))]
    await world.pass_time(300, step_s=10)
    await world.restart()
    await world.serve_the_others()
    await world.pass_time(300, step_s=10)
    assert set(world.states(seqs)) == {RowState.QUEUED}
    assert not hit.dispatcher.health().reachable
    hit.far.clear()
    await world.pass_time(90, step_s=2)
    assert set(world.states(seqs)) == {RowState.DELIVERED}
    steps = tuple(one.kind for one in hit.takes(*cast.whole(sessions[0])))[:-1]
    assert [hit.held(session) for session in sessions] == [Held(steps, 1)] * 6
    assert hit.far.violations == []
