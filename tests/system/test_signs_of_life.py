"""What systemd hears: READY without device or hub, a sign of life while hardware, hub and disk keep us waiting."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.field import Field
from tests.system.processes import PATIENCE_S, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(90)]
SLOW = (str(Path(__file__).with_name("slow_disk_agent.py")),)
LIMIT_S = 3
# Three signs in the limit: so many take five seconds.
SIGNS_IN_FIVE_SECONDS = 5


class Manager:
    """systemd's end of the notify socket."""

    def __init__(self, path: Path) -> None:
        self.environ = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": str(LIMIT_S * 1_000_000)}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(PATIENCE_S)

    def hear(self, word: str) -> None:
        """Wait for this word, whatever is said before it."""
        while word not in self._socket.recv(10_000).decode().splitlines():
            pass

    def forget(self) -> None:
        """What was said and not heard yet is of no interest."""
        self._socket.setblocking(False)
        try:
            while True:
                self._socket.recv(10_000)
        except BlockingIOError:
            self._socket.settimeout(PATIENCE_S)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    made = Manager(tmp_path / "notify")
    yield made
    made.close()


def test_ready_needs_neither_device_nor_hub(field: Field, manager: Manager) -> None:
    field.start_hubs()
    field.hub.fault("refuse")
    agent = field.start_agent(**manager.environ)
    manager.hear("READY=1")
    manager.hear("WATCHDOG=1")
    until(lambda: field.state("1") == "unreadable", "the agent to see that there is no line")
    assert agent.end() == 0
    manager.hear("STOPPING=1")


def test_waiting_is_no_hanging(field: Field, manager: Manager) -> None:
    gate = field.folder / "slow"
    field.begin(program=SLOW, SLOW_DISK=str(gate), **manager.environ)
    field.hub.fault("hang")
    gate.touch()
    field.tell("unplug_line", line="rs485")
    until(lambda: field.state("1") == "unreadable", "the agent to miss the line")
    assert not field.rows("select 1 from evse where state = 'unreadable'"), "the disk stands still"
    manager.forget()
    for _ in range(SIGNS_IN_FIVE_SECONDS):
        manager.hear("WATCHDOG=1")
    assert not field.rows("select 1 from evse where state = 'unreadable'"), "the disk stood still all the while"
    gate.unlink()
    until(lambda: field.rows("select 1 from evse where state in ('unreadable', 'out_of_service')"), "the late commit")
