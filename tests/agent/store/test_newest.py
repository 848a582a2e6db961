"""Of what the site tells of itself only the newest waits; what a hub said yes to is remembered with that yes."""

from pathlib import Path

import pytest

from roampost.domain.messages import (
    EvseDataMessage,
    EvseDataSetMessage,
    EvsePricingMessage,
    EvseStatus,
    FullLoadMessage,
    Message,
    PricingProductsMessage,
    StationDataMessage,
)
from roampost.outbox.classes import draft
from roampost.store.changes import Change, Draft, RowState, Settled, Who
from roampost.store.errors import HandRefused
from roampost.store.store import Store
from tests.agent.store.makers import WALL_MS, change, open_store, stamp, start, status

PERSON = Who(1000, 1)


def data(evse_id: str = "E1", action: str = "update") -> EvseDataMessage:
    return EvseDataMessage.model_validate({"action": action, "evse_id": evse_id, "data": "{}"})


def station(station_id: str = "S1", action: str = "post") -> StationDataMessage:
    return StationDataMessage.model_validate({"action": action, "station_id": station_id, "data": ["{}"]})


def full_load(*statuses: EvseStatus) -> FullLoadMessage:
    return FullLoadMessage(statuses=tuple(status(one) for one in statuses))


WHOLE = EvseDataSetMessage(data=())
# Their contents are of no interest here: a lane and a kind are all that superseding looks at.
PRODUCTS = PricingProductsMessage.model_construct()
PRICING = EvsePricingMessage(action="set", pricing=())


def bare(message: Message) -> Draft:
    lane = {"pricing_products": "pricing/hub"}
    if message.kind in lane:
        return Draft("hub", lane[message.kind], message.kind, "*", None, "{}")
    return draft("hub", message)


def outcome(state: RowState, *, at_ms: int = WALL_MS) -> Settled:
    return Settled(state, 0, at_ms, False, False, "delivered", "yes", "taken")


@pytest.mark.parametrize(
    ("messages", "left"),
    [
        ([data(), data()], [2]),
        ([data(action="insert"), data(action="delete")], [2]),
        ([data(), data("E2", "delete"), data("E3", "insert")], [1, 2, 3]),
        ([data(), data("E2"), WHOLE], [3]),
        ([WHOLE, data(), data("E2")], [1, 2, 3]),
        ([WHOLE, data(), WHOLE], [3]),
        ([station(), station("S2"), station(action="delete"), station("S3")], [2, 3, 4]),
        ([station("E1"), data("E1"), WHOLE], [1, 3]),
        ([full_load(), full_load()], [2]),
        ([status(), full_load(), status(evse_id="E2")], [1, 2, 3]),
        ([full_load(), status(), status(EvseStatus.OCCUPIED)], [1, 3]),
        ([PRODUCTS, PRICING, PRODUCTS], [2, 3]),
        ([PRICING, PRODUCTS, PRICING], [2, 3]),
        ([start(), start()], [1, 2]),
    ],
)
async def test_a_younger_one_supersedes_what_it_makes_obsolete(
    store: Store, messages: list[Message], left: list[int]
) -> None:
    for message in messages:
        await store.submit(Change(stamp(), drafts=(bare(message),)))
    assert [row.seq for row in await store.live_rows("hub")] == left


@pytest.mark.parametrize(("older", "younger"), [(data(), data()), (data(), WHOLE), (station(), station())])
async def test_data_in_flight_is_superseded_by_its_verdict_only(store: Store, older: Message, younger: Message) -> None:
    await store.submit(change(older))
    await store.mark_sending(1)
    await store.submit(change(younger))
    assert [row.state for row in await store.live_rows("hub")] == [RowState.SENDING, RowState.QUEUED]
    await store.settle(1, outcome(RowState.QUEUED))
    assert [row.seq for row in await store.live_rows("hub")] == [2]


async def test_what_was_put_off_and_has_become_obsolete_is_not_kept(store: Store) -> None:
    await store.submit(change(full_load()))
    await store.mark_sending(1)
    await store.put_off(1, due_ms=WALL_MS + 60_000)
    (row,) = await store.live_rows("hub")
    assert (row.state, row.attempts, row.next_attempt_ms) == (RowState.QUEUED, 0, WALL_MS + 60_000)
    await store.mark_sending(1)
    await store.submit(change(full_load(EvseStatus.OCCUPIED)))
    await store.put_off(1, due_ms=WALL_MS + 60_000)
    assert [row.seq for row in await store.live_rows("hub")] == [2]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (data(), WHOLE),
        (WHOLE, data()),
        (data(), data()),
        (station(), station()),
        (PRICING, PRICING),
        (full_load(), full_load()),
    ],
)
async def test_a_person_cannot_send_old_data_over_newer(store: Store, old: Message, new: Message) -> None:
    await store.submit(change(old))
    await store.discard(1, "wrong", who=PERSON)
    await store.submit(change(new))
    with pytest.raises(HandRefused, match=rf"message 1 is an old {old.kind}; a newer one exists"):
        await store.requeue(1, who=PERSON)


@pytest.mark.parametrize(
    ("old", "new"), [(data(), data("E2")), (station(), station("S2")), (station(), WHOLE), (data("S1"), station("S1"))]
)
async def test_data_of_another_evse_or_station_is_sent_again(store: Store, old: Message, new: Message) -> None:
    await store.submit(change(old))
    await store.discard(1, "wrong", who=PERSON)
    await store.submit(change(new))
    await store.requeue(1, who=PERSON)
    assert [row.seq for row in await store.live_rows("hub")] == [1, 2]


async def test_what_a_hub_has_acknowledged_is_known_to_the_next_process(store: Store, path: Path) -> None:
    remembers = (("evse_data/E1", "fingerprint-1"), ("evse_data/E2", "fingerprint-2"))
    drafts = (draft("hub", data(), remembers=remembers), draft("second", data(), remembers=(("x", "y"),)))
    await store.submit(Change(stamp(), drafts=drafts))
    assert await store.memory("hub") == {}
    await store.mark_sending(1)
    await store.settle(1, outcome(RowState.DELIVERED))
    store.close()
    again = open_store(path)
    assert await again.memory("hub") == dict(remembers)
    assert await again.memory("second") == {}
    again.close()


async def test_a_name_is_replaced_and_forgotten_by_later_messages(store: Store) -> None:
    for value in ("one", "two", None):
        remembers = (("E1", value), ("E2", "kept"))
        (seq,) = (await store.submit(Change(stamp(), drafts=(draft("hub", data(), remembers=remembers),)))).seqs
        await store.mark_sending(seq)
        await store.settle(seq, outcome(RowState.DELIVERED))
        assert (await store.memory("hub")).get("E1") == value
    assert await store.memory("hub") == {"E2": "kept"}


@pytest.mark.parametrize("state", [RowState.PARKED, RowState.UNCONFIRMED, RowState.QUEUED])
async def test_nothing_but_a_yes_is_remembered(store: Store, state: RowState) -> None:
    await store.submit(Change(stamp(), drafts=(draft("hub", data(), remembers=(("E1", "x"),)),)))
    await store.mark_sending(1)
    await store.settle(1, outcome(state))
    assert await store.memory("hub") == {}


async def test_what_will_be_remembered_is_that_of_the_youngest_that_waits(store: Store) -> None:
    for name, value in (("E1", "one"), ("E1", None), ("E2", "two"), ("E3", "three")):
        message = data(name, "insert")
        await store.submit(Change(stamp(), drafts=(draft("hub", message, remembers=((name, value),)),)))
    await store.mark_sending(4)
    await store.settle(4, outcome(RowState.DELIVERED))
    assert await store.memory_waiting("hub") == {"E1": None, "E2": "two"}
    assert await store.memory_waiting("second") == {}
