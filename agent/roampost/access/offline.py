"""What lets a card charge without a hub, put together from the configuration: policy, own cards, lists, their key.

Without the key there are neither own cards nor lists, and the agent runs all the same: hubs are still asked.
"""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from roampost.access.authorization import Listed, Policy
from roampost.access.cardkey import CardKeyError, load_or_make_key
from roampost.access.cardlist import CardLists, Source
from roampost.access.owncards import OwnCards
from roampost.clock import Clock
from roampost.config.authorization import key_path
from roampost.config.model import Config
from roampost.hubs.remote import Outcome, Reply

log = logging.getLogger(__name__)
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Offline:
    """policy, holds and listed are for the asker; lists.run, where there are lists, for the supervisor."""

    policy: Policy
    own: OwnCards | None = None
    lists: CardLists | None = None

    def holds(self, uid: str) -> bool:
        """Whether the card is one of the operator's own."""
        return self.own is not None and self.own.holds(uid)

    def listed(self, hub: str, uid: str) -> Listed | None:
        """What the hub's list says of the card; None without a list."""
        return None if self.lists is None else self.lists.listed(hub, uid)

    async def replace_cards(self, hub: str, uids: frozenset[str]) -> Reply:
        """Keep the whole list that the hub has posted."""
        if self.lists is None:
            return Reply(Outcome.FAILED, "no card is known without a hub; see the log of the start")
        return await self.lists.replace(hub, uids)


def build_offline(
    config: Config,
    sources: Mapping[str, Source],
    clock: Clock,
    rng: random.Random,
    *,
    reachable: Callable[[str], bool] = lambda _hub: True,
    spend: Callable[[str, str], object] = lambda _hub, _kind: None,
) -> Offline:
    """Reads no list and calls no hub yet; makes the key where one is needed and none is there."""
    settings = config.authorization
    policy = Policy.of(settings)
    every_s = {name: hub.pulls_cards_every_h * _HOUR_S for name, hub in config.hubs.items() if hub.pulls_cards_every_h}
    posted = [name for name, hub in config.hubs.items() if hub.has_cards and name not in every_s]
    if settings.own_cards_file is None and not every_s and not posted:
        return Offline(policy)
    try:
        key = load_or_make_key(key_path(settings, config.station.database))
    except CardKeyError as error:
        log.error("no card is known without a hub: %s", error)
        return Offline(policy)
    own = None if settings.own_cards_file is None else OwnCards(settings.own_cards_file, key)
    folder = config.station.database.parent
    if not every_s and not posted:
        return Offline(policy, own)
    return Offline(policy, own, CardLists(sources, every_s, folder, key, clock, rng, reachable, spend, posted))
