"""Every code that a hub may answer to every kind of message, over the real line: what becomes of the row, what a
person is told, and that whatever need not wait goes on.
"""

from collections.abc import Iterable

import pytest

from roampost.domain.messages import EvseStatus, Message
from roampost.store.changes import RowState
from tests.agent.delivery import cast
from tests.agent.delivery.conftest import ALONE, TOGETHER
from tests.agent.delivery.expected import CLASSES, FATE, LISTED, Fate
from tests.agent.delivery.words import Trouble
from tests.agent.delivery.world import PROTOCOLS, Side, World

LIVE = {RowState.QUEUED, RowState.HELD}
SITE = ("status", "evse_data", "station_data", "full_load", "evse_data_set", "pricing_products", "evse_pricing")


@pytest.mark.parametrize("kind", PROTOCOLS)
def test_the_agent_knows_every_code_that_is_listed(kind: str) -> None:
    assert PROTOCOLS[kind].codes >= LISTED[kind] | set(CLASSES[kind])


@pytest.mark.slow
@pytest.mark.parametrize("world", ALONE, indirect=True)
async def test_every_code_decides_what_becomes_of_each_kind_of_message(world: World) -> None:
    await _each(world, world.hit.words.codes)


@pytest.mark.slow
@pytest.mark.parametrize("world", TOGETHER, indirect=True)
async def test_every_code_of_one_hub_leaves_the_other_alone(world: World) -> None:
    await _each(world, world.hit.words.codes)


@pytest.mark.parametrize("world", TOGETHER, indirect=True)
async def test_no_class_of_codes_of_one_hub_reaches_the_other(world: World) -> None:
    await _each(world, CLASSES[world.hit.name])


async def _each(world: World, codes: Iterable[str]) -> None:
    hit, found, wanted = world.hit, {}, {}
    classes: set[tuple[str, RowState]] = set()
    for kind in hit.words.calls:
        if kind == "progress":  # is never stored
            continue
        for code in sorted(codes):
            found[kind, code] = await _fate(world, kind, code, classes)
            wanted[kind, code] = FATE[hit.name](kind, code)
            await world.pass_time(15, step_s=15)  # a hub that counts calls a minute has room for the next
        await world.serve_the_others()
    assert found == wanted


async def _fate(world: World, kind: str, code: str, classes: set[tuple[str, RowState]]) -> Fate:
    """What becomes of one message; what goes on beside it, and what a person is told of it, is looked at on the way.

    classes: what was looked at so far of other lanes, which know no codes.
    """
    hit = world.hit
    hit.wants_data.clear()
    message, follower = await _pair(world, kind)
    hit.meets(Trouble("refused", {"code": code}), about=kind)
    head, *next_seqs = await world.tell(hit, message, *([follower] if follower else []))
    await hit.turns()
    state = world.row(head).state
    if next_seqs:
        (after,) = world.states(next_seqs)
        assert after is _follows(kind, state), (kind, code)
    if (kind, state) not in classes:
        classes.add((kind, state))
        neighbour = await world.tell(hit, cast.start(await world.new_session(hit)))
        await hit.turns()
        assert world.states(neighbour) == [RowState.DELIVERED], (kind, code)
    _is_told(hit, world, head, code)
    await world.discard(head, *next_seqs)
    return Fate(state, wants_data=bool(hit.wants_data))


async def _pair(world: World, kind: str) -> tuple[Message, Message | None]:
    """A message of this kind, and the one that comes after it in its lane."""
    hit = world.hit
    if kind == "status":
        return cast.status(EvseStatus.OCCUPIED), cast.status(EvseStatus.OCCUPIED, cast.NEIGHBOUR)
    if kind == hit.words.data[0].kind:
        return hit.words.data
    if kind in SITE:
        return next(one for one in hit.words.once if one.kind == kind), None
    if kind == "late_authorization":
        unopened = world.unopened_session()
        return cast.late(unopened), cast.start(unopened)
    session = await world.new_session(hit)
    told = hit.takes(*cast.whole(session))
    place = next(index for index, one in enumerate(told) if one.kind == kind)
    return told[place], told[place + 1] if place + 1 < len(told) else None


def _follows(kind: str, state: RowState) -> RowState:
    """What comes after it in its lane: within a session it waits, an EVSE waits for no other."""
    if kind in SITE or state is RowState.DELIVERED:
        return RowState.DELIVERED
    if state is RowState.REFUSED:
        return RowState.REFUSED
    # Nothing of a session can be told whose late authorization waits for a person.
    waits = state in LIVE or kind == "late_authorization"
    return RowState.QUEUED if waits else RowState.DELIVERED


def _is_told(hit: Side, world: World, seq: int, code: str) -> None:
    row = world.row(seq)
    if row.state is RowState.DELIVERED:
        return
    assert row.last_code == code
    text = row.last_text or ""
    assert text.endswith(".")
    assert len(text) > 20
    shown = world.reasons(hit)
    if row.state is not RowState.REFUSED:
        assert any(text in why and code in why for why in shown)
    due_s = (row.next_attempt_ms - world.wall_ms()) / 1000
    assert row.state is not RowState.HELD or 300 <= due_s <= 900
    assert row.state is not RowState.QUEUED or 0 <= due_s <= 1
    for secret in (cast.CARD, *hit.words.secrets(hit.far)):
        assert not any(secret in why for why in [text, *shown])
