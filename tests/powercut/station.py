"""Hands calls to the real store so that each group of them is one commit, the same in every run of a seed."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from roampost.domain.stamp import Stamp
from roampost.store.errors import ChangeRefused, HandRefused
from roampost.store.store import Store
from tests.powercut.ledger import Ledger
from tests.powercut.witness import Content, Life

PATIENCE_S = 60.0  # real: only a bug lets the writer's thread take so long
WALL_MS = 1_790_000_000_000
Call = Callable[[], Awaitable[Any]]


class Station:
    """One store over several boots; its clock goes on by itself, a second with every group."""

    def __init__(self, life: Life, path: Path, boots: str = "boot") -> None:
        self.life, self.ledger = life, Ledger()
        self.mono_ms = 1_000
        self._path = path
        self._boots, self._name = 0, boots
        self._gate = threading.Event()
        self.store = self._opened()

    @property
    def content(self) -> Content:
        return self.life.snapshots[-1].content

    @property
    def now_ms(self) -> int:
        return WALL_MS + self.mono_ms

    def stamp(self, *, trusted: bool = True) -> Stamp:
        return Stamp(boot=self.store.boot, mono_ms=self.mono_ms, wall_ms=self.now_ms, trusted=trusted)

    async def together(self, *calls: Call) -> list[Any]:
        """Their outcomes in order; what the store refuses is an outcome."""
        self.mono_ms += 1_000
        self._gate.clear()
        under_way = [asyncio.ensure_future(_awaited(call)) for call in calls]
        await asyncio.sleep(0)  # each has handed its first job to the writer
        self._gate.set()
        async with asyncio.timeout(PATIENCE_S):
            outcomes = await asyncio.gather(*under_way, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, HandRefused | ChangeRefused):
                raise outcome
        return outcomes

    def reopen(self) -> None:
        """In order, and in another boot of the machine."""
        self.store.close()
        self.store = self._opened()

    def _opened(self) -> Store:
        self._boots += 1
        self._gate.set()
        return Store.open(
            self._path,
            now_wall_ms=lambda: self.now_ms,
            boot=f"{self._name}-{self._boots}",
            beat=self._pass,
            connect=self.life.connect,
        )

    def _pass(self) -> None:
        assert self._gate.wait(PATIENCE_S)


async def _awaited(call: Call) -> Any:
    return await call()
