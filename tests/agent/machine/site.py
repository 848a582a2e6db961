"""The configuration of the machine's station: two EVSEs behind one reader, one of them on two hubs.

Readings may be old: so a wait of hours costs few looks.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from roampost.cli.settings import types_of
from roampost.config.load import load
from roampost.config.model import Config
from roampost_drivers.devicefile import Catalog

ONE, TWO = "DE*ABC*E1*1", "DE*ABC*E1*2"
HUBS = ("hubject", "second")
HUBS_OF = {ONE: ("hubject", "second"), TWO: ("hubject",)}
CHARGERS = {ONE: "controller-1", TWO: "controller-2"}
STALE_S = 40.0
CATALOG = Catalog.load()

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
kind = "oicp"
url = "https://{name}.example/api/oicp"
operator_id = "DE*ABC"
operator_name = "ABC"
cert_file = "/etc/roampost/client.crt"
key_file = "/etc/roampost/client.key"
backoff_max_s = 60
rate_share = 1.0
owns_operator = {owns}
evses = [{evses}]
"""


@cache
def config(*, free: bool) -> Config:
    """free: whoever plugs in at the first EVSE may charge."""
    parts = [_HEAD]
    for number in (1, 2):
        first = 3 * number - 2
        authorization = "free" if free and number == 1 else "hub"
        lines = {"rcd": first, "tilt": first + 1, "door": first + 2}
        parts.append(_EVSE.format(n=number, authorization=authorization, **lines))
    for name in HUBS:
        ours = ", ".join(f'"{evse_id}"' for evse_id, hubs in HUBS_OF.items() if name in hubs)
        owns = "true" if name == HUBS[0] else "false"
        parts.append(_HUB.format(name=name, evses=ours, owns=owns))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "roampost.toml"
        path.write_text("".join(parts), encoding="utf-8")
        return load(path, types_of(CATALOG))
