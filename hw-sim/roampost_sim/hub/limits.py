"""The acceptable-use limits: calls per minute of a partner, all of its sites together. Pure: the clock is an argument.

A call that is refused does not count; each other does for sixty seconds, whatever becomes of it.
"""

from collections import defaultdict, deque
from collections.abc import Mapping

WINDOW_S = 60

RETRY_AFTER = ("seconds", "date", "none")


class Turnstile:
    """One partner's sliding minute of each operation."""

    def __init__(self, per_minute: Mapping[str, int]) -> None:
        self._per_minute = per_minute
        self._passed: dict[str, deque[float]] = defaultdict(deque)

    def wait_s(self, operation: str | None, t: float) -> float:
        """0 when the call may pass, which counts it; else how long until the next one may."""
        limit = self._per_minute.get(operation or "")
        if operation is None or limit is None:
            return 0
        passed = self._passed[operation]
        while passed and t - passed[0] >= WINDOW_S:
            passed.popleft()
        if len(passed) >= limit:
            return WINDOW_S - (t - passed[0]) if passed else WINDOW_S
        passed.append(t)
        return 0

    def used(self, t: float) -> dict[str, dict[str, int]]:
        """Of each operation that was called: the calls of the last minute, and how many there may be."""
        return {
            operation: {"used": sum(t - each < WINDOW_S for each in passed), "limit": self._per_minute[operation]}
            for operation, passed in self._passed.items()
        }
