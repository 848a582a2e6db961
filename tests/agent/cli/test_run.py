"""`roampost run` as systemd runs it: a real process, a real notify socket, real signals."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from roampost.cli import main
from roampost.store.changes import Change
from roampost.store.store import Store
from tests.agent.cli.stopped_station import BOOT, EVSE_ID, NOON_MS, STAMP, Site, drafts, site

PATIENCE_S = 60


def observed(folder: Path) -> Site:
    """A site that only looks, whose ports are not there and which has no hub."""
    made = site(folder)
    text = made.config.read_text()
    text = text[: text.index("[hubs.")].replace('meter = "meter-1"', 'meter = "meter-1"\ncontrol = "observe"')
    # Nothing answers at port 1 of this machine.
    text = text.replace('host = "192.0.2.20"', 'host = "127.0.0.1"\nport = 1')
    made.config.write_text(text.replace("/dev/ttyUSB0", f"{folder}/a").replace("/dev/ttyACM0", f"{folder}/b"))
    return made


@contextmanager
def agent(found: Site, folder: Path) -> Iterator[tuple[subprocess.Popen[str], socket.socket]]:
    """A running agent and the manager's end of its notify socket; killed afterwards whatever happens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(PATIENCE_S)
        environ = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "1500000"}
        command = [sys.executable, "-m", "roampost", "run", "--config", str(found.config)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ) as process:
            try:
                yield process, manager
            finally:
                process.kill()


def heard(manager: socket.socket, word: str) -> list[str]:
    """Everything that is said up to this word."""
    said: list[str] = []
    while word not in said:
        said += manager.recv(10_000).decode().splitlines()
    return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_agent_runs_answers_and_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    found = observed(tmp_path)
    with agent(found, tmp_path) as (process, manager):
        heard(manager, "READY=1")
        while not found.socket.exists():
            heard(manager, "WATCHDOG=1")
        assert main(["--config", str(found.config), "status", "--json"]) == 0
        process.send_signal(number)
        heard(manager, "STOPPING=1")
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    report = json.loads(capsys.readouterr().out)
    assert report["source"] == "agent"
    assert [one["evse_id"] for one in report["evses"]] == [EVSE_ID]
    assert not found.socket.exists()
    assert main(["--config", str(found.config), "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["source"] == "database"


def test_a_second_agent_on_the_same_store_says_why_it_ends(tmp_path: Path) -> None:
    found = observed(tmp_path)
    store = Store.open(found.database, now_wall_ms=lambda: NOON_MS, boot=BOOT)
    try:
        with agent(found, tmp_path) as (process, _):
            assert process.wait(PATIENCE_S) == 1
            assert process.stderr is not None
            assert process.stderr.read().splitlines() == [
                f"{found.database} is in use by another roampost (pid {os.getpid()}); stop it first"
            ]
    finally:
        store.close()


def test_a_damaged_database_does_not_keep_the_agent_from_starting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = observed(tmp_path)
    store = Store.open(found.database, now_wall_ms=lambda: NOON_MS, boot=BOOT)
    asyncio.run(submitted(store))
    store.close()
    with found.database.open("r+b") as file:
        file.write(bytes(100))
    with agent(found, tmp_path) as (process, manager):
        heard(manager, "READY=1")
        while not found.socket.exists():
            heard(manager, "WATCHDOG=1")
        assert main(["--config", str(found.config), "status", "--json"]) == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr is not None
        logged = process.stderr.read()
    report = json.loads(capsys.readouterr().out)
    assert any("the database was damaged" in alarm for alarm in report["alarms"])
    assert [(one["kind"], one["rows"]) for one in report["waiting"]] == [("cdr", 1)]
    assert "goes on with 1 unfinished messages" in logged
    assert "Traceback" not in logged


async def submitted(store: Store) -> None:
    """A record that no hub has got."""
    await store.submit(Change(STAMP, drafts=drafts()[:1]))
