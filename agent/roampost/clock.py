"""Time is not trusted until it is: the one place that reads clocks, and the one that turns stamps into dates.

A Raspberry Pi has no clock of its own. Whether the clock is synchronized is read from the files of the time
service, because the hardened unit may not call adjtimex.
"""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Protocol

from roampost.domain.stamp import Stamp

BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")
# The unit hides /proc/sys (ProcSubset=pid) and passes the boot id as systemd's %b instead.
BOOT_ID_VARIABLE = "ROAMPOST_BOOT_ID"
# systemd-timesyncd makes this file when it has set the clock (systemd-timesyncd.service(8)).
TIMESYNCD_FILE = Path("/run/systemd/timesync/synchronized")
RECHECK_S = 1.0
# A clock before 2024 was never set, whatever a file says.
EARLIEST_WALL_MS = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """What the agent may know about time. Tests pass their own."""

    def stamp(self) -> Stamp:
        """This moment, with the clock's quality."""

    def mono_s(self) -> float:
        """Seconds of this boot; never goes back."""

    def wall_ms(self) -> int:
        """Unix milliseconds, as the system clock says now; may be wrong."""


def read_boot_id() -> str:
    """32 hex digits; the same by hand (file, with dashes) and under the unit (variable, without)."""
    text = os.environ.get(BOOT_ID_VARIABLE) or BOOT_ID_FILE.read_text(encoding="utf-8")
    return text.strip().replace("-", "").lower()


class SystemClock:
    """The kernel's clocks. trust: "auto" asks the files, "always" is for machines with a real-time clock."""

    def __init__(
        self,
        *,
        trust: str = "auto",
        sync_files: Iterable[Path] = (TIMESYNCD_FILE,),
        boot: str | None = None,
        mono: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._always = trust == "always"
        self._files = tuple(sync_files)
        self._boot = boot or read_boot_id()
        self._mono = mono
        self._wall = wall
        self._synchronized = False
        self._checked_s: float | None = None

    def mono_s(self) -> float:
        return self._mono()

    def wall_ms(self) -> int:
        return int(self._wall() * 1000)

    def stamp(self) -> Stamp:
        wall_ms = self.wall_ms()
        return Stamp(
            boot=self._boot,
            mono_ms=int(self._mono() * 1000),
            wall_ms=wall_ms,
            trusted=wall_ms >= EARLIEST_WALL_MS and self._is_synchronized(),
        )

    def _is_synchronized(self) -> bool:
        if self._always:
            return True
        now_s = self._mono()
        if self._checked_s is None or now_s - self._checked_s >= RECHECK_S:
            self._synchronized = any(path.exists() for path in self._files)
            self._checked_s = now_s
        return self._synchronized


@dataclass(frozen=True, slots=True)
class BootOffset:
    """Wall minus monotonic of one boot, from a trusted stamp; valid for every stamp of that boot."""

    boot: str
    offset_ms: int

    @classmethod
    def of(cls, stamp: Stamp) -> "BootOffset":
        return cls(stamp.boot, stamp.wall_ms - stamp.mono_ms)


class WallTime:
    """Stamps as date-times of the station's zone. An instance is a `roampost.hubs.base.When`.

    Each has its offset alone and not the zone: Python compares and subtracts those of one zone by what the clock on the
    wall shows, which in the night that summer time ends would cost a charge an hour, and its order.
    The first offset of a boot stays: a message that is sent again says the same time as before.
    """

    def __init__(self, zone: tzinfo, *, clock: Clock | None = None, offsets: Iterable[BootOffset] = ()) -> None:
        self._zone = zone
        self._clock = clock
        self._offsets = {known.boot: known.offset_ms for known in offsets}

    def learn(self, stamp: Stamp) -> BootOffset | None:
        """Take the boot's offset from a trusted stamp; returns it when it is new (worth storing)."""
        if not stamp.trusted or stamp.boot in self._offsets:
            return None
        known = BootOffset.of(stamp)
        self._offsets[known.boot] = known.offset_ms
        return known

    def settled(self, stamp: Stamp) -> bool:
        """Whether the date-time of this stamp is right and will not change any more."""
        return stamp.trusted or self.offset_ms(stamp.boot) is not None

    def __call__(self, stamp: Stamp) -> datetime:
        offset_ms = None if stamp.trusted else self.offset_ms(stamp.boot)
        wall_ms = stamp.wall_ms if offset_ms is None else stamp.mono_ms + offset_ms
        there = (_EPOCH + timedelta(milliseconds=wall_ms)).astimezone(self._zone)
        return there.replace(tzinfo=timezone(there.utcoffset() or timedelta()), fold=0)

    def offset_ms(self, boot: str) -> int | None:
        """Wall minus monotonic of a boot whose clock was trusted; None while it is not known."""
        if boot not in self._offsets and self._clock is not None:
            self.learn(self._clock.stamp())
        return self._offsets.get(boot)
