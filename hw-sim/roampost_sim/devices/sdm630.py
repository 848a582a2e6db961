"""Eastron SDM630 v2 three-phase meter: FC04, two registers per value, IEEE 754 single, high word first.

The counter inside is finer than what the bus shows: a float32 of kWh has steps of about 1 Wh above 8 MWh, and
all values stand still for one display step.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from roampost_sim.plan import Plan
from roampost_sim.wire.unit import ILLEGAL_ADDRESS, ILLEGAL_VALUE, READ_HOLDING, READ_INPUT, RefusalError, Unit, block

VOLTAGE, CURRENT, POWER = (0x00, 0x02, 0x04), (0x06, 0x08, 0x0A), (0x0C, 0x0E, 0x10)
POWER_TOTAL, POWER_FACTOR, FREQUENCY = 0x34, 0x3E, 0x46
IMPORT, EXPORT, SUM = 0x48, 0x4A, 0x156
# Reactive import and export (kvarh), apparent energy (kVAh), charge (Ah): Eastron's own table of the SDM630 v2.
OTHER_SUMS = (0x4C, 0x4E, 0x50, 0x52)
IMPORT_OF_PHASE = (0x15A, 0x15C, 0x15E)
SERIAL = 0xFC00
PHASES = 3


class Sdm630Plan(Plan):
    kind: Literal["sdm630"] = "sdm630"
    line: str
    unit: int = Field(ge=1, le=247)
    serial: int = Field(default=21_234_567, ge=0, le=0xFFFFFFFF)
    energy_wh: float = Field(default=0.0, ge=0)
    display_step_s: float = Field(default=0.5, ge=0)
    turnaround_ms: int = Field(default=20, ge=0)


class Sdm630(Unit):
    functions = frozenset({READ_HOLDING, READ_INPUT})

    def __init__(self, plan: Sdm630Plan, now: Callable[[], float], voltage_v: float = 230.0) -> None:
        super().__init__(plan.unit, plan.turnaround_ms / 1000)
        self.plan = plan
        self.energy_wh = plan.energy_wh
        self._of_phase_wh = [plan.energy_wh / PHASES] * PHASES
        self._power_w = [0.0] * PHASES
        self._voltage_v = voltage_v
        self._now = now
        self._display_s = 0.0
        self._display: dict[int, int] = {}
        self._show()

    def integrate(self, energy_wh: float, phases: int) -> None:
        """Energy that flowed through the first `phases` phases since the last call."""
        self.energy_wh += energy_wh
        for phase in range(phases):
            self._of_phase_wh[phase] += energy_wh / phases

    def flow(self, power_w: float, phases: int) -> None:
        """The power that flows from now on."""
        self._power_w = [power_w / phases if phase < phases else 0.0 for phase in range(PHASES)]

    @property
    def register_wh(self) -> float:
        """What the import register says to someone who reads it now."""
        high, low = self._registers()[IMPORT], self._registers()[IMPORT + 1]
        return round(single(high, low) * 1000, 3)

    def read_registers(self, function: int, address: int, count: int) -> Sequence[int]:
        if function == READ_HOLDING:
            return block(words(SERIAL, self.plan.serial.to_bytes(4, "big")), address, count)
        if address % 2:
            raise RefusalError(ILLEGAL_ADDRESS)
        if count % 2:
            raise RefusalError(ILLEGAL_VALUE)
        return block(self._registers(), address, count)

    def _registers(self) -> dict[int, int]:
        self.refresh()
        return self._display

    def refresh(self) -> None:
        """Takes over the values once per display step."""
        step_s = self.plan.display_step_s
        if step_s == 0 or self._now() >= self._display_s + step_s:
            self._show()

    def _show(self) -> None:
        step_s = self.plan.display_step_s
        self._display_s = self._now() // step_s * step_s if step_s else 0.0
        self._display = {}
        for address, value in self._values().items():
            self._display |= words(address, struct.pack(">f", value))

    def _values(self) -> dict[int, float]:
        volts = self._voltage_v
        return (
            dict.fromkeys(VOLTAGE, volts)
            | {address: watts / volts for address, watts in zip(CURRENT, self._power_w, strict=True)}
            | dict(zip(POWER, self._power_w, strict=True))
            | {POWER_TOTAL: sum(self._power_w), POWER_FACTOR: 1.0, FREQUENCY: 50.0}
            | dict.fromkeys(OTHER_SUMS, 0.0)
            | {IMPORT: self.energy_wh / 1000, EXPORT: 0.0, SUM: self.energy_wh / 1000}
            | {address: wh / 1000 for address, wh in zip(IMPORT_OF_PHASE, self._of_phase_wh, strict=True)}
        )


def words(address: int, data: bytes) -> dict[int, int]:
    """Four bytes as two registers, high word first."""
    high, low = struct.unpack(">HH", data)
    return {address: high, address + 1: low}


def single(high: int, low: int) -> float:
    value: float = struct.unpack(">f", struct.pack(">HH", high, low))[0]
    return value
