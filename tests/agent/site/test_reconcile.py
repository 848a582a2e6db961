"""A status that a hub does not hold as it is, is said again: through a real outbox."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from roampost.domain.messages import EvseStatus, StatusMessage
from roampost.site.reconcile import Reconciler
from roampost.store.changes import Who
from roampost.store.errors import StoreFailed
from tests.agent.outbox.bench import BUSY, DELIVERED, UNKNOWN_EVSE, Bench
from tests.agent.store.makers import change, status

E1, E2 = "DE*ABC*E1", "DE*ABC*E2"
FREE, OCCUPIED = EvseStatus.AVAILABLE, EvseStatus.OCCUPIED


class Place:
    """One hub, and what the station derives for it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.now: dict[str, EvseStatus | None] = {E1: FREE}
        self.reconciler = Reconciler(
            {"hub": lambda: self.now}, {"hub": bench.dispatcher}, self.tell, now_s=lambda: bench.now_ms / 1000
        )

    async def tell(self, hub: str, message: StatusMessage) -> None:
        await self.bench.store.submit(change(message, hub=hub, mono_ms=self.bench.now_ms))

    async def minutes(self, number: int) -> None:
        for _ in range(number):
            await self.bench.pass_time(60, step_s=5)
            await self.reconciler.turn()
            await self.bench.turns()

    @property
    def sent(self) -> list[StatusMessage]:
        return [message for message, _ in self.bench.hub.sent if isinstance(message, StatusMessage)]


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    bench = Bench(tmp_path / "roampost.db")
    await bench.dispatcher.start()
    yield Place(bench)
    await bench.dispatcher.stop()
    bench.store.close()


async def test_what_an_earlier_run_told_is_said_once(place: Place) -> None:
    await place.minutes(10)
    assert place.sent == [status(FREE)]


async def test_what_the_hub_holds_as_it_is_is_not_said_again(place: Place) -> None:
    await place.bench.store.submit(change(status(FREE)))
    await place.bench.turns()
    await place.minutes(10)
    assert place.sent == [status(FREE)]


async def test_what_a_person_discarded_or_nobody_told_is_said(place: Place) -> None:
    place.bench.hub.script = lambda message: BUSY
    await place.bench.store.submit(change(status(FREE)))
    await place.bench.turns()
    await place.bench.store.discard(1, "test", who=Who())
    place.bench.hub.script = lambda message: DELIVERED
    place.now[E2] = OCCUPIED
    await place.minutes(2)
    assert place.sent[1:] == [status(FREE), status(OCCUPIED, E2)]


async def test_what_waits_already_is_left_to_its_lane(place: Place) -> None:
    place.bench.hub.script = lambda message: BUSY
    await place.bench.store.submit(change(status(FREE)))
    await place.minutes(3)
    assert len(place.bench.rows()) == 1


async def test_what_is_unknown_here_is_not_told(place: Place) -> None:
    place.now = {E1: None}
    await place.minutes(3)
    assert place.sent == []


async def test_a_rejected_status_is_repeated_hourly_and_a_new_one_at_once(place: Place) -> None:
    place.bench.hub.script = lambda message: UNKNOWN_EVSE
    await place.minutes(59)
    assert place.sent == [status(FREE)]
    await place.minutes(3)
    assert place.sent == [status(FREE)] * 2
    place.now = {E1: OCCUPIED}
    await place.minutes(1)
    assert place.sent[2:] == [status(OCCUPIED)]
    assert place.bench.dispatcher.health().waiting == 0


async def test_a_disk_that_takes_no_writes_does_not_end_it(place: Place) -> None:
    told: list[str] = []

    async def failing(hub: str, message: StatusMessage) -> None:
        told.append(message.evse_id)
        raise StoreFailed("the disk is full")

    wanted = {"hub": lambda: {E1: FREE, E2: FREE}}
    await Reconciler(wanted, {"hub": place.bench.dispatcher}, failing, now_s=lambda: 0.0).turn()
    assert told == [E1, E2]
