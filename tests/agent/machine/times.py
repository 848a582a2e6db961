"""Whether the times of a record are those at which things really happened, as far as any clock could know.

A boot whose clock nobody set before the record left tells its own wrong time; everything else must be right, but for
what the time service has put right since.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.agent.machine.clock import SimClock
from tests.agent.machine.site import STALE_S

# Between two looks, and for the seconds by which the clock was put right.
TOLERANCE_MS = 1_000 * (STALE_S + 30)


@dataclass
class Spans:
    """When each session really was there, in milliseconds of a right clock, and in which boots.

    set_boots: those of whose clock the agent can know how far it was off.
    """

    clock: SimClock
    set_boots: Callable[[], set[str]]
    _spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    _boots: dict[str, set[str]] = field(default_factory=dict)

    def saw(self, session_id: str) -> None:
        now_ms = self.clock.true_ms()
        begin_ms, _ = self._spans.get(session_id, (now_ms, now_ms))
        self._spans[session_id] = begin_ms, now_ms
        self._boots.setdefault(session_id, set()).add(self.clock.stamp().boot)

    def problem(self, session_id: str, begin: str, end: str) -> str | None:
        """Why these cannot be the times of this session; None where they can."""
        if session_id not in self._spans or not self._boots[session_id] <= self.set_boots():
            return None
        begin_ms, end_ms = self._spans[session_id]
        told_ms = [1_000 * datetime.fromisoformat(text).timestamp() for text in (begin, end)]
        off_ms = abs(told_ms[0] - begin_ms), abs(told_ms[1] - end_ms)
        return None if max(off_ms) <= TOLERANCE_MS else f"{session_id} is off by {off_ms} ms: {begin} to {end}"
