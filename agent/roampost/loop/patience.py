"""What waits at an EVSE, and until when: a question, a plug, a reservation, a vehicle where charging is free.

A free charge begins once per plug: what was stopped by the operator, from afar or by a fault begins anew only after
the vehicle was unplugged (a fault that comes back with the current would switch the contactor for ever). A session
that ended because nobody could look begins anew by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

from roampost.clock import Clock
from roampost.evse.event import Card, Decider, Grant, Kind
from roampost.evse.state import ASKING, State
from roampost.loop.core import EvseCore

# Whoever asks the hubs comes back sooner than that, with a yes or a no; this is for the case that he never does.
ASKED_S = 20.0


@dataclass(frozen=True, slots=True)
class Timing:
    """What the configuration says about patience, in seconds. falls_back: the charger has a watchdog of its own.

    idle_end_s: the hub hears of the end when nothing was drawn for so long, 0: never. free: whoever plugs in may
    charge.
    """

    grace_s: float
    plug_wait_s: float
    resume_within_s: float
    falls_back: bool = False
    idle_end_s: float = 0.0
    free: bool = False


class Patience:
    """new_id makes the session ID of a free charge."""

    def __init__(self, core: EvseCore, timing: Timing, clock: Clock, new_id: Callable[[], str]) -> None:
        self._core = core
        self._timing = timing
        self._clock = clock
        self._new_id = new_id

    def tick(self, now_s: float, *, vehicle: bool | None) -> None:
        """Time passed. vehicle: whether one is connected, None where that cannot be told."""
        self._asked(now_s)
        self._reserved()
        if vehicle is False and self._core.evse.served:
            # Unplugged while it was held down: no event of the table tells of that.
            self._core.put(served=False)
            self._core.commit()
        if vehicle and self._waits_for_free():
            grant = Grant(None, None, Card(None, self._new_id()), decided_by=Decider.FREE)
            self._core.feed(Kind.FREE, "plugged in where charging is free", grant=grant)

    def _asked(self, now_s: float) -> None:
        evse = self._core.evse
        there_s = now_s - evse.since.mono_ms / 1000
        if evse.state is State.AWAITING_PLUG and there_s > self._timing.plug_wait_s:
            self._core.feed(Kind.PLUG_TIMEOUT, "authorized, but nobody plugged in")
        # A vehicle that is plugged in meanwhile is no new question.
        since = evse.since if evse.asking is None or evse.asking.since is None else evse.asking.since
        if evse.state in ASKING and now_s - since.mono_ms / 1000 > ASKED_S:
            self._core.feed(Kind.REFUSED, "no hub answered in time")

    def _reserved(self) -> None:
        reservation = self._core.evse.reservation
        if reservation is not None and reservation.over(self._clock.stamp(), self._core.began):
            self._core.feed(Kind.UNRESERVE, "its time is over")

    def _waits_for_free(self) -> bool:
        evse = self._core.evse
        unspoken = evse.closing is None and evse.reservation is None and not evse.served
        controlled = self._core.keeper is not None and not self._core.stopping
        return self._timing.free and controlled and unspoken and evse.state in (State.PLUGGED, State.FINISHING)
