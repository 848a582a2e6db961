"""Words to systemd, sd_notify(3): one datagram to the socket that it names. Without systemd nothing is sent."""

import os
import socket
from collections.abc import Mapping

_MAX_STATUS = 500


class Notifier:
    """Never blocks and never raises: a manager that does not listen must not stop a charging station."""

    def __init__(self, address: str | None) -> None:
        # "@name" is Linux's abstract name space, whose first byte is zero.
        self._address = "\0" + address[1:] if address and address.startswith("@") else address

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Notifier":
        return cls(environ.get("NOTIFY_SOCKET") or None)

    def ready(self, status: str) -> bool:
        return self._send("READY=1", _status(status))

    def status(self, text: str) -> bool:
        return self._send(_status(text))

    def watchdog(self) -> bool:
        return self._send("WATCHDOG=1")

    def stopping(self, text: str) -> bool:
        return self._send("STOPPING=1", _status(text))

    def _send(self, *lines: str) -> bool:
        """Whether the manager has it."""
        if self._address is None:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                sock.setblocking(False)
                sock.sendto("\n".join(lines).encode(errors="replace"), self._address)
        except OSError:
            return False
        return True


def _status(text: str) -> str:
    return "STATUS=" + " ".join(text.split())[:_MAX_STATUS]


def watchdog_limit_s(environ: Mapping[str, str] = os.environ) -> float | None:
    """The time after which systemd kills us without a sign of life; None when it does not watch this process."""
    pid = environ.get("WATCHDOG_PID")
    if pid is not None and pid != str(os.getpid()):
        return None
    try:
        limit_s = int(environ.get("WATCHDOG_USEC", "0")) / 1_000_000
    except ValueError:
        return None
    return limit_s if limit_s > 0 else None
