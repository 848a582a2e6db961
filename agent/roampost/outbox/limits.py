"""How fast a hub may be called: a token bucket for each of its limits, of this agent's share. Pure.

What a bucket can hold and what flows in during a minute are together no more than the share: in no 60 s are more calls
made. What a person waits for is never held back, but it takes from the bucket, so that the queued ones wait for it.
"""

import math
from collections.abc import Callable, Iterable, Mapping

from roampost.hubs.base import Limit

_MINUTE_MS = 60_000
# Of a minute's calls may come at once: the messages of a few sessions that end together. What is held for a burst is
# lost to the steady flow.
_BURST = 0.2
_ROUNDING = 1e-9


class Bucket:
    """One token is one call. A new one holds one: it does not know what an earlier process has just spent."""

    def __init__(self, per_minute: float, *, now_ms: int) -> None:
        self.capacity = max(1.0, _BURST * per_minute)
        # A share of less than two calls a minute has no burst: then it is the distance of calls that counts.
        self.per_ms = max(per_minute - self.capacity, min(per_minute, 1.0)) / _MINUTE_MS
        self._tokens = 1.0
        self._at_ms = now_ms

    def tokens(self, now_ms: int) -> float:
        """Negative while more was asked for than there was."""
        return min(self.capacity, self._tokens + max(0, now_ms - self._at_ms) * self.per_ms)

    def spend(self, now_ms: int, calls: float = 1.0) -> None:
        self._tokens = min(self.capacity, self.tokens(now_ms) - calls)
        self._at_ms = now_ms

    def empty(self, now_ms: int) -> None:
        self._tokens = min(0.0, self.tokens(now_ms))
        self._at_ms = now_ms

    def wait_ms(self, now_ms: int, calls: float = 1.0) -> int:
        """Until so many calls can be made; 0: now."""
        missing = calls - self.tokens(now_ms)
        return 0 if missing <= _ROUNDING else math.ceil(missing / self.per_ms)


class Limits:
    """share: this agent's part of what the hub takes from all sites. A kind belongs to one limit, or to none."""

    def __init__(self, limits: Iterable[Limit], share: float, *, now_mono_ms: Callable[[], int]) -> None:
        self._now_ms = now_mono_ms
        self._names: dict[str, str] = {}
        self._buckets: dict[str, Bucket] = {}
        for limit in limits:
            self._buckets[limit.name] = Bucket(limit.per_minute * share, now_ms=now_mono_ms())
            self._names |= dict.fromkeys(limit.kinds, limit.name)

    def name(self, kind: str) -> str:
        """Of the limit that counts this kind of call; empty where none does."""
        return self._names.get(kind, "")

    def spend(self, kind: str) -> None:
        """A call is made. Also for what is asked ("authorize_start"): it is never held back."""
        if (bucket := self._bucket(kind)) is not None:
            bucket.spend(self._now_ms())

    def give_back(self, kind: str) -> None:
        """The call was not made after all."""
        if (bucket := self._bucket(kind)) is not None:
            bucket.spend(self._now_ms(), -1.0)

    def overrun(self, kind: str) -> None:
        """The hub said that it was too much: others use the same limit."""
        if (bucket := self._bucket(kind)) is not None:
            bucket.empty(self._now_ms())

    def wait_ms(self, kind: str) -> int:
        bucket = self._bucket(kind)
        return 0 if bucket is None else bucket.wait_ms(self._now_ms())

    def drain_s(self, calls: Mapping[str, int]) -> float:
        """Until so many calls of each kind can have been made: that of the slowest limit."""
        totals: dict[str, int] = {}
        for kind, number in calls.items():
            totals[self.name(kind)] = totals.get(self.name(kind), 0) + number
        waits_ms = (self._buckets[name].wait_ms(self._now_ms(), number) for name, number in totals.items() if name)
        return max(waits_ms, default=0) / 1000

    def _bucket(self, kind: str) -> Bucket | None:
        return self._buckets.get(self.name(kind))
