"""tenacity's wait strategies, drawn from a given source of randomness.

tenacity's own random strategies draw from the global `random`; the window is therefore taken from `wait_exponential`
and the draw is ours. A wait strategy reads nothing of the call state but `attempt_number`. Imported by the first
attempt that fails: half a megabyte that a healthy station never needs.
"""

import random

from tenacity import RetryCallState, Retrying, wait_exponential
from tenacity.wait import wait_base

_OUTER = Retrying()


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


def drawn(strategy: wait_base, attempts: int) -> float:
    state = RetryCallState(retry_object=_OUTER, fn=None, args=(), kwargs={})
    state.attempt_number = max(1, attempts)
    return float(strategy(state))
