"""What a device file says, as frozen values: a device is data, and no value read from a device ever lives here.

The shapes are plain dataclasses so that the running roles need no validation library; `devicefile` fills them
from TOML and `check` refuses what no manual could mean. Field names are the keys of the file.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from roampost_drivers.roles import Pilot

NO_UNKNOWN_KEYS: Final = {"extra": "forbid"}

Unit = Literal["", "A", "mA", "V", "W", "kW", "mW", "Wh", "kWh", "Hz", "s", "%"]
Type = Literal["bit", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "str"]

REGISTERS_OF: Final = {
    "bit": 1, "u16": 1, "s16": 1, "u32": 2, "s32": 2, "f32": 2, "u64": 4, "s64": 4, "f64": 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the manual's register table; `address` is the 0-based protocol address.

    The meaning of a word is ((raw >> shift) & mask) * scale, in `unit`. `absent` lists raw values (or "nan") by
    which the device says that it has no value. `since_firmware` is the first firmware that has the row.
    """

    name: str
    address: int
    type: Type
    fc: Literal[1, 2, 3, 4] = 3
    words: Literal["BE", "LWF"] = "BE"
    scale: Decimal = Decimal(1)
    unit: Unit = ""
    shift: int = 0
    mask: int | None = None
    length: int | None = None
    absent: tuple[int | Literal["nan"], ...] = ()
    since_firmware: int = 0
    source: str = ""

    __pydantic_config__ = NO_UNKNOWN_KEYS

    @property
    def size(self) -> int:
        """Registers (or bits) that the value takes."""
        return REGISTERS_OF[self.type] if self.length is None else self.length


@dataclass(frozen=True, slots=True)
class Link:
    """How the device is met on the wire as it leaves the factory; a site may set other values."""

    transports: tuple[Literal["rtu", "tcp", "serial"], ...]
    unit: int = 1
    baud: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    tcp_port: int = 502
    pause_ms: int = 0
    timeout_ms: int = 300

    __pydantic_config__ = NO_UNKNOWN_KEYS

    @property
    def pause_s(self) -> float:
        return self.pause_ms / 1000

    @property
    def timeout_s(self) -> float:
        return self.timeout_ms / 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one read may span: registers at most, registers without a row that it may cross, ranges it may not touch."""

    max_registers: int = 125
    bridge: int = 0
    forbidden: tuple[tuple[int, int], ...] = ()

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class PilotMap:
    """Which value of the row is which control pilot state; `match` "first" looks at a text's first letter only."""

    row: str
    states: dict[str, Pilot]
    match: Literal["whole", "first"] = "whole"

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class Finer:
    """Another scale of the set point while a configuration bit is set."""

    row: str
    bit: int
    scale: Decimal

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class SetPoint:
    """The register that permits charging; it is written with `function` and read back with its row.

    `written` is the row to write where the device reads the set point back elsewhere.
    """

    row: str
    written: str | None = None
    function: Literal[6, 16] = 16
    minimum_ma: int = 6000
    maximum_ma: int = 80000
    finer: Finer | None = None

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class Release:
    """A switch beside the set point: charging is permitted only while the row holds `on`."""

    row: str
    on: int = 1
    off: int = 0
    function: Literal[5, 6, 16] = 16

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """A value that the device wants written every so often, or it falls back by itself."""

    row: str
    value: int
    every_s: float
    function: Literal[6, 16] = 16

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class Flag:
    """One bit of a row."""

    row: str
    bit: int = 0

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class FaultMap:
    """Names of faults by bit number, or by value where the row is an enumeration."""

    row: str
    bits: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class Alone:
    """What the controller does while no agent speaks to it (see roles.WithoutAgent)."""

    keeps_set_point: bool
    default_set_point: bool
    watchdog_s: float | None = None

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class SafeDefault:
    """The raw value that a persistent register should hold before the device is left to an agent."""

    row: str
    value: int
    function: Literal[6, 16] = 16

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class ChargerTable:
    """How the rows make up a charging controller."""

    pilot: PilotMap
    set_point: SetPoint
    without_agent: Alone
    release: Release | None = None
    keep_alive: KeepAlive | None = None
    offered: str | None = None
    cable_limit: str | None = None
    contactor: Flag | None = None
    faults: FaultMap | None = None
    firmware: str | None = None
    commissioning: SafeDefault | None = None
    also: tuple[str, ...] = ()

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class MeterTable:
    """How the rows make up a meter.

    A billing value is read a second time, from the energy row's address on, in one of `confirm_counts` registers:
    lengths that no other read of the meter has, so that a late answer cannot pass for it.
    """

    energy: str
    rated_power_w: int
    confirm_counts: tuple[int, ...]
    power: str | None = None
    step_wh: int = 1
    also: tuple[str, ...] = ()

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class InputsTable:
    """A run of digital inputs, the first one at `address`."""

    address: int
    count: int
    fc: Literal[1, 2] = 2

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class ReaderTable:
    """An RFID reader on a serial port of its own."""

    protocol: Literal["twn4-simple"]

    __pydantic_config__ = NO_UNKNOWN_KEYS


@dataclass(frozen=True, slots=True)
class Device:
    """One device file; `key` is the file's name without its ending."""

    key: str
    title: str
    source: str
    link: Link
    limits: Limits = field(default_factory=Limits)
    row: tuple[Row, ...] = ()
    charger: ChargerTable | None = None
    meter: MeterTable | None = None
    inputs: InputsTable | None = None
    reader: ReaderTable | None = None

    __pydantic_config__ = NO_UNKNOWN_KEYS

    def named(self, name: str) -> Row:
        """The row of that name; `check` has made sure that it is there."""
        return next(row for row in self.row if row.name == name)
