"""Runs station, hub and agent, prints the table; 1 when a bound is missed by more than what the machine may add."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.installed import ROOT, installed, slowest_imports, unit_environment
from tests.bench.latency import faults, plug_changes
from tests.bench.parts import commits_per_second, line_use_percent
from tests.bench.process import Usage
from tests.bench.table import Figure, table
from tests.system.agentfile import CHARGER_POLL_S
from tests.system.bounds import EXCHANGE_S, FAULT_S, PLUG_DEBOUNCE_S
from tests.system.field import Field
from tests.system.processes import until

# What other processes on the machine, and other units' transactions on the line, may add to a duration.
MACHINE_S = 0.25
HUB_ANSWERS_MS = 50
TO_ROW_S = PLUG_DEBOUNCE_S + CHARGER_POLL_S + 0.05
TO_HUB_S = 0.15
# Halfway to the next poll, the debounce, and the two looks at the device that it takes.
LEAST_S = CHARGER_POLL_S / 2 + PLUG_DEBOUNCE_S + 2 * EXCHANGE_S
IDLE_AT_LEAST_S = 20.0
RSS_MIB = 48.0
# Pythons differ: one with a shared libpython shows some MiB more than Debian's.
BUILD_MIB = 5.0


def main() -> int:
    options = _options()
    python = installed()
    if options.imports:
        sys.stdout.write(slowest_imports(python) + "\n\n")
    with _site() as site:
        figures = [Figure.single("line carries frames", line_use_percent(site.folder / "rs485"), "%")]
        figures.append(Figure.single("commits, one by one", commits_per_second(site.folder), "per s"))
        figures += _measure(site, python, options)
    sys.stdout.write(table(figures) + "\n")
    return int(any(one.missed for one in figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="until memory is read (%(default)s)")
    parser.add_argument("--changes", type=int, default=20, help="of a plug (%(default)s)")
    parser.add_argument("--faults", type=int, default=3, help="in mid-charge (%(default)s)")
    parser.add_argument("--imports", action="store_true", help="list what the agent's imports cost")
    return parser.parse_args()


@contextmanager
def _site() -> Iterator[Field]:
    """Station and hub, running, on a real file system: a /tmp in memory has no disk to wait for."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "build") as folder:
        site = Field(Path(folder), Path(folder) / "certificates")
        try:
            site.start_station()
            site.start_hubs("--answer-delay-ms", str(HUB_ANSWERS_MS))
            site.truth()  # the station is up
            yield site
        finally:
            site.end()


def _measure(site: Field, python: str, options: argparse.Namespace) -> Iterator[Figure]:
    # It is compiled where it is installed.
    agent = site.start_agent(python=python, PYTHONPYCACHEPREFIX="", **unit_environment())
    began_s = time.monotonic()
    until(lambda: site.statuses("1") and site.statuses("2"), "both EVSEs at the hub")
    time.sleep(IDLE_AT_LEAST_S)
    fresh = Usage.of(agent.pid)
    yield Figure.single(f"resident memory after {IDLE_AT_LEAST_S:.0f} s", fresh.rss_mib, "MiB", RSS_MIB, BUILD_MIB)
    travel = plug_changes(site, options.changes, within_s=CHARGER_POLL_S)
    yield Figure.of_ms("plug -> committed row", travel.to_row_s, TO_ROW_S, MACHINE_S)
    yield Figure.of_ms(f"committed row -> hub ({HUB_ANSWERS_MS} ms)", travel.to_hub_s, TO_HUB_S, MACHINE_S)
    whole_s = median(row + hub for row, hub in zip(travel.to_row_s, travel.to_hub_s, strict=True))
    yield Figure.single("plug -> hub, of the least possible", whole_s / LEAST_S, "x")
    if options.changes % 2:
        site.tell("unplug", evse="1")
    until(lambda: site.state("1") == "available", "EVSE 1 to be free")
    yield Figure.of_ms("fault -> 0 A at the device", faults(site, options.faults), FAULT_S, MACHINE_S)
    until(lambda: not site.rows("select 1 from outbox where finished_ms is null"), "an empty outbox")
    idle_s, idle = time.monotonic(), Usage.of(agent.pid)
    # Time itself is waited for: memory and idle rates are judged after it.
    time.sleep(max(IDLE_AT_LEAST_S, began_s + 60 * options.minutes - idle_s))
    now_s, last = time.monotonic(), Usage.of(agent.pid)
    minutes = (now_s - began_s) / 60
    yield Figure.single(f"and after {minutes:.1f} min with all of the above", last.rss_mib, "MiB", RSS_MIB, BUILD_MIB)
    yield Figure.single("of it, without the others' share of shared pages", last.pss_mib, "MiB")
    yield Figure.single("processor, idle", 100 * (last.cpu_s - idle.cpu_s) / (now_s - idle_s), "%")
    idle_bytes = last.written_bytes - idle.written_bytes
    yield Figure.single("written, idle", idle_bytes / 1024 * 3600 / (now_s - idle_s), "KiB/h")
    busy_kib = idle.written_bytes / 1024 / len(site.hub.heard())
    yield Figure.single("written for each request to the hub", busy_kib, "KiB")


if __name__ == "__main__":
    sys.exit(main())
