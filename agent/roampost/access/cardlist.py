"""The hubs' lists of cards, for times when a hub cannot be asked: pulled on a schedule or posted by the hub, kept
hashed, asked by card. Each is the hub's whole word: what is not on the new one is gone.

A pull is for the list, never to see whether the hub is there: while it is known to be unreachable nothing is called.
Between two calls to one hub lies a minute at least, however often the agent is started. A new list that cannot be
written leaves the one before it.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from roampost.access.authorization import Listed
from roampost.access.cardfile import CardFile, CardFileError, write_cards
from roampost.access.cardkey import CardKey
from roampost.access.cardpost import replace_cards
from roampost.clock import Clock
from roampost.domain.stamp import elapsed_s
from roampost.hubs.base import Answer, CardList
from roampost.hubs.remote import Outcome, Reply

log = logging.getLogger(__name__)
TURN_S = 20.0
# The first pull after a start: a power cut that is over starts all stations of an operator in the same minute, and the
# hub's limit is six calls a minute for all of them.
FIRST_S = (60.0, 900.0)
RETRY_MIN_S, RETRY_MAX_S = 60.0, 3_600.0
UNREACHABLE_S = 60.0


class Source(Protocol):
    async def pull_cards(self) -> CardList | Answer: ...


@dataclass(frozen=True, slots=True)
class ListState:
    """What `status` shows of a hub's list; count is None where there is none, age_s where no clock can tell."""

    hub: str
    count: int | None
    age_s: float | None
    trouble: str | None


@dataclass(slots=True)
class _Kept:
    """source is None where the hub posts its list. lock: one at a time writes it or opens it."""

    path: Path
    source: Source | None = None
    every_s: float = 0.0
    file: CardFile | None = None
    due_s: float = 0.0
    failures: int = 0
    trouble: str | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def list_path(folder: Path, hub: str) -> Path:
    return folder / f"cards-{hub}.list"


@dataclass(slots=True)
class CardLists:
    """sources and every_s by hub; a hub without an interval has no list, unless it is among those that post theirs.
    folder is the state directory.

    spend (hub, kind) counts a call for the hub's rate limit.
    """

    sources: Mapping[str, Source]
    every_s: Mapping[str, float]
    folder: Path
    key: CardKey
    clock: Clock
    rng: random.Random
    reachable: Callable[[str], bool] = lambda _hub: True
    spend: Callable[[str, str], object] = lambda _hub, _kind: None
    posted: Collection[str] = ()
    _kept: dict[str, _Kept] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for hub in self.posted:
            self._kept[hub] = _Kept(list_path(self.folder, hub))
        for hub, every_s in self.every_s.items():
            self._kept[hub] = _Kept(list_path(self.folder, hub), self.sources[hub], every_s)

    async def run(self) -> None:
        """Never ends; for the supervisor. Every start of it waits before the first call."""
        await self.load()
        while True:
            await self.turn()
            await asyncio.sleep(TURN_S)

    async def load(self) -> None:
        """Open what earlier lists have left, and plan the next pulls."""
        for hub, kept in self._kept.items():
            async with kept.lock:
                await self._open(hub, kept)
            listed_s = None if kept.file is None else elapsed_s(kept.file.head.pulled, self.clock.stamp())
            left_s = 0.0 if listed_s is None else kept.every_s - listed_s
            kept.due_s = self.clock.mono_s() + max(left_s, self.rng.uniform(*FIRST_S))

    async def turn(self) -> None:
        """Pull what is due."""
        for hub, kept in self._kept.items():
            if kept.source is not None and self.clock.mono_s() >= kept.due_s:
                await self._pull(hub, kept, kept.source)

    async def replace(self, hub: str, uids: Iterable[str]) -> Reply:
        """Keep the whole list that the hub has posted. Never raises for the disk; two go one after the other."""
        kept = self._kept.get(hub)
        if kept is None:
            return Reply(Outcome.REFUSED, f"no list of {hub}'s cards is kept")
        async with kept.lock:
            try:
                new = await asyncio.to_thread(replace_cards, kept.path, self.key, uids, self.clock.stamp())
            except OSError as error:
                self._troubled(hub, kept, f"{kept.path} cannot be written: {error.strerror}", "kept")
                return Reply(Outcome.FAILED, "the list before it stays, because the disk takes no new one")
            kept.trouble = None
            await self._open(hub, kept)
            if kept.file is None:
                return Reply(Outcome.FAILED, f"the list cannot be used: {kept.trouble}")
            log.info("%s: the list of cards has been posted: %d cards, %d of them new", hub, kept.file.head.count, new)
            return Reply(Outcome.DONE, f"{new} new cards", new_cards=new)

    def listed(self, hub: str, uid: str) -> Listed | None:
        """What the hub's list says of the card; None where there is no list."""
        kept = self._kept.get(hub)
        if kept is None or kept.file is None:
            return None
        try:
            held = kept.file.holds(self.key.digest(uid.upper()))
        except (OSError, CardFileError) as error:
            self._drop(hub, kept, str(error))
            return None
        return Listed(held, elapsed_s(kept.file.head.pulled, self.clock.stamp()))

    def states(self) -> list[ListState]:
        now = self.clock.stamp()
        found: list[ListState] = []
        for hub, kept in self._kept.items():
            head = None if kept.file is None else kept.file.head
            age_s = None if head is None else elapsed_s(head.pulled, now)
            found.append(ListState(hub, None if head is None else head.count, age_s, kept.trouble))
        return found

    def close(self) -> None:
        for kept in self._kept.values():
            if kept.file is not None:
                kept.file.close()
                kept.file = None

    async def _pull(self, hub: str, kept: _Kept, source: Source) -> None:
        # Set first: whatever happens below, the next call is not sooner.
        kept.due_s = self.clock.mono_s() + UNREACHABLE_S
        if not self.reachable(hub):
            return
        pulled = self.clock.stamp()
        self.spend(hub, "pull_cards")
        found = await source.pull_cards()
        if isinstance(found, Answer):
            self._failed(hub, kept, found.text, found.retry_after_s)
            return
        async with kept.lock:
            try:
                count = await asyncio.to_thread(write_cards, kept.path, self.key, found.uids, pulled)
            except OSError as error:
                self._failed(hub, kept, f"{kept.path} cannot be written: {error.strerror}", None)
                return
            log.info("%s: the list of cards has been pulled: %d cards", hub, count)
            kept.failures, kept.trouble = 0, None
            kept.due_s = self.clock.mono_s() + kept.every_s * self.rng.uniform(0.9, 1.0)
            await self._open(hub, kept)

    async def _open(self, hub: str, kept: _Kept) -> None:
        try:
            file = await asyncio.to_thread(CardFile, kept.path)
        except FileNotFoundError:
            return
        except (OSError, CardFileError) as error:
            self._drop(hub, kept, str(error))
            return
        if file.head.key_id != self.key.id:
            file.close()
            self._drop(hub, kept, f"{kept.path} was written with another key")
            return
        old, kept.file = kept.file, file
        if old is not None:
            old.close()

    def _drop(self, hub: str, kept: _Kept, why: str) -> None:
        """A list that cannot be used counts as none, and the next pull, where there is one, is due soon."""
        log.warning("%s: the list of cards is not used: %s", hub, why)
        kept.trouble = why
        kept.due_s = min(kept.due_s, self.clock.mono_s() + self.rng.uniform(*FIRST_S))
        if kept.file is not None:
            kept.file.close()
            kept.file = None

    def _failed(self, hub: str, kept: _Kept, why: str, retry_after_s: float | None) -> None:
        self._troubled(hub, kept, why, "pulled")
        kept.failures += 1
        ceiling_s = min(RETRY_MAX_S, RETRY_MIN_S * 2.0 ** min(kept.failures, 10))
        pause_s = self.rng.uniform(RETRY_MIN_S, ceiling_s)
        kept.due_s = self.clock.mono_s() + max(pause_s, min(retry_after_s or 0.0, RETRY_MAX_S))

    def _troubled(self, hub: str, kept: _Kept, why: str, done: str) -> None:
        if why != kept.trouble:
            log.warning("%s: the list of cards could not be %s: %s", hub, done, why)
        kept.trouble = why
