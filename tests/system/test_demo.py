"""`make demo` as a user runs it: real processes, a day of about a minute, and a verdict that holds.

Two whole days are played, with one hub and with two; what is short is played with the hubs that the days leave out.
"""

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


def arrived(lines: list[str]) -> list[str]:
    return [line for line in lines if re.search(r"  yes +yes +\d+\.\d\d s", line)]


def energies(rows: list[str]) -> list[float]:
    return [float(found) for row in rows for found in re.findall(r"CDR (\d\.\d{3}) kWh", row)]


def answers(lines: list[str]) -> list[str]:
    return [found for line in lines for found in re.findall(r"  yes, answered (\d{3}) ", line)]


def progress(rows: list[str]) -> list[str]:
    """On a slow machine other charges than the app's last long enough for it, too."""
    return [row for row in rows if re.match(r"EVSE \d +Progress ", row)]


def good(place: Path, code: int, said: str) -> None:
    assert code == 0, said
    assert not re.search("04A7B1E2C95D81|049C33D1F26A52|04B39A17D0E652", said), "a card number is not masked"
    assert "\x1b[" not in said
    assert said.splitlines()[-1] == "The day was as it should be."
    assert re.search(r"EVSE 1 rcd-1 trips: set point 0 after \d+ ms\.", said)
    assert said.count("no, a newer one did") == 2, "a status of the outage"
    assert list(place.iterdir()) == [], "the demo's directory is left behind"


def test_the_day_is_as_it_should_be(place: Path) -> None:
    code, said = finished(place)
    good(place, code, said)
    rows = arrived(said.splitlines())
    assert len(rows) - len(progress(rows)) == 42
    assert any(row.startswith("EVSE 2") for row in progress(rows))
    assert answers(said.splitlines()) == ["000", "510", "601", "000", "000", "000", "000", "000"]
    billed = energies(rows)
    assert billed[:2] == [0.0, 0.0], "a reservation has a record and no energy"
    assert len(billed) == 7
    assert min(billed[2:]) > 0
    assert re.search(r"EVSE 2 +Reserved +reserved by app +yes ", said)


def test_the_day_is_as_it_should_be_with_two_hubs(place: Path) -> None:
    code, said = finished(place, "--hubs", "oicp,oioi")
    good(place, code, said)
    *_, told = said.partition("What each hub should have heard")
    first, _, second = (part.splitlines() for part in told.partition("\noioi "))
    oicp, oioi = arrived(first), arrived(second)
    assert (len(oicp) - len(progress(oicp)), len(oioi) - len(progress(oioi))) == (32, 32)
    assert answers(first) == ["000", "000", "000"]
    assert answers(second) == ["321", "320", "000", "000", "011"]
    assert [energy > 0 for energy in energies(oicp)] == [False, True, True]
    assert [energy > 0 for energy in energies(oioi)] == [True, True, True]
    assert sum("EVSE data" in row for row in oicp) == sum("station" in row for row in oioi) == 2
    assert not any(re.match(r"EVSE \d +(End|Error) ", row) for row in oioi)
    assert sum("another hub was first" in row for row in oicp) == 1
    assert re.search(r"While another hub was out of reach, oioi heard \d statuses", said)


def test_a_story_that_goes_wrong_is_told_and_kept(place: Path) -> None:
    wrong = '[[step]]\ndo = "unplug"\nevse = "1"\n'
    code, said = finished(place, "--hubs", "oioi", *story(place, SHORT + wrong))
    assert code == 1
    assert "The day ended early: the story cannot go on: EVSE '1' has no car; plug one in first" in said
    (kept,) = place.glob("roampost-demo-*")
    assert f"Everything is kept in {kept}" in said
    assert (kept / "agent.log").read_text() != ""
    assert "Traceback" not in said


def test_what_the_hub_never_heard_is_missing(place: Path) -> None:
    """The judge of the whole can fail, too: the network fails and is not mended. The other hub misses nothing."""
    deaf = '[[step]]\non = "hub"\ndo = "refuse"\n[[step]]\ndo = "plug"\nevse = "1"\n'
    code, said = finished(place, "--hubs", "oicp,oioi", *story(place, SHORT + deaf))
    assert code == 1
    assert "WRONG  oicp: EVSE 1 Occupied: is missing" in said
    assert said.count("WRONG") == 1


def test_all_goes_on_running_when_asked_to(place: Path) -> None:
    running = started(place, "--keep", "--hubs", "oicp,oioi", *story(place, SHORT))
    assert running.stdout is not None
    said = ""
    while said.count("hub's record") < 2:
        line = running.stdout.readline()
        assert line, said
        said += line
    (directory,) = place.glob("roampost-demo-*")
    status = [sys.executable, "-m", "roampost", "status", "--json", "--config", str(directory / "roampost.toml")]
    report = json.loads(subprocess.run(status, capture_output=True, text=True, timeout=60, check=True).stdout)
    assert report["source"] == "agent"
    poi = [sys.executable, "-m", "roampost", "poi", "check", "--config", str(directory / "roampost.toml")]
    checked = subprocess.run(poi, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    starts = re.findall(r"start by app +\S+ tell (\S+) '(.*)'", said)
    apps = [[sys.executable, "-m", "roampost_sim", "tell", *start] for start in starts]
    told = [subprocess.run(app, capture_output=True, text=True, timeout=60, check=True).stdout for app in apps]
    assert [json.loads(answer)["code"] for answer in told] == ["510", "321"], "nothing is plugged in yet"
    plug = [sys.executable, "-m", "roampost_sim", "tell", str(directory / "station.sock"), "plug", "evse=1", "car=van"]
    assert subprocess.run(plug, capture_output=True, timeout=60, check=False).returncode == 0
    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate(timeout=60)
    assert running.returncode == 0, said + rest
    assert not directory.exists()


def test_hubs_that_nobody_can_play_are_refused_in_a_sentence(place: Path) -> None:
    code, said = finished(place, "--hubs", "oicp,ocpi")
    assert code != 0
    (sentence,) = said.splitlines()
    assert sentence.endswith("'ocpi' is none that the demo can play; give one or more of oicp,oioi")
    assert list(place.iterdir()) == []


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
    assert rest.endswith("Stopped; all processes have ended.\n")
    assert not list(place.glob("roampost-demo-*"))
