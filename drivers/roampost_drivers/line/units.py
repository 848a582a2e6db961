"""Which unit is left alone, and for how long. Pure: the clock comes in as a number.

A unit that does not answer rests alone: 0.5, 1, 2, then 4 s, so that one that came back is seen within 5 s. While
another unit on the line is alive, the probes of all silent units together take at most a fifth of the line's time:
after a probe that cost c seconds no silent unit is asked for 4 c. The one probed longest ago goes first. With k
silent units each is therefore asked every max(4 s, 5 k c).
"""

from dataclasses import dataclass
from typing import Final

RESTS_S: Final = (0.5, 1.0, 2.0, 4.0)
PROBE_SHARE: Final = 0.2
# A unit counts as alive, or as asked for, when that happened within this time.
RECENT_S: Final = 10.0


@dataclass(slots=True)
class UnitState:
    """What the line's owner remembers of one unit; times are monotonic seconds."""

    traffic_s: float | None = None
    answered_s: float | None = None
    asked_s: float = 0.0
    probed_s: float = 0.0
    rests_until_s: float = 0.0
    failures: int = 0


class Units:
    """The units of one line."""

    def __init__(self, rests_s: tuple[float, ...] = RESTS_S) -> None:
        self._rests_s = rests_s
        self.states: dict[int, UnitState] = {}
        self._no_probe_before_s = 0.0

    def __getitem__(self, unit: int) -> UnitState:
        return self.states.setdefault(unit, UnitState())

    def admit(self, unit: int, now_s: float) -> bool:
        """May this unit be asked now? A unit that answers always may."""
        state = self[unit]
        state.asked_s = now_s
        if not state.failures:
            return True
        if now_s < state.rests_until_s or (now_s < self._no_probe_before_s and self._other_alive(unit, now_s)):
            return False
        return not any(self._goes_before(other, state, now_s) for other in self.states.values())

    def answered(self, unit: int, now_s: float) -> None:
        state = self[unit]
        state.traffic_s = state.answered_s = now_s
        state.failures = 0
        state.rests_until_s = 0.0

    def failed(self, unit: int, now_s: float, cost_s: float, *, silent: bool) -> None:
        """No answer (silent), or one that is not the unit's: a first such is the line's fault, and no rest follows."""
        state = self[unit]
        state.traffic_s = state.probed_s = now_s
        state.failures += 1
        if silent or state.failures > 1:
            state.rests_until_s = now_s + self._rests_s[min(state.failures, len(self._rests_s)) - 1]
        if state.failures > 1:
            self._no_probe_before_s = now_s + cost_s * (1 / PROBE_SHARE - 1)

    def forget_rests(self) -> None:
        """The line was reopened: everybody gets a fresh chance."""
        for state in self.states.values():
            state.failures = 0
            state.rests_until_s = 0.0
        self._no_probe_before_s = 0.0

    def _other_alive(self, unit: int, now_s: float) -> bool:
        return any(
            number != unit and other.answered_s is not None and now_s - other.answered_s < RECENT_S
            for number, other in self.states.items()
        )

    @staticmethod
    def _goes_before(other: UnitState, state: UnitState, now_s: float) -> bool:
        """Is the other one silent too, ready, asked for, and probed longer ago?"""
        ready = other.failures > 0 and now_s >= other.rests_until_s and now_s - other.asked_s < RECENT_S
        return ready and other.probed_s < state.probed_s
