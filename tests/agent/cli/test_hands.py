"""What a person changes: through a running agent's socket, and in the database of a stopped one."""

import os
from pathlib import Path

import pytest

from roampost.control.protocol import ControlError, Peer, Refusal
from roampost.store.reading import audits, open_readonly, outbox_one
from roampost.store.store import Store
from tests.agent.cli.running_agent import Recorder, running
from tests.agent.cli.stopped_station import BOOT, EVSE_ID, NOON_MS, Site, call, filled, site

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def stopped(tmp_path: Path) -> Site:
    return filled(tmp_path)


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
