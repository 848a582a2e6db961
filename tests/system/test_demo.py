"""`make demo` as a user runs it: three real processes, a day of about a minute, and a verdict that holds."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from roampost_sim.demo.story import DAY

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
DEMO = [sys.executable, "-m", "roampost_sim", "demo"]


SHORT = f"""
name = "A day that is over soon"
station = "{DAY.with_name("station.toml")}"
[[step]]
on = "agent"
do = "start"
[[step]]
wait = "hub"
evse = "1"
message = "Available"
[[step]]
wait = "inbound"
[[step]]
wait = "caught_up"
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path: the name of a unix socket has 107 characters at most."""
    with tempfile.TemporaryDirectory(prefix="rp-") as directory:
        yield Path(directory)


def started(place: Path, *words: str) -> subprocess.Popen[str]:
    """The demo, with its temporary directory in `place`."""
    environ = {**os.environ, "TMPDIR": str(place), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen([*DEMO, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ)


def finished(place: Path, *words: str) -> tuple[int, str]:
    running = started(place, *words)
    said, _ = running.communicate(timeout=280)
    return running.returncode, said


def story(place: Path, text: str) -> list[str]:
    file = place / "story.toml"
    file.write_text(text)
    return ["--story", str(file)]


def test_the_day_is_as_it_should_be(place: Path) -> None:
    code, said = finished(place)
    assert code == 0, said
    assert "04A7B1E2C95D81" not in said
    assert "\x1b[" not in said
    rows = [line for line in said.splitlines() if re.search(r"  yes +yes +\d+\.\d\d s", line)]
    energies = [float(found) for row in rows for found in re.findall(r"CDR (\d\.\d{3}) kWh", row)]
    answers = [int(found) for row in said.splitlines() for found in re.findall(r"  yes, answered (\d{3}) ", row)]
    # On a slow machine other charges than the app's last long enough for it, too.
    progress = [row for row in rows if re.match(r"EVSE \d +Progress ", row)]
    assert len(rows) - len(progress) == 40
    assert any(row.startswith("EVSE 2") for row in progress)
    assert answers == [0, 510, 601, 0, 0]
    assert energies[0] == 0.0, "a reservation has a record and no energy"
    assert len(energies) == 6
    assert min(energies[1:]) > 0
    assert re.search(r"EVSE 2 +Reserved +reserved by app +yes ", said)
    assert said.count("no, a newer one did") == 2
    assert re.search(r"EVSE 1 rcd-1 trips: set point 0 after \d+ ms\.", said)
    assert said.splitlines()[-1] == "The day was as it should be."
    assert list(place.iterdir()) == [], "the demo's directory is left behind"


def test_a_story_that_goes_wrong_is_told_and_kept(place: Path) -> None:
    wrong = '[[step]]\ndo = "unplug"\nevse = "1"\n'
    code, said = finished(place, *story(place, SHORT + wrong))
    assert code == 1
    assert "The day ended early: the story cannot go on: EVSE '1' has no car; plug one in first" in said
    (kept,) = place.glob("roampost-demo-*")
    assert f"Everything is kept in {kept}" in said
    assert (kept / "agent.log").read_text() != ""
    assert "Traceback" not in said


def test_what_the_hub_never_heard_is_missing(place: Path) -> None:
    """The judge of the whole can fail, too: the network fails and is not mended."""
    deaf = '[[step]]\non = "hub"\ndo = "refuse"\n[[step]]\ndo = "plug"\nevse = "1"\n'
    code, said = finished(place, *story(place, SHORT + deaf))
    assert code == 1
    assert "WRONG  EVSE 1 Occupied: is missing" in said
    assert said.count("WRONG") == 1


def test_all_goes_on_running_when_asked_to(place: Path) -> None:
    running = started(place, "--keep", *story(place, SHORT))
    assert running.stdout is not None
    said = ""
    while "hub's record" not in said:
        line = running.stdout.readline()
        assert line, said
        said += line
    (directory,) = place.glob("roampost-demo-*")
    status = [sys.executable, "-m", "roampost", "status", "--json", "--config", str(directory / "roampost.toml")]
    report = json.loads(subprocess.run(status, capture_output=True, text=True, timeout=60, check=True).stdout)
    assert report["source"] == "agent"
    poi = [sys.executable, "-m", "roampost", "poi", "check", "--config", str(directory / "roampost.toml")]
    told = subprocess.run(poi, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    (start,) = re.findall(r"start by app +\S+ tell \S+ '(.*)'", said)
    app = [sys.executable, "-m", "roampost_sim", "tell", str(directory / "hub.sock"), start]
    answer = json.loads(subprocess.run(app, capture_output=True, text=True, timeout=60, check=True).stdout)
    assert answer["code"] == "510", "nothing is plugged in yet"
    plug = [sys.executable, "-m", "roampost_sim", "tell", str(directory / "station.sock"), "plug", "evse=1", "car=van"]
    assert subprocess.run(plug, capture_output=True, timeout=60, check=False).returncode == 0
    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate(timeout=60)
    assert running.returncode == 0, said + rest
    assert not directory.exists()


def test_a_day_that_is_interrupted_leaves_nothing_behind(place: Path) -> None:
    running = started(place, *story(place, SHORT + '[[step]]\nafter = 60\nwait = "caught_up"\n'))
    assert running.stdout is not None
    said = ""
    while "EVSE 2" not in said:
        line = running.stdout.readline()
        assert line, said
        said += line
    running.send_signal(signal.SIGTERM)
    rest, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert rest.endswith("Stopped; all three processes have ended.\n")
    assert not list(place.glob("roampost-demo-*"))
