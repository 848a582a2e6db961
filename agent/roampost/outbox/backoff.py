"""How long to wait before the next attempt: tenacity's wait strategies, drawn from a given source of randomness.

tenacity's own random strategies draw from the global `random`; the window is therefore taken from `wait_exponential`
and the draw is ours. A wait strategy reads nothing of the call state but `attempt_number`.
"""

import random
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, wait_exponential
from tenacity.wait import wait_base

RETRY_AFTER_MAX_S = 3600.0
_OUTER = Retrying()


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


class FullJitter(wait_exponential):
    """Anything up to an exponentially growing window: clients that failed together do not come back together."""

    def __init__(self, rng: random.Random, *, max_s: float) -> None:
        super().__init__(multiplier=1, max=max_s)
        self._rng = rng

    def __call__(self, retry_state: RetryCallState) -> float:
        return self._rng.uniform(0, super().__call__(retry_state))


class Between(wait_base):
    """Anything between two bounds."""

    def __init__(self, rng: random.Random, *, min_s: float, max_s: float) -> None:
        self._rng, self._min_s, self._max_s = rng, min_s, max_s

    def __call__(self, retry_state: RetryCallState) -> float:
        return self._rng.uniform(self._min_s, self._max_s)


class Backoff:
    """attempts counts from 1; all results are seconds."""

    def __init__(self, rng: random.Random, pace: Pace) -> None:
        self._retry = FullJitter(rng, max_s=pace.retry_max_s)
        self._probe = FullJitter(rng, max_s=pace.probe_max_s)
        self._hold = Between(rng, min_s=pace.hold_min_s, max_s=pace.hold_max_s)

    def retry_s(self, attempts: int, retry_after_s: float | None = None) -> float:
        return max(_drawn(self._retry, attempts), _sane(retry_after_s))

    def hold_s(self, attempts: int, retry_after_s: float | None = None) -> float:
        return max(_drawn(self._hold, attempts), _sane(retry_after_s))

    def probe_s(self, failures: int) -> float:
        return _drawn(self._probe, failures)


def _sane(retry_after_s: float | None) -> float:
    """What a hub asks for, within reason (it may be negative, endless or not a number)."""
    return min(max(0.0, retry_after_s or 0.0), RETRY_AFTER_MAX_S)


def _drawn(strategy: wait_base, attempts: int) -> float:
    state = RetryCallState(retry_object=_OUTER, fn=None, args=(), kwargs={})
    state.attempt_number = max(1, attempts)
    return float(strategy(state))
