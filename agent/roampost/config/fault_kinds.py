"""What each kind of fault line means by default. A row can be overridden per line in the configuration.

NC (normally closed): an energised input is healthy, so that a broken wire looks like a fault. NO (normally open):
an energised input is the fault. A fault is raised after debounce_ms and cleared after clear_after_ms without it.
`latched` faults stay until a person acknowledges them; where the sensor latches by itself (a tripped breaker) the
line does it and no second latch is needed.
"""

from dataclasses import dataclass
from typing import Literal

Contact = Literal["nc", "no"]
HubError = Literal["connector", "critical", "none"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """stops: charging is forbidden while the fault is present. hub: what a hub is told of an open session."""

    kind: str
    contact: Contact
    debounce_ms: int
    clear_after_ms: int
    stops: bool
    latched: bool
    hub: HubError


_CONTACT_MS = 100  # bouncing contacts settle within 50 to 100 ms
_DOOR_MS = 1_500  # a door rattles in the wind
_STABLE_MS = 5_000  # raise at once, clear only when stable

# fmt: off
_ROWS = (
    #         kind               contact  debounce     clear after  stops  latched hub
    FaultKind("rcd",              "nc", _CONTACT_MS, _STABLE_MS,  True,  False, "critical"),
    FaultKind("dc_residual",      "nc", _CONTACT_MS, _STABLE_MS,  True,  False, "critical"),
    FaultKind("rcm_selftest",     "nc", _CONTACT_MS, _STABLE_MS,  True,  True,  "critical"),
    FaultKind("mcb",              "nc", _CONTACT_MS, _STABLE_MS,  True,  False, "critical"),
    FaultKind("surge_arrester",   "nc", _CONTACT_MS, _STABLE_MS,  False, False, "none"),
    # The alarm output of a monitor that compares contactor and command; a bare mirror contact opens and
    # closes with every session and must not be wired to a fault line.
    FaultKind("contactor_welded", "nc", _CONTACT_MS, _STABLE_MS,  True,  True,  "critical"),
    FaultKind("emergency_stop",   "nc", _CONTACT_MS, _STABLE_MS,  True,  True,  "critical"),
    FaultKind("door",             "nc", _DOOR_MS,    _STABLE_MS,  False, False, "none"),
    FaultKind("over_temperature", "nc", _CONTACT_MS, 60_000,      True,  False, "critical"),
    FaultKind("connector_lock",   "no", _CONTACT_MS, _STABLE_MS,  True,  False, "connector"),
    FaultKind("broken_latch",     "nc", _CONTACT_MS, _STABLE_MS,  True,  True,  "critical"),
    FaultKind("pe_monitor",       "nc", _CONTACT_MS, _STABLE_MS,  True,  False, "critical"),
    FaultKind("phase_loss",       "nc", 500,         10_000,      True,  False, "critical"),
    FaultKind("under_voltage",    "nc", 500,         10_000,      True,  False, "critical"),
    FaultKind("over_voltage",     "nc", 500,         10_000,      True,  False, "critical"),
    FaultKind("tilt",             "nc", 1_000,       _STABLE_MS,  True,  True,  "critical"),
    FaultKind("water",            "nc", 1_000,       _STABLE_MS,  True,  True,  "critical"),
)
# fmt: on
FAULT_KINDS = {row.kind: row for row in _ROWS}
