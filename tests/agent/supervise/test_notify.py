"""Words to systemd over real datagram sockets."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from roampost.supervise.notify import Notifier, watchdog_limit_s


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket as systemd has it, and its address as NOTIFY_SOCKET says it."""
    address = str(tmp_path / "notify") if request.param == "file" else f"@roampost-{uuid4()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(address.replace("@", "\0") if address.startswith("@") else address)
        sock.settimeout(10)
        yield sock, address


def test_the_manager_is_told(manager: tuple[socket.socket, str]) -> None:
    sock, address = manager
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": address})
    assert notifier.ready("2 EVSEs")
    assert notifier.watchdog()
    assert notifier.stopping("stop asked for")
    assert [sock.recv(1000) for _ in range(3)] == [
        b"READY=1\nSTATUS=2 EVSEs",
        b"WATCHDOG=1",
        b"STOPPING=1\nSTATUS=stop asked for",
    ]


def test_a_status_cannot_smuggle_another_word(manager: tuple[socket.socket, str]) -> None:
    sock, address = manager
    assert Notifier(address).status("hub says\nMAINPID=1\r\n " + "x" * 9000)
    said = sock.recv(10_000)
    assert said.startswith(b"STATUS=hub says MAINPID=1 xxx")
    assert b"\n" not in said
    assert len(said) < 600


def test_without_systemd_nothing_is_sent() -> None:
    assert not Notifier.from_environment({}).ready("up")


def test_a_manager_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    assert not Notifier(str(tmp_path / "gone")).watchdog()


def test_a_manager_that_does_not_read_does_not_stop_us(manager: tuple[socket.socket, str]) -> None:
    _, address = manager
    notifier = Notifier(address)
    sent = [notifier.watchdog() for _ in range(20_000)]
    assert sent[0]
    assert not sent[-1]


@pytest.mark.parametrize(
    ("environ", "limit_s"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_limit_is_systemds(environ: dict[str, str], limit_s: float | None) -> None:
    assert watchdog_limit_s(environ) == limit_s
