"""What the station tells hubs by itself, apart from what happens at its EVSEs: EVSE data, prices, the daily fullLoad,
a status that a hub does not hold as it is.
"""

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from roampost.clock import Clock
from roampost.config.model import Config
from roampost.domain.messages import (
    EvseDataSetMessage,
    EvsePricingMessage,
    EvseStatus,
    FullLoadMessage,
    Message,
    PricingProductsMessage,
    StatusMessage,
)
from roampost.hubs.base import Answer
from roampost.outbox.classes import draft
from roampost.site.fullload import NOT_OURS, FullLoad
from roampost.site.hubs import Hubs
from roampost.site.publishing import Publisher, only
from roampost.site.pushes import Push, Remembers, Wanted
from roampost.site.reconcile import Reconciler
from roampost.site.station import Station
from roampost.store.changes import Change, CommitReceipt
from roampost.store.store import Store
from roampost.supervise.supervisor import Supervisor

if TYPE_CHECKING:
    from roampost.domain.poi import EvsePoi

log = logging.getLogger(__name__)


class Outreach:
    """One publisher per hub; a fullLoad where the configuration says that the operator's whole set is here."""

    def __init__(self, config: Config, hubs: Hubs, station: Station, store: Store, clock: Clock) -> None:
        self._hubs = hubs
        self._station = station
        self._store = store
        self._clock = clock
        wanted = _wanted(config)
        self.publishers = {name: self._publisher(config, name, wanted[name]) for name in config.hubs}
        self.full_loads = {name: self._full_load(name) for name, hub in config.hubs.items() if hub.owns_set}
        self._again: dict[str, set[str]] = {}
        self._woken = asyncio.Event()
        self._reconciler = Reconciler(
            {name: partial(self._statuses, name) for name in config.hubs},
            hubs.dispatchers,
            self._tell_status,
            now_s=clock.mono_s,
        )

    def start(self, tasks: Supervisor) -> None:
        for name, publisher in self.publishers.items():
            tasks.start(f"EVSE data {name}", publisher.publish, once=True)
        for name, full_load in self.full_loads.items():
            tasks.start(f"fullLoad {name}", full_load.run)
        tasks.start("EVSE data again", self._publish_again)
        tasks.start("reconciliation", self._reconciler.run)

    def _publisher(self, config: Config, name: str, wanted: Wanted) -> Publisher:
        return Publisher(
            name,
            wanted,
            config.hubs[name].owns_set,
            partial(self._hubs.takes, name),
            partial(self._store.memory, name),
            partial(self._store.memory_waiting, name),
            _Tell(self, name),
        )

    def _full_load(self, name: str) -> FullLoad:
        return FullLoad(
            name,
            partial(self._statuses, name),
            partial(self._store.memory, name),
            partial(self.tell, name),
            self._trusted_ms,
            asyncio.sleep,
            random.SystemRandom(),
        )

    def _statuses(self, hub: str) -> dict[str, EvseStatus | None]:
        loops = self._station.loops
        return {
            evse_id: loop.evse.status for evse_id, loop in loops.items() if hub in self._hubs.of_evse.get(evse_id, ())
        }

    def _trusted_ms(self) -> int | None:
        stamp = self._clock.stamp()
        return stamp.wall_ms if stamp.trusted else None

    def _tell_status(self, hub: str, message: StatusMessage) -> "asyncio.Future[CommitReceipt]":
        return self.tell(hub, message)

    def tell(self, hub: str, message: Message, remembers: Remembers = ()) -> "asyncio.Future[CommitReceipt]":
        """Put a message into the outbox."""
        change = Change(stamp=self._clock.stamp(), drafts=(draft(hub, message, remembers=remembers),))
        return self._store.submit(change)

    def refresh(self, hub: str, message: Message) -> Message | Answer | None:
        """A fullLoad says what is so when it is sent. What replaces a set goes only where this agent still owns it."""
        full_load = self.full_loads.get(hub)
        if full_load is None:
            return NOT_OURS if _replaces_a_set(message) else message
        return full_load.now(message) if isinstance(message, FullLoadMessage) else message

    def wants_data(self, hub: str, evse_id: str) -> None:
        """The hub refuses what it hears of an EVSE that it has no data of."""
        self._again.setdefault(hub, set()).add(evse_id)
        self._woken.set()

    async def _publish_again(self) -> None:
        while True:
            await self._woken.wait()
            # Cleared at the end: what one hub's failure leaves undone is done when the supervisor starts this anew.
            while self._again:
                hub, evse_ids = self._again.popitem()
                await self.publishers[hub].unknown_there(evse_ids)
            self._woken.clear()


def _replaces_a_set(message: Message) -> bool:
    match message:
        case FullLoadMessage() | EvseDataSetMessage():
            return True
        case PricingProductsMessage() | EvsePricingMessage():
            return message.action == "set"
        case _:
            return False


class _Tell:
    """A publisher's way into the outbox."""

    def __init__(self, outreach: Outreach, hub: str) -> None:
        self._outreach, self._hub = outreach, hub

    def __call__(self, push: Push) -> "asyncio.Future[CommitReceipt]":
        return self._outreach.tell(self._hub, push.message, push.remembers)


def _wanted(config: Config) -> dict[str, Wanted]:
    """By hub, from the configuration; its models are loaded only where there is something to say."""
    if config.poi is None and config.pricing is None:
        return dict.fromkeys(config.hubs, Wanted())
    from roampost.config.poi import pois
    from roampost.config.pricing import evse_prices, price_list
    from roampost.domain.poi import canonical

    prices = price_list(config)
    described = pois(config)
    data = {evse_id: canonical(poi) for evse_id, poi in described.items()}
    told = None if prices is None else canonical(prices)
    pricing = {evse_id: canonical(one) for evse_id, one in evse_prices(config).items()}
    return {name: _wanted_at(config, name, described, data, told, pricing) for name in config.hubs}


def _wanted_at(
    config: Config,
    hub: str,
    described: "Mapping[str, EvsePoi]",
    data: Mapping[str, str],
    prices: str | None,
    pricing: Mapping[str, str],
) -> Wanted:
    ours = config.evse_ids(hub)
    refused = _refused(config, hub, [described[evse_id] for evse_id in ours if evse_id in described])
    sayable = only(data, set(ours) - refused)
    return Wanted(sayable or None, only(data, refused) or {}, prices, only(pricing, ours) or None)


def _refused(config: Config, hub: str, pois: "Sequence[EvsePoi]") -> frozenset[str]:
    """What the hub would refuse is left out: one incomplete EVSE must not keep the others from being told."""
    from roampost.poi.check import check
    from roampost.site.hearers import hearer

    refused = check(pois, [hearer(config, hub)]).refused
    for evse_id in sorted(refused):
        log.warning("%s: its EVSE data is not pushed, %s would refuse it; see: roampost poi check", evse_id, hub)
    return refused
