"""The sign of life is given only while every loop turns.

Each loop has a bound in which it must come round. One that hangs is named in systemd's status and the sign of life
stops, so that systemd restarts the process; when the loop turns again in time, so does the sign. An event loop
that hangs as a whole gives no sign anyway. Beats may be used from any thread.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable

from roampost.supervise.notify import Notifier

_LOG = logging.getLogger(__name__)
_INTERVAL_S = 10.0  # without systemd: only for the log


class Beat:
    """One loop's word that it lives. Calling it says "I turned"."""

    def __init__(self, name: str, within_s: float, mono_s: Callable[[], float]) -> None:
        self.name = name
        self.within_s = within_s
        self._mono_s = mono_s
        self._lock = threading.Lock()
        self._due_s = mono_s() + within_s

    def __call__(self) -> None:
        self.rest(self._mono_s())

    def rest(self, until_s: float) -> None:
        """The loop sleeps on purpose until this monotonic second, and has its whole bound afterwards."""
        with self._lock:
            self._due_s = until_s + self.within_s

    def late_s(self) -> float:
        """Seconds past the bound; zero or less while all is well."""
        with self._lock:
            return self._mono_s() - self._due_s


class Watchdog:
    """The registry of loops. `limit_s` is systemd's WatchdogSec; the sign is given three times in it."""

    def __init__(
        self,
        notifier: Notifier,
        *,
        limit_s: float | None = None,
        mono_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._notifier = notifier
        self._interval_s = _INTERVAL_S if limit_s is None else limit_s / 3
        self._mono_s = mono_s
        self._sleep = sleep
        self._lock = threading.Lock()
        self._beats: dict[str, Beat] = {}
        self._hung: tuple[str, ...] = ()
        self._status = ""

    def loop(self, name: str, *, within_s: float) -> Beat:
        """Register a loop, or register it anew after a restart."""
        beat = Beat(name, within_s, self._mono_s)
        with self._lock:
            self._beats[name] = beat
        return beat

    def say(self, status: str) -> None:
        """What systemd shows while all is well."""
        if status != self._status:
            self._status = status
            if not self._hung:
                self._notifier.status(status)

    def hung(self) -> tuple[str, ...]:
        """The loops that are past their bound."""
        with self._lock:
            beats = tuple(self._beats.values())
        return tuple(sorted(beat.name for beat in beats if beat.late_s() > 0))

    def check(self) -> tuple[str, ...]:
        """Give the sign of life, or say who hangs. Returns the loops that hang."""
        hung = self.hung()
        if not hung:
            self._notifier.watchdog()
        if hung != self._hung:
            self._hung = hung
            self._tell(hung)
        return hung

    async def run(self) -> None:
        """Check for ever, three times in systemd's limit."""
        while True:
            self.check()
            await self._sleep(self._interval_s)

    def _tell(self, hung: tuple[str, ...]) -> None:
        if hung:
            text = f"hanging: {', '.join(hung)}"
            _LOG.critical("%s; no sign of life is given to systemd until it turns again", text)
            self._notifier.status(text)
        else:
            _LOG.warning("all loops turn again")
            self._notifier.status(self._status)
