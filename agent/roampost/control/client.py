"""The command line's end of the control socket: blocking, with a time-out, every failure in one sentence."""

import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roampost.control import protocol
from roampost.control.protocol import ControlError, Refusal, Request


class NoDaemonError(Exception):
    """No agent listens on the control socket."""


def ask(path: Path, command: str, arguments: Mapping[str, Any] | None = None, *, timeout_s: float = 10.0) -> Any:
    """The command's result. Raises NoDaemonError, or ControlError with the agent's sentence."""
    until_s = time.monotonic() + timeout_s
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as sock:
        sock.settimeout(timeout_s)
        _connect(sock, path)
        try:
            sock.sendall(protocol.encode_request(Request(command, dict(arguments or {}))))
            return protocol.decode_answer(_read(sock, until_s))
        except TimeoutError:
            raise ControlError(Refusal.FAILED, f"the agent did not answer within {timeout_s:g} s") from None
        except OSError as error:
            raise ControlError(Refusal.FAILED, f"the agent hung up: {error.strerror}") from None


def _connect(sock: socket.socket, path: Path) -> None:
    try:
        sock.connect(str(path))
    except PermissionError:
        text = f"{path} may not be used by this user; use sudo, or join the socket's group"
        raise ControlError(Refusal.FORBIDDEN, text) from None
    except TimeoutError:
        raise ControlError(Refusal.FAILED, f"the agent does not accept connections on {path}") from None
    except OSError as error:
        raise NoDaemonError(f"no agent listens on {path} ({error.strerror or error})") from None


def _read(sock: socket.socket, until_s: float) -> bytes:
    """One line, however slowly it drips in, within the whole time and size."""
    data = bytearray()
    while not data.endswith(b"\n"):
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        sock.settimeout(left_s)
        piece = sock.recv(65_536)
        if not piece:
            raise ControlError(Refusal.FAILED, "the agent ended before it had answered")
        data += piece
        if len(data) > protocol.MAX_ANSWER_BYTES:
            raise ControlError(Refusal.FAILED, "the agent's answer is too long")
    return bytes(data)
