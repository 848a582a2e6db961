"""`roampost status`, from a running agent and from the database of a stopped one."""

import json
from pathlib import Path

import pytest

from roampost.control.protocol import ControlError, Refusal
from roampost.control.report import EvseReport, StatusReport, TaskReport
from tests.agent.cli.running_agent import Recorder, running
from tests.agent.cli.stopped_station import EVSE_ID, NOON_MS, Site, call, filled, site

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def stopped(tmp_path: Path) -> Site:
    return filled(tmp_path)


def test_status_of_a_stopped_agent_is_what_it_wrote_last_and_says_so(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "status") == 0
    out = capsys.readouterr().out
    assert "The agent does not run: no agent listens on" in out
    assert f"{EVSE_ID}  faulted" in out
    assert "rcd has tripped [faults: rcd, water]" in out
    assert "2026-09-21 16:13:20" in out  # of the station's zone
    assert "Outbox: 2 messages wait." in out
    assert "the record is not accepted" in out
    assert "(code 400)" in out
    assert "never by itself" in out


def test_status_text_from_a_hub_cannot_steer_the_terminal(stopped: Site, capsys: Capture) -> None:
    call(stopped, "status")
    call(stopped, "outbox", "list")
    call(stopped, "outbox", "show", "1")
    assert "\x1b" not in capsys.readouterr().out


def test_status_in_json_has_the_same_shape_stopped_and_running(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "status", "--json") == 0
    from_database = json.loads(capsys.readouterr().out)
    evse = EvseReport(EVSE_ID, "charging", NOON_MS, "card", 16_000, status="occupied")
    task = TaskReport("bus rs485", "resting", NOON_MS, 3, "the port is gone")
    report = StatusReport("agent", NOON_MS, (evse,), (), (task,), ("no certificate",), clock_trusted=True)
    with running(stopped.socket, {"status": Recorder().command("status", report.to_json())}):
        assert call(stopped, "status", "--json") == 0
    from_agent = json.loads(capsys.readouterr().out)
    assert (from_database["source"], from_agent["source"]) == ("database", "agent")
    assert from_database.keys() == from_agent.keys()
    assert StatusReport.from_json(from_agent) == report


def test_status_of_a_running_agent_names_what_is_not_well(stopped: Site, capsys: Capture) -> None:
    evse = EvseReport(EVSE_ID, "charging", NOON_MS - 600_000, "card", 16_000, status="occupied")
    tasks = (
        TaskReport("bus rs485", "resting", NOON_MS - 5_000, 3, "the port is gone"),
        TaskReport("lane", "running", 0, 0, None),
        TaskReport("EVSE data", "done", 0, 0, None),
    )
    report = StatusReport("agent", NOON_MS, (evse,), (), tasks, ("no certificate",), clock_trusted=False)
    with running(stopped.socket, {"status": Recorder().command("status", report.to_json())}):
        assert call(stopped, "status") == 0
    out = capsys.readouterr().out
    assert "The agent runs. Its clock is not synchronized yet." in out
    assert "ALARM: no certificate" in out
    assert "16 A" in out
    assert "(10 min)" in out
    assert "Outbox: nothing waits." in out
    assert "bus rs485  resting  5 s    3         the port is gone" in out
    assert "lane" not in out
    assert "EVSE data" not in out


def test_status_keeps_sentences_whole_and_cuts_floods(stopped: Site, capsys: Capture) -> None:
    command = "roampost commission --config /etc/roampost/a-station-with-a-rather-long-name.toml controller-1"
    alarm = f"device controller-1 charges on its own default after a power-up; run: {command}"
    evse = EvseReport(EVSE_ID, "unreadable", NOON_MS, f"first {'x' * 120} last", 0)
    report = StatusReport("agent", NOON_MS, (evse,), (), alarms=(alarm, "y" * 5_000))
    with running(stopped.socket, {"status": Recorder().command("status", report.to_json())}):
        assert call(stopped, "status") == 0
    out = capsys.readouterr().out
    assert alarm in out
    assert evse.why in out
    assert "y" * 499 + "…" in out
    assert max(len(line) for line in out.splitlines()) < 600


def test_status_of_an_agent_that_fails_is_read_from_its_database(stopped: Site, capsys: Capture) -> None:
    with running(stopped.socket, {"status": Recorder().command("status", {"version": 9})}):
        assert call(stopped, "status") == 0
    assert "The agent does not answer: the agent's status cannot be read" in capsys.readouterr().out


def test_status_is_refused_to_a_stranger(stopped: Site, capsys: Capture) -> None:
    refusal = ControlError(Refusal.FORBIDDEN, "only root may do this")
    with running(stopped.socket, {"status": Recorder(refusal).command("status")}):
        assert call(stopped, "status") == 5
    assert capsys.readouterr().err == "only root may do this\n"


def test_status_without_agent_and_database(tmp_path: Path, capsys: Capture) -> None:
    assert call(site(tmp_path), "status") == 3
    assert "does not exist; the agent has not run yet" in capsys.readouterr().err


def test_status_works_while_the_rest_of_the_configuration_is_wrong(stopped: Site) -> None:
    stopped.config.write_text(stopped.config.read_text().replace("unit = 11", "unit = 999"))
    assert call(stopped, "status") == 0


def test_status_raises_an_alarm_until_the_damaged_database_is_moved_away(stopped: Site, capsys: Capture) -> None:
    damaged = stopped.database.with_name("roampost.db.damaged-0001")
    damaged.write_bytes(b"x")
    assert call(stopped, "status") == 0
    assert "ALARM: the database was damaged" in capsys.readouterr().out
    damaged.unlink()
    assert call(stopped, "status") == 0
    assert "ALARM" not in capsys.readouterr().out
