"""What the agent may ask of a device, whatever its make: four roles.

A reading is a frozen value with its age: `taken_s` is the monotonic second in which the answer was complete.
Every `poll` raises `errors.DriverError`; no role ever returns an old value in place of a fresh one.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Pilot(StrEnum):
    """Control pilot state, IEC 61851-1 (A no vehicle, B connected, C/D wants energy, E/F fault)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


@dataclass(frozen=True, slots=True)
class ChargerReading:
    """One look at a charging controller.

    permitted_ma is the set point read back from the device: 0 means it does not permit charging.
    contactor_closed is None where the device does not tell. faults holds fault names such as "cp_diode".
    """

    pilot: Pilot
    permitted_ma: int
    offered_ma: int | None
    cable_limit_ma: int | None
    contactor_closed: bool | None
    faults: frozenset[str]
    taken_s: float


@dataclass(frozen=True, slots=True)
class MeterReading:
    """One look at a meter: the import register as integer watt-hours, momentary power where it is known.

    signed is the dataset that the meter signed over this very reading, as text; None where it signs nothing.
    """

    energy_wh: int
    power_w: int | None
    taken_s: float
    signed: str | None = None


@dataclass(frozen=True, slots=True)
class InputsReading:
    """The digital inputs, index 0 is input 1; True is an energised input."""

    inputs: tuple[bool, ...]
    taken_s: float


@dataclass(frozen=True, slots=True)
class Tap:
    """A card held to a reader: uid is upper-case hex of 8, 14 or 20 characters."""

    uid: str
    taken_s: float


@dataclass(frozen=True, slots=True)
class WithoutAgent:
    """What a charging controller does while no agent speaks to it.

    keeps_set_point: the last set point stays for ever. default_set_point: it charges on a default of its own
    before an agent speaks (after its own power-up). watchdog_s: it falls back by itself after that time.
    """

    keeps_set_point: bool
    default_set_point: bool
    watchdog_s: float | None = None


class Charger(Protocol):
    """A charging controller."""

    @property
    def name(self) -> str: ...
    @property
    def without_agent(self) -> WithoutAgent: ...
    async def poll(self) -> ChargerReading: ...
    async def permit(self, current_ma: int) -> None:
        """Set the permitted current per phase; 0 forbids.

        First in the line's queue, tried even while the unit rests.
        """

    async def is_commissioned(self) -> bool:
        """Whether the device holds the safe default that it should have while no agent speaks to it."""

    async def commission(self) -> bool:
        """Write the safe default where it differs (such registers wear out); True when it was written."""


class Meter(Protocol):
    """An energy meter."""

    @property
    def name(self) -> str: ...
    async def poll(self, *, confirm: bool = False) -> MeterReading:
        """Read energy and power.

        With `confirm` (billing values) the energy is read twice, in blocks of unlike length.
        """


class Inputs(Protocol):
    """A module of digital inputs."""

    @property
    def name(self) -> str: ...
    async def poll(self) -> InputsReading: ...


class TagReader(Protocol):
    """An RFID reader; it reopens its port by itself, for ever."""

    @property
    def name(self) -> str: ...
    @property
    def fault(self) -> str | None:
        """None while the reader answers, else one sentence."""

    def taps(self) -> AsyncGenerator[Tap, None]:
        """Yield debounced taps until closed, which lets go of the port.

        A reader that is gone yields nothing and is reopened.
        """
