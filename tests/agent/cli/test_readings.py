"""`roampost readings`: a page for a person, JSON for a script, and nothing without an agent."""

import json
from pathlib import Path

import pytest

from roampost.control.readings import (
    ControllerNow,
    ControllerSays,
    DeviceNow,
    EvseReadings,
    FaultLineNow,
    LineNow,
    MeterNow,
    ReaderNow,
    Readings,
)
from tests.agent.cli.running_agent import Recorder, running
from tests.agent.cli.stopped_station import EVSE_ID, NOON_MS, call, site

Capture = pytest.CaptureFixture[str]
SILENT = "Unit 11 did not answer within 0.30 s."
WELL = DeviceNow("controller-1", 0.24, True, None, None)
IO = DeviceNow("io", 0.1, True, "Unit 1 did not answer within 0.20 s.", 4_000.0)
READINGS = Readings(
    NOON_MS,
    (
        EvseReadings(
            EVSE_ID,
            ControllerNow(WELL, ControllerSays("C", 16_000, 13_000, 32_000, True, ("cp_diode",))),
            MeterNow(DeviceNow("meter-1", 75.0, False, SILENT, 0.5), 1_204_310, 7_360, "it went back by 5 Wh"),
            (
                FaultLineNow("rcd", IO, 1, True, "healthy", False),
                FaultLineNow("tilt", IO, 2, False, "faulty", True),
                FaultLineNow("water", IO, 9, None, None, False),
            ),
        ),
        EvseReadings(
            "DE*ABC*E1*2",
            ControllerNow(
                DeviceNow("controller-2", 0.1, True, None, None), ControllerSays("A", 0, None, None, None, ())
            ),
            None,
            (),
        ),
    ),
    (ReaderNow("front", "/dev/x is not there; is the reader plugged in?"), ReaderNow("back", None)),
    (LineNow("rs485", None, 1204, 17, 2, 1, 3), LineNow("io", "192.0.2.20:502 was lost.", 0, 0, 0, 0, 0)),
)
PAGE = """\
DE*ABC*E1*1
DEVICE        AGE         SAYS
controller-1  0.2 s       pilot C, permitted 16 A, offered 13 A, cable 32 A, contactor closed, faults: cp_diode
meter-1       1 min 15 s  1204310 Wh, 7360 W, not believed: it went back by 5 Wh
meter-1       0.5 s       cannot be read: Unit 11 did not answer within 0.30 s.
io input 1    0.1 s       rcd: healthy (energised)
io input 2    0.1 s       tilt: faulty, latched (not energised)
io input 9    0.1 s       water: the module has no such input
io            1 h 6 min   reads again after: Unit 1 did not answer within 0.20 s.

DE*ABC*E1*2
DEVICE        AGE    SAYS
controller-2  0.1 s  pilot A, permitted 0 A, no faults

READER  SAYS
front   /dev/x is not there; is the reader plugged in?
back    answers

LINE   REQUESTS  TIME-OUTS  FOREIGN  REFUSED  OPENED  ERROR
rs485  1204      17         2        1        3       -
io     0         0          0        0        0       192.0.2.20:502 was lost.
"""


def test_the_page_shows_what_each_device_says_and_since_when(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    with running(made.socket, {"readings": Recorder().command("readings", READINGS.to_json())}):
        assert call(made, "readings") == 0
    assert capsys.readouterr().out == PAGE


def test_json_is_the_same_values(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    with running(made.socket, {"readings": Recorder().command("readings", READINGS.to_json())}):
        assert call(made, "readings", "--json") == 0
    assert Readings.from_json(json.loads(capsys.readouterr().out)) == READINGS


def test_a_device_that_was_never_read_says_nothing_yet(tmp_path: Path, capsys: Capture) -> None:
    made, never = site(tmp_path), DeviceNow("x", None, False, None, None)
    line = FaultLineNow("rcd", never, 1, None, None, False)
    evse = EvseReadings(EVSE_ID, ControllerNow(never, None), MeterNow(never, None, None, None), (line,))
    found = Readings(NOON_MS, (evse,), (), ())
    with running(made.socket, {"readings": Recorder().command("readings", found.to_json())}):
        assert call(made, "readings") == 0
    assert capsys.readouterr().out.count("nothing yet") == 3


def test_without_an_agent_there_is_nothing_to_show(tmp_path: Path, capsys: Capture) -> None:
    assert call(site(tmp_path), "readings") == 3
    assert capsys.readouterr().err.endswith("; start it first\n")


def test_the_answer_of_another_version_is_one_sentence(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    with running(made.socket, {"readings": Recorder().command("readings", {"version": 9})}):
        assert call(made, "readings") == 1
    assert capsys.readouterr().err == "the agent's readings cannot be read; is it another version?\n"
