"""What happened, one line each: a request with its outcome, or an event of a connection.

A JSON line holds `t` (CLOCK_MONOTONIC seconds at which the request was complete), `event` ("request", "call",
"tls-refused" or "connection-broken"), and for a request: `operation`, `http_status`, `code`, `process_id`, `processed`,
`delivered`, `fault`, `violations`, and under their wire names what the message told (cards and contracts are masked).
`means` says the same in words that are no protocol's own: means.py. `code` has three digits, however it was written;
`process_id` is null where the protocol has none.

A "call" is the hub's own, to the operator: `t` (at which it went out), `direction` ("out"), `operation`, `http_status`,
`code` and `result` of the answer, `seconds` until it came, `reason` where none came, `violations`, `means`, and what
was told.

violations begin with their kind: `schema`, `refused`, `overlap`, `rate`, `bundle`, `order`, `mismatch`, `future`,
`cdr-before-end`, `data`, `pricing`, `path`, `method`, `content-type`, and `answer` for what the operator answered.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from roampost_sim.hub.means import Means


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. http_status and code are None where no answer went out, or came; seconds and result are of a call."""

    t: float
    event: str = "request"
    operation: str | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    http_status: int | None = None
    code: str | None = None
    process_id: str | None = None
    processed: bool = False
    delivered: bool = False
    fault: str | None = None
    violations: tuple[str, ...] = ()
    reason: str | None = None
    seconds: float | None = None
    result: bool | None = None
    means: Means | None = None

    def as_json(self) -> dict[str, Any]:
        if self.event == "call":
            return self._call()
        if self.event != "request":
            return {"t": self.t, "event": self.event, "reason": self.reason}
        own = {
            "t": self.t,
            "event": self.event,
            "operation": self.operation,
            "http_status": self.http_status,
            "code": self.code,
            "process_id": self.process_id,
            "processed": self.processed,
            "delivered": self.delivered,
            "fault": self.fault,
            "violations": list(self.violations),
            "means": self.means,
        }
        return own | dict(self.told)

    def _call(self) -> dict[str, Any]:
        own = {
            "t": self.t,
            "event": self.event,
            "direction": "out",
            "operation": self.operation,
            "http_status": self.http_status,
            "code": self.code,
            "result": self.result,
            "seconds": self.seconds,
            "reason": self.reason,
            "violations": list(self.violations),
            "means": self.means,
        }
        return own | dict(self.told)


def scalars(body: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Where a text or a number belongs, only such is kept: the message may be wrong in any way."""
    return {name: body[name] for name in names if isinstance(body.get(name), str | int | float)}


class Journal:
    """The entries in memory and, when a file is given, as JSON lines that are written through at once."""

    def __init__(self, file: Path | None) -> None:
        self.entries: list[Entry] = []
        self._path = file
        self._file: TextIO | None = None

    def open(self) -> None:
        if self._path is not None:
            # Line-buffered: a reader sees whole lines, and a killed hub loses none. A lone surrogate, which JSON
            # allows in a message, is written as its escape.
            self._file = self._path.open("a", buffering=1, encoding="utf-8", errors="backslashreplace")

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(entry.as_json(), ensure_ascii=False) + "\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
