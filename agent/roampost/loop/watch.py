"""The guards: what the readings, their ages and the clock mean is decided here, before the table sees an event.

`tick` is called after every reading and after every failure to read. It is level-triggered: it compares what is
with what the state stands for, so that nothing that was missed once is missed for ever.
"""

from collections.abc import Callable

from roampost.domain.messages import ErrorKind
from roampost.evse.boot import FirstLook, decide
from roampost.evse.event import Kind, Trouble
from roampost.evse.phase import EVENT_OF, SETTLED, WORDS, Phase, trouble_of
from roampost.evse.state import HELD_DOWN, PERMITS, State
from roampost.loop.core import EvseCore
from roampost.loop.faultline import FaultLine
from roampost.loop.patience import Patience, Timing
from roampost.loop.running import Running
from roampost.loop.senses import Senses
from roampost.loop.settling import Settling

STUCK = "stuck_on"
_STUCK_TROUBLE = Trouble(STUCK, "the charger conducts although it was told not to", ErrorKind.CRITICAL)
# In these an unreadable device changes nothing more.
_BLIND = frozenset({State.HOLDING, State.UNREADABLE, State.OUT_OF_SERVICE, State.FAULTED, State.DISABLED})


class Watch:
    """The guards of one EVSE. lines: its fault lines by module; absent_s: since the last record, None if unknown."""

    def __init__(
        self,
        core: EvseCore,
        senses: Senses,
        lines: dict[str, list[FaultLine]],
        timing: Timing,
        settling: Settling,
        *,
        patience: Patience,
        running: Running,
        absent_s: float | None,
        now_s: Callable[[], float],
    ) -> None:
        self._core = core
        self._senses = senses
        self._lines = lines
        self._timing = timing
        self._settling = settling
        self._patience = patience
        self._running = running
        self._absent_s = absent_s
        self._left_ma = core.evse.permitted_ma
        self._now_s = now_s
        self.stuck = STUCK in core.evse.faults

    def fault_lines(self) -> list[FaultLine]:
        """Every fault line of this EVSE."""
        return [line for lines in self._lines.values() for line in lines]

    def tick(self) -> None:
        """Compare what is with what the state stands for."""
        now_s = self._now_s()
        keeper = self._core.keeper
        self.stuck = self.stuck or (keeper is not None and keeper.stuck())
        if self._core.evse.disabled and self._core.evse.state is not State.DISABLED:
            self._core.feed(Kind.DISABLE, "disabled by the operator")
        self._faults()
        self._notices()
        # Looked first: a vehicle that left while the meter is silent is gone before the EVSE is called unreadable.
        self._look(now_s)
        self._staleness(now_s)
        self._patience.tick(now_s, vehicle=self._senses.vehicle(now_s))
        self._running.tick(now_s)
        self._settle(now_s)
        self._core.settle_writes()

    def _faults(self) -> None:
        found = self._present()
        names = tuple(trouble.name for trouble in found)
        known = self._core.evse.faults
        if set(names) != set(known):
            self._core.put(faults=names)
            self._core.commit()
        for trouble in found:
            # A latch that was recovered is known already, and holds the EVSE down all the same.
            if trouble.name not in known or self._core.evse.state not in HELD_DOWN:
                self._core.feed(Kind.FAULT, trouble.text, trouble=trouble)
        if not names and self._core.evse.state is State.FAULTED:
            self._core.feed(Kind.RELEASED, "no fault is present any more")

    def _present(self) -> list[Trouble]:
        found = [line.rule.trouble() for line in self.fault_lines() if line.rule.stops and line.counts]
        found += [trouble_of(name) for name in sorted(self._senses.troubles.believed)]
        return [*found, _STUCK_TROUBLE] if self.stuck else found

    def _notices(self) -> None:
        for line in self.fault_lines():
            if not line.rule.stops and line.news():
                self._core.feed(Kind.NOTICE, line.rule.text, trouble=line.rule.trouble())

    def _staleness(self, now_s: float) -> None:
        source = self._senses.latest(now_s)
        late_s, state = source.late_s(now_s), self._core.evse.state
        if late_s <= 0:
            return
        if late_s > self._timing.grace_s and state in (State.HOLDING, State.UNREADABLE):
            self._core.feed(Kind.GRACE_OVER, f"{self._senses.why_late(source)}; the grace is over")
        elif state not in _BLIND:
            held = state in PERMITS or (state is State.STARTING and self._core.evse.permitted_ma > 0)
            self._core.feed(Kind.STALE_SESSION if held else Kind.STALE, self._senses.why_late(source))

    def _look(self, now_s: float) -> None:
        phase = self._senses.phase.believed
        if phase is None or not self._senses.charger_fresh(now_s):
            return
        whole = self._senses.readable(now_s)
        # An unplugged car ends its session even while the meter cannot be read.
        if not whole and not (phase is Phase.NONE and self._core.evse.state in PERMITS):
            return
        if self._core.looked:
            self._compare(phase)
        elif whole and self._senses.metered and not any(line.unsettled for line in self.fault_lines()):
            self._first_look(phase)

    def _compare(self, phase: Phase) -> None:
        if phase not in SETTLED[self._core.evse.state]:
            self._core.feed(EVENT_OF[phase], WORDS[phase])

    def _first_look(self, phase: Phase) -> None:
        session, reading = self._core.evse.session, self._senses.reading
        if session is None or reading is None or self._core.evse.state not in (State.STARTING, State.HOLDING):
            self._compare(phase)
        else:
            look = FirstLook(
                phase is not Phase.NONE, self._left_ma, reading.permitted_ma, self._absent_s, self._timing.falls_back
            )
            kind, why = decide(session, look, self._timing.resume_within_s)
            # Whose energy that was is for a person to judge.
            self._core.feed(kind, why, flag=why if kind is Kind.LOST else None)
        self._core.look()

    def _settle(self, now_s: float) -> None:
        if self._core.evse.closing is not None:
            self._settling.begin(now_s)
            flag = self._senses.refusal or self._settling.why
            if self._settling.over(now_s):
                self._core.feed(Kind.SETTLED, flag, flag=flag)
