"""The loop of an RFID reader: it asks for a card several times a second and yields taps; a lost port is reopened."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import closing
from typing import Final

from roampost_drivers.device import Device
from roampost_drivers.errors import DriverError, LineDown, NoAnswer
from roampost_drivers.rfid.debounce import Debounce
from roampost_drivers.rfid.serial_line import SerialLine, SerialLink
from roampost_drivers.rfid.twn4 import SEARCH_TAG, Tag, parse_search, why_useless
from roampost_drivers.roles import Tap

log = logging.getLogger(__name__)

POLL_S: Final = 0.15
REOPEN_S: Final = 0.5
# A single frame may be lost to noise; a person is told of a reader only after so many in a row.
FAULT_AFTER: Final = 3


def masked(uid: str) -> str:
    """Enough of a UID to tell two cards of a site apart, not enough to use or to follow one: "…1F"."""
    return f"…{uid[-2:]}"


class Twn4Reader:
    """See roles.TagReader."""

    def __init__(
        self,
        link: SerialLink,
        name: str,
        *,
        now: Callable[[], float] = time.monotonic,
        poll_s: float = POLL_S,
        reopen_s: float = REOPEN_S,
        accept_random: bool = False,
    ) -> None:
        self._link = link
        self._name = name
        self._now = now
        self._poll_s = poll_s
        self._reopen_s = min(reopen_s, 1.0)
        self._accept_random = accept_random
        self._debounce = Debounce()
        self._dropped: str | None = None
        self._failures = 0
        self._fault: str | None = f"{link} has not been opened yet."

    @property
    def name(self) -> str:
        return self._name

    @property
    def fault(self) -> str | None:
        return self._fault

    async def taps(self) -> AsyncGenerator[Tap, None]:
        """Yield taps until cancelled."""
        while True:
            try:
                with closing(SerialLine(self._link)) as line:
                    while True:
                        tap = self._tap(await self._look(line))
                        if tap is not None:
                            yield tap
                        await asyncio.sleep(self._poll_s)
            except LineDown as error:
                self._tell(str(error))
            await asyncio.sleep(self._reopen_s)

    async def _look(self, line: SerialLine) -> Tag | None:
        """The card that is there now; what is no answer counts towards the fault and is no card."""
        try:
            tag = parse_search(await line.ask(SEARCH_TAG))
        except LineDown:
            raise
        except DriverError as error:
            self._failures += 1
            if self._failures >= FAULT_AFTER:
                self._tell(str(error))
            if isinstance(error, NoAnswer) and self._failures % (10 * FAULT_AFTER) == 0:
                raise LineDown(f"{self._link} does not answer; it is opened anew.") from error
            return None
        self._failures = 0
        if self._fault is not None:
            log.info("%s answers.", self._name)
        self._fault = None
        return tag

    def _tap(self, tag: Tag | None) -> Tap | None:
        if tag is None:
            self._dropped = None
            return None
        uid = tag.uid.hex().upper()
        reason = why_useless(tag, accept_random=self._accept_random)
        if reason is not None:
            if uid != self._dropped:
                log.info("%s: card %s is not used: %s.", self._name, masked(uid), reason)
            self._dropped = uid
            return None
        now_s = self._now()
        return Tap(uid, now_s) if self._debounce.is_tap(uid, now_s) else None

    def _tell(self, fault: str) -> None:
        if fault != self._fault:
            log.warning("%s: %s", self._name, fault)
        self._fault = fault


def build_reader(
    device: Device,
    port: str,
    name: str,
    *,
    now: Callable[[], float] = time.monotonic,
    baud: int | None = None,
    accept_random: bool = False,
) -> Twn4Reader:
    """A reader of that make on that port; ValueError where the device is no reader."""
    if device.reader is None:
        raise ValueError(f"{device.key} is no reader: its file has no section [reader]")
    link = SerialLink(port, baud or device.link.baud, device.link.timeout_s)
    return Twn4Reader(link, name, now=now, accept_random=accept_random)
