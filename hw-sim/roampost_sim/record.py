"""The record of truth: what really happened at the hardware, and when (CLOCK_MONOTONIC seconds).

One JSON object per line, written at once, so that a reader sees it live and a crash loses nothing.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from roampost_sim.clock import Clock

Sink = Callable[[Mapping[str, Any]], None]


class Record:
    """Hands each event to every sink: a file, a person's timeline, a test's list."""

    def __init__(self, clock: Clock, *sinks: Sink) -> None:
        self._clock = clock
        self._sinks = sinks

    def add(self, event: str, **fields: Any) -> None:
        entry = {"t": round(self._clock.now(), 6), "event": event, **fields}
        for sink in self._sinks:
            sink(entry)


class FileSink:
    def __init__(self, file: Path) -> None:
        self._stream = file.open("a", encoding="utf-8", buffering=1)

    def __call__(self, entry: Mapping[str, Any]) -> None:
        self._stream.write(json.dumps(entry) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
