"""How long facts travel: from the record of truth to the committed row, to the hub, and back to the device.

Both ends are CLOCK_MONOTONIC stamps of this machine. Changes come at random moments of the polls, from a fixed seed.
"""

import random
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field

from tests.system.field import Field, evse_id
from tests.system.processes import until

_LOOK_S = 0.002
_PATIENCE_S = 30.0


@dataclass(slots=True)
class Travel:
    """Seconds: change at the plug to the committed row, and from there to the complete request at the hub."""

    to_row_s: list[float] = field(default_factory=list)
    to_hub_s: list[float] = field(default_factory=list)


def plug_changes(site: Field, times: int, *, within_s: float) -> Travel:
    """A car that comes and goes; `within_s` is the span of the random wait before each change."""
    dice, found = random.Random(1), Travel()
    with closing(sqlite3.connect(f"file:{site.database}?mode=ro", uri=True)) as connection:
        for number in range(times):
            time.sleep(dice.uniform(0, within_s))
            last, told = _last_row(connection), len(site.statuses("1"))
            site.tell(*(("plug",) if number % 2 == 0 else ("unplug",)), evse="1")
            row_s = _row_after(connection, last)
            changed_s = site.happened("plugged" if number % 2 == 0 else "unplugged", evse="1")
            until(lambda told=told: len(site.statuses("1")) > told, "the status at the hub")  # type: ignore[misc]
            found.to_row_s.append(row_s - changed_s)
            found.to_hub_s.append(site.statuses("1")[told]["t"] - row_s)
    return found


def faults(site: Field, times: int) -> list[float]:
    """Seconds from the RCD's contact to 0 A at the device, each in mid-charge."""
    found = []
    for _ in range(times):
        site.charge()
        site.tell("trip", contact="rcd-1")
        tripped_s = site.happened("contact", contact="rcd-1", did="trip")
        found.append(site.set_point("1", 0, after_s=tripped_s)["t"] - tripped_s)
        site.tell("unplug", evse="1")
        site.tell("reset", contact="rcd-1")
        until(lambda: site.state("1") == "available", "EVSE 1 to be free again")
    return found


def _last_row(connection: sqlite3.Connection) -> int:
    query = "select coalesce(max(seq), 0) from outbox where kind = 'status' and evse_id = ?"
    return int(connection.execute(query, (evse_id("1"),)).fetchone()[0])


def _row_after(connection: sqlite3.Connection, last: int) -> float:
    """Monotonic seconds at which a younger row is seen to be committed."""
    give_up_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < give_up_s:
        if _last_row(connection) > last:
            return time.monotonic()
        time.sleep(_LOOK_S)
    raise AssertionError("the status was never committed")
