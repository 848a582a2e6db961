"""A small right configuration, and ways to spoil it."""

from pathlib import Path

from roampost.config.device_types import DeviceType

TYPES = {
    "evse-din": DeviceType("charger", ("rtu",)),
    "sdm630": DeviceType("meter", ("rtu", "tcp")),
    "waveshare-8ch": DeviceType("inputs", ("rtu", "tcp")),
    "twn4": DeviceType("reader", ("serial",)),
}

GOOD = """
[station]
name = "Test"

[lines.rs485]
kind = "rtu"
port = "/dev/ttyUSB0"

[lines.io]
kind = "tcp"
host = "192.0.2.20"

[devices.controller-1]
type = "evse-din"
line = "rs485"
unit = 1

[devices.meter-1]
type = "sdm630"
line = "rs485"
unit = 11

[devices.io]
type = "waveshare-8ch"
line = "io"

[readers.front]
type = "twn4"
port = "/dev/ttyACM0"
evses = ["DE*ABC*E1*1"]

[[evse]]
id = "DE*ABC*E1*1"
charger = "controller-1"
meter = "meter-1"

[[evse.fault]]
name = "rcd"
kind = "rcd"
device = "io"
input = 1

[hubs.hubject]
kind = "oicp"
url = "https://hub.example/api/oicp"
operator_id = "DE*ABC"
operator_name = "ABC"
cert_file = "/etc/roampost/client.crt"
key_file = "/etc/roampost/client.key"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "roampost.toml"
    path.write_text(text, encoding="utf-8")
    return path


def spoiled(*changes: tuple[str, str]) -> str:
    """GOOD with each left text, which must be there, replaced once by the right one."""
    text = GOOD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
