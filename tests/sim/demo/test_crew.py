"""Processes: one that ends by itself is missed, with its last words; one that does not want to end is ended."""

import signal
from pathlib import Path

import pytest

from roampost_sim.demo.crew import GoneError, Worker


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
