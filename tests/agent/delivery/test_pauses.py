"""A hub that asks for a pause gets it from all of its lanes, for as long as it says and within reason."""

import pytest

from roampost.store.changes import RowState
from tests.agent.delivery import cast
from tests.agent.delivery.words import Trouble
from tests.agent.delivery.world import World

MOST_S = 3600
ABSURD = (
    (Trouble("http_429", {"form": "seconds", "retry_after_s": 999_999_999}), MOST_S),
    (Trouble("http_5xx", {"form": "date", "retry_after_s": 400_000_000}), MOST_S),
    (Trouble("http_429", {"form": "date", "retry_after_s": 0}), 0),
    (Trouble("http_429", {"form": "nonsense"}), 0),
    (Trouble("http_5xx", {"form": "nonsense"}), 0),
    (Trouble("http_429", {"form": "none"}), 0),
)


@pytest.mark.parametrize("kind", ["http_429", "http_5xx"])
async def test_a_pause_is_kept_by_every_lane_of_this_hub(world: World, kind: str) -> None:
    for form in ("seconds", "date"):
        await _paused(world, Trouble(kind, {"form": form, "retry_after_s": 90}), 90)


async def test_an_absurd_wish_has_a_limit(world: World) -> None:
    for trouble, wait_s in ABSURD:
        await _paused(world, trouble, wait_s)


async def _paused(world: World, trouble: Trouble, wait_s: int) -> None:
    hit = world.hit
    first, second = await world.new_session(hit), await world.new_session(hit)
    hit.meets(trouble)
    seqs = await world.tell(hit, cast.start(first))
    await hit.turns()
    seqs += await world.tell(hit, cast.start(second), *hit.words.data[:1])
    calls = len(hit.far.record)
    await hit.turns()
    await world.serve_the_others()
    assert hit.dispatcher.health().reachable
    if wait_s:
        await world.pass_time(wait_s - 1, step_s=wait_s - 1)
        assert len(hit.far.record) == calls
        assert set(world.states(seqs)) == {RowState.QUEUED}
    await world.pass_time(20)
    assert set(world.states(seqs)) == {RowState.DELIVERED}
    assert hit.far.violations == []
