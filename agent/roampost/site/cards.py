"""Which EVSE is a card meant for? One reader may serve several.

In this order: the EVSE whose session the card may stop; the EVSE that was plugged in last and waits for a card;
the only one that is free; else the card is kept for a while for the next car that is plugged in.
"""

import logging
from collections.abc import Callable, Sequence

from roampost.evse.state import State
from roampost.site.evse_loop import EvseLoop
from roampost_drivers.roles import Tap

log = logging.getLogger(__name__)
# A person who shows the card first has this long to plug in, where the reader cannot know at which EVSE.
KEEP_CARD_S = 30.0


class CardDesk:
    """The EVSEs of one reader. new_id makes the session ID under which a card is asked for."""

    def __init__(self, loops: Sequence[EvseLoop], *, now_s: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._loops = loops
        self._now_s = now_s
        self._new_id = new_id
        self._kept: Tap | None = None

    def tap(self, tap: Tap) -> None:
        """Give a card to the EVSE it is meant for, or keep it."""
        loop = self._choose(tap.uid)
        if loop is None:
            log.info("card kept until a vehicle is plugged in")
        self._kept = tap if loop is None else None
        if loop is not None:
            loop.card(tap.uid, self._new_id())

    def turn(self) -> None:
        """Give a kept card to a vehicle that was plugged in since; drop it when its time is over."""
        if self._kept is None:
            return
        loop = self._plugged_last()
        if loop is not None:
            tap, self._kept = self._kept, None
            loop.card(tap.uid, self._new_id())
        elif self._now_s() - self._kept.taken_s > KEEP_CARD_S:
            self._kept = None

    def _choose(self, uid: str) -> EvseLoop | None:
        for loop in self._loops:
            if loop.evse.session is not None and loop.evse.session.stoppable_by(uid):
                return loop
        plugged = self._plugged_last()
        if plugged is not None:
            return plugged
        if len(self._loops) == 1:
            return self._loops[0]
        free = [loop for loop in self._loops if loop.evse.state is State.AVAILABLE]
        return free[0] if len(free) == 1 else None

    def _plugged_last(self) -> EvseLoop | None:
        waiting = [loop for loop in self._loops if loop.evse.state in (State.PLUGGED, State.FINISHING)]
        return max(waiting, key=lambda loop: loop.evse.since.mono_ms, default=None)
