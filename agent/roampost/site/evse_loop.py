"""One EVSE, running: readings come in, events are made of them, steps are taken, the level follows at once.

Every method is a plain call: nothing here waits for a disk, a hub or a line. A level that falls is given to the
keeper before the change is even handed to the store; a level that rises waits for the commit of its session.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from roampost.clock import Clock
from roampost.domain.messages import ErrorKind
from roampost.evse.boot import FirstLook, decide
from roampost.evse.effect import AskStart, AskStop, Effect, Note
from roampost.evse.event import Card, Event, Grant, Kind, Trouble
from roampost.evse.evse import Evse
from roampost.evse.phase import EVENT_OF, SETTLED, WORDS, Phase, trouble_of
from roampost.evse.state import PERMITS, State
from roampost.evse.step import Rules, step
from roampost.site.faultline import FaultLine
from roampost.site.permit import PermitKeeper
from roampost.site.senses import Senses
from roampost.site.settling import Settling
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading

log = logging.getLogger(__name__)
# A running session's last good reading is written this often; the meter itself remembers the rest.
CHECKPOINT_S = 300.0
STUCK = "stuck_on"
_STUCK_TROUBLE = Trouble(STUCK, "the charger conducts although it was told not to", ErrorKind.CRITICAL)


@dataclass(frozen=True, slots=True)
class Timing:
    """What the configuration says about patience, in seconds."""

    grace_s: float
    plug_wait_s: float
    resume_within_s: float


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the loop hands things out. commit returns a future that is done when the change is on the disk."""

    commit: Callable[[Evse, tuple[Effect, ...]], "asyncio.Future[object]"]
    ask: Callable[[AskStart | AskStop], None]
    hurry_charger: Callable[[float], None]
    meter_by: Callable[[float], None]


class EvseLoop:
    """`evse` is the truth in memory; it runs ahead of the disk, never behind it."""

    def __init__(
        self,
        evse: Evse,
        rules: Rules,
        timing: Timing,
        *,
        senses: Senses,
        lines: dict[str, list[FaultLine]],
        keeper: PermitKeeper | None,
        doors: Doors,
        clock: Clock,
        absent_s: float | None,
    ) -> None:
        self.evse = evse
        self.senses = senses
        self.lines = lines
        self._rules = rules
        self._timing = timing
        self._keeper = keeper
        self._doors = doors
        self._clock = clock
        self._absent_s = absent_s
        self._left_ma = evse.permitted_ma
        self._looked = False
        self._stuck = False
        self._committed_s = clock.mono_s()
        self._generation = 0
        self._settling = Settling(doors.meter_by)
        if keeper is not None and evse.session is None:
            keeper.set(0)

    # -- what the devices say -----------------------------------------------------------------------------------

    def take_charger(self, reading: ChargerReading) -> None:
        """A fresh look at the charging controller."""
        self.senses.take_charger(reading)
        if self._keeper is not None:
            self._keeper.watch(reading)
            self._keeper.saw(reading)
            self._stuck = self._stuck or self._keeper.stuck()
        if self.evse.closing is not None:
            self._settling.saw(reading)
        due_s = self.senses.due_s()
        if due_s is not None:
            self._doors.hurry_charger(due_s)
        self.tick()

    def take_meter(self, reading: MeterReading) -> None:
        """A fresh reading of the meter; the guard has the last word on it."""
        idle = self.evse.session is None and self.evse.closing is None
        refused_before = self.senses.refusal is not None
        refusal = self.senses.take_meter(reading, may_rebase=idle)
        if refusal is not None:
            if not refused_before:
                log.warning("%s: meter reading refused: %s", self.evse.evse_id, refusal)
                self._commit((Note("meter_refused", refusal),))
        elif self.evse.session is not None:
            session = self.evse.session.metered(reading.energy_wh, self._clock.stamp())
            self.evse = self.evse.model_copy(update={"session": session})
            if self._clock.mono_s() - self._committed_s >= CHECKPOINT_S:
                self._commit(())
        elif self.evse.closing is not None and self._settling.final(reading):
            self.feed(Kind.SETTLED, "the meter's last word is in", meter_wh=reading.energy_wh)
        self.tick()

    def take_inputs(self, device: str, reading: InputsReading) -> None:
        """A fresh look at the fault lines of one module."""
        self.senses.take_inputs(device, reading, self.lines[device])
        self.tick()

    def tick(self) -> None:
        """Look at ages, faults and time-outs; called after every sample and every failure."""
        now_s = self._clock.mono_s()
        if self.evse.disabled and self.evse.state is not State.DISABLED:
            self.feed(Kind.DISABLE, "disabled by the operator")
        self._faults()
        self._staleness(now_s)
        self._look(now_s)
        self._timeouts(now_s)

    # -- what people and hubs say -------------------------------------------------------------------------------

    def card(self, uid: str, session_id: str) -> None:
        """A card was shown for this EVSE; session_id is the ID under which it may be asked for."""
        session = self.evse.session
        if session is not None and session.stoppable_by(uid):
            self.feed(Kind.CARD_STOPS, "stopped by card", card=Card(uid, session_id))
        elif self.evse.closing is not None:
            log.info("%s: card ignored, the last session is still being written", self.evse.evse_id)
        else:
            self.feed(Kind.CARD, "card shown", card=Card(uid, session_id))

    def granted(self, grant: Grant) -> None:
        """A hub said yes. What nobody waits for is closed at its hub."""
        awaited = self.evse.asking is not None and self.evse.asking.session_id == grant.card.session_id
        state = self.evse.state
        if awaited or state not in (State.ASKING, State.ASKING_PLUGGED):
            self.feed(Kind.AUTHORIZED, f"authorized by {grant.hub}", grant=grant)
        else:
            from roampost.evse.closing import late

            self._commit(tuple(late(grant, self.evse.evse_id, self._clock.stamp())))

    def refused(self, session_id: str, why: str) -> None:
        """No hub said yes to this question."""
        if self.evse.asking is not None and self.evse.asking.session_id == session_id:
            self.feed(Kind.REFUSED, why)

    def stop_granted(self, session_id: str, uid: str) -> None:
        """The session's hub lets this other card stop it."""
        if self.evse.session is not None and self.evse.session.session_id == session_id:
            self.feed(Kind.CARD_STOPS, "stopped by another card that the hub allows", card=Card(uid, session_id))

    def disable(self) -> None:
        """Take the EVSE out of service; a running session ends."""
        self.evse = self.evse.model_copy(update={"disabled": True})
        self.feed(Kind.DISABLE, "disabled by the operator")

    def enable(self) -> None:
        """Put the EVSE back into service."""
        self.evse = self.evse.model_copy(update={"disabled": False})
        kind = Kind.STILL_FAULTED if self.evse.faults else Kind.RELEASED
        self.feed(kind, "enabled by the operator")

    def acknowledge(self, fault: str) -> str | None:
        """Take a latched fault back; the sentence why not, None when done."""
        if fault == STUCK and self._stuck:
            if self._keeper is not None and self._keeper.stuck():
                return "the charger still conducts although it was told not to"
            self._stuck = False
            self.tick()
            return None
        for line in (line for lines in self.lines.values() for line in lines):
            if line.rule.name == fault and line.counts:
                if not line.acknowledge():
                    return f"fault {fault} is still present"
                self.tick()
                return None
        return f"there is no latched fault {fault} at {self.evse.evse_id}"

    def forbid(self) -> None:
        """The agent stops: charging is forbidden, the session stays and may be resumed by the next start."""
        self.evse = self.evse.model_copy(update={"permitted_ma": 0})
        if self._keeper is not None:
            self._keeper.set(0)
        self._commit(())

    @property
    def quiet(self) -> bool:
        """Whether the charger was read back as forbidden."""
        return self.senses.reading is None or self.senses.reading.permitted_ma == 0

    # -- how events are made ------------------------------------------------------------------------------------

    def feed(
        self,
        kind: Kind,
        why: str,
        *,
        meter_wh: int | None = None,
        card: Card | None = None,
        grant: Grant | None = None,
        trouble: Trouble | None = None,
        flag: str | None = None,
    ) -> None:
        """Take one step; the level falls before anything else happens."""
        if meter_wh is None and kind is not Kind.SETTLED:
            meter_wh = self.senses.meter_wh(self._clock.mono_s())
        event = Event(kind, self._clock.stamp(), why, meter_wh, card, grant, trouble, flag)
        before = self.evse
        result = step(before, event, self._rules)
        if result.ignored is not None:
            log.debug("%s: %s ignored in %s: %s", before.evse_id, kind, before.state, result.ignored)
            if before.disabled or self.evse.faults:
                self._commit(())
            return
        self.evse = result.evse
        if result.evse.state is not before.state:
            log.info("%s: %s -> %s: %s", before.evse_id, before.state, result.evse.state, why)
        if self._keeper is not None and self._keeper.target_ma is not None:
            self._keeper.set(min(self._keeper.target_ma, self.evse.permitted_ma))
        elif self._keeper is not None and self.evse.permitted_ma == 0:
            self._keeper.set(0)
        if before.closing is None and self.evse.closing is not None:
            self._settling.begin(self._clock.mono_s())
        self._commit(result.effects)

    def _commit(self, effects: tuple[Effect, ...]) -> None:
        self._generation += 1
        self._committed_s = self._clock.mono_s()
        mine = self._generation
        future = self._doors.commit(self.evse, effects)
        future.add_done_callback(lambda done: self._committed(done, mine, effects))

    def _committed(self, done: "asyncio.Future[object]", generation: int, effects: tuple[Effect, ...]) -> None:
        if done.cancelled() or done.exception() is not None:
            return  # the store tells of it; nothing rises on what is not on the disk
        if generation == self._generation:
            self._raise()
        for effect in effects:
            if isinstance(effect, AskStart | AskStop):
                self._doors.ask(effect)

    def _raise(self) -> None:
        """Permit what the state permits; before the first look at the hardware nothing is raised."""
        if self._keeper is not None and self._looked:
            self._keeper.set(self.evse.permitted_ma)

    # -- guards -------------------------------------------------------------------------------------------------

    def _faults(self) -> None:
        found = self._present()
        names = tuple(trouble.name for trouble in found)
        if set(names) != set(self.evse.faults):
            fresh = [trouble for trouble in found if trouble.name not in self.evse.faults]
            self.evse = self.evse.model_copy(update={"faults": names})
            for trouble in fresh:
                self.feed(Kind.FAULT, trouble.text, trouble=trouble)
            if not fresh:
                self._commit(())
        if not names and self.evse.state is State.FAULTED:
            self.feed(Kind.RELEASED, "no fault is present any more")
        for line in (line for lines in self.lines.values() for line in lines if not line.rule.stops):
            if line.news():
                self.feed(Kind.NOTICE, line.rule.text, trouble=line.rule.trouble())

    def _present(self) -> list[Trouble]:
        lines = [line for lines in self.lines.values() for line in lines]
        found = [line.rule.trouble() for line in lines if line.rule.stops and line.counts]
        found += [trouble_of(name) for name in sorted(self.senses.troubles.believed)]
        return [*found, _STUCK_TROUBLE] if self._stuck else found

    def _staleness(self, now_s: float) -> None:
        source = self.senses.latest(now_s)
        late_s = source.late_s(now_s)
        if late_s <= 0:
            return
        state = self.evse.state
        if late_s > self._timing.grace_s and state in (State.HOLDING, State.UNREADABLE):
            self.feed(Kind.GRACE_OVER, f"{source.name} has been silent for longer than the grace")
        elif state not in (State.HOLDING, State.UNREADABLE, State.OUT_OF_SERVICE, State.FAULTED, State.DISABLED):
            held = state in PERMITS or (state is State.STARTING and self.evse.permitted_ma > 0)
            error = source.error()
            why = f"{source.name} cannot be read" + (f": {error}" if error else "")
            self.feed(Kind.STALE_SESSION if held else Kind.STALE, why)

    def _look(self, now_s: float) -> None:
        phase = self.senses.phase.believed
        if phase is None or not self.senses.charger_fresh(now_s):
            return
        whole = self.senses.latest(now_s).late_s(now_s) <= 0
        if not whole and not (phase is Phase.NONE and self.evse.state in PERMITS):
            return
        if not self._looked and (not whole or self._unsettled()):
            return
        first, self._looked = not self._looked, True
        if first and self.evse.session is not None and self.evse.state in (State.STARTING, State.HOLDING):
            self._first_look(phase)
        elif phase not in SETTLED[self.evse.state]:
            self.feed(EVENT_OF[phase], WORDS[phase])
        if first:
            self._raise()

    def _first_look(self, phase: Phase) -> None:
        assert self.evse.session is not None
        assert self.senses.reading is not None
        found_ma = self.senses.reading.permitted_ma
        look = FirstLook(phase is not Phase.NONE, self._left_ma, found_ma, self._absent_s)
        kind, why = decide(self.evse.session, look, self._timing.resume_within_s)
        self.feed(kind, why)

    def _unsettled(self) -> bool:
        """Whether a fault line has not made up its mind since the start."""
        return any(line.unsettled for lines in self.lines.values() for line in lines)

    def _timeouts(self, now_s: float) -> None:
        waited_s = now_s - self.evse.since.mono_ms / 1000
        if self.evse.state is State.AWAITING_PLUG and waited_s > self._timing.plug_wait_s:
            self.feed(Kind.PLUG_TIMEOUT, "nobody plugged in")
        if self.evse.closing is not None:
            self._settling.begin(now_s)
            if self._settling.over(now_s):
                flag = self.senses.refusal or "no meter reading after the end of the session"
                self.feed(Kind.SETTLED, flag, flag=flag)
