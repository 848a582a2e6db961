"""A sandbox OICP 2.3 hub: mutual TLS, strict schemas, sessions under its own IDs, EVSE data, prices, rate limits.

In a test: `async with SandboxHub(HubSettings(tmp_path, cards=frozenset({"044A2DAA856280"}))) as hub: …`
It calls the operator too: `hub.calls.url = …; await hub.calls.remote_start("DE*ABC*E1", "DE-8EO-C12345678-X")`.
"""

from roampost_sim.hub.oicp.checking import check
from roampost_sim.hub.oicp.hub import SandboxHub
from roampost_sim.hub.oicp.state import HubSettings

__all__ = ["HubSettings", "SandboxHub", "check"]
