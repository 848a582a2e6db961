"""Client and server over a real socket, and what a hostile process can do to them: nothing."""

import asyncio
import json
import os
import socket
import stat
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from roampost.control.client import NoDaemonError, ask
from roampost.control.peer import groups_of, may_command, peer_of
from roampost.control.protocol import MAX_REQUEST_BYTES, ControlError, Peer, Refusal
from roampost.control.server import ControlServer, NoSocketError, SocketInUseError


async def say(arguments: Mapping[str, Any], peer: Peer) -> object:
    return {"arguments": dict(arguments), "uid": peer.uid, "pid": peer.pid}


async def refuse(arguments: Mapping[str, Any], peer: Peer) -> object:
    raise ControlError(Refusal.NOT_FOUND, "there is no message 7")


async def crash(arguments: Mapping[str, Any], peer: Peer) -> object:
    raise KeyError("secret of the agent")


async def unspeakable(arguments: Mapping[str, Any], peer: Peer) -> object:
    return {1, 2}


COMMANDS = {"say": say, "refuse": refuse, "crash": crash, "unspeakable": unspeakable}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@pytest.fixture
async def server(path: Path) -> AsyncIterator[ControlServer]:
    async with ControlServer(path, COMMANDS) as listening:
        yield listening


async def raw(path: Path, data: bytes) -> dict[str, Any]:
    """What the server answers to these bytes and the end of input."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(data)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    found = json.loads(answer)
    assert isinstance(found, dict)
    return found


@pytest.mark.usefixtures("server")
async def test_a_command_is_carried_out_and_knows_who_asked(path: Path) -> None:
    result = await asyncio.to_thread(ask, path, "say", {"seq": 7, "reason": "ö\n"})
    assert result == {"arguments": {"seq": 7, "reason": "ö\n"}, "uid": os.getuid(), "pid": os.getpid()}


@pytest.mark.usefixtures("server")
async def test_a_refusal_reaches_the_person_in_its_own_words(path: Path) -> None:
    with pytest.raises(ControlError, match="there is no message 7") as caught:
        await asyncio.to_thread(ask, path, "refuse")
    assert caught.value.code is Refusal.NOT_FOUND


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("command", ["crash", "unspeakable"])
async def test_a_bug_in_a_command_is_logged_and_not_shown(
    path: Path, command: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ControlError, match="its log says why") as caught:
        await asyncio.to_thread(ask, path, command)
    assert caught.value.code is Refusal.FAILED
    assert caplog.records[0].exc_info


@pytest.mark.usefixtures("server")
async def test_an_unknown_command_is_told(path: Path) -> None:
    with pytest.raises(ControlError, match="does not know this command") as caught:
        await asyncio.to_thread(ask, path, "format.disk")
    assert caught.value.code is Refusal.UNKNOWN_COMMAND


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "does not end with a newline"),
        (b"{}", "does not end with a newline"),
        (b"\n", "not one line of JSON"),
        (b"\xff\xfe\n", "not one line of JSON"),
        (b"[" * 30_000 + b"\n", "not an object"),
        (b"[]\n", "not an object"),
        (b'{"command":"say","and":1}\n', "not an object"),
        (b'{"command":7}\n', "command must be text"),
        (b'{"command":"say","arguments":[]}\n', "command must be text"),
        (b"x" * (2 * MAX_REQUEST_BYTES), "too long"),
        (b"x" * (2 * MAX_REQUEST_BYTES) + b"\n", "too long"),
    ],
)
async def test_what_is_no_request_is_refused_and_the_next_one_is_served(path: Path, data: bytes, text: str) -> None:
    answer = await raw(path, data)
    assert answer["code"] == "bad_request"
    assert text in answer["error"]
    assert (await asyncio.to_thread(ask, path, "say"))["arguments"] == {}


async def test_a_peer_that_says_nothing_is_sent_away(path: Path) -> None:
    async with ControlServer(path, COMMANDS, request_timeout_s=0.05):
        reader, writer = await asyncio.open_unix_connection(path)
        assert json.loads(await reader.read())["error"] == "no request came"
        writer.close()


async def test_a_crowd_does_not_take_the_agents_memory(path: Path) -> None:
    started, finish = asyncio.Semaphore(0), asyncio.Event()

    async def slow(arguments: Mapping[str, Any], peer: Peer) -> object:
        started.release()
        await finish.wait()
        return "done"

    async with ControlServer(path, {"slow": slow}):
        waiting = [asyncio.create_task(raw(path, b'{"command":"slow"}\n')) for _ in range(8)]
        for _ in waiting:
            await started.acquire()
        assert (await raw(path, b'{"command":"slow"}\n'))["error"] == "too many commands at once; try again"
        finish.set()
        assert [one["result"] for one in await asyncio.gather(*waiting)] == ["done"] * 8


async def test_stopping_cancels_a_command_that_runs(path: Path) -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def slow(arguments: Mapping[str, Any], peer: Peer) -> object:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return None

    async with ControlServer(path, {"slow": slow}):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b'{"command":"slow"}\n')
        await started.wait()
    assert cancelled.is_set()
    assert await reader.read() == b""
    writer.close()
    assert path.name not in os.listdir(path.parent)


async def test_the_socket_is_there_only_while_commands_are_taken(path: Path) -> None:
    server = ControlServer(path, COMMANDS)
    assert not server.listening.is_set()
    running = asyncio.create_task(server.run())
    await server.listening.wait()
    assert os.listdir(path.parent) == [path.name]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not server.listening.is_set()
    assert os.listdir(path.parent) == []


@pytest.mark.usefixtures("server")
async def test_only_owner_and_group_can_open_the_socket(path: Path) -> None:
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660


async def test_the_socket_of_an_agent_that_was_killed_is_taken_over(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))
    async with ControlServer(path, COMMANDS):
        assert (await asyncio.to_thread(ask, path, "say"))["arguments"] == {}


@pytest.mark.usefixtures("server")
async def test_a_second_agent_does_not_steal_the_socket(path: Path) -> None:
    with pytest.raises(SocketInUseError, match="another agent listens"):
        await ControlServer(path, COMMANDS).open()
    assert (await asyncio.to_thread(ask, path, "say"))["arguments"] == {}


def test_a_file_in_the_way_is_left_alone(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(SocketInUseError, match="is not a socket"):
        asyncio.run(ControlServer(path, COMMANDS).open())
    assert path.read_text() == "precious"


async def test_a_folder_that_is_missing_is_told_once_in_a_sentence_until_it_is_there(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    late = path.parent / "late" / "control.sock"
    server = ControlServer(late, COMMANDS, again_s=0)
    running = asyncio.create_task(server.run())
    for _turn in range(10):  # each one is an attempt
        await asyncio.sleep(0)
    (told,) = caplog.records
    assert told.getMessage() == (
        f"no command can be taken: {late} cannot be made (No such file or directory); "
        "check its folder and who owns it, or change station.socket"
    )
    assert told.exc_info is None
    late.parent.mkdir()
    async with asyncio.timeout(10):
        await server.listening.wait()
    assert (await asyncio.to_thread(ask, late, "say"))["arguments"] == {}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not late.exists()


def test_a_path_that_is_too_long_is_told(path: Path) -> None:
    with pytest.raises(NoSocketError, match=r"cannot be made \(AF_UNIX path too long\)"):
        asyncio.run(ControlServer(path.with_name("s" * 120), COMMANDS).open())


def test_the_kernel_says_who_the_peer_is() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert peer_of(ours) == Peer(uid=os.getuid(), gid=os.getgid(), pid=os.getpid())
        assert groups_of(ours) == frozenset(os.getgroups())


@pytest.mark.parametrize(
    ("uid", "gid", "groups", "may"),
    [
        (0, 0, (), True),
        (990, 990, (), True),
        (1000, 990, (), True),
        (1000, 1000, (27, 990), True),
        (1000, 1000, (27,), False),
        (65534, 65534, (), False),
    ],
)
def test_root_the_service_and_the_group_may_command(uid: int, gid: int, groups: tuple[int, ...], may: bool) -> None:
    assert may_command(Peer(uid, gid, 1), frozenset(groups), socket_gid=990, own_uid=990) is may


async def test_a_stranger_is_refused_even_if_the_file_mode_lets_him_in(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roampost.control.server.peer_of", lambda sock: Peer(uid=12345, gid=12345, pid=1))
    monkeypatch.setattr("roampost.control.server.groups_of", lambda sock: frozenset({12345}))
    async with ControlServer(path, COMMANDS):
        answer = await raw(path, b'{"command":"say"}\n')
    assert answer["code"] == "forbidden"


def test_no_daemon_is_told_in_one_sentence(path: Path) -> None:
    with pytest.raises(NoDaemonError, match=r"no agent listens on .*control\.sock"):
        ask(path, "status")


def test_a_path_too_long_for_a_socket_is_no_daemon(tmp_path: Path) -> None:
    with pytest.raises(NoDaemonError, match="no agent listens"):
        ask(tmp_path / ("x" * 200), "status")


@contextmanager
def fake_daemon(path: Path, *pieces: bytes, hang: bool = False) -> Iterator[None]:
    """Reads a request, answers these pieces, then hangs up or goes silent."""
    release = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            for piece in pieces:
                connection.sendall(piece)
            if hang:
                release.wait(30)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield
        finally:
            release.set()
            thread.join()


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"", "ended before it had answered"),
        (b'{"ok":true', "ended before it had answered"),
        (b'{"ok":false,"code":[],"error":"x"}\n', "x"),
        (b"[" * 100_000 + b"\n", "cannot be read"),
        (b"hello\n", "cannot be read"),
        (b'{"result":1}\n', "cannot be read"),
        (b'{"ok":false}\n', "gave no reason"),
        (b'{"ok":false,"code":"new","error":"because"}\n', "because"),
    ],
)
def test_a_daemon_that_answers_nonsense_is_told(path: Path, answer: bytes, text: str) -> None:
    with fake_daemon(path, answer), pytest.raises(ControlError, match=text) as caught:
        ask(path, "status")
    assert caught.value.code is Refusal.FAILED


def test_a_daemon_that_does_not_answer_is_not_waited_for(path: Path) -> None:
    with (
        fake_daemon(path, b'{"ok":', hang=True),
        pytest.raises(ControlError, match=r"did not answer within 0\.05 s"),
    ):
        ask(path, "status", timeout_s=0.05)


def test_an_answer_in_pieces_is_put_together(path: Path) -> None:
    with fake_daemon(path, b'{"ok":true,', b'"result":', b"[1,2]}\n"):
        assert ask(path, "status") == [1, 2]
