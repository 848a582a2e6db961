"""An answer that does not come, or is none: what the hub may have is sent again, and the hub has it once.

A record whose second sending a hub refuses because it has it counts as delivered, unconfirmed; a hub that knows a
session by our ID just takes it again.
"""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from roampost.domain.messages import EvseStatus
from roampost.store.changes import RowState
from roampost_sim.hub.faults import Stage
from tests.agent.delivery import cast
from tests.agent.delivery.words import Held, Trouble
from tests.agent.delivery.world import World

SENT_AGAIN = {"oicp": RowState.UNCONFIRMED, "oioi": RowState.DELIVERED}
GARBAGE = [Trouble("garbage", {"form": form}) for form in ("text", "wrong_json", "truncated", "cut", "not_utf8")]
AFTER = {"reset after": [Trouble("reset_after")], "oversized": [Trouble("oversized")], "garbage": GARBAGE}
EMPTY = Trouble("http_5xx", {"status": 500, "body": "empty"})
BEFORE = {"reset": [Trouble("reset")], "error": [Trouble("http_5xx", {"status": 503}), EMPTY, Trouble("http_408")]}


@pytest.mark.parametrize("troubles", AFTER.values(), ids=AFTER)
async def test_what_was_processed_is_told_again_and_the_hub_has_it_once(
    world: World, troubles: Sequence[Trouble]
) -> None:
    for trouble in troubles:
        await _each_is_lost_once(world, trouble, maybe=True)
    await world.serve_the_others()


@pytest.mark.parametrize("troubles", BEFORE.values(), ids=BEFORE)
async def test_what_was_not_processed_is_told_again(world: World, troubles: Sequence[Trouble]) -> None:
    for trouble in troubles:
        await _each_is_lost_once(world, trouble, maybe=trouble.kind == "reset")
    await world.serve_the_others()


async def _each_is_lost_once(world: World, trouble: Trouble, *, maybe: bool) -> None:
    """Every message of a session meets the trouble. maybe: we cannot know that it was not processed."""
    hit = world.hit
    session = await world.new_session(hit)
    told = hit.takes(*cast.whole(session))
    seqs: list[int] = []
    for message in told:
        hit.meets(trouble, about=message.kind)
        seqs += await world.tell(hit, message)
        await hit.turns()
        lost = world.row(seqs[-1])
        assert (lost.state, lost.unknown_outcome) == (RowState.QUEUED, maybe)
        await world.pass_time(10)
        assert world.row(seqs[-1]).attempts == 2
    processed = hit.far.kinds[trouble.kind].stage is Stage.AFTER
    record = SENT_AGAIN[hit.name] if processed else RowState.DELIVERED
    assert world.states(seqs) == [*[RowState.DELIVERED] * (len(told) - 1), record]
    assert hit.held(session) == Held(tuple(one.kind for one in told[:-1]), 1)
    assert hit.far.violations == []


@pytest.mark.parametrize("troubles", [*AFTER.values(), *BEFORE.values()], ids=[*AFTER, *BEFORE])
async def test_the_newest_status_and_the_data_are_what_the_hub_has_in_the_end(
    world: World, troubles: Sequence[Trouble]
) -> None:
    hit, trouble = world.hit, troubles[-1]
    hit.meets(trouble, about="status")
    hit.meets(trouble, about=hit.words.data[0].kind)
    lost = await world.tell(hit, cast.status(EvseStatus.OCCUPIED), hit.words.data[0])
    await hit.turns()
    assert world.states(lost) == [RowState.QUEUED] * 2
    await world.serve_the_others()
    newest = await world.tell(hit, cast.status(EvseStatus.AVAILABLE))
    await world.pass_time(300, step_s=5)
    assert world.states([*lost, *newest]) == [RowState.SUPERSEDED, RowState.DELIVERED, RowState.DELIVERED]
    assert hit.statuses()[-1] == (cast.EVSE_ID, "Available")
    assert hit.far.violations == []


async def test_one_message_of_each_kind_that_has_no_answer_is_told_again(world: World) -> None:
    hit = world.hit
    sessions = [await world.new_session(hit) for _ in hit.takes(*cast.whole(cast.session("any")))]
    told = [hit.takes(*cast.whole(session)) for session in sessions]
    # Each session has come one message further than the one before, and the next one gets no answer.
    for index, messages in enumerate(told):
        await world.tell(hit, *messages[:index])
    await world.pass_time(10)
    await world.restart_with(timeout_s=2.0)
    silenced = [*(messages[index] for index, messages in enumerate(told)), cast.status(EvseStatus.OCCUPIED)]
    hit.meets(Trouble("hang_after"), requests=len(silenced) + 1)
    seqs = await world.tell(hit, *silenced, hit.words.data[0])
    await hit.begins_to_send(len(seqs))
    await world.serve_the_others()
    await hit.turns()
    assert set(world.states(seqs)) == {RowState.QUEUED}
    await world.restart_with(timeout_s=20.0)
    await world.pass_time(60)
    assert set(world.states(seqs)) == {RowState.DELIVERED, SENT_AGAIN[hit.name]}
    kinds = [one.kind for one in told[0]]
    for index, session in enumerate(sessions):
        recorded = kinds[index] == "cdr"
        assert hit.held(session) == Held(tuple(kinds[: index + (not recorded)]), int(recorded))
    assert hit.far.violations == []


@pytest.mark.parametrize("restart", [World.restart, World.restart_lanes])
@pytest.mark.parametrize("kind", ["hang", "hang_after"])
async def test_a_restart_in_the_middle_of_sending_loses_nothing_and_doubles_nothing(
    world: World, kind: str, restart: Callable[[World], Awaitable[None]]
) -> None:
    hit = world.hit
    sessions = [await world.new_session(hit), await world.new_session(hit)]
    begun = [hit.takes(*cast.whole(session)) for session in sessions]
    await world.tell(hit, *begun[1][:-1])
    await hit.turns()
    await world.pass_time(10)
    hit.meets(Trouble(kind), requests=3)
    seqs = await world.tell(hit, begun[0][0], begun[1][-1], cast.status(EvseStatus.OCCUPIED))
    rest = await world.tell(hit, *begun[0][1:])
    await hit.begins_to_send(len(seqs))
    assert set(world.states(seqs)) == {RowState.SENDING}
    await world.serve_the_others()
    await restart(world)
    assert set(world.states(seqs)) == {RowState.QUEUED}
    assert all(world.row(seq).unknown_outcome for seq in seqs)
    await world.pass_time(60)
    record = SENT_AGAIN[hit.name] if kind == "hang_after" else RowState.DELIVERED
    assert world.states(seqs) == [RowState.DELIVERED, record, RowState.DELIVERED]
    assert set(world.states(rest)) == {RowState.DELIVERED}
    for session, messages in zip(sessions, begun, strict=True):
        assert hit.held(session) == Held(tuple(one.kind for one in messages[:-1]), 1)
    assert hit.far.violations == []
    await world.serve_the_others()
