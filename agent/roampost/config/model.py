"""The configuration as frozen values. Defaults live here and nowhere else; unknown keys are errors.

Cross checks between sections are in `crosscheck`; how a file becomes these values is in `load`.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from roampost.config.authorization import Authorization
from roampost.config.fault_kinds import FAULT_KINDS, Contact, HubError
from roampost.config.hubs import AnyHub
from roampost.config.inbound import Inbound
from roampost.config.poi import EvsePoi, Poi
from roampost.config.pricing import Pricing
from roampost.config.section import AbsolutePath, EvseId, Section, TimeZone


def _fault_kind(kind: str) -> str:
    if kind not in FAULT_KINDS:
        raise ValueError(f"must be one of: {', '.join(FAULT_KINDS)}")
    return kind


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]*", text):
        raise ValueError("must be a host name or an IP address, its port under port")
    return text


def _fault_name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9_-]*", text):
        raise ValueError("must be small letters, digits, - and _, because it is typed in `roampost fault ack`")
    return text


PollMs = Annotated[int, Field(ge=50, le=60_000)]
# The same bounds as in a device file: a longer one would make a poll look as if it hung.
_MIN_TIMEOUT_MS, _MAX_TIMEOUT_MS = 20, 5_000
_TIMEOUT = "how long every unit of this line may take to answer; without it each device file's own"


class Station(Section):
    """What the agent is and where it keeps things."""

    name: str = Field(min_length=1, max_length=100, description="shown to people")
    time_zone: TimeZone = Field(default="Europe/Berlin", description="of the station")
    database: AbsolutePath = Field(default=Path("/var/lib/roampost/roampost.db"), description="sessions and outbox")
    socket: AbsolutePath = Field(default=Path("/run/roampost/control.sock"), description="for `roampost status`")
    devices_dir: AbsolutePath = Field(
        default=Path("/etc/roampost/devices.d"), description="device tables of this site; may be absent"
    )


class ClockSettings(Section):
    """When the system clock is believed."""

    trust: Literal["auto", "always"] = Field(
        default="auto", description="always: the machine has a real-time clock of its own"
    )
    sync_files: tuple[AbsolutePath, ...] = Field(
        default=(Path("/run/systemd/timesync/synchronized"),),
        description="the clock is synchronized when one of them exists",
    )
    wait_s: int = Field(
        default=600, ge=0, le=86_400, description="how long messages that bear times wait for the clock"
    )


class RtuLine(Section):
    """A serial line (RS-485). port: a stable name, so that a replugged adapter is found again."""

    kind: Literal["rtu"]
    port: AbsolutePath = Field(description="such as /dev/serial/by-id/usb-...")
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    timeout_ms: int | None = Field(default=None, ge=_MIN_TIMEOUT_MS, le=_MAX_TIMEOUT_MS, description=_TIMEOUT)
    settle_ms: int = Field(
        default=100, ge=0, le=5_000, description="after a time-out: how long a late answer is drained"
    )


class TcpLine(Section):
    """A Modbus TCP connection; one owner for all units behind it."""

    kind: Literal["tcp"]
    host: Annotated[str, AfterValidator(_host)] = Field(min_length=1, max_length=253)
    port: int = Field(default=502, ge=1, le=65_535)
    timeout_ms: int | None = Field(default=None, ge=_MIN_TIMEOUT_MS, le=_MAX_TIMEOUT_MS, description=_TIMEOUT)


Line = Annotated[RtuLine | TcpLine, Field(discriminator="kind")]


class Device(Section):
    """A charging controller, meter or input module on a line. type: a device table, shipped or of this site."""

    type: str = Field(min_length=1)
    line: str
    unit: int = Field(default=1, ge=1, le=255, description="Modbus address; at most 247 on a serial line")
    poll_ms: PollMs = Field(default=500, description="default by role: charger 500, meter 2000, inputs 200")


class Reader(Section):
    """An RFID reader. evses: the EVSEs that its cards are for."""

    type: str = Field(min_length=1)
    port: AbsolutePath
    evses: tuple[EvseId, ...] = Field(min_length=1)


class Fault(Section):
    """A fault line of an EVSE; what is left out comes from its kind (`fault_kinds`)."""

    name: Annotated[str, AfterValidator(_fault_name)] = Field(min_length=1, max_length=40)
    kind: Annotated[str, AfterValidator(_fault_kind)]
    device: str
    input: int = Field(ge=1, le=64, description="1 is the first input")
    contact: Contact
    debounce_ms: int = Field(ge=0, le=60_000)
    clear_after_ms: int = Field(ge=0, le=3_600_000)
    stops: bool = Field(description="charging is forbidden while present")
    latched: bool = Field(description="stays until `roampost fault ack`")
    hub: HubError = Field(description="what a hub is told of an open session")

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_kind(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        # An unknown kind gets some row's defaults, so that only the kind itself is complained about.
        row = FAULT_KINDS.get(str(data.get("kind")), FAULT_KINDS["rcd"])
        names = ("contact", "debounce_ms", "clear_after_ms", "stops", "latched", "hub")
        return {name: getattr(row, name) for name in names} | data


class CalibrationLaw(Section):
    """How the meter's signed datasets can be verified; goes into every charge detail record as it is."""

    certificate_id: str | None = Field(default=None, min_length=1, max_length=100)
    public_key: str | None = Field(default=None, min_length=1, max_length=1000)
    signature_url: str | None = Field(default=None, min_length=1, max_length=200)
    encoding: str | None = Field(default=None, min_length=1, max_length=50)
    instruction: str | None = Field(default=None, min_length=1, max_length=400)


class Evse(Section):
    """One charge point. With control = "observe" the agent reports and never permits or forbids."""

    id: EvseId
    charger: str
    meter: str | None = None
    control: Literal["permit", "observe"] = "permit"
    max_current_a: int = Field(default=16, ge=6, le=80, description="per phase")
    phases: Literal[1, 2, 3] = 3
    voltage_v: int = Field(default=230, ge=100, le=480, description="phase to neutral")
    stale_after_ms: int = Field(default=3_000, ge=500, le=60_000, description="older readings are unknown")
    grace_s: int = Field(default=20, ge=1, le=300, description="charging goes on this long without fresh readings")
    plug_wait_s: int = Field(default=60, ge=10, le=600, description="from a card that was accepted to the plug")
    resume_within_s: int = Field(default=900, ge=0, le=86_400, description="a session is resumed after a restart")
    zero_energy: Literal["end", "cdr"] = Field(default="end", description="how a session without energy is closed")
    authorization: Literal["hub", "free"] = Field(default="hub", description="free: whoever plugs in may charge")
    remote_start: Literal["plugged", "waits", "off"] = Field(
        default="plugged", description="from afar: only with a vehicle connected, or waiting for one, or never"
    )
    reservable: bool = Field(default=True, description="a hub may keep it for a driver")
    idle_end_s: int = Field(
        default=900,
        ge=0,
        le=86_400,
        description="the hub hears of the end when nothing was drawn for so long; 0: never",
    )
    penalty_after_s: int | None = Field(
        default=None, ge=0, le=86_400, description="the place is paid for from so long after the end of charging on"
    )
    calibration: CalibrationLaw | None = None
    fault: tuple[Fault, ...] = ()
    poi: EvsePoi | None = None

    @property
    def max_power_w(self) -> int:
        """Rated power, the bound of the meter guard."""
        return self.max_current_a * self.voltage_v * self.phases


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    uids: Literal["masked", "shown"] = Field(default="masked", description="card numbers are personal data")


class Config(Section):
    """All of it. Names of lines, devices, readers and hubs are the keys of their tables."""

    station: Station
    clock: ClockSettings = ClockSettings()
    lines: dict[str, Line] = Field(default={})
    devices: dict[str, Device] = Field(default={})
    readers: dict[str, Reader] = Field(default={})
    evse: tuple[Evse, ...] = ()
    hubs: dict[str, AnyHub] = Field(default={})
    authorization: Authorization = Authorization()
    inbound: Inbound | None = None
    poi: Poi | None = None
    pricing: Pricing | None = None
    log: Log = Log()

    def evse_ids(self, hub: str) -> tuple[str, ...]:
        """The EVSEs that are on this hub."""
        wanted = self.hubs[hub].evses
        return tuple(one.id for one in self.evse if "*" in wanted or one.id in wanted)
