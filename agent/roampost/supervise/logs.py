"""The log: standard error, one line per event, priorities for journald, nothing repeated without end.

An SD card wears out, and a line that comes ten times a second hides all others: a repeated line is written a few
times per minute and then counted. Text from outside cannot begin a line of its own.
"""

import logging
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

# Syslog priorities as journald reads them, sd-daemon(3).
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG_PRIORITY = 7
# These say every request, with addresses; we say what matters ourselves.
_CHATTY = ("httpx", "httpcore", "pymodbus", "asyncio")


class LineFormatter(logging.Formatter):
    """`<3>bus.rs485: text` for journald, with a time and a level for a terminal."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        name = record.name.removeprefix("roampost.")
        lines = [f"{name}: {_printable(record.getMessage())}"]
        if record.exc_info and record.exc_info[0] is not None:
            lines += map(_printable, self.formatException(record.exc_info).splitlines())
        if self._journal:
            return "\n".join(f"<{_priority(record.levelno)}>{line}" for line in lines)
        at = time.strftime("%H:%M:%S", time.localtime(record.created))
        return "\n".join([f"{at} {record.levelname.lower():8} {lines[0]}", *lines[1:]])


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in text)


def _priority(level: int) -> int:
    return next((priority for bound, priority in _PRIORITIES if level >= bound), _DEBUG_PRIORITY)


@dataclass(slots=True)
class _Window:
    """How often one line came since `began_s`."""

    began_s: float
    count: int = 0


class Repeats(logging.Filter):
    """Lets a line through `burst` times in `window_s`; the next window's first line tells how many were left out."""

    def __init__(
        self,
        *,
        mono_s: Callable[[], float] = time.monotonic,
        burst: int = 3,
        window_s: float = 60.0,
        remembered: int = 256,
    ) -> None:
        super().__init__()
        self._mono_s = mono_s
        self._burst = burst
        self._window_s = window_s
        self._remembered = remembered
        self._windows: OrderedDict[tuple[str, int, str], _Window] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        key = (record.name, record.levelno, text)
        now_s = self._mono_s()
        window = self._windows.pop(key, None)
        if window is None or now_s - window.began_s >= self._window_s:
            left_out = 0 if window is None else max(0, window.count - self._burst)
            if left_out:
                record.msg, record.args = f"{text} (and {left_out} times more, not written)", None
            window = _Window(now_s)
        window.count += 1
        self._windows[key] = window
        while len(self._windows) > self._remembered:
            self._windows.popitem(last=False)
        return window.count <= self._burst


def setup(level: str, *, stream: TextIO | None = None, journal: bool | None = None) -> None:
    """Replace the root logger's handlers. journal None: as systemd says (JOURNAL_STREAM)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(journal="JOURNAL_STREAM" in os.environ if journal is None else journal))
    handler.addFilter(Repeats())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
