"""The agent's configuration for the field of the system tests, with the figures that the tests judge by."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

# The agent's defaults by role, written out because bounds are derived from them.
CHARGER_POLL_S = 0.5
INPUTS_POLL_S = 0.2
METER_POLL_S = 1.0
DEBOUNCE_S = 0.1
TIMEOUT_S = 0.3
SETTLE_S = 0.1
STALE_S = 1.5
GRACE_S = 2
LIMIT_MA = 16_000

_EVSE = """
[devices.c{n}]
type = "evse-din"
line = "rs485"
unit = {n}
poll_ms = {charger_ms}

[devices.m{n}]
type = "sdm630"
line = "rs485"
unit = 1{n}
poll_ms = {meter_ms}

[[evse]]
id = "DE*ABC*E1*{n}"
charger = "c{n}"
meter = "m{n}"
{keys}

[[evse.fault]]
name = "rcd-{n}"
kind = "rcd"
device = "io"
input = {n}
debounce_ms = {debounce_ms}
"""


def agent_file(
    folder: Path,
    hub_table: str,
    *,
    evses: Mapping[str, Mapping[str, object]] | None = None,
    reads_for: Sequence[str] = ("1", "2"),
    tables: str = "",
) -> str:
    """TOML. folder: where the station's links are and the agent keeps its things; evses: keys of the EVSEs, by number;
    reads_for: the EVSEs that the reader is for."""
    figures = {
        "charger_ms": round(CHARGER_POLL_S * 1000),
        "meter_ms": round(METER_POLL_S * 1000),
        "debounce_ms": round(DEBOUNCE_S * 1000),
    }
    given = evses or {}
    blocks = "".join(_EVSE.format(n=n, keys=_keys(given.get(str(n), {})), **figures) for n in (1, 2))
    readers = json.dumps([f"DE*ABC*E1*{one}" for one in reads_for])
    return f"""
[station]
name = "System test"
database = "{folder}/agent.db"
socket = "{folder}/agent.sock"
devices_dir = "{folder}/devices.d"

[clock]
trust = "always"

[lines.rs485]
kind = "rtu"
port = "{folder}/rs485"
timeout_ms = {round(TIMEOUT_S * 1000)}
settle_ms = {round(SETTLE_S * 1000)}

[devices.io]
type = "waveshare-8ch"
line = "rs485"
unit = 21
poll_ms = {round(INPUTS_POLL_S * 1000)}

[readers.front]
type = "twn4"
port = "{folder}/reader"
evses = {readers}
{blocks}
{hub_table}
{tables}
"""


def toml(keys: Mapping[str, object]) -> str:
    """Lines of a table: a JSON value is a TOML value here."""
    return "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())


def _keys(given: Mapping[str, object]) -> str:
    return toml({"stale_after_ms": round(STALE_S * 1000), "grace_s": GRACE_S, **given})
