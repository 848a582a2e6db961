"""Permission to charge at one charging controller: a level that is reconciled with the read-back at every poll.

Forbidding waits for nothing: `set` is a plain call, the write is first in the line's queue, and it is repeated
until the device reads back 0. What still flows after the bound is reported as stuck.
"""

import asyncio
import logging
from collections.abc import Callable

from roampost_drivers.errors import DriverError
from roampost_drivers.roles import Charger, ChargerReading

log = logging.getLogger(__name__)
# A forbidden device that still permits or conducts for this long is a welded contactor or a deaf controller.
STUCK_AFTER_S = 5.0
# A device that was silent for this long has perhaps not been told yet: the bound starts anew.
UNSEEN_S = 2.0
# Between two tries at a device that does not take the write; each costs the line a time-out.
RETRY_S = 1.0
# The keeper turns at least this often, so that the watchdog sees it.
TURN_S = 1.0


class PermitKeeper:
    """Keeps `charger` at the level; `target_ma` is None until the first decision after a start."""

    def __init__(
        self,
        charger: Charger,
        *,
        now_s: Callable[[], float],
        hurry: Callable[[], None],
        beat: Callable[[], None],
    ) -> None:
        self._charger = charger
        self._now_s = now_s
        self._hurry = hurry
        self._beat = beat
        self._wake = asyncio.Event()
        self._defied_s: float | None = None
        self._seen_s = 0.0
        self._failed_s: float | None = None
        self._found_ma: int | None = None
        self.conducts = False
        self.target_ma: int | None = None

    def set(self, level_ma: int) -> None:
        """The level from now on. Never waits, never fails."""
        if level_ma == self.target_ma:
            return
        self.target_ma = level_ma
        self._defied_s = None
        self._failed_s = None
        if self._found_ma != level_ma:
            self._wake.set()

    def saw(self, reading: ChargerReading) -> None:
        """Take a read-back: one that differs is written again, one that conducts although forbidden is timed."""
        self._found_ma = reading.permitted_ma
        self.conducts = reading.permitted_ma > 0 or bool(reading.contactor_closed)
        if self.target_ma is not None and reading.permitted_ma != self.target_ma:
            self._wake.set()
        if self.target_ma != 0 or not self.conducts:
            self._defied_s = None
        elif self._defied_s is None or reading.taken_s - self._seen_s > UNSEEN_S:
            self._defied_s = reading.taken_s
        self._seen_s = reading.taken_s

    def stuck(self) -> bool:
        """Whether a forbidden device was seen to permit or conduct for longer than the bound."""
        return self._defied_s is not None and self._seen_s - self._defied_s > STUCK_AFTER_S

    async def run(self) -> None:
        """Write what is wanted, for ever; ends only by cancellation."""
        while True:
            self._beat()
            try:
                # Not wait_for: before Python 3.12 it swallows a cancellation that meets its result.
                async with asyncio.timeout(TURN_S):
                    await self._wake.wait()
            except TimeoutError:
                continue
            await self._write()

    async def _write(self) -> None:
        self._wake.clear()
        target_ma = self.target_ma
        if target_ma is None or target_ma == self._found_ma:
            return
        if self._failed_s is not None and self._now_s() - self._failed_s < RETRY_S:
            return  # the next read-back wakes it again
        try:
            await self._charger.permit(target_ma)
        except DriverError as error:
            level = logging.DEBUG if self._failed_s is None else logging.WARNING
            log.log(level, "%s did not take %s mA: %s", self._charger.name, target_ma, error)
            self._failed_s = self._now_s()
        else:
            self._failed_s = None
            self._hurry()
