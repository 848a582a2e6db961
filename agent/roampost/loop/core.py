"""One EVSE's record and permission: take a step, let the level fall at once, commit, let it rise after the commit.

Every method is a plain call: nothing here waits for a disk, a hub or a line. A level that falls is given to the
keeper before the change is even handed to the store; a level that rises waits for the commit of its session, and
for the first look at the hardware after a start.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from roampost.clock import Clock
from roampost.evse.effect import AskStart, AskStop, Effect, Tell
from roampost.evse.event import Card, Event, Grant, Kind, Trouble
from roampost.evse.evse import Evse
from roampost.evse.reservation import Reservation
from roampost.evse.session import Session
from roampost.evse.step import Rules, step
from roampost.loop.doors import Doors
from roampost.loop.permit import PermitKeeper
from roampost.store.errors import ChangeRefused
from roampost_drivers.roles import MeterReading

log = logging.getLogger(__name__)
# A record that the disk did not take is handed over again after this time, twice as long after every failure.
REWRITE_S = 5.0
REWRITE_MAX_S = 300.0
# A running session's last good reading is written this often; the meter itself remembers the rest.
CHECKPOINT_S = 300.0


class EvseCore:
    """`evse` is the truth in memory; it runs ahead of the disk, never behind it.

    meter gives the believed reading while it is fresh; progress is the door's.
    """

    def __init__(
        self,
        evse: Evse,
        rules: Rules,
        *,
        keeper: PermitKeeper | None,
        doors: Doors,
        meter: Callable[[], MeterReading | None],
        clock: Clock,
    ) -> None:
        self.evse = evse
        self.keeper = keeper
        self.clock = clock
        self.looked = False
        self.stopping = False
        self.meter = meter
        self.progress = doors.progress
        self.began = clock.stamp()
        self._committed_s = clock.mono_s()
        self._rules = rules
        self._doors = doors
        self._generation = self._on_disk = 0
        self._unwritten = False
        self._rewrite_s = REWRITE_S
        self._newest: asyncio.Future[Any] | None = None
        if keeper is not None and evse.session is None:
            keeper.set(0)

    def feed(
        self,
        kind: Kind,
        why: str,
        *,
        meter_wh: int | None = None,
        card: Card | None = None,
        grant: Grant | None = None,
        trouble: Trouble | None = None,
        reservation: Reservation | None = None,
        signed: str | None = None,
        flag: str | None = None,
    ) -> bool:
        """Take one step with an event of this kind; False where the table ignores it."""
        if meter_wh is None and kind is not Kind.SETTLED:
            reading = self.meter()
            meter_wh, signed = (None, None) if reading is None else (reading.energy_wh, reading.signed)
        before = self.evse
        event = Event(
            kind,
            self.clock.stamp(),
            why,
            meter_wh=meter_wh,
            card=card,
            grant=grant,
            trouble=trouble,
            reservation=reservation,
            signed=signed,
            flag=flag,
        )
        result = step(before, event, self._rules)
        if result.ignored is not None:
            log.debug("%s: %s ignored in %s: %s", before.evse_id, kind, before.state, result.ignored)
            return False
        self.evse = result.evse
        if result.evse.state is not before.state:
            log.info("%s: %s -> %s: %s", before.evse_id, before.state, result.evse.state, why)
        self._lower()
        self.commit(result.effects)
        return True

    def put(self, **changes: object) -> None:
        """Change the record in memory; the next commit writes it."""
        self.evse = self.evse.model_copy(update=changes)

    def commit(self, effects: tuple[Effect, ...] = ()) -> None:
        """Hand the record and its effects to the store."""
        self._generation += 1
        self._committed_s = self.clock.mono_s()
        mine = self._generation
        future = self._newest = self._doors.commit(self.evse, effects)
        future.add_done_callback(lambda done: self._committed(done, mine, effects))

    def committed(self) -> "asyncio.Future[Any]":
        """Done when all that was handed to the store so far is on the disk (it writes in order); raises when it is not.

        Whoever waits may give up: the write goes on.
        """
        if self._newest is None:
            self._newest = asyncio.get_running_loop().create_future()
            self._newest.set_result(None)
        return asyncio.shield(self._newest)

    def metered(self, session: Session) -> None:
        """Keep the session's newer reading; the first one of all lets its level rise, the others are written now
        and then."""
        self.put(session=session)
        level_ma = self.evse.level_ma(self._rules.limit_ma)
        if level_ma != self.evse.permitted_ma:
            self.put(permitted_ma=level_ma)
            self._lower()
            self.commit()
        elif self.clock.mono_s() - self._committed_s >= CHECKPOINT_S:
            self.commit()

    def settle_writes(self) -> None:
        """Hand the record over again when the disk did not take it."""
        waited_s = self.clock.mono_s() - self._committed_s
        if self._unwritten and waited_s > self._rewrite_s and not self._doors.stalled():
            self._rewrite_s = min(2 * self._rewrite_s, REWRITE_MAX_S)
            self.commit()

    def look(self) -> None:
        """The first look at the hardware has been taken: what the state permits may rise from now on."""
        self.looked = True
        if self._on_disk == self._generation:
            self._raise()

    def forbid(self) -> None:
        """The agent stops: nothing is permitted any more, the session stays and may be resumed by the next start."""
        self.stopping = True
        self._rules = replace(self._rules, limit_ma=0)
        self.put(permitted_ma=0)
        self._lower()
        self.commit()

    def _lower(self) -> None:
        if self.keeper is None:
            return
        if self.keeper.target_ma is not None:
            self.keeper.set(min(self.keeper.target_ma, self.evse.permitted_ma))
        elif self.evse.permitted_ma == 0:
            self.keeper.set(0)

    def _raise(self) -> None:
        if self.keeper is not None and self.looked:
            self.keeper.set(self.evse.permitted_ma)

    def _committed(self, done: "asyncio.Future[Any]", generation: int, effects: tuple[Effect, ...]) -> None:
        error = asyncio.CancelledError() if done.cancelled() else done.exception()
        if error is not None:
            self._unwritten = True  # nothing rises on what is not on the disk; settle_writes tries again
            self._report(error, effects)
            self._give_up(effects)
            return
        self._on_disk = max(self._on_disk, generation)
        if generation == self._generation:
            self._unwritten, self._rewrite_s = False, REWRITE_S
            self._raise()
        for effect in effects:
            if isinstance(effect, AskStart | AskStop) and self._still_asked(effect):
                self._doors.ask(effect)

    def _still_asked(self, question: AskStart | AskStop) -> bool:
        """Whether what was asked before the commit is still wanted after it."""
        if isinstance(question, AskStart):
            return self.evse.asking is not None and self.evse.asking.session_id == question.card.session_id
        return self.evse.session is not None and self.evse.session.session_id == question.session.session_id

    def _report(self, error: BaseException, effects: tuple[Effect, ...]) -> None:
        """What the store refuses for good is named; what it keeps needs no word here."""
        lost = [effect.message.kind for effect in effects if isinstance(effect, Tell)]
        if isinstance(error, ChangeRefused) and lost:
            log.error("%s: never told to a hub: %s (%s)", self.evse.evse_id, ", ".join(lost), error)

    def _give_up(self, effects: tuple[Effect, ...]) -> None:
        """A question is asked only when it is on the disk: the person hears no."""
        asked = {effect.card.session_id for effect in effects if isinstance(effect, AskStart)}
        if self.evse.asking is not None and self.evse.asking.session_id in asked:
            self.feed(Kind.REFUSED, "the disk takes no writes, so no session can be opened")
