"""How long to wait before the next attempt: what the paces are here, how a wait is drawn in `strategies`."""

import random
from dataclasses import dataclass

RETRY_AFTER_MAX_S = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The waits of one hub's lanes, in seconds."""

    retry_max_s: float = 300.0
    hold_min_s: float = 300.0
    hold_max_s: float = 900.0
    probe_max_s: float = 30.0  # between two attempts while the hub cannot be reached
    clock_wait_s: float = 600.0  # how long a message that tells a time waits for a trusted clock
    cdr_wait_s: float = 60.0  # how long notifications may hold up their session's CDR, of a reachable hub
    drain_s: float = 20.0  # at a clean stop: for the answers of what is in flight
    turn_s: float = 1.0  # the watchdog hears of us at least this often

    @property
    def ceiling_ms(self) -> int:
        """A stored time further away than this was written by a wall clock that has since been set back."""
        return round(1000 * max(self.retry_max_s, self.hold_max_s, RETRY_AFTER_MAX_S))


class Backoff:
    """attempts counts from 1; all results are seconds."""

    def __init__(self, rng: random.Random, pace: Pace) -> None:
        self._rng, self._pace = rng, pace

    def retry_s(self, attempts: int, retry_after_s: float | None = None) -> float:
        return max(self._jitter_s(attempts, self._pace.retry_max_s), _sane(retry_after_s))

    def hold_s(self, attempts: int, retry_after_s: float | None = None) -> float:
        from roampost.outbox.strategies import Between, drawn

        hold = Between(self._rng, min_s=self._pace.hold_min_s, max_s=self._pace.hold_max_s)
        return max(drawn(hold, attempts), _sane(retry_after_s))

    def probe_s(self, failures: int) -> float:
        return self._jitter_s(failures, self._pace.probe_max_s)

    def _jitter_s(self, attempts: int, max_s: float) -> float:
        from roampost.outbox.strategies import FullJitter, drawn

        return drawn(FullJitter(self._rng, max_s=max_s), attempts)


def _sane(retry_after_s: float | None) -> float:
    """What a hub asks for, within reason (it may be negative, endless or not a number)."""
    return min(max(0.0, retry_after_s or 0.0), RETRY_AFTER_MAX_S)
