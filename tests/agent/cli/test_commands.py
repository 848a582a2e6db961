"""The commands against a real database and a real agent's socket."""

import asyncio
import csv
import io
import json
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from roampost.cli import main
from roampost.control.protocol import ControlError, Peer, Refusal
from roampost.control.report import EvseReport, StatusReport, TaskReport
from roampost.control.server import Command, ControlServer
from roampost.store.reading import audits, open_readonly, outbox_one
from roampost.store.store import Store
from tests.agent.cli.stopped_station import BOOT, EVSE_ID, NOON_MS, UID, Site, filled, site

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def stopped(tmp_path: Path) -> Site:
    return filled(tmp_path)


class Recorder:
    """Commands of a running agent; keeps what was asked of it."""

    def __init__(self, error: ControlError | None = None) -> None:
        self.asked: list[tuple[str, dict[str, Any], Peer]] = []
        self._error = error

    def command(self, name: str, result: object = None) -> Command:
        async def run(arguments: Mapping[str, Any], peer: Peer) -> object:
            self.asked.append((name, dict(arguments), peer))
            if self._error is not None:
                raise self._error
            return result

        return run


@contextmanager
def running(path: Path, commands: Mapping[str, Command]) -> Iterator[None]:
    """A control server on a loop of its own, as a running agent has it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = ControlServer(path, commands)
    try:
        asyncio.run_coroutine_threadsafe(server.open(), loop).result(30)
        yield
        asyncio.run_coroutine_threadsafe(server.aclose(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def call(found: Site, *words: str) -> int:
    return main(["--config", str(found.config), *words])


# --- status -----------------------------------------------------------------------------------------------------


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


# --- outbox: looking ----------------------------------------------------------------------------------------------


def test_the_list_says_what_waits_and_why(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:6] for line in lines[1:]] == [
        ["1", "hubject", "cdr", EVSE_ID, "parked", "1"],
        ["2", "hubject", "status", EVSE_ID, "queued", "0"],
    ]
    assert lines[2].endswith("waits for its turn")


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        ([], [1, 2]),
        (["--all"], [2, 1]),
        (["--kind", "cdr"], [1]),
        (["--state", "queued"], [2]),
        (["--state", "delivered"], []),
        (["--hub", "plugsurfing"], []),
        (["--limit", "1"], [1]),
        (["--all", "--kind", "status"], [2]),
    ],
)
def test_the_list_shows_what_is_asked_for(stopped: Site, capsys: Capture, words: list[str], seqs: list[int]) -> None:
    assert call(stopped, "outbox", "list", "--json", *words) == 0
    assert [one["seq"] for one in json.loads(capsys.readouterr().out)] == seqs


def test_an_empty_list_is_said(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    assert call(made, "migrate") == 0
    assert call(made, "outbox", "list") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Nothing waits."


def test_a_card_number_is_masked_unless_it_is_asked_for(stopped: Site, capsys: Capture) -> None:
    for words in (["list"], ["list", "--json"], ["show", "1"], ["show", "1", "--json"], ["export"]):
        assert call(stopped, "outbox", *words) == 0
    assert UID not in capsys.readouterr().out
    for words in (["show", "1"], ["show", "1", "--json"], ["export"]):
        assert call(stopped, "outbox", *words, "--show-uids") == 0
        assert UID in capsys.readouterr().out


def test_a_message_is_shown_with_its_attempts(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "show", "1") == 0
    out = capsys.readouterr().out
    assert f"what      cdr of {EVSE_ID} for hubject" in out
    assert '"energy_wh": 2500' in out
    assert "1    2026-09-21 16:13:20  reject   yes      400   200" in out
    assert call(stopped, "outbox", "show", "2") == 0
    assert "Not tried yet." in capsys.readouterr().out


def test_a_message_that_is_not_there(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "show", "7") == 4
    assert capsys.readouterr().err == "there is no message 7\n"


def test_looking_does_not_need_the_lock_of_a_running_agent(stopped: Site) -> None:
    store = Store.open(stopped.database, now_wall_ms=lambda: NOON_MS, boot=BOOT)
    try:
        assert call(stopped, "outbox", "list") == 0
    finally:
        store.close()


# --- outbox: export -----------------------------------------------------------------------------------------------


def test_export_as_json(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "export") == 0
    captured = capsys.readouterr()
    assert [one["body"]["kind"] for one in json.loads(captured.out)] == ["status", "cdr"]
    assert captured.err == "2 messages exported\n"


def test_export_of_nothing_is_right_json(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "export", "--hub", "none") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_export_as_csv_holds_no_formula(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "export", "--format", "csv", "--kind", "cdr") == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["last_text"].startswith("'=the record")
    assert json.loads(row["body"])["energy_wh"] == 2500


def test_export_as_a_database_keeps_attempts_beside_their_message(stopped: Site, tmp_path: Path) -> None:
    output = tmp_path / "export.db"
    assert call(stopped, "outbox", "export", "--format", "sqlite", "--output", str(output)) == 0
    connection = sqlite3.connect(output)
    try:
        query = "select kind, verdict, json_extract(body, '$.energy_wh') from message join attempt using (seq)"
        assert connection.execute(query).fetchall() == [("cdr", "reject", 2500)]
        assert connection.execute("select count(*) from message").fetchone() == (2,)
    finally:
        connection.close()


def test_export_of_nothing_as_a_database(stopped: Site, tmp_path: Path) -> None:
    output = tmp_path / "export.db"
    words = ["--format", "sqlite", "--hub", "none", "--output", str(output)]
    assert call(stopped, "outbox", "export", *words) == 0
    assert output.exists()


def test_an_exported_file_is_private_and_never_overwritten(stopped: Site, tmp_path: Path, capsys: Capture) -> None:
    output = tmp_path / "export.json"
    assert call(stopped, "outbox", "export", "--output", str(output)) == 0
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    before = output.read_text()
    assert call(stopped, "outbox", "export", "--output", str(output), "--format", "csv") == 5
    assert output.read_text() == before
    assert "exists; name a new file" in capsys.readouterr().err


def test_export_as_a_database_needs_a_file(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "export", "--format", "sqlite") == 2
    assert "--output" in capsys.readouterr().err


def test_export_into_a_folder_that_is_not_there(stopped: Site, tmp_path: Path, capsys: Capture) -> None:
    assert call(stopped, "outbox", "export", "--output", str(tmp_path / "no" / "x.json")) == 1
    assert "cannot be written: No such file" in capsys.readouterr().err


# --- hands --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "name", "arguments"),
    [
        (["outbox", "requeue", "1"], "outbox.requeue", {"seq": 1}),
        (["outbox", "discard", "1", "--reason", "test"], "outbox.discard", {"seq": 1, "reason": "test"}),
        (["evse", "disable", EVSE_ID], "evse.disable", {"evse_id": EVSE_ID, "reason": "by hand"}),
        (["evse", "enable", EVSE_ID, "--reason", "ok"], "evse.enable", {"evse_id": EVSE_ID, "reason": "ok"}),
        (
            ["fault", "ack", EVSE_ID, "rcd"],
            "fault.ack",
            {"evse_id": EVSE_ID, "reason": "by hand", "fault": "rcd"},
        ),
    ],
)
def test_a_running_agent_is_asked(
    stopped: Site, capsys: Capture, words: list[str], name: str, arguments: dict[str, object]
) -> None:
    agent = Recorder()
    with running(stopped.socket, {name: agent.command(name)}):
        assert call(stopped, *words) == 0
        assert call(stopped, *words, "--json") == 0
    assert [(one, what) for one, what, _ in agent.asked] == [(name, arguments)] * 2
    assert agent.asked[0][2] == Peer(os.getuid(), os.getgid(), os.getpid())
    assert len(capsys.readouterr().out.splitlines()) > 2


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [(Refusal.NOT_FOUND, 4), (Refusal.REFUSED, 5), (Refusal.FORBIDDEN, 5), (Refusal.FAILED, 1)],
)
def test_what_the_agent_refuses_is_an_exit_code(stopped: Site, capsys: Capture, code: Refusal, exit_code: int) -> None:
    agent = Recorder(ControlError(code, "because"))
    with running(stopped.socket, {"evse.disable": agent.command("evse.disable")}):
        assert call(stopped, "evse", "disable", EVSE_ID) == exit_code
    assert capsys.readouterr().err == "because\n"


@pytest.mark.parametrize("words", [["evse", "enable", EVSE_ID], ["fault", "ack", EVSE_ID, "rcd"]])
def test_hardware_needs_a_running_agent(stopped: Site, capsys: Capture, words: list[str]) -> None:
    assert call(stopped, *words) == 3
    assert capsys.readouterr().err.endswith("; start it first\n")


def test_a_message_is_queued_again_while_the_agent_is_stopped(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "requeue", "1") == 0
    assert capsys.readouterr().out == "message 1 is queued again when the agent runs\n"
    connection = open_readonly(stopped.database)
    found = outbox_one(connection, 1)
    (audit, *_) = audits(connection)
    connection.close()
    assert found is not None
    assert found[0].state == "queued"
    assert (audit.who.uid, audit.who.pid) == (os.getuid(), os.getpid())


def test_a_message_is_discarded_with_its_reason_while_the_agent_is_stopped(stopped: Site) -> None:
    assert call(stopped, "outbox", "discard", "1", "--reason", "sent by hand") == 0
    connection = open_readonly(stopped.database)
    found = outbox_one(connection, 1)
    (audit, *_) = audits(connection)
    connection.close()
    assert found is not None
    assert found[0].state == "discarded"
    assert audit.reason == "sent by hand"


def test_a_message_that_is_not_there_is_not_queued(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "requeue", "1", "7") == 4
    assert capsys.readouterr().out == ""


def test_what_was_discarded_already_is_refused(stopped: Site, capsys: Capture) -> None:
    words = ["outbox", "discard", "1", "--reason", "twice"]
    assert call(stopped, *words) == 0
    assert call(stopped, *words) == 5
    assert capsys.readouterr().err.count("\n") == 1


def test_an_agent_that_holds_the_store_without_a_socket_is_not_disturbed(stopped: Site, capsys: Capture) -> None:
    store = Store.open(stopped.database, now_wall_ms=lambda: NOON_MS, boot=BOOT)
    try:
        assert call(stopped, "outbox", "requeue", "1") == 5
        assert call(stopped, "migrate") == 5
    finally:
        store.close()
    assert "in use by another roampost" in capsys.readouterr().err


def test_hands_make_no_database(tmp_path: Path) -> None:
    made = site(tmp_path)
    assert call(made, "outbox", "requeue", "1") == 3
    assert not made.database.exists()


# --- migrate ------------------------------------------------------------------------------------------------------


def test_migrate_makes_the_database_and_leaves_it_alone_the_second_time(tmp_path: Path) -> None:
    made = site(tmp_path)
    assert call(made, "migrate") == 0
    assert call(made, "migrate", "--json") == 0
    open_readonly(made.database).close()


def test_migrate_refuses_a_database_that_is_not_ours(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    made.database.write_bytes(b"precious" * 1000)
    assert call(made, "migrate") == 1
    assert "is not a database" in capsys.readouterr().err
    assert made.database.read_bytes() == b"precious" * 1000


def test_migrate_refuses_a_folder_that_is_not_there(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    made.config.write_text(made.config.read_text().replace("roampost.db", "no/roampost.db"))
    assert call(made, "migrate") == 3
    assert "make it, or correct station.database" in capsys.readouterr().err
