"""What can be done to a station. One frozen model per command, for the socket, for scenarios and for the keyboard.

The same words everywhere: `do` names the command, the other keys are its parameters.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from roampost_sim.errors import CommandError
from roampost_sim.plan import Plan, problems
from roampost_sim.wire.faults import FaultKind

Hex = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2})+$")]


class Plug(Plan):
    """Plugs a car in: one of the station file's `cars`, or one made of the keys given here."""

    do: Literal["plug"]
    evse: str
    car: str | None = None
    power_w: float | None = Field(default=None, gt=0)
    phases: int | None = Field(default=None, ge=1, le=3)
    wants_wh: float | None = Field(default=None, gt=0)
    ramp_w_per_s: float | None = Field(default=None, gt=0)
    reacts_s: float | None = Field(default=None, ge=0)
    ventilation: bool | None = None
    diode_ok: bool | None = None


class AtEvse(Plan):
    """unplug · pause and resume the car · weld the contactor · short the car's pilot to earth; and the way back."""

    do: Literal["unplug", "pause", "resume", "weld", "unweld", "short_pilot", "unshort_pilot"]
    evse: str


class PowerCycle(Plan):
    do: Literal["power_cycle"]
    evse: str
    off_s: float = Field(default=0.0, ge=0)


class HoldCard(Plan):
    do: Literal["hold_card"]
    reader: str
    uid: Hex
    for_s: float = Field(default=1.0, gt=0)
    tag_type: int = Field(default=0x80, ge=0x40, le=0x9F)


class TakeCard(Plan):
    do: Literal["take_card"]
    reader: str


class Garbage(Plan):
    """The reader sends bytes that nobody asked for."""

    do: Literal["garbage"]
    reader: str
    bytes_hex: Hex


class AtContact(Plan):
    """trip and reset (by hand) a protective device · break and mend the wire of its contact."""

    do: Literal["trip", "reset", "break_wire", "mend_wire"]
    contact: str


class LineFault(Plan):
    """Switches a fault of a line on or off, for one unit or for all."""

    do: Literal["line_fault"]
    line: str
    fault: FaultKind
    on: bool = True
    unit: int | None = Field(default=None, ge=0, le=255)
    times: int | None = Field(default=None, ge=1)
    delay_s: float = Field(default=0.5, ge=0)


class AtPort(Plan):
    """Pulls an adapter (RTU line, TCP line or reader) out, or puts it back."""

    do: Literal["unplug_line", "replug_line"]
    line: str


class Ask(Plan):
    """The true state of everything; with line and unit, registers as the unit would answer them."""

    do: Literal["ask"]
    line: str | None = None
    unit: int | None = Field(default=None, ge=0, le=255)
    function: Literal[1, 2, 3, 4] = 3
    address: int = Field(default=0, ge=0, le=0xFFFF)
    count: int = Field(default=1, ge=1, le=125)


class Note(Plan):
    """Writes a remark into the record."""

    do: Literal["note"]
    text: str


Command = Annotated[
    Plug | AtEvse | PowerCycle | HoldCard | TakeCard | Garbage | AtContact | LineFault | AtPort | Ask | Note,
    Field(discriminator="do"),
]
COMMANDS: TypeAdapter[Command] = TypeAdapter(Command)


def parse(given: Any) -> Command:
    """A command from a JSON value, or CommandError with one sentence."""
    try:
        return COMMANDS.validate_python(given)
    except ValidationError as error:
        found = [f"{key}: {what}" if key else what for key, what in problems(error, given)]
        raise CommandError("; ".join(found)) from error


def parse_json(line: str | bytes) -> Command:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"this is not a JSON object in one line: {error}") from error
    return parse(given)


def parse_words(line: str) -> Command:
    """`plug evse=1 power_w=7360`: what a person types. Values are JSON where they can be, else text."""
    do, *pairs = line.split()
    given: dict[str, Any] = {"do": do}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise CommandError(f"'{pair}' should be key=value, for example evse=1")
        given[key] = value if key in TEXT_KEYS else _json_or_text(value)
    return parse(given)


TEXT_KEYS = frozenset({"evse", "line", "reader", "contact", "car", "uid", "bytes_hex", "text", "fault"})


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
