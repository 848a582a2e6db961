"""A sandbox hub: real TLS, strict schemas, sessions, scripted faults and a record of all that came.

Here is what every hub has; oicp/ and oioi/ hold the two protocols, and the names below are those of the OICP 2.3 hub.

In a test: `async with SandboxHub(HubSettings(tmp_path, cards=frozenset({"044A2DAA856280"}))) as hub: …`
It calls the operator too: `hub.calls.url = …; await hub.calls.remote_start("DE*ABC*E1", "DE-8EO-C12345678-X")`.
"""

from roampost_sim.hub.faults import FaultError
from roampost_sim.hub.oicp.caller import OicpCaller as Caller
from roampost_sim.hub.oicp.checking import check
from roampost_sim.hub.oicp.faults import KINDS
from roampost_sim.hub.oicp.hub import SandboxHub
from roampost_sim.hub.oicp.remote import Manner
from roampost_sim.hub.oicp.state import HubSettings
from roampost_sim.hub.outcome import Outcome
from roampost_sim.hub.record import Entry

__all__ = ["KINDS", "Caller", "Entry", "FaultError", "HubSettings", "Manner", "Outcome", "SandboxHub", "check"]
