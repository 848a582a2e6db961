"""Real processes for a test, started, watched and ended by their own pid; their control sockets and records.

Waiting is for a condition, never for a time.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
# A loaded machine may stand still for seconds; no verdict is read from this time.
PATIENCE_S = 40.0
_LOOK_S = 0.02
_LAST_LINES = 25


def until(found: Callable[[], T | None], what: str, patience_s: float = PATIENCE_S) -> T:
    """The first result that is true, or not empty. Fails with `what` when there is none."""
    give_up_s = time.monotonic() + patience_s
    while time.monotonic() < give_up_s:
        result = found()
        if result:
            return result
        time.sleep(_LOOK_S)
    raise AssertionError(f"waited {patience_s:g} s in vain for: {what}")


class Worker:
    """A Python program (`words` after the interpreter) and the file with all that it says."""

    def __init__(
        self, log: Path, *words: str, environ: Mapping[str, str] | None = None, python: str = sys.executable
    ) -> None:
        self.log = log
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                [python, *words], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                env={**os.environ, **(environ or {})}, start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def last_words(self) -> str:
        return "\n".join(self.said().splitlines()[-_LAST_LINES:])

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        """The exit code; a process that does not end by itself fails the test."""
        return self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        """A power cut, as far as a process can tell."""
        if self.running:
            self._process.kill()
        self._process.wait(PATIENCE_S)

    def end(self) -> int:
        """SIGTERM; the exit code."""
        self.send(signal.SIGTERM)
        return self.wait()


def lines(file: Path) -> list[dict[str, Any]]:
    """Whole lines only: the last one may still be written."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def command(path: Path, words: Mapping[str, object]) -> dict[str, Any]:
    """The answer to one line for a control socket of the simulator."""
    until(path.exists, f"{path} to be there")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(20)
        sock.connect(str(path))
        sock.sendall(json.dumps(words).encode() + b"\n")
        answer: dict[str, Any] = json.loads(sock.makefile("rb").readline())
    assert answer.pop("ok"), answer
    return answer
