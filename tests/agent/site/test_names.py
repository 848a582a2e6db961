"""A name server that is silent about one hub keeps nothing else waiting (one fault: the resolver that hangs)."""

import asyncio
import gc
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from roampost.site.names import NamesApart

# Only a machine that stands still needs it.
PATIENCE_S = 30.0
SILENT = "hub-with-a-silent-name-server.invalid"
FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]


class SilentServer:
    """The system's resolver, where nobody answers for one name until `speak`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.asks = threading.Event()
        self._speaks = threading.Event()
        self._real = socket.getaddrinfo
        self.error: Exception | None = None

    def speak(self) -> None:
        self._speaks.set()

    def __call__(self, host: Any, *of: Any) -> Any:
        if host != SILENT:
            return self._real(host, *of)
        self.asked.append(host)
        self.asks.set()
        assert self._speaks.wait(PATIENCE_S)
        if self.error is not None:
            raise self.error
        return FOUND


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SilentServer]:
    silent = SilentServer()
    monkeypatch.setattr(socket, "getaddrinfo", silent)
    yield silent
    silent.speak()


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=NamesApart) as runner:
        yield runner


def look_up(host: str) -> "asyncio.Task[Any]":
    return asyncio.create_task(asyncio.get_running_loop().getaddrinfo(host, 443))


def test_a_name_that_hangs_delays_neither_another_name_nor_a_file(runner: asyncio.Runner, server: SilentServer) -> None:
    async def scene() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=1))
        hanging = [look_up(SILENT) for _ in range(7)]
        async with asyncio.timeout(PATIENCE_S):
            assert await look_up("127.0.0.1")
            assert await asyncio.to_thread(lambda: "a file")
        assert not any(one.done() for one in hanging)
        server.speak()
        assert await asyncio.gather(*hanging) == [FOUND] * 7

    runner.run(scene())
    assert server.asked == [SILENT]


def test_who_gives_up_takes_the_answer_from_nobody(runner: asyncio.Runner, server: SilentServer) -> None:
    async def scene() -> None:
        impatient, patient = look_up(SILENT), look_up(SILENT)
        await asyncio.to_thread(server.asks.wait, PATIENCE_S)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        server.speak()
        assert await patient == FOUND

    runner.run(scene())


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), UnicodeError("label too long")])
def test_a_failure_is_told_to_who_waits_and_the_next_one_asks_anew(
    runner: asyncio.Runner, server: SilentServer, error: Exception
) -> None:
    async def scene() -> None:
        server.error = error
        server.speak()
        with pytest.raises(type(error)):
            await look_up(SILENT)
        server.error = None
        assert await look_up(SILENT) == FOUND

    runner.run(scene())
    assert server.asked == [SILENT, SILENT]


def test_a_failure_that_nobody_waits_for_is_no_trouble(
    runner: asyncio.Runner, server: SilentServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        server.error = socket.gaierror(-3, "later")
        alone = look_up(SILENT)
        await asyncio.to_thread(server.asks.wait, PATIENCE_S)
        alone.cancel()
        await asyncio.wait({alone})
        other = look_up(SILENT)
        server.speak()
        await asyncio.wait({other})
        assert isinstance(other.exception(), socket.gaierror)

    runner.run(scene())
    gc.collect()
    assert not caplog.records


def test_the_end_does_not_wait_for_a_name(server: SilentServer) -> None:
    async def scene() -> None:
        hanging = look_up(SILENT)
        await asyncio.to_thread(server.asks.wait, PATIENCE_S)
        hanging.cancel()

    with asyncio.Runner(loop_factory=NamesApart) as runner:
        runner.run(scene())
    assert threading.active_count() > 1  # it still hangs, and its answer will find nobody


def test_where_no_thread_can_begin_nobody_waits_and_the_next_question_is_a_new_one(
    runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def ask() -> Any:
        return await look_up("localhost")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", full)
        with pytest.raises(OSError, match="start new thread"):
            runner.run(ask())
    assert runner.run(ask())
