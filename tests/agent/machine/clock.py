"""Time that only moves when it is told to: the station's clocks, and an event loop whose timers go by them.

`gone_s` is what really went by, since ever. A boot begins its monotonic seconds anew; the wall clock may be wrong.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from roampost.domain.stamp import Stamp

T = TypeVar("T")
NOON_MS = 1_790_000_000_000
AT_BOOT_S = 30.0


class SimClock:
    """wrong_ms: how far the wall clock is off; trusted: whether the machine believes that it is synchronized."""

    def __init__(self) -> None:
        self.gone_s = 0.0
        self.boot = 1
        self.trusted = True
        self.wrong_ms = 0
        self.always_set = {self.boot_id()}  # boots whose clock was never wrong
        self._booted_s = -AT_BOOT_S

    def mono_s(self) -> float:
        return self.gone_s - self._booted_s

    def mono_ms(self) -> int:
        return int(self.mono_s() * 1000)

    def true_ms(self) -> int:
        """What a right wall clock would show."""
        return NOON_MS + int(self.gone_s * 1000)

    def wall_ms(self) -> int:
        return self.true_ms() + self.wrong_ms

    def stamp(self) -> Stamp:
        return Stamp(boot=self.boot_id(), mono_ms=self.mono_ms(), wall_ms=self.wall_ms(), trusted=self.trusted)

    def boot_id(self) -> str:
        return f"boot-{self.boot}"

    def reboot(self, *, trusted: bool) -> None:
        """Without a clock of its own the machine wakes some time ago."""
        self.boot += 1
        self._booted_s = self.gone_s - AT_BOOT_S
        self.trusted = trusted
        self.wrong_ms = 0 if trusted else -7_200_000
        if trusted:
            self.always_set.add(self.boot_id())

    def synchronize(self) -> None:
        self.trusted, self.wrong_ms = True, 0


class SimLoop(asyncio.SelectorEventLoop):
    """Timers go by `now_s`; nothing ever waits for a real one."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        super().__init__()
        self._now_s = now_s

    def time(self) -> float:
        return self._now_s()

    def run_in_executor(self, executor: object, func: Callable[..., T], *args: object) -> "asyncio.Future[T]":
        """At once: no thread may be ahead of the machine, or behind it."""
        future: asyncio.Future[T] = self.create_future()
        future.set_result(func(*args))
        return future

    def spin(self) -> None:
        """Let everything that can run, run."""
        while self._turn() > 1:
            pass

    def _turn(self) -> int:
        """One turn; how many callbacks are to run in the next one, the loop's own word that it stops included."""
        self.call_soon(self.stop)
        self.run_forever()
        return 1 + len(self._ready)  # type: ignore[attr-defined]  # of BaseEventLoop: what is about to run
