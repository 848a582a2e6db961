"""EVSE data and prices at a hub: pushed when what the configuration says differs from what the hub has acknowledged.

What a hub has acknowledged is in the store's memory, per EVSE (or per station, see `stations`), written with the hub's
yes. So a restart pushes nothing that has not changed, and an EVSE that left the configuration is deleted at the hub, in
the words in which it was told. What still waits in the outbox will be acknowledged later: where it is not what is
wanted now, it is followed by that. Both ways of telling are planned; what a hub has no words for is not queued.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from roampost.config.identifiers import canonical
from roampost.domain.messages import (
    EvseDataMessage,
    EvseDataSetMessage,
    EvsePricingMessage,
    Message,
    PricingProductsMessage,
)
from roampost.site.pushes import Push, Tell, Waiting, Wanted, holds
from roampost.site.stations import plan_stations, post_again

log = logging.getLogger(__name__)
_DATA = "evse_data/"
_PRODUCTS = "pricing_products"
_PRICING = "evse_pricing"


def plan(
    wanted: Wanted,
    known: Mapping[str, str],
    *,
    owns: bool,
    waiting: Waiting = MappingProxyType({}),
) -> list[Push]:
    """The pushes that bring the hub from `known` to `wanted`.

    owns: the agent has the operator's whole set, so that the first push may replace it. waiting: what is
    remembered once the unfinished messages are acknowledged. Data before prices: a hub prices what it knows.
    """
    return [*_data(wanted, known, owns, waiting), *_prices(wanted, known, owns, waiting)]


def _data(wanted: Wanted, known: Mapping[str, str], owns: bool, waiting: Waiting) -> list[Push]:
    data = wanted.data
    if not data:
        return []
    told = {_key(evse_id): text for evse_id, text in data.items()}
    if owns and not wanted.unsaid and not any(name.startswith(_DATA) for name in known):
        return [Push(EvseDataSetMessage(data=tuple(data.values())), tuple(told.items()))]
    pushes: list[Push] = []
    for evse_id, text in data.items():
        name = _key(evse_id)
        if holds(name, text, known, waiting):
            continue
        message = EvseDataMessage(action="update" if name in known else "insert", evse_id=evse_id, data=text)
        pushes.append(Push(message, ((name, text),)))
    kept = told.keys() | {_key(evse_id) for evse_id in wanted.unsaid}
    there_or_soon = dict(known) | {name: text for name, text in waiting.items() if text is not None}
    gone = {name: text for name, text in there_or_soon.items() if name.startswith(_DATA) and name not in kept}
    return [*pushes, *(_delete(name, text) for name, text in gone.items())]


def _delete(name: str, text: str) -> Push:
    return Push(EvseDataMessage(action="delete", evse_id=json.loads(text)["evse_id"], data=text), ((name, None),))


def insert_again(wanted: Wanted, known: Mapping[str, str], waiting: Waiting, evse_ids: Collection[str]) -> list[Push]:
    """What the hub has never had may wait already, and has a pace of its own; what it has had may wait as an update,
    which would be refused."""
    pushes: list[Push] = []
    for evse_id, text in (only(wanted.data, evse_ids) or {}).items():
        name = _key(evse_id)
        if name in known or waiting.get(name) != text:
            pushes.append(Push(EvseDataMessage(action="insert", evse_id=evse_id, data=text), ((name, text),)))
    return pushes


def _prices(wanted: Wanted, known: Mapping[str, str], owns: bool, waiting: Waiting) -> list[Push]:
    pushes: list[Push] = []
    if wanted.prices is not None and not holds(_PRODUCTS, wanted.prices, known, waiting):
        products = PricingProductsMessage(action=_action(owns, _PRODUCTS in known), prices=wanted.prices)
        pushes.append(Push(products, ((_PRODUCTS, wanted.prices),)))
    priced = tuple((wanted.pricing or {}).values())
    told = "\n".join(priced)
    if priced and not holds(_PRICING, told, known, waiting):
        pricing = EvsePricingMessage(action=_action(owns, _PRICING in known), pricing=priced)
        pushes.append(Push(pricing, ((_PRICING, told),)))
    return pushes


def _action(owns: bool, there: bool) -> Literal["insert", "update", "set"]:
    """What replaces the operator's set would wipe the prices of its other sites."""
    return "set" if owns else "update" if there else "insert"


def _key(evse_id: str) -> str:
    return _DATA + canonical(evse_id)


def only(texts: Mapping[str, str] | None, evse_ids: Collection[str]) -> Mapping[str, str] | None:
    """Those of these EVSEs. A hub refuses a whole push for one EVSE that is not on it."""
    return None if texts is None else {evse_id: text for evse_id, text in texts.items() if evse_id in evse_ids}


@dataclass(slots=True)
class Publisher:
    """One hub's. takes: whether the hub has words for a message; memory reads what it has acknowledged, waiting what
    the unfinished messages will add to that; tell puts a message into the outbox."""

    hub: str
    wanted: Wanted
    owns: bool
    takes: Callable[[Message], bool]
    memory: Callable[[], Awaitable[Mapping[str, str]]]
    waiting: Callable[[], Awaitable[Waiting]]
    tell: Tell

    async def publish(self) -> None:
        """Queue what differs. Once at the start: a configuration changes by a restart."""
        # In this order: what is acknowledged in between is then seen twice, never missed.
        waiting = await self.waiting()
        known = await self.memory()
        of_evses = plan(self.wanted, known, owns=self.owns, waiting=waiting)
        told = await self._tell([*of_evses, *plan_stations(self.wanted, known, waiting=waiting)])
        if told:
            log.info("hub %s: %d pushes of EVSE data and prices are due", self.hub, told)

    async def unknown_there(self, evse_ids: Collection[str]) -> None:
        """The hub has refused messages because it has no data of these EVSEs: tell it again."""
        waiting = await self.waiting()
        known = await self.memory()
        inserts = insert_again(self.wanted, known, waiting, evse_ids)
        await self._tell([*inserts, *post_again(self.wanted, known, waiting, evse_ids)])

    async def _tell(self, pushes: Iterable[Push]) -> int:
        """Those that the hub has words for; how many."""
        told = [push for push in pushes if self.takes(push.message)]
        for push in told:
            await self.tell(push)
        return len(told)
