"""What the devices of one EVSE say, with its age: nothing here decides, everything here can be too old.

A source that has not been read within its limit makes the whole EVSE unreadable: without its meter it must not
bill, without its fault lines it must not charge.
"""

from collections.abc import Callable
from dataclasses import dataclass

from roampost.evse.debounce import Debounce
from roampost.evse.energy import Guard
from roampost.evse.phase import Phase, device_troubles, phase_of
from roampost.loop.faultline import FaultLine
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading, Pilot

# A vehicle's plug: all samples of this time must agree; a controller with a pause of 0.1 s gives two in it. Also the
# confirmation of "unplugged".
PLUG_DEBOUNCE_S = 0.2
# Contact tests of a car pull the pilot to C for a moment.
ENERGY_DEBOUNCE_S = 0.3
TROUBLE_DEBOUNCE_S = 0.1
TROUBLE_CLEAR_S = 5.0
# After the contactor closed the meter is asked out of turn for this long; a full car may stay in C all night.
POWER_WAIT_S = 10.0


@dataclass(slots=True)
class Source:
    """One device this EVSE depends on. error tells the last failure in words, unfit why its answers are of no use."""

    name: str
    limit_s: float
    taken_s: float
    error: Callable[[], str | None]
    unfit: str | None = None

    def late_s(self, now_s: float) -> float:
        """How long this source has been too old; 0 or less: it is fresh."""
        return now_s - self.taken_s - self.limit_s


class Senses:
    """The latest readings of one EVSE. `meter` is the last reading that the guard believed."""

    def __init__(self, charger: Source, meter: Source | None, inputs: dict[str, Source], guard: Guard) -> None:
        self._charger = charger
        self._meter = meter
        self._inputs = inputs
        self.guard = guard
        self.reading: ChargerReading | None = None
        self.meter: MeterReading | None = None
        self.refusal: str | None = None
        self.phase: Debounce[Phase | None] = Debounce(None, None, 0.0)
        self.troubles: Debounce[frozenset[str]] = Debounce.of(frozenset(), 0.0)
        self._closed_s = 0.0

    def take_charger(self, reading: ChargerReading) -> None:
        if reading.contactor_closed and not (self.reading is not None and self.reading.contactor_closed):
            self._closed_s = reading.taken_s
        self.reading = reading
        self._charger.taken_s = reading.taken_s
        power_w = self.meter.power_w if self.meter is not None else None
        phase = phase_of(reading, power_w, self.phase.believed)
        if phase is not None:
            self.phase = self.phase.sample(phase, reading.taken_s, _phase_wait_s)
        self.troubles = self.troubles.sample(device_troubles(reading), reading.taken_s, self._trouble_wait_s)

    @property
    def awaits_power(self) -> bool:
        """Whether the contactor has closed just now and only the meter can tell that energy flows."""
        reading = self.reading
        if reading is None or reading.pilot not in (Pilot.C, Pilot.D) or not reading.contactor_closed:
            return False
        fresh = reading.taken_s - self._closed_s < POWER_WAIT_S
        return fresh and Phase.ENERGY not in (self.phase.believed, self.phase.candidate)

    def take_meter(self, reading: MeterReading, *, may_rebase: bool) -> str | None:
        """Take a reading; the sentence why the guard refuses it, None where it is believed."""
        self.guard, self.refusal = self.guard.look(reading.energy_wh, reading.taken_s, may_rebase=may_rebase)
        if self.refusal is None:
            self.meter = reading
            if self._meter is not None:
                self._meter.taken_s = reading.taken_s
        return self.refusal

    def take_inputs(self, device: str, reading: InputsReading, lines: list[FaultLine]) -> None:
        source, count = self._inputs[device], len(reading.inputs)
        beyond = [line.rule for line in lines if line.rule.index >= count]
        if beyond:
            # A fault line that cannot be read is none that is healthy.
            source.unfit = f"it has {count} inputs, and {beyond[0].text} is configured at {beyond[0].index + 1}"
            return
        source.taken_s = reading.taken_s
        for line in lines:
            line.sample(reading.inputs[line.rule.index], reading.taken_s)

    def latest(self, now_s: float) -> Source:
        """The source that has been too old for longest."""
        sources = [self._charger, *self._inputs.values(), *([self._meter] if self._meter else [])]
        return max(sources, key=lambda source: source.late_s(now_s))

    def why_late(self, source: Source) -> str:
        """Why this source is too old, in words."""
        if source is self._meter and self.refusal is not None:
            return f"{source.name} is not believed: {self.refusal}"
        error = source.unfit or source.error()
        return f"{source.name} cannot be read" + (f": {error}" if error else "")

    @property
    def metered(self) -> bool:
        """Whether the meter has been read; True where there is none."""
        return self._meter is None or self.meter is not None

    def charger_fresh(self, now_s: float) -> bool:
        return self._charger.late_s(now_s) <= 0

    def fresh_meter(self, now_s: float) -> MeterReading | None:
        """The believed reading while it is fresh."""
        return None if self._meter is None or self._meter.late_s(now_s) > 0 else self.meter

    def meter_wh(self, now_s: float) -> int | None:
        """The believed register while it is fresh."""
        reading = self.fresh_meter(now_s)
        return None if reading is None else reading.energy_wh

    def readable(self, now_s: float) -> bool:
        """Whether every device of this EVSE was read lately."""
        return self.latest(now_s).late_s(now_s) <= 0

    def vehicle(self, now_s: float) -> bool | None:
        """Whether a vehicle is connected; None where that cannot be told."""
        if self.phase.believed is None or not self.charger_fresh(now_s):
            return None
        return self.phase.believed is not Phase.NONE

    def due_s(self) -> float | None:
        """When another charger sample would settle a change."""
        due = [at_s for at_s in (self.phase.due_s(_phase_wait_s), self.troubles.due_s(self._trouble_wait_s)) if at_s]
        return min(due, default=None)

    def _trouble_wait_s(self, names: frozenset[str]) -> float:
        return TROUBLE_CLEAR_S if names < self.troubles.believed else TROUBLE_DEBOUNCE_S


def _phase_wait_s(phase: Phase | None) -> float:
    return ENERGY_DEBOUNCE_S if phase is Phase.ENERGY else PLUG_DEBOUNCE_S
