"""Time that a test turns by hand: sleepers wake when the test says so."""

import asyncio
import heapq
from itertools import count


class Hands:
    """A monotonic clock and its sleep. `forward` wakes every sleeper whose time has come, in order."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s
        self.slept: list[float] = []
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def mono_s(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now_s + seconds, next(self._order), waiting))
        await waiting

    async def forward(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until_s:
            at_s, _, waiting = heapq.heappop(self._sleepers)
            self.now_s = max(self.now_s, at_s)
            if not waiting.done():
                waiting.set_result(None)
            await settle()
        self.now_s = until_s


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)
