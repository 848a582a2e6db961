"""A sandbox OIOI 4 hub: one address, one call a body, an API key; stations, statuses, sessions, cards.

In a test: `async with OioiHub(OioiSettings(tmp_path, cards=frozenset({"044A2DAA856280"}))) as hub: …`
It calls the operator too: `hub.calls.url = …; await hub.calls.remote_start("DE*ABC*E1", "DE-8EO-C12345678-X")`.
"""

from roampost_sim.hub.oioi.checking import check
from roampost_sim.hub.oioi.hub import OioiHub
from roampost_sim.hub.oioi.state import OioiSettings

__all__ = ["OioiHub", "OioiSettings", "check"]
