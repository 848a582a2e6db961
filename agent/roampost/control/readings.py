"""The answer to "what do the devices say right now": a technician's view, of values and their ages. Pure values.

Ages are seconds. Nothing here is debounced or judged, and no card number is in it.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class DeviceNow:
    """age_s is the latest reading's, None before the first. answers tells of the latest question alone.

    last_error stays when the device answers again.
    """

    name: str
    age_s: float | None
    answers: bool
    last_error: str | None
    error_age_s: float | None


@dataclass(frozen=True, slots=True)
class ControllerSays:
    """Currents are per phase; None where the device does not tell."""

    pilot: str
    permitted_ma: int
    offered_ma: int | None
    cable_limit_ma: int | None
    contactor_closed: bool | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ControllerNow:
    device: DeviceNow
    says: ControllerSays | None


@dataclass(frozen=True, slots=True)
class MeterNow:
    """energy_wh is the register as it was read; refused: why the agent does not believe it."""

    device: DeviceNow
    energy_wh: int | None
    power_w: int | None
    refused: str | None


@dataclass(frozen=True, slots=True)
class FaultLineNow:
    """input counts from 1. contact is what the last sample means; a latched line stops although it is healthy."""

    name: str
    device: DeviceNow
    input: int
    energised: bool | None
    contact: Literal["healthy", "faulty"] | None
    latched: bool


@dataclass(frozen=True, slots=True)
class EvseReadings:
    evse_id: str
    controller: ControllerNow
    meter: MeterNow | None
    fault_lines: tuple[FaultLineNow, ...]


@dataclass(frozen=True, slots=True)
class ReaderNow:
    """error is None while the reader answers."""

    name: str
    error: str | None


@dataclass(frozen=True, slots=True)
class LineNow:
    """What happened on the line since the agent's start; error is None while it is open."""

    name: str
    error: str | None
    requests: int
    timeouts: int
    foreign: int
    refused: int
    opened: int


@dataclass(frozen=True, slots=True)
class Readings:
    """at_ms is Unix time."""

    at_ms: int
    evses: tuple[EvseReadings, ...]
    readers: tuple[ReaderNow, ...]
    lines: tuple[LineNow, ...]

    def to_json(self) -> dict[str, Any]:
        """What the `readings` command answers."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Raises ValueError when another version of the agent answered."""
        try:
            return TypeAdapter(cls).validate_python(document)
        except ValidationError:
            raise ValueError("the agent's readings cannot be read; is it another version?") from None
