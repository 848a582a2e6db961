"""What a charger's reading means for the state table: three phases, and the faults a controller tells of itself."""

from enum import StrEnum

from roampost.domain.messages import ErrorKind
from roampost.evse.event import Kind, Trouble
from roampost.evse.state import State
from roampost_drivers.roles import ChargerReading, Pilot

# "C without energy" exists: a car in state C may draw nothing. Below this, no energy is said to flow.
FLOWING_W = 100


class Phase(StrEnum):
    NONE = "none"
    VEHICLE = "vehicle"
    ENERGY = "energy"


EVENT_OF = {Phase.NONE: Kind.NO_VEHICLE, Phase.VEHICLE: Kind.VEHICLE, Phase.ENERGY: Kind.ENERGY}
WORDS = {Phase.NONE: "no vehicle", Phase.VEHICLE: "vehicle connected", Phase.ENERGY: "energy flows"}

# The phases that a state already stands for: a sample that shows one of them is no news.
SETTLED: dict[State, frozenset[Phase]] = {
    State.STARTING: frozenset(),
    State.AVAILABLE: frozenset({Phase.NONE}),
    State.ASKING: frozenset({Phase.NONE}),
    State.AWAITING_PLUG: frozenset({Phase.NONE}),
    State.PLUGGED: frozenset({Phase.VEHICLE, Phase.ENERGY}),
    State.ASKING_PLUGGED: frozenset({Phase.VEHICLE, Phase.ENERGY}),
    State.READY: frozenset({Phase.VEHICLE}),
    State.CHARGING: frozenset({Phase.ENERGY}),
    State.HOLDING: frozenset(),
    State.FINISHING: frozenset({Phase.VEHICLE, Phase.ENERGY}),
    State.FAULTED: frozenset(Phase),
    State.UNREADABLE: frozenset(),
    State.OUT_OF_SERVICE: frozenset(),
    State.DISABLED: frozenset(Phase),
}

# Where plugging in anew is a sensible instruction the driver is told to look at the plug; all else needs somebody.
_AT_THE_PLUG = {
    "cp_diode": "the vehicle's pilot circuit is faulty (no diode)",
    "pilot_release": "the charging controller waits for the plug to be taken out after an error",
    "ventilation": "the vehicle wants ventilation and there is none",
    "pilot_e": "the pilot line is shorted (state E)",
}
_AT_THE_STATION = {"pilot_f": "the charging controller reports itself out of order (state F)"}


def phase_of(reading: ChargerReading, power_w: int | None, before: Phase | None) -> Phase | None:
    """The phase this reading shows; None where the pilot tells of a fault instead. power_w: None, no meter."""
    match reading.pilot:
        case Pilot.A:
            return Phase.NONE
        case Pilot.B:
            return Phase.VEHICLE
        case Pilot.C | Pilot.D:
            conducts = reading.permitted_ma > 0 and reading.contactor_closed is not False
            # Once it flows, a car may throttle below the threshold without having stopped.
            flows = power_w is None or power_w >= FLOWING_W or before is Phase.ENERGY
            return Phase.ENERGY if conducts and flows else Phase.VEHICLE
        case Pilot.E | Pilot.F:
            return None


def device_troubles(reading: ChargerReading) -> frozenset[str]:
    """The names of what the controller itself finds wrong."""
    if reading.pilot is Pilot.E:
        return reading.faults | {"pilot_e"}
    return reading.faults | {"pilot_f"} if reading.pilot is Pilot.F else reading.faults


def trouble_of(name: str) -> Trouble:
    """A controller's fault in words, with what a hub is told."""
    if name in _AT_THE_PLUG:
        return Trouble(name, _AT_THE_PLUG[name], ErrorKind.CONNECTOR)
    return Trouble(
        name, _AT_THE_STATION.get(name, f"the charging controller reports a fault: {name}"), ErrorKind.CRITICAL
    )
