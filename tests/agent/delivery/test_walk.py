"""A session from its card to its record, and what an EVSE shows meanwhile, however oddly a hub words its yes."""

import pytest

from roampost.domain.messages import EvseStatus
from roampost.hubs.base import Decision
from roampost.store.changes import RowState
from tests.agent.delivery import cast
from tests.agent.delivery.words import Held, Trouble
from tests.agent.delivery.world import World

Odd = tuple[tuple[Trouble, int], ...]
# And how many of the answers are so.
ODD: dict[str, Odd] = {
    "plainly": (),
    "with nulls": ((Trouble("nulls"), 20),),
    "with fields that nobody knows": ((Trouble("extra_fields"), 20),),
    "byte by byte": ((Trouble("trickle", {"delay_ms": 1}), 2),),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_a_session_is_told_from_its_card_to_its_record(
    world: World, odd: tuple[tuple[Trouble, int], ...]
) -> None:
    hit = world.hit
    for trouble, answers in odd:
        hit.meets(trouble, requests=answers)
    session = await world.new_session(hit)
    told = hit.takes(*cast.whole(session))
    news = [cast.status(EvseStatus.OCCUPIED), *hit.words.data]
    seqs = await world.tell(hit, *news, *told)
    await hit.turns()
    await world.serve_the_others()
    assert [(row.state, row.attempts) for row in map(world.row, seqs)] == [(RowState.DELIVERED, 1)] * len(seqs)
    assert hit.held(session) == Held(tuple(one.kind for one in told[:-1]), 1)
    assert hit.statuses() == [(cast.EVSE_ID, "Occupied")]
    assert hit.far.violations == []


async def test_a_card_that_nobody_knows_opens_nothing(world: World) -> None:
    for side in world.sides:
        no = await side.backend.authorize_start(evse_id=cast.EVSE_ID, uid=cast.STRANGER, session_id="rp-no")
        assert (no.decision, no.hub_session_id) == (Decision.NO, None)
        assert side.held(cast.session("rp-no")) == Held((), 0)
        assert side.far.violations == []
