"""One EVSE, running: what its devices and its operator say comes in here, as plain calls that never wait."""

import logging
from collections.abc import Callable

from roampost.clock import Clock
from roampost.evse.effect import Note
from roampost.evse.event import Kind
from roampost.evse.evse import Evse
from roampost.evse.step import Rules
from roampost.loop.core import EvseCore
from roampost.loop.doors import Doors
from roampost.loop.faultline import FaultLine
from roampost.loop.patience import Patience, Timing
from roampost.loop.permit import PermitKeeper
from roampost.loop.running import Running
from roampost.loop.senses import Senses
from roampost.loop.settling import Settling
from roampost.loop.visitors import Visitors
from roampost.loop.watch import STUCK, Watch
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading

log = logging.getLogger(__name__)
# A meter that is strange again and again is written down this often.
NOTE_S = 300.0


class EvseLoop(Visitors):
    """The EVSE's front: `take_*` for devices, the operator's words, and what `Visitors` has for people and hubs."""

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
        new_id: Callable[[], str],
    ) -> None:
        core = EvseCore(
            evse, rules, keeper=keeper, doors=doors, meter=lambda: senses.fresh_meter(clock.mono_s()), clock=clock
        )
        super().__init__(core, clock, free=timing.free)
        self.senses = senses
        self.lines = lines
        self.hurry_inputs: dict[str, Callable[[float], None]] = {}
        self._doors = doors
        self._keeper = keeper
        self._noted_s: float | None = None
        self._now_s = clock.mono_s
        self._settling = Settling(doors.meter_by)
        self._watch = Watch(
            core,
            senses,
            lines,
            timing,
            self._settling,
            patience=Patience(core, timing, clock, new_id),
            running=Running(core, timing.idle_end_s, clock),
            absent_s=absent_s,
            now_s=clock.mono_s,
        )

    @property
    def quiet(self) -> bool:
        """Whether the charger took the word that forbids, and was read back so; True where nothing is controlled."""
        return self._keeper is None or self._keeper.quiet

    def readable(self) -> bool:
        """Whether every device of this EVSE was read lately, and what they say has been looked at."""
        return self._core.looked and self.senses.readable(self._now_s())

    def vehicle(self) -> bool | None:
        """Whether a vehicle is connected; None where that cannot be told."""
        return self.senses.vehicle(self._now_s())

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
            self._core.metered(evse.session.metered(reading.energy_wh, self._clock.stamp(), reading.signed))
        elif evse.closing is not None and self._settling.final(reading):
            last, signed = reading.energy_wh, reading.signed
            self._core.feed(Kind.SETTLED, "the meter's last word is in", meter_wh=last, signed=signed)

    # -- the operator -------------------------------------------------------------------------------------------

    def disable(self) -> None:
        """Take the EVSE out of service; a running session ends, and a reservation, which nobody could use."""
        self._core.put(disabled=True)
        self._core.feed(Kind.DISABLE, "disabled by the operator")
        self.unreserve("disabled by the operator")

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
