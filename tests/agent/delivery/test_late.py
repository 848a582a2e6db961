"""A session that was allowed while the hub could not be asked: asked about late, and told or refused as a whole."""

from roampost.store.changes import Change, RowState, SessionRow, SessionState
from tests.agent.delivery import cast
from tests.agent.delivery.words import Held, Trouble
from tests.agent.delivery.world import World

DELIVERED, QUEUED, REFUSED = RowState.DELIVERED, RowState.QUEUED, RowState.REFUSED


async def _offline(world: World, uid: str = cast.CARD) -> tuple[list[int], str, Held]:
    """Its rows, its ID, and what of it the hub shall hold."""
    unopened = world.unopened_session(uid)
    told = world.hit.takes(cast.late(unopened), *cast.whole(unopened))
    seqs = await world.tell(world.hit, *told)
    return seqs, unopened.session_id, Held(tuple(one.kind for one in told[1:-1]), 1)


async def test_a_late_yes_opens_the_session_and_all_of_it_is_told(world: World) -> None:
    seqs, session_id, held = await _offline(world)
    await world.hit.turns()
    assert set(world.states(seqs)) == {DELIVERED}
    assert world.hit.words.held(world.hit.far, session_id) == held
    assert set(world.hit.opened) == {session_id}
    assert world.hit.far.violations == []
    await world.serve_the_others()


async def test_a_late_no_is_the_last_word_on_all_of_the_session(world: World) -> None:
    seqs, session_id, _ = await _offline(world, cast.STRANGER)
    await world.hit.turns()
    await world.serve_the_others()
    await world.pass_time(900, step_s=60)
    assert set(world.states(seqs)) == {REFUSED}
    assert world.hit.words.held(world.hit.far, session_id) == Held((), 0)
    assert set(world.hit.refused) == {session_id}
    assert cast.STRANGER not in world.hit.refused[session_id]
    assert all(world.row(seq).attempts == 0 for seq in seqs[1:])
    assert world.reasons(world.hit) == []


async def test_trouble_is_no_answer_and_the_session_waits_for_one(world: World) -> None:
    hit = world.hit
    hit.far.fault("http_5xx")
    seqs, session_id, held = await _offline(world)
    await world.pass_time(600, step_s=10)
    await world.serve_the_others()
    assert set(world.states(seqs)) == {QUEUED}
    assert [world.row(seq).attempts for seq in seqs[1:]] == [0] * (len(seqs) - 1)
    hit.far.clear()
    await world.pass_time(330, step_s=10)
    assert set(world.states(seqs)) == {DELIVERED}
    assert hit.words.held(hit.far, session_id) == held


async def test_trouble_may_end_with_a_no(world: World) -> None:
    world.hit.meets(Trouble("reset"))
    seqs, session_id, _ = await _offline(world, cast.STRANGER)
    await world.pass_time(60)
    assert set(world.states(seqs)) == {REFUSED}
    assert world.hit.words.held(world.hit.far, session_id) == Held((), 0)
    await world.serve_the_others()


async def test_a_yes_that_is_lost_is_asked_for_again_and_the_session_is_billed_once(world: World) -> None:
    hit = world.hit
    hit.meets(Trouble("reset_after"))
    seqs, session_id, held = await _offline(world)
    await hit.turns()
    assert world.row(seqs[0]).unknown_outcome
    await world.restart()
    await world.pass_time(60)
    assert set(world.states(seqs)) == {DELIVERED}
    assert hit.words.held(hit.far, session_id) == held
    assert hit.far.violations == []
    await world.serve_the_others()


async def test_what_a_late_yes_has_brought_outlives_a_restart(world: World) -> None:
    hit = world.hit
    unopened = world.unopened_session()
    goes_on = SessionRow(unopened.session_id, unopened.evse_id, "{}", SessionState.OPEN, hit.name, None, "")
    await world.store.submit(Change(cast.at(world.now_ms), sessions=(goes_on,)))
    await world.tell(hit, cast.late(unopened))
    await hit.turns()
    brought = dict(hit.opened)
    assert set(brought) == {unopened.session_id}
    hit.opened.clear()
    await world.restart()
    assert hit.opened == brought
    seqs = await world.tell(hit, *hit.takes(*cast.whole(unopened)))
    await world.pass_time(10)
    assert set(world.states(seqs)) == {DELIVERED}
    assert hit.held(unopened).records == 1
    assert hit.far.violations == []
