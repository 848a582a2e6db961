"""The daily fullLoad of statuses: replaces the operator's whole set at a hub, so it is guarded.

Only for an agent that owns the operator's set (`owns_operator`). Never empty, never while a status is not known, and
not when an EVSE has left the set since the last one that the hub took, until a person says that this is meant: the hub
forgets what is not in it. At a jittered time of the day, so that a fleet that was switched on together does not call
together.
"""

import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from roampost.config.identifiers import canonical
from roampost.domain.messages import EvseStatus, FullLoadMessage, StatusMessage
from roampost.hubs.base import Answer, Arrival, Verdict

log = logging.getLogger(__name__)
MEMORY = "full_load"
DAY_MS = 86_400_000
# The first one after a start waits until everything has been read, and for its share of the jitter.
SOON_MS = (300_000, 1_800_000)
JITTER_MS = 3_600_000
LOOK_S = 60.0

NOT_OURS = Answer(
    Verdict.REJECT,
    Arrival.NO,
    "it would replace the operator's whole set, which is not this agent's (owns_operator): discard it",
)
OTHER_SET = Answer(
    Verdict.REJECT,
    Arrival.NO,
    "the station has other EVSEs than when it was planned, and a newer one is planned by itself: discard it",
)

Statuses = Mapping[str, EvseStatus | None]
Remembers = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Last:
    """The last fullLoad that the hub took."""

    at_ms: int
    evses: frozenset[str]


def read(memory: Mapping[str, str]) -> Last | None:
    """From the store's memory; None where there was none, or what is there is not ours."""
    try:
        kept = json.loads(memory[MEMORY])
        return Last(int(kept["at_ms"]), frozenset(map(str, kept["evses"])))
    except (KeyError, ValueError, TypeError):
        return None


def message(statuses: Statuses) -> FullLoadMessage | None:
    """With the statuses of this moment; None while one is not known, or there is none."""
    known = [StatusMessage(evse_id=evse_id, status=status) for evse_id, status in statuses.items() if status]
    return FullLoadMessage(statuses=tuple(known)) if known and len(known) == len(statuses) else None


def missing(last: Last | None, statuses: Statuses) -> list[str]:
    """The EVSEs that the hub would forget."""
    now = {canonical(evse_id) for evse_id in statuses}
    return sorted(last.evses - now) if last else []


def remembers(statuses: Statuses, at_ms: int) -> Remembers:
    kept = {"at_ms": at_ms, "evses": sorted(canonical(evse_id) for evse_id in statuses)}
    return ((MEMORY, json.dumps(kept)),)


@dataclass(slots=True)
class FullLoad:
    """One hub's. tell puts the message into the outbox; trusted_ms is the wall clock, None while nobody believes it."""

    hub: str
    statuses: Callable[[], Statuses]
    memory: Callable[[], Awaitable[Mapping[str, str]]]
    tell: Callable[[FullLoadMessage, Remembers], Awaitable[object]]
    trusted_ms: Callable[[], int | None]
    sleep: Callable[[float], Awaitable[None]]
    rng: random.Random
    refused: str | None = field(default=None)
    due_ms: int | None = field(default=None)

    def now(self, planned: FullLoadMessage) -> FullLoadMessage | Answer | None:
        """What is planned says what is so when it is sent; None while it cannot be said.

        It may have waited in the outbox while the configuration was changed: what is in the set was decided, and held
        against the hub's, when it was planned.
        """
        statuses = self.statuses()
        if {canonical(one.evse_id) for one in planned.statuses} != set(map(canonical, statuses)):
            return OTHER_SET
        return message(statuses)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.turn()
            await self.sleep(LOOK_S)

    async def turn(self) -> None:
        now_ms = self.trusted_ms()
        if now_ms is None:
            return
        if self.due_ms is None:
            self.due_ms = self._next_ms(read(await self.memory()), now_ms)
        if now_ms >= self.due_ms and await self.send():
            self.due_ms = now_ms + self._day_ms()

    async def send(self, *, accept_missing: bool = False) -> bool:
        """Queue one now; False where it may not be said yet, or (`refused`) not without a person."""
        now_ms, statuses = self.trusted_ms(), self.statuses()
        load = message(statuses)
        if load is None or now_ms is None:
            return False
        gone = missing(read(await self.memory()), statuses)
        if gone and not accept_missing:
            self._refuse(gone)
            return False
        self.refused = None
        await self.tell(load, remembers(statuses, now_ms))
        return True

    def _refuse(self, gone: list[str]) -> None:
        names = ", ".join(gone[:5]) + (f" and {len(gone) - 5} more" if len(gone) > 5 else "")
        text = (
            f"no fullLoad to hub {self.hub}: {names} would be gone there; if that is meant, run:"
            f" roampost hub full-load {self.hub} --accept-missing"
        )
        if text != self.refused:
            log.error("%s", text)
        self.refused = text

    def _next_ms(self, last: Last | None, now_ms: int) -> int:
        soon_ms = now_ms + self.rng.randint(*SOON_MS)
        # A wall clock that was set back must not put it off for longer than a day.
        return soon_ms if last is None else max(soon_ms, min(last.at_ms + self._day_ms(), now_ms + DAY_MS))

    def _day_ms(self) -> int:
        return DAY_MS - self.rng.randint(0, JITTER_MS)
