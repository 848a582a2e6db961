"""The configuration of the machine's station: two EVSEs behind one reader, on the hubs of a plan.

Readings may be old: so a wait of hours costs few looks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from roampost.cli.settings import types_of
from roampost.config.load import load
from roampost.config.model import Config
from roampost_drivers.devicefile import Catalog
from tests.agent.config.told_site import POI

ONE, TWO = "DE*ABC*E1*1", "DE*ABC*E1*2"
CHARGERS = {ONE: "controller-1", TWO: "controller-2"}
STALE_S = 40.0
CATALOG = Catalog.load()
PARTNER = "abc-partner"


@dataclass(frozen=True)
class Placed:
    """A hub: its protocol, and the EVSEs that are on it."""

    kind: str
    evse_ids: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Who is told and asked. told: drivers' apps are told about the station, which OIOI takes no status without."""

    hubs: tuple[tuple[str, Placed], ...]
    told: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.hubs)

    @property
    def of_evse(self) -> Mapping[str, tuple[str, ...]]:
        return {one: tuple(name for name, hub in self.hubs if one in hub.evse_ids) for one in (ONE, TWO)}

    def of_kind(self, kind: str) -> tuple[str, ...]:
        return tuple(name for name, hub in self.hubs if hub.kind == kind)


OICP_HUBS = Plan((("hubject", Placed("oicp", (ONE, TWO))), ("second", Placed("oicp", (ONE,)))), told=False)
OIOI_HUBS = Plan((("surfing", Placed("oioi", (ONE, TWO))), ("second", Placed("oioi", (ONE,)))), told=True)
BOTH_HUBS = Plan((("hubject", Placed("oicp", (ONE, TWO))), ("surfing", Placed("oioi", (ONE, TWO)))), told=True)

_HEAD = """
[station]
name = "Test"

[lines.rs485]
kind = "rtu"
port = "/dev/ttyUSB0"

[lines.io]
kind = "tcp"
host = "192.0.2.20"

[devices.io]
type = "waveshare-8ch"
line = "io"

[readers.front]
type = "twn4"
port = "/dev/ttyACM0"
evses = ["DE*ABC*E1*1", "DE*ABC*E1*2"]
"""
_EVSE = """
[devices.controller-{n}]
type = "evse-din"
line = "rs485"
unit = {n}

[devices.meter-{n}]
type = "sdm630"
line = "rs485"
unit = 1{n}

[[evse]]
id = "DE*ABC*E1*{n}"
charger = "controller-{n}"
meter = "meter-{n}"
stale_after_ms = 40000
idle_end_s = 120
remote_start = "waits"
authorization = "{authorization}"

[[evse.fault]]
name = "rcd-{n}"
kind = "rcd"
device = "io"
input = {rcd}

[[evse.fault]]
name = "tilt-{n}"
kind = "tilt"
device = "io"
input = {tilt}

[[evse.fault]]
name = "door-{n}"
kind = "door"
device = "io"
input = {door}
hub = "critical"
"""
_HUB = """
[hubs.{name}]
kind = "{kind}"
url = "https://{name}.example/api"
operator_id = "DE*ABC"
backoff_max_s = 60
rate_share = 1.0
evses = [{evses}]
"""
_OF_KIND = {
    "oicp": """
operator_name = "ABC"
cert_file = "/etc/roampost/client.crt"
key_file = "/etc/roampost/client.key"
""",
    "oioi": f"""
partner_identifier = "{PARTNER}"
api_key_file = "/etc/roampost/hub.key"
""",
}
_STATION = 'station_id = "car-park"\n'


@cache
def config(plan: Plan, *, free: bool) -> Config:
    """free: whoever plugs in at the first EVSE may charge."""
    parts = [_HEAD]
    for number in (1, 2):
        first = 3 * number - 2
        authorization = "free" if free and number == 1 else "hub"
        lines = {"rcd": first, "tilt": first + 1, "door": first + 2}
        parts.append(_EVSE.format(n=number, authorization=authorization, **lines))
    parts += [_hub(plan, name, hub) for name, hub in plan.hubs]
    if plan.told:
        parts.append(POI.replace("[poi]\n", f"[poi]\n{_STATION}", 1))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "roampost.toml"
        path.write_text("".join(parts), encoding="utf-8")
        return load(path, types_of(CATALOG))


def _hub(plan: Plan, name: str, hub: Placed) -> str:
    ours = ", ".join(f'"{evse_id}"' for evse_id in hub.evse_ids)
    owns = "owns_operator = true\n" if hub.kind == "oicp" and name == plan.names[0] else ""
    return _HUB.format(name=name, kind=hub.kind, evses=ours) + _OF_KIND[hub.kind] + owns
