"""A status that a hub has acknowledged is held against what is so now, and said again where it differs.

What changes is told by the state loop at once. This is for what has gone wrong in between: an answer that was lost, a
status that was rejected or discarded, a hub that was told by an earlier run. What a hub rejects it hears hourly.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from typing import Protocol

from roampost.domain.messages import EvseStatus, StatusMessage
from roampost.store.errors import StoreFailed

Statuses = Callable[[], Mapping[str, EvseStatus | None]]


class Told(Protocol):
    """What is known of a hub: a `Dispatcher`."""

    @property
    def acknowledged(self) -> Mapping[str, EvseStatus]: ...

    def waiting_status(self, evse_id: str) -> bool: ...


class Reconciler:
    """wanted: for each hub the statuses of its EVSEs as they are now; None cannot be told."""

    def __init__(
        self,
        wanted: Mapping[str, Statuses],
        dispatchers: Mapping[str, Told],
        tell: Callable[[str, StatusMessage], Awaitable[object]],
        *,
        now_s: Callable[[], float],
        every_s: float = 60.0,
        repeat_s: float = 3600.0,
    ) -> None:
        self._wanted, self._dispatchers, self._tell = wanted, dispatchers, tell
        self._now_s, self._every_s, self._repeat_s = now_s, every_s, repeat_s
        self._said: dict[tuple[str, str], tuple[EvseStatus, float]] = {}

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self.turn()

    async def turn(self) -> None:
        """Look once."""
        for hub, message in list(self.differing()):
            self._said[hub, message.evse_id] = (message.status, self._now_s())
            with suppress(StoreFailed):  # kept, and written when the disk takes it; the store tells of itself
                await self._tell(hub, message)

    def differing(self) -> Iterator[tuple[str, StatusMessage]]:
        """What is to be said again now, and to whom."""
        for hub, wanted in self._wanted.items():
            told = self._dispatchers[hub]
            for evse_id, status in wanted().items():
                if status is None or told.acknowledged.get(evse_id) is status or told.waiting_status(evse_id):
                    continue
                if not self._just_said(hub, evse_id, status):
                    yield hub, StatusMessage(evse_id=evse_id, status=status)

    def _just_said(self, hub: str, evse_id: str, status: EvseStatus) -> bool:
        """In vain: nothing waits, and yet the hub has not acknowledged it."""
        said = self._said.get((hub, evse_id))
        return said is not None and said[0] is status and self._now_s() - said[1] < self._repeat_s
