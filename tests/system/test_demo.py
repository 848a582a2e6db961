"""`make demo` as a user runs it: three real processes, a day of about a minute, and a verdict that holds."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from roampost_sim.demo.story import DAY

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
DEMO = [sys.executable, "-m", "roampost_sim", "demo"]


def demo(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The demo with its temporary directory below `directory`."""
    environ = {**os.environ, "TMPDIR": str(directory)}
    return subprocess.run([*DEMO, *words], capture_output=True, text=True, timeout=280, check=False, env=environ)


def test_the_day_is_as_it_should_be(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "04A7B1E2C95D81" not in done.stdout
    assert "\x1b[" not in done.stdout
    rows = [line for line in done.stdout.splitlines() if re.search(r"  yes +yes +\d+\.\d\d s", line)]
    energies = [float(found) for row in rows for found in re.findall(r"CDR (\d\.\d{3}) kWh", row)]
    assert len(rows) == 29
    assert len(energies) == 4
    assert min(energies) > 0
    assert done.stdout.count("no, a newer one did") == 2
    assert re.search(r"EVSE 2 rcd-2 trips: set point 0 after \d+ ms\.", done.stdout)
    assert done.stdout.splitlines()[-1] == "The day was as it should be."
    assert list(tmp_path.iterdir()) == [], "the demo's directory is left behind"


def test_a_story_that_goes_wrong_is_told_and_kept(tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text(
        f"""
        name = "A day that cannot go on"
        station = "{DAY.with_name("station.toml")}"
        [[step]]
        on = "agent"
        do = "start"
        [[step]]
        wait = "hub"
        evse = "1"
        message = "Available"
        [[step]]
        do = "unplug"
        evse = "1"
        """
    )
    done = demo(tmp_path, "--story", str(story))
    assert done.returncode == 1
    assert "The day ended early: the story cannot go on: EVSE '1' has no car; plug one in first" in done.stdout
    (kept,) = tmp_path.glob("roampost-demo-*")
    assert f"Everything is kept in {kept}" in done.stdout
    assert (kept / "agent.log").read_text() != ""
    assert "Traceback" not in done.stdout + done.stderr
