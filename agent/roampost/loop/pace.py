"""One polling loop for every device: read, hand over, wait; sooner when somebody asks for it.

A device that fails is asked again at its pace: the line's owner lets a silent unit rest, so asking costs nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from roampost_drivers.errors import DriverError, UnitResting

log = logging.getLogger(__name__)
R = TypeVar("R")
# A device that comes and goes is complained about this often.
COMPLAIN_S = 300.0
# Loops turn at least this often, so that ages are looked at and the watchdog sees them.
TURN_S = 1.0
# How much of a reading's time is forgotten from one to the next, and how much of the quickest is counted upon.
FORGET = 0.95
CAREFUL = 0.8


@dataclass(frozen=True, slots=True)
class Failure:
    """Why and when, in monotonic seconds, a device was last not read."""

    text: str
    at_s: float


class Pace(Generic[R]):
    """Polls one device every interval_s; with `ahead` so much sooner that a change is seen within interval_s.

    `error` is the sentence of the last failure, None while it answers. `reading` is the latest one, however old;
    `failure` the latest one, also when the device answers again.
    """

    def __init__(
        self,
        name: str,
        poll: Callable[[], Awaitable[R]],
        interval_s: float,
        *,
        now_s: Callable[[], float],
        beat: Callable[[], None],
        ahead: bool = False,
    ) -> None:
        self.name = name
        self.error: str | None = "not read yet"
        self.reading: R | None = None
        self.failure: Failure | None = None
        self._poll = poll
        self._interval_s = interval_s
        self._now_s = now_s
        self._beat = beat
        self._ahead = ahead
        self._slow_s = 0.0
        self._quick_s = 0.0
        self._poke = asyncio.Event()
        self._due_s: float | None = None
        self._failures = 0
        self._complained_s: float | None = None
        self._complained = False
        self._takers: list[Callable[[R], None]] = []
        self._misses: list[Callable[[], None]] = []

    def attach(self, take: Callable[[R], None], miss: Callable[[], None]) -> None:
        """Call `take` with every reading and `miss` after every failure."""
        self._takers.append(take)
        self._misses.append(miss)

    def hurry(self) -> None:
        """Read again at once."""
        self.by(self._now_s())

    def seen_by(self, at_s: float) -> None:
        """Have a reading that was complete soon after this monotonic second, as far as the last ones tell."""
        self.by(at_s - CAREFUL * self._quick_s)

    def by(self, at_s: float) -> None:
        """Begin to read again at this monotonic second at the latest."""
        if self._due_s is None or at_s < self._due_s:
            self._due_s = at_s
            self._poke.set()

    async def run(self) -> None:
        """Poll for ever; ends only by cancellation."""
        while True:
            started_s = self._now_s()
            self._due_s = None
            await self._once()
            self._learn(self._now_s() - started_s)
            ahead_s = min(self._slow_s, self._interval_s / 4) if self._ahead else 0.0
            await self._rest(started_s + self._interval_s - ahead_s)

    def _learn(self, took_s: float) -> None:
        """A reading waits for others in the line's queue: the slow ones count at once and are forgotten slowly."""
        self._slow_s = max(took_s, FORGET * self._slow_s)
        self._quick_s = took_s if self._quick_s == 0 else min(took_s, self._quick_s / FORGET)

    async def _once(self) -> None:
        self._beat()
        try:
            reading = await self._poll()
        except DriverError as error:
            self._keep(error)
            self._failed(str(error))
            return
        if self._complained:
            log.info("%s answers again", self.name)
        self._failures, self._complained, self.error = 0, False, None
        if self.reading is None:
            self.failure = None  # the line was not open yet, which is no trouble of the device
        self.reading = reading
        for take in self._takers:
            take(reading)

    def _keep(self, error: DriverError) -> None:
        """That a unit is left alone is no news: what it is left alone for stays."""
        if self.failure is None or not isinstance(error, UnitResting):
            self.failure = Failure(str(error), self._now_s())

    def _failed(self, why: str) -> None:
        self._failures += 1
        if self._failures > 1:
            self._complain(why)
        self.error = why
        for miss in self._misses:
            miss()

    def _complain(self, why: str) -> None:
        """One lost answer is daily life on a serial line; two in a row are worth a line in the log, now and then."""
        now_s = self._now_s()
        quiet_s = None if self._complained_s is None else now_s - self._complained_s
        if not self._complained and (quiet_s is None or quiet_s >= COMPLAIN_S):
            self._complained, self._complained_s = True, now_s
            log.warning("%s: %s", self.name, why)

    async def _rest(self, next_s: float) -> None:
        while (wait_s := self._until(next_s)) > 0:
            self._poke.clear()
            try:
                # Not wait_for: before Python 3.12 it swallows a cancellation that meets its result.
                async with asyncio.timeout(min(wait_s, TURN_S)):
                    await self._poke.wait()
            except TimeoutError:
                self._beat()

    def _until(self, next_s: float) -> float:
        return (next_s if self._due_s is None else min(next_s, self._due_s)) - self._now_s()
