"""A publisher, a real store and lanes, and a hub that knows stations: what it is told from one start to the next."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from roampost.domain.messages import EvseStatus, Message, StationDataMessage, StatusMessage
from roampost.domain.poi import EvsePoi, Plug, canonical
from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.hubs.oioi.stations import station
from roampost.hubs.oioi.words import UnsayableError
from roampost.outbox.classes import draft
from roampost.site.publishing import Publisher
from roampost.site.pushes import Push, Wanted
from roampost.store.changes import Change, RowState
from tests.agent.outbox.bench import DELIVERED, NO_ROUTE, Bench
from tests.agent.poi.makers import WHOLE
from tests.agent.store.makers import change, stamp

FIRST, SECOND = WHOLE, WHOLE.model_copy(update={"evse_id": "DE*ABC*E840*2"})
STATION = WHOLE.station_id or ""
UNKNOWN = Answer(Verdict.RETRY, Arrival.YES, "the hub does not know the EVSE", code="181", wants_data=True)


def judged(message: Message) -> Answer:
    """As the backend does: what it has no words for is not sent."""
    if isinstance(message, StationDataMessage):
        try:
            station(message, "DE*ABC")
        except UnsayableError as error:
            return Answer(Verdict.REJECT, Arrival.NO, str(error))
    return DELIVERED


class Site:
    """One hub and its lanes over many starts; each with the configuration of then."""

    def __init__(self, folder: Path) -> None:
        self.bench = Bench(folder / "roampost.db")
        self.bench.hub.script = judged

    async def start(self, *pois: EvsePoi) -> Publisher:
        """What is due is told, and what can be delivered is."""
        await self.bench.restart()
        store = self.bench.store
        wanted = Wanted({poi.evse_id: canonical(poi) for poi in pois})
        memory, waiting = partial(store.memory, "hub"), partial(store.memory_waiting, "hub")
        publisher = Publisher("hub", wanted, False, _takes, memory, waiting, self.tell)
        await publisher.publish()
        await self.bench.turns()
        return publisher

    async def tell(self, push: Push) -> None:
        drafts = (draft("hub", push.message, remembers=push.remembers),)
        await self.bench.store.submit(Change(stamp(), drafts=drafts))

    def sent(self) -> list[Message]:
        """Since the last time."""
        messages = [message for message, _ in self.bench.hub.sent]
        self.bench.hub.sent.clear()
        return messages


def _takes(message: Message) -> bool:
    return isinstance(message, StationDataMessage | StatusMessage)


def post(*pois: EvsePoi, before: tuple[EvsePoi, ...] | None = None) -> StationDataMessage:
    there = None if before is None else tuple(map(canonical, before))
    return StationDataMessage(action="post", station_id=STATION, data=tuple(map(canonical, pois)), before=there)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(tmp_path)
    yield made
    await made.bench.dispatcher.stop()
    made.bench.store.close()


async def test_a_station_is_posted_once_and_a_restart_tells_nothing(site: Site) -> None:
    await site.start(SECOND, FIRST)
    assert site.sent() == [post(FIRST, SECOND)]
    await site.start(FIRST, SECOND)
    assert site.sent() == []


async def test_what_waited_for_the_hub_when_the_agent_ended_is_told_once(site: Site) -> None:
    site.bench.hub.script = lambda message: NO_ROUTE
    await site.start(FIRST)
    site.bench.hub.script = judged
    site.sent()
    await site.start(FIRST)
    await site.bench.pass_time(120)
    assert site.sent() == [post(FIRST)]
    assert site.bench.states() == [RowState.SUPERSEDED, RowState.DELIVERED]


async def test_another_address_is_told_and_then_held_against_what_comes_next(site: Site) -> None:
    moved = FIRST.model_copy(update={"address": FIRST.address.model_copy(update={"street": "Nebenstraße"})})
    await site.start(FIRST)
    site.sent()
    await site.start(moved)
    assert site.sent() == [post(moved, before=(FIRST,))]
    assert site.bench.states() == [RowState.DELIVERED] * 2


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param((FIRST.model_copy(update={"plugs": (Plug.CHADEMO,)}),), id="another plug"),
        pytest.param((FIRST, SECOND), id="one more EVSE"),
    ],
)
async def test_connectors_that_change_wait_for_a_person_until_they_are_set_back(
    site: Site, changed: tuple[EvsePoi, ...]
) -> None:
    await site.start(FIRST)
    site.sent()
    publisher = await site.start(*changed)
    assert site.sent() == [post(*changed, before=(FIRST,))]
    assert site.bench.states() == [RowState.DELIVERED, RowState.PARKED]
    assert "cannot change" in (site.bench.rows()[1].last_text or "")
    await publisher.unknown_there([SECOND.evse_id])
    await site.bench.turns()
    assert site.sent() == [], "an EVSE that the hub never took does not make a new station of it"
    await site.start(FIRST)
    assert site.sent() == [post(FIRST, before=(FIRST,))]
    assert site.bench.states() == [RowState.DELIVERED, RowState.SUPERSEDED, RowState.DELIVERED]


async def test_a_station_under_a_new_id_takes_the_place_of_the_old_one(site: Site) -> None:
    await site.start(FIRST)
    site.sent()
    renamed = [one.model_copy(update={"station_id": "Hauptstrasse 2"}) for one in (FIRST, SECOND)]
    await site.start(*renamed)
    told = [(one.action, one.station_id) for one in site.sent() if isinstance(one, StationDataMessage)]
    assert told == [("delete", STATION), ("post", "Hauptstrasse 2")]
    await site.start(*renamed)
    assert site.sent() == []


async def test_a_status_that_the_hub_has_no_station_for_brings_the_station_first(site: Site) -> None:
    publisher = await site.start(FIRST)
    site.sent()
    status = StatusMessage(evse_id=FIRST.evse_id, status=EvseStatus.AVAILABLE)
    site.bench.hub.script = lambda message: UNKNOWN if message == status else judged(message)
    await site.bench.store.submit(change(status))
    await site.bench.turns()
    assert site.bench.wants_data == [FIRST.evse_id]
    site.bench.hub.script = judged
    await publisher.unknown_there(site.bench.wants_data)
    await site.bench.pass_time(5)
    assert [one for one in site.sent() if one != status] == [post(FIRST)], "as a new one"
    assert site.bench.states() == [RowState.DELIVERED] * 3
    await site.start(FIRST)
    assert site.sent() == []
