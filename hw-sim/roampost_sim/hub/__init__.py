"""A sandbox OICP 2.3 hub: real mutual TLS, strict schemas, sessions, scripted faults and a record of all that came.

In a test: `async with SandboxHub(HubSettings(tmp_path, cards=frozenset({"044A2DAA856280"}))) as hub: …`
It calls the operator too: `hub.calls.url = …; await hub.calls.remote_start("DE*ABC*E1", "DE-8EO-C12345678-X")`.
"""

from roampost_sim.hub.caller import Caller
from roampost_sim.hub.checking import check
from roampost_sim.hub.faults import KINDS, FaultError
from roampost_sim.hub.outcome import Outcome
from roampost_sim.hub.record import Entry
from roampost_sim.hub.remote import Manner
from roampost_sim.hub.server import SandboxHub
from roampost_sim.hub.state import HubSettings

__all__ = ["KINDS", "Caller", "Entry", "FaultError", "HubSettings", "Manner", "Outcome", "SandboxHub", "check"]
