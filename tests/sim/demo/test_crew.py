"""Processes: one that ends by itself is missed, with its last words; one that does not want to end is ended."""

import signal
import socket
from pathlib import Path

import pytest

from roampost_sim.demo.crew import Crew, GoneError, Worker
from tests.sim.demo.records import STORY


async def test_who_ends_early_is_quoted(tmp_path: Path) -> None:
    worker = Worker("agent", tmp_path / "agent.log")
    await worker.start("roampost_sim", "no-such-command")
    assert worker.process is not None
    await worker.process.wait()
    with pytest.raises(GoneError, match=r"the agent ended by itself \(exit code 2\)(?s:.*)invalid choice"):
        worker.check()


async def test_who_is_killed_by_others_is_missed_and_who_is_killed_by_us_is_not(tmp_path: Path) -> None:
    worker = Worker("sandbox hub", tmp_path / "hub.log")
    await worker.start("http.server", "0")
    assert worker.process is not None
    worker.check()
    worker.process.send_signal(signal.SIGKILL)
    await worker.process.wait()
    with pytest.raises(GoneError, match=r"signal 9\). Its last words:"):
        worker.check()
    await worker.kill()
    worker.check()


async def test_who_is_ended_has_ended(tmp_path: Path) -> None:
    worker = Worker("station", tmp_path / "station.log")
    await worker.start("http.server", "0")
    process = worker.process
    assert process is not None
    await worker.end()
    assert process.returncode is not None
    await worker.end()


def test_one_that_never_ran_has_no_last_words(tmp_path: Path) -> None:
    worker = Worker("agent", tmp_path / "agent.log")
    worker.check()
    assert worker.last_words().strip() == "(none)"


def test_whether_the_agent_listens_is_asked_of_the_system(tmp_path: Path) -> None:
    crew = Crew(STORY, tmp_path, ["oicp"])
    assert not crew.agent_listens()
    with socket.create_server(("127.0.0.1", crew.port)) as service:
        assert crew.agent_listens()
        service.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has called
            service.accept()
    assert not crew.agent_listens()


def test_asking_keeps_nobody_from_listening(tmp_path: Path) -> None:
    crew = Crew(STORY, tmp_path, ["oicp"])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", crew.port))
        assert not crew.agent_listens()
        with socket.create_server(("127.0.0.1", crew.port)):
            assert crew.agent_listens()
