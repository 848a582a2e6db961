"""A station file (TOML): lines, devices, cars and how they are wired. Checked whole before anything is opened."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from roampost_sim.devices.evse_din import EvseDinPlan
from roampost_sim.devices.sdm630 import Sdm630Plan
from roampost_sim.devices.twn4 import Twn4Plan
from roampost_sim.devices.waveshare8 import Waveshare8Plan
from roampost_sim.errors import PlanError
from roampost_sim.plan import Plan, problems, read_toml
from roampost_sim.wire.rtu import LineSettings
from roampost_sim.world.car import CarPlan
from roampost_sim.world.contact import ContactPlan

BUILT_IN = Path(__file__).with_name("two_evses.toml")


class RtuLinePlan(Plan):
    """`link` is where the adapter's device node is found; a relative one is under the station's directory."""

    kind: Literal["rtu"] = "rtu"
    link: str
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1

    @property
    def settings(self) -> LineSettings:
        return LineSettings(self.baud, self.parity, self.stop_bits)


class TcpLinePlan(Plan):
    """Port 0: the system chooses one; the record and the timeline say which."""

    kind: Literal["tcp"]
    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)


class EvsePlan(Plan):
    controller: EvseDinPlan
    meter: Sdm630Plan | None = None


class StationPlan(Plan):
    name: str = "station"
    voltage_v: float = Field(default=230.0, gt=0)
    tick_s: float = Field(default=0.05, gt=0)
    lines: dict[str, Annotated[RtuLinePlan | TcpLinePlan, Field(discriminator="kind")]]
    evses: dict[str, EvsePlan]
    modules: dict[str, Waveshare8Plan] = Field(default_factory=dict)
    readers: dict[str, Twn4Plan] = Field(default_factory=dict)
    contacts: dict[str, ContactPlan] = Field(default_factory=dict)
    cars: dict[str, CarPlan] = Field(default_factory=dict)


def load_station(file: Path) -> StationPlan:
    """The plan in a file; PlanError with the file, the key and what is wrong with it."""
    given = read_toml(file)
    try:
        plan = StationPlan.model_validate(given)
    except ValidationError as error:
        where, problem = problems(error, given)[0]
        raise PlanError(file, where, problem) from error
    for where, problem in wiring_problems(plan):
        raise PlanError(file, where, problem)
    return plan


def wiring_problems(plan: StationPlan) -> list[tuple[str, str]]:
    """(key, problem) for names that lead nowhere and places that are taken twice."""
    return [*_line_problems(plan), *_contact_problems(plan), *_link_problems(plan)]


def _line_problems(plan: StationPlan) -> list[tuple[str, str]]:
    found, taken = [], set()
    for where, line, unit in units_of(plan):
        if line not in plan.lines:
            found.append((f"{where}.line", f"there is no line '{line}'; known are {', '.join(plan.lines)}"))
        elif (line, unit) in taken:
            found.append((f"{where}.unit", f"unit {unit} is taken twice on line '{line}'"))
        taken.add((line, unit))
    return found


def units_of(plan: StationPlan) -> list[tuple[str, str, int]]:
    """(key, line, unit) of every Modbus unit."""
    units = []
    for name, evse in plan.evses.items():
        units.append((f"evses.{name}.controller", evse.controller.line, evse.controller.unit))
        if evse.meter:
            units.append((f"evses.{name}.meter", evse.meter.line, evse.meter.unit))
    return units + [(f"modules.{name}", module.line, module.unit) for name, module in plan.modules.items()]


def _contact_problems(plan: StationPlan) -> list[tuple[str, str]]:
    found, taken = [], set()
    for name, contact in plan.contacts.items():
        if contact.module not in plan.modules:
            found.append((f"contacts.{name}.module", f"there is no module '{contact.module}'"))
        if (contact.module, contact.input) in taken:
            found.append((f"contacts.{name}.input", f"input {contact.input} is taken twice"))
        taken.add((contact.module, contact.input))
        evses = contact.opens + ((contact.mirrors,) if contact.mirrors else ())
        found += [(f"contacts.{name}", f"there is no EVSE '{evse}'") for evse in evses if evse not in plan.evses]
    return found


def _link_problems(plan: StationPlan) -> list[tuple[str, str]]:
    links = {f"lines.{name}": line.link for name, line in plan.lines.items() if isinstance(line, RtuLinePlan)}
    links |= {f"readers.{name}": reader.link for name, reader in plan.readers.items()}
    both = plan.lines.keys() & plan.readers.keys()
    found = [(f"readers.{name}", "has the name of a line; both are ports, so name it otherwise") for name in both]
    seen: set[str] = set()
    for where, link in links.items():
        if link in seen:
            found.append((f"{where}.link", f"'{link}' is taken twice"))
        seen.add(link)
    return found
