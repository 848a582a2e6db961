"""EVSE-DIN / EVSE-WB charging controller (evracing.cz; "simpleEVSE").

Link: RTU 9600 8N1. FC03 reads, FC16 writes; other functions are refused. There is no watchdog: the set point stays
when nobody speaks, and 2000 (default current) becomes the set point at power-up.
"""

from collections.abc import Callable, Sequence
from enum import Enum, IntEnum
from typing import Literal

from pydantic import Field

from roampost_sim.plan import Plan
from roampost_sim.wire.unit import (
    ILLEGAL_ADDRESS,
    ILLEGAL_VALUE,
    READ_HOLDING,
    WRITE_REGISTERS,
    RefusalError,
    Unit,
    block,
)

SET_POINT, COMMAND = 1000, 1004
DEFAULT_CURRENT, ADDRESS, MIN_CURRENT, CONFIG = 2000, 2001, 2002, 2005
LAST_STATUS, LAST_STATUS_OLD_FIRMWARE = 1009, 1006
FIRST_FULL_FIRMWARE = 16
FIRST_CENTIAMPERE_FIRMWARE = 17
CURRENT_TABLE = {2010: 6, 2011: 10, 2012: 16, 2013: 25, 2014: 32, 2015: 48, 2016: 63, 2017: 80}
MOST_AMPERES = 80  # the end of the current table, and of IEC 61851's duty cycle

# Bits of 1004 and of 1007
STOP, RCD_TEST, CLEAR_RCD = 1 << 0, 1 << 1, 1 << 2
RELAY_ON, DIODE_FAILED, NO_VENTILATION = 1 << 0, 1 << 1, 1 << 2
RCD_TEST_RUNS, RCD_CHECK_ERROR = 1 << 4, 1 << 5
# Bits of 2005
CHARGE_IN_D, CENTIAMPERES, DISABLED = 1 << 3, 1 << 7, 1 << 14

RCD_TEST_S = 1.0


class Vehicle(IntEnum):
    """What the pilot sees; the values are those of register 1002."""

    ABSENT = 1
    CONNECTED = 2
    READY = 3
    READY_WITH_VENTILATION = 4
    FAILURE = 5


class Pilot(Enum):
    """The values are those of register 1006."""

    STEADY = 1
    PWM = 2
    OFF = 3


class EvseDinPlan(Plan):
    kind: Literal["evse-din"] = "evse-din"
    line: str
    unit: int = Field(ge=1, le=247)
    firmware: int = Field(default=18, ge=1, le=255)
    default_current_a: int = Field(default=6, ge=0, le=MOST_AMPERES)
    min_current_a: int = Field(default=6, ge=0, le=MOST_AMPERES)
    cable_a: int = Field(default=32, ge=0, le=MOST_AMPERES)
    config_bits: int = Field(default=0, ge=0, le=0xFFFF)
    self_test_s: int = Field(default=0, ge=0)
    turnaround_ms: int = Field(default=20, ge=0)


class EvseDin(Unit):
    functions = frozenset({READ_HOLDING, WRITE_REGISTERS})

    def __init__(
        self,
        plan: EvseDinPlan,
        now: Callable[[], float],
        on_set_point: Callable[[int], None] = lambda current_ma: None,
    ) -> None:
        super().__init__(plan.unit, plan.turnaround_ms / 1000)
        self.plan = plan
        self.rcd_check_fails = False
        self.vehicle = Vehicle.ABSENT
        self._diode_ok = True
        self._now = now
        self._on_set_point = on_set_point
        # 2008 is in no published table.
        self._persistent = {address: 0 for address in range(2000, 2010) if address != 2008} | CURRENT_TABLE
        self._persistent |= {DEFAULT_CURRENT: plan.default_current_a, ADDRESS: plan.unit}
        self._persistent |= {MIN_CURRENT: plan.min_current_a, CONFIG: self._allowed_config(plan.config_bits)}
        self.power_up()

    def power_up(self) -> None:
        """What a power cycle does: the default current is the set point again, all the rest starts afresh."""
        self.powered = True
        self.unit_id = self._persistent[ADDRESS]
        per_ampere = 100 if self._config(CENTIAMPERES) else 1
        self._set_point = self._persistent[DEFAULT_CURRENT] * per_ampere
        self._stopped = self._rcd_error = False
        self._rcd_test_ends_s: float | None = None
        self._self_test_ends_s = self._now() + self.plan.self_test_s

    # What the board senses and decides

    # The manual does not say what ends a stop by command 1004: here it is a new set point or an unplugged car.
    def sense(self, vehicle: Vehicle, diode_ok: bool = True) -> None:
        if vehicle is Vehicle.ABSENT:
            self._stopped = False
        self.vehicle, self._diode_ok = vehicle, diode_ok
        if self._rcd_test_ends_s is not None and self._now() >= self._rcd_test_ends_s:
            self._rcd_test_ends_s = None
            self._rcd_error = self.rcd_check_fails

    @property
    def set_point_ma(self) -> int:
        return self._set_point * (10 if self._config(CENTIAMPERES) else 1000)

    @property
    def pilot(self) -> Pilot:
        if not self.powered or self._config(DISABLED):
            return Pilot.OFF
        enough = self._offer_ma() >= max(1, self._persistent[MIN_CURRENT]) * 1000
        usable = self.vehicle in (Vehicle.CONNECTED, Vehicle.READY, Vehicle.READY_WITH_VENTILATION)
        return Pilot.PWM if usable and enough and not self._blocked() else Pilot.STEADY

    @property
    def announced_ma(self) -> int:
        return self._offer_ma() if self.pilot is Pilot.PWM else 0

    @property
    def relay(self) -> bool:
        ready = self.vehicle is Vehicle.READY or (
            self.vehicle is Vehicle.READY_WITH_VENTILATION and self._config(CHARGE_IN_D)
        )
        return self.pilot is Pilot.PWM and ready

    def _offer_ma(self) -> int:
        return min(self.set_point_ma, self.plan.cable_a * 1000)

    def _blocked(self) -> bool:
        return self._stopped or self._rcd_error or self._rcd_test_ends_s is not None or not self._diode_ok

    def _config(self, bit: int) -> bool:
        return bool(self._persistent[CONFIG] & bit)

    # What the bus sees

    def read_registers(self, function: int, address: int, count: int) -> Sequence[int]:
        return block(self._registers(), address, count)

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        registers = range(address, address + len(values))
        known = self._registers()
        if any(one not in known or (one in range(1001, 1010) and one != COMMAND) for one in registers):
            raise RefusalError(ILLEGAL_ADDRESS)
        if not all(self._accepts(one, value) for one, value in zip(registers, values, strict=True)):
            raise RefusalError(ILLEGAL_VALUE)
        for one, value in zip(registers, values, strict=True):
            self._write(one, value)

    def _registers(self) -> dict[int, int]:
        status = {
            SET_POINT: self._set_point,
            1001: self.announced_ma // 1000,
            1002: self.vehicle.value,
            1003: self.plan.cable_a,
            COMMAND: 0,
            1005: self.plan.firmware,
            1006: self.pilot.value,
        }
        if self.plan.firmware < FIRST_FULL_FIRMWARE:
            return status
        self_test_s = max(0, round(self._self_test_ends_s - self._now()))
        return status | {1007: self._status_bits(), 1008: 0, 1009: self_test_s} | self._persistent

    def _status_bits(self) -> int:
        wants_air = self.vehicle is Vehicle.READY_WITH_VENTILATION and not self._config(CHARGE_IN_D)
        return (
            RELAY_ON * self.relay
            | DIODE_FAILED * (not self._diode_ok)
            | NO_VENTILATION * wants_air
            | RCD_TEST_RUNS * (self._rcd_test_ends_s is not None)
            | RCD_CHECK_ERROR * self._rcd_error
        )

    def _accepts(self, address: int, value: int) -> bool:
        if address == SET_POINT:
            return value <= MOST_AMPERES * (100 if self._config(CENTIAMPERES) else 1)
        if address == ADDRESS:
            return 1 <= value <= 247
        return address not in (DEFAULT_CURRENT, MIN_CURRENT) or value <= MOST_AMPERES

    def _write(self, address: int, value: int) -> None:
        if address == SET_POINT:
            self._set_point, self._stopped = value, False
            self._on_set_point(self.set_point_ma)
        elif address == COMMAND:
            self._command(value)
        else:
            self._persistent[address] = self._allowed_config(value) if address == CONFIG else value

    def _command(self, bits: int) -> None:
        if bits & STOP:
            self._stopped = True
        if bits & RCD_TEST:
            self._rcd_test_ends_s = self._now() + RCD_TEST_S
        if bits & CLEAR_RCD:
            self._rcd_error = False

    def _allowed_config(self, bits: int) -> int:
        return bits if self.plan.firmware >= FIRST_CENTIAMPERE_FIRMWARE else bits & ~CENTIAMPERES
