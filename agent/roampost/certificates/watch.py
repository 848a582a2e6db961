"""Tells in time that a hub's certificates run out: once for each level, never while the clock is not trusted.

Files are read when they have changed; their dates are then only compared with the clock, which costs nothing. The
reading is done by a thread: a card that hangs must not hold up the loop.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from roampost.certificates.expiry import LOUD, CertificateState, Level, condition, days_left
from roampost.certificates.validity import UnreadableCertificateError, Validity, read_validities
from roampost.filestamp import FileStamp, file_stamp

log = logging.getLogger(__name__)
LOOK_S = 60.0
ADVICE = {
    "cert_file": "ask the hub for a new one: roampost cert request",
    "ca_file": "ask the hub for its new CA files",
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a file held when it had this stamp: a period, or why there is none."""

    stamp: FileStamp = ()
    validity: Validity | None = None
    trouble: str = ""


class CertificateWatch:
    """Runs as one task. hubs: of each its files, by the keys of its section. Of cert_file counts its first certificate,
    of ca_file the one that lasts longest."""

    def __init__(
        self,
        hubs: Mapping[str, Mapping[str, Path]],
        now: Callable[[], datetime],
        clock_trusted: Callable[[], bool],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now = now
        self._clock_trusted = clock_trusted
        self._sleep = sleep
        self._seen = {(name, key): (path, _Seen()) for name, key, path in _watched(hubs)}
        self._told: dict[tuple[str, str], str] = {}

    async def run(self) -> None:
        """For ever; to be supervised."""
        while True:
            self._seen = await asyncio.to_thread(self._look)
            self._tell()
            await self._sleep(LOOK_S)

    def states(self) -> tuple[CertificateState, ...]:
        """One for each file, from memory; cheap."""
        now, trusted = self._now(), self._clock_trusted()
        return tuple(
            _state(hub, what, path, seen, now if trusted else None)
            for (hub, what), (path, seen) in self._seen.items()
        )  # fmt: skip

    def alarms(self) -> Iterator[str]:
        """A sentence for each file that needs a person."""
        return (_sentence(state) for state in self.states() if state.text)

    def _look(self) -> dict[tuple[str, str], tuple[Path, _Seen]]:
        return {place: (path, _fresh(path, place[1], seen)) for place, (path, seen) in self._seen.items()}

    def _tell(self) -> None:
        for state in self.states():
            place, news = (state.hub, state.what), state.text if state.level is Level.UNKNOWN else state.level.value
            # A clock that is not trusted just now is no news, neither good nor bad.
            if not news or news == self._told.get(place, Level.FINE.value):
                continue
            self._told[place] = news
            if state.text:
                log.log(logging.ERROR if state.level in LOUD else logging.WARNING, "%s", _sentence(state))
            else:
                log.info("hub %s: %s '%s' is valid until %s", state.hub, state.what, state.file, state.not_after)


def _watched(hubs: Mapping[str, Mapping[str, Path]]) -> Iterator[tuple[str, str, Path]]:
    for name, files in hubs.items():
        yield from ((name, key, path) for key, path in files.items() if key in ADVICE)


def _fresh(path: Path, what: str, seen: _Seen) -> _Seen:
    found = file_stamp(path)
    if found and found == seen.stamp:
        return seen
    try:
        all_of_it = read_validities(path)
    except UnreadableCertificateError as error:
        return _Seen(found, None, str(error))
    own = all_of_it[0] if what == "cert_file" else max(all_of_it, key=lambda one: one.not_after)
    return _Seen(found, own, "")


def _state(hub: str, what: str, path: Path, seen: _Seen, now: datetime | None) -> CertificateState:
    """now None: the clock is not trusted, so nothing is said of dates."""
    if seen.validity is None:
        return CertificateState(hub, what, path, None, None, Level.UNKNOWN, seen.trouble)
    end = seen.validity.not_after
    if now is None:
        return CertificateState(hub, what, path, end, None, Level.UNKNOWN)
    level, told = condition(seen.validity, now)
    advice = "check the clock, else ask the hub" if level is Level.EARLY else ADVICE[what]
    return CertificateState(hub, what, path, end, days_left(end, now), level, told and f"{told}; {advice}")


def _sentence(state: CertificateState) -> str:
    return f"hub {state.hub}: {state.what} '{state.file}' {state.text}"
