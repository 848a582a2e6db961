"""A sandbox OICP 2.3 hub: real mutual TLS, strict schemas, sessions, scripted faults and a record of all that came.

In a test: `async with SandboxHub(HubSettings(tmp_path, cards=frozenset({"044A2DAA856280"}))) as hub: …`
"""

from .checking import check
from .faults import KINDS, FaultError
from .record import Entry
from .server import SandboxHub
from .state import HubSettings

__all__ = ["KINDS", "Entry", "FaultError", "HubSettings", "SandboxHub", "check"]
