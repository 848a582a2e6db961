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
        self._forbidden_s: float | None = None
        self._failed_s: float | None = None
        self._found_ma: int | None = None
        self.target_ma: int | None = None

    def set(self, level_ma: int) -> None:
        """The level from now on. Never waits, never fails."""
        if level_ma == self.target_ma:
            return
        self.target_ma = level_ma
        self._forbidden_s = self._now_s() if level_ma == 0 else None
        self._failed_s = None
        if self._found_ma != level_ma:
            self._wake.set()

    def saw(self, reading: ChargerReading) -> None:
        """Take a read-back; one that differs is written again."""
        self._found_ma = reading.permitted_ma
        agrees = self.target_ma is None or reading.permitted_ma == self.target_ma
        if not agrees:
            self._wake.set()
        elif reading.permitted_ma == 0 and not reading.contactor_closed:
            self._forbidden_s = None

    def stuck(self) -> bool:
        """Whether a forbidden device still permits or conducts after the bound."""
        return self._forbidden_s is not None and self._now_s() - self._forbidden_s > STUCK_AFTER_S

    def watch(self, reading: ChargerReading) -> None:
        """Start the bound anew when a device that was quiet conducts although it is forbidden."""
        conducts = reading.permitted_ma > 0 or bool(reading.contactor_closed)
        if self.target_ma == 0 and conducts and self._forbidden_s is None:
            self._forbidden_s = self._now_s()

    async def run(self) -> None:
        """Write what is wanted, for ever; ends only by cancellation."""
        while True:
            self._beat()
            try:
                await asyncio.wait_for(self._wake.wait(), TURN_S)
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
            self._failed_s = self._now_s()
            log.warning("%s did not take %s mA: %s", self._charger.name, target_ma, error)
        else:
            self._failed_s = None
            self._hurry()
