"""One EVSE, running: what its devices, people and hubs say comes in here, as plain calls that never wait."""

import logging
from collections.abc import Callable

from roampost.clock import Clock
from roampost.evse.closing import late
from roampost.evse.effect import Note
from roampost.evse.event import Card, Grant, Kind
from roampost.evse.evse import Evse
from roampost.evse.state import ASKING
from roampost.evse.step import Rules
from roampost.site.core import Doors, EvseCore
from roampost.site.faultline import FaultLine
from roampost.site.permit import PermitKeeper
from roampost.site.senses import Senses
from roampost.site.settling import Settling
from roampost.site.watch import STUCK, Timing, Watch
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading

log = logging.getLogger(__name__)
# A meter that is strange again and again is written down this often.
NOTE_S = 300.0


class EvseLoop:
    """The EVSE's front: `take_*` for devices, `card` and operator's words for people, the rest for hubs."""

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
        self.senses = senses
        self.lines = lines
        self.hurry_inputs: dict[str, Callable[[float], None]] = {}
        self._doors = doors
        self._keeper = keeper
        self._noted_s: float | None = None
        self._now_s = clock.mono_s
        self._clock = clock
        self._settling = Settling(doors.meter_by)
        self._core = EvseCore(
            evse, rules, keeper=keeper, doors=doors, meter_wh=lambda: senses.meter_wh(clock.mono_s()), clock=clock
        )
        self._watch = Watch(self._core, senses, lines, timing, self._settling, absent_s=absent_s, now_s=clock.mono_s)

    @property
    def evse(self) -> Evse:
        """The record as it is in memory."""
        return self._core.evse

    @property
    def quiet(self) -> bool:
        """Whether the charger took the word that forbids, and was read back so; True where nothing is controlled."""
        return self._keeper is None or self._keeper.quiet

    def fault_lines(self) -> list[FaultLine]:
        """Every fault line of this EVSE."""
        return self._watch.fault_lines()

    # -- devices ------------------------------------------------------------------------------------------------

    def take_charger(self, reading: ChargerReading) -> None:
        """A fresh look at the charging controller."""
        self.senses.take_charger(reading)
        if self._keeper is not None:
            self._keeper.saw(reading)
        if self.evse.closing is not None:
            self._settling.saw(reading)
        due_s = self.senses.due_s()
        if due_s is not None:
            self._doors.charger_by(due_s)
        if self.senses.awaits_power:
            self._doors.meter_by(reading.taken_s)
        self.tick()

    def take_meter(self, reading: MeterReading) -> None:
        """A fresh reading of the meter; the guard has the last word on it."""
        idle = self.evse.session is None and self.evse.closing is None
        refusal = self.senses.take_meter(reading, may_rebase=idle)
        if refusal is None:
            self._metered(reading)
        else:
            self._note_refusal(refusal)
        self.tick()

    def take_inputs(self, device: str, reading: InputsReading) -> None:
        """A fresh look at the fault lines of one module."""
        lines = self.lines[device]
        self.senses.take_inputs(device, reading, lines)
        due = [at_s for line in lines if (at_s := line.due_s()) is not None]
        if due and device in self.hurry_inputs:
            self.hurry_inputs[device](min(due))
        self.tick()

    def tick(self) -> None:
        """A device could not be read, or time passed."""
        self._watch.tick()

    def _note_refusal(self, refusal: str) -> None:
        now_s = self._now_s()
        if self._noted_s is None or now_s - self._noted_s >= NOTE_S:
            self._noted_s = now_s
            log.warning("%s: meter reading refused: %s", self.evse.evse_id, refusal)
            self._core.commit((Note("meter_refused", refusal),))

    def _metered(self, reading: MeterReading) -> None:
        evse = self.evse
        if evse.session is not None:
            if not self._core.looked:
                return  # a recovered session: until it is resumed, its last good reading tells when energy last flowed
            self._core.metered(evse.session.metered(reading.energy_wh, self._clock.stamp()))
        elif evse.closing is not None and self._settling.final(reading):
            self._core.feed(Kind.SETTLED, "the meter's last word is in", meter_wh=reading.energy_wh)

    # -- cards and hubs -----------------------------------------------------------------------------------------

    def card(self, uid: str, session_id: str) -> None:
        """A card was shown for this EVSE; session_id is the ID under which it may be asked for."""
        session = self.evse.session
        if self._keeper is None:
            log.info("%s: card ignored, this EVSE is only observed", self.evse.evse_id)
        elif session is not None and session.stoppable_by(uid):
            self._core.feed(Kind.STOP, "stopped by card", card=Card(uid, session_id))
        elif self.evse.closing is not None:
            log.info("%s: card ignored, the last session is still being written", self.evse.evse_id)
        else:
            self._core.feed(Kind.CARD, "card shown", card=Card(uid, session_id))

    def granted(self, grant: Grant) -> None:
        """A hub said yes. What nobody waits for is closed at its hub."""
        asking = self.evse.asking
        if self.evse.state in ASKING and (asking is None or asking.session_id != grant.card.session_id):
            self._core.commit(tuple(late(grant, self.evse.evse_id, self._clock.stamp())))
        else:
            self._core.feed(Kind.AUTHORIZED, f"authorized by {grant.hub}", grant=grant)

    def refused(self, session_id: str, why: str) -> None:
        """No hub said yes to this question."""
        if self.evse.asking is not None and self.evse.asking.session_id == session_id:
            self._core.feed(Kind.REFUSED, why)

    def stop_granted(self, session_id: str, uid: str) -> None:
        """The session's hub lets this other card stop it."""
        if self.evse.session is not None and self.evse.session.session_id == session_id:
            self._core.feed(Kind.STOP, "stopped by another card that the hub allows", card=Card(uid, session_id))

    # -- the operator -------------------------------------------------------------------------------------------

    def disable(self) -> None:
        """Take the EVSE out of service; a running session ends."""
        self._core.put(disabled=True)
        self._core.feed(Kind.DISABLE, "disabled by the operator")

    def enable(self) -> None:
        """Put the EVSE back into service."""
        self._core.put(disabled=False)
        self._core.feed(Kind.STILL_FAULTED if self.evse.faults else Kind.RELEASED, "enabled by the operator")

    def acknowledge(self, fault: str) -> str | None:
        """Take a latched fault back; the sentence why not, None when done."""
        if fault == STUCK and self._watch.stuck:
            if self._keeper is not None and self._keeper.conducts:
                return "the charger still conducts although it was told not to"
            self._watch.stuck = False
        else:
            line = next((one for one in self._watch.fault_lines() if one.rule.name == fault and one.latch), None)
            if line is None:
                return f"there is no latched fault {fault} at {self.evse.evse_id}"
            if not line.acknowledge():
                return f"fault {fault} is still present"
        self.tick()
        return None

    def forbid(self) -> None:
        """The agent stops: charging is forbidden, the session stays."""
        self._core.forbid()
