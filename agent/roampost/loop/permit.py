"""Permission to charge at one charging controller: a level that is reconciled with the read-back at every poll.

Forbidding waits for nothing: `set` is a plain call, the write is first in the line's queue, and it is repeated
until the device reads back 0. What still flows after the bound is reported as stuck.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from roampost_drivers.errors import DriverError
from roampost_drivers.roles import Charger, ChargerReading

log = logging.getLogger(__name__)
# A forbidden device that still permits or conducts for this long is a welded contactor or a deaf controller.
STUCK_AFTER_S = 5.0
# A device that was silent for this long has perhaps not been told yet: the bound starts anew.
UNSEEN_S = 2.0
# Between two writes of the same level, twice as long after each: a write to a silent unit costs the line a time-out.
RETRY_S = 1.0
RETRY_MAX_S = 10.0
# The keeper turns at least this often, so that the watchdog sees it.
TURN_S = 1.0


class PermitKeeper:
    """Keeps `charger` at the level; `target_ma` is None until the first decision after a start.

    unseen_s is longer than the charger's readings are apart.
    """

    def __init__(
        self,
        charger: Charger,
        *,
        now_s: Callable[[], float],
        hurry: Callable[[], None],
        beat: Callable[[], None],
        unseen_s: float = UNSEEN_S,
    ) -> None:
        self._charger = charger
        self._now_s = now_s
        self._hurry = hurry
        self._beat = beat
        self._unseen_s = unseen_s
        self._wake = asyncio.Event()
        self._defied_s: float | None = None
        self._seen_s = 0.0
        self._next_s = self._tried_s = float("-inf")
        self._rest_s = RETRY_S
        self._failures = 0
        self._found_ma: int | None = None
        self._sent_ma: int | None = None  # a level that the device may have taken, whatever was read back since
        self.conducts = False
        self.target_ma: int | None = None

    @property
    def agrees(self) -> bool:
        """Whether the device is where it should be. A read-back alone is no proof: it may be older than a write."""
        return self._found_ma == self.target_ma and self._sent_ma in (None, self.target_ma)

    @property
    def quiet(self) -> bool:
        """Whether charging is forbidden and the device has it."""
        return self.target_ma == 0 and self.agrees

    def set(self, level_ma: int) -> None:
        """The level from now on. Never waits, never fails."""
        if level_ma == self.target_ma:
            return
        self.target_ma = level_ma
        self._defied_s = None
        self._next_s, self._rest_s, self._failures = float("-inf"), RETRY_S, 0
        if not self.agrees:
            self._wake.set()

    def saw(self, reading: ChargerReading) -> None:
        """Take a read-back: one that differs is written again, one that conducts although forbidden is timed."""
        self._found_ma = reading.permitted_ma
        self.conducts = reading.permitted_ma > 0 or bool(reading.contactor_closed)
        if self.target_ma is not None and not self.agrees:
            self._answers()
        if self.target_ma != 0 or not self.conducts:
            self._defied_s = None
        elif self._defied_s is None or reading.taken_s - self._seen_s > self._unseen_s:
            self._defied_s = reading.taken_s
        self._seen_s = reading.taken_s

    def stuck(self) -> bool:
        """Whether a forbidden device was seen to permit or conduct for longer than the bound."""
        return self._defied_s is not None and self._seen_s - self._defied_s > STUCK_AFTER_S

    async def run(self) -> None:
        """Write what is wanted, for ever; ends only by cancellation."""
        while True:
            self._beat()
            # Not wait_for: before Python 3.12 it swallows a cancellation that meets its result.
            with suppress(TimeoutError):
                async with asyncio.timeout(TURN_S):
                    await self._wake.wait()
            self._wake.clear()
            if self.target_ma is not None and not self.agrees and self._now_s() >= self._next_s:
                await self._write(self.target_ma)

    def _answers(self) -> None:
        """A device that answers and still permits is told again soon; one that answers with less than it may is not
        pressed: it has a reason of its own."""
        if self.target_ma == 0:
            self._rest_s = RETRY_S
            self._next_s = min(self._next_s, self._tried_s + RETRY_S)
        self._wake.set()

    async def _write(self, target_ma: int) -> None:
        self._tried_s = self._now_s()
        self._next_s = self._tried_s + self._rest_s
        self._rest_s = min(2 * self._rest_s, RETRY_MAX_S)
        self._sent_ma, self._found_ma = target_ma, None
        try:
            await self._charger.permit(target_ma)
        except DriverError as error:
            # One lost answer is daily life; a second one is worth one line until the device takes the level.
            level = logging.WARNING if self._failures == 1 else logging.DEBUG
            log.log(level, "%s did not take %s mA: %s", self._charger.name, target_ma, error)
            self._failures += 1
        else:
            self._failures = 0
            self._hurry()
