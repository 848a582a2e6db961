"""Which EVSE is a card meant for? One reader may serve several.

In this order: the EVSE whose session the card may stop; the only one of the reader; the one that is reserved for its
driver; the EVSE that was plugged in last and waits for a card; the only one that is free; the vehicle that has
finished, where none is free (its driver may want more, but a stranger at a free EVSE must not pay for it); else the
card is kept for a while for the next vehicle that is plugged in. A card that is being asked about already is not
asked about twice. An EVSE that is reserved for another driver, or where charging is free, is for no card.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing

from roampost.domain.uid import mask_uid
from roampost.evse.state import State
from roampost.loop.evse_loop import EvseLoop
from roampost_drivers.roles import TagReader, Tap

log = logging.getLogger(__name__)
# A person who shows the card first has this long to plug in, where the reader cannot know at which EVSE.
KEEP_CARD_S = 30.0
_WAITS = (State.AVAILABLE, State.PLUGGED)


class CardDesk:
    """The EVSEs of one reader. new_id makes the session ID under which a card is asked for; shown writes a card number
    as the operator wants it in the log."""

    def __init__(
        self,
        loops: Sequence[EvseLoop],
        *,
        now_s: Callable[[], float],
        new_id: Callable[[], str],
        shown: Callable[[str], str] = mask_uid,
    ) -> None:
        self._loops = loops
        self._now_s = now_s
        self._new_id = new_id
        self._shown = shown
        self._kept: Tap | None = None

    def tap(self, tap: Tap) -> None:
        """Give a card to the EVSE it is meant for, or keep it."""
        if any(loop.evse.asking is not None and loop.evse.asking.uid == tap.uid for loop in self._loops):
            log.info("card %s ignored, it is being asked about", self._shown(tap.uid))
            return
        loop = self._choose(tap.uid)
        if loop is None:
            log.info("card %s kept until a vehicle is plugged in", self._shown(tap.uid))
        self._kept = tap if loop is None else None
        if loop is not None:
            log.info("card %s shown for %s", self._shown(tap.uid), loop.evse.evse_id)
            loop.card(tap.uid, self._new_id())

    def turn(self) -> None:
        """Give a kept card to a vehicle that was plugged in since; drop it when its time is over."""
        tap = self._kept
        if tap is None:
            return
        if self._now_s() - tap.taken_s > KEEP_CARD_S:
            self._kept = None
            return
        loop = _latest(self._open_to(tap.uid), State.PLUGGED)
        if loop is not None and loop.evse.since.mono_ms >= tap.taken_s * 1000:
            self._kept = None
            loop.card(tap.uid, self._new_id())

    def _choose(self, uid: str) -> EvseLoop | None:
        for loop in self._loops:
            if loop.evse.session is not None and loop.evse.session.stoppable_by(uid):
                return loop
        if len(self._loops) == 1:
            return self._loops[0]
        open_to = self._open_to(uid)
        kept = [loop for loop in open_to if loop.evse.reservation is not None and loop.evse.state in _WAITS]
        if kept:
            return kept[0]
        plugged = _latest(open_to, State.PLUGGED)
        if plugged is not None:
            return plugged
        free = [loop for loop in open_to if loop.evse.state is State.AVAILABLE]
        if not free:
            return _latest(open_to, State.FINISHING)
        return free[0] if len(free) == 1 else None

    def _open_to(self, uid: str) -> list[EvseLoop]:
        return [loop for loop in self._loops if loop.turned_away(uid) is None]


def _latest(loops: Sequence[EvseLoop], state: State) -> EvseLoop | None:
    """The EVSE that came into this state last."""
    there = [loop for loop in loops if loop.evse.state is state]
    return max(there, key=lambda loop: loop.evse.since.mono_ms, default=None)


async def hand_over(reader: TagReader, desk: CardDesk) -> None:
    """Give every card of the reader to the desk, until cancelled."""
    # Closed here: else a bug at the desk keeps the port open, and whoever is started anew cannot have it.
    async with aclosing(reader.taps()) as taps:
        async for tap in taps:
            desk.tap(tap)
