"""The faults that can be scripted with any protocol, and the plan of those that are set. Pure: no clock, no sockets.

A fault holds for the next `requests`, for `seconds`, or until it is cleared; `operation` limits it to one. Where
several match, the one that was set first acts alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from roampost_sim.errors import CommandError

_MOST = 1_000_000_000  # of seconds, milliseconds or bytes


class FaultError(CommandError):
    """{problem}"""


class Stage(Enum):
    SOCKET = "socket"  # whole connections: neither an operation nor a number of requests can be chosen
    BEFORE = "before"  # instead of processing
    AFTER = "after"  # the request was processed


@dataclass(frozen=True, slots=True)
class Kind:
    """defaults names the parameters; where a default is a tuple, its members are the choices, the first the default."""

    stage: Stage
    text: str
    defaults: Mapping[str, Any] = field(default_factory=dict)


COMMON: dict[str, Kind] = {
    "refuse": Kind(Stage.SOCKET, "nothing listens; connections are reset"),
    "tls_foreign": Kind(Stage.SOCKET, "a server certificate of another CA"),
    "tls_expired": Kind(Stage.SOCKET, "an expired server certificate"),
    "hang": Kind(Stage.BEFORE, "not processed, no answer"),
    "hang_after": Kind(Stage.AFTER, "processed, no answer"),
    "reset": Kind(Stage.BEFORE, "not processed, connection reset"),
    "reset_after": Kind(Stage.AFTER, "processed, connection reset"),
    "http_5xx": Kind(
        Stage.BEFORE,
        "a server error",
        {
            "status": (503, 500, 502, 504),
            "body": ("html", "empty", "code"),
            "retry_after_s": 30,
            "form": ("none", "seconds", "date", "nonsense"),
        },
    ),
    "http_408": Kind(Stage.BEFORE, "request time-out"),
    "http_429": Kind(
        Stage.BEFORE, "rate limit", {"retry_after_s": 30, "form": ("seconds", "date", "none", "nonsense")}
    ),
    "redirect": Kind(Stage.BEFORE, "HTTP 307 to another place", {"location": "/elsewhere"}),
    "garbage": Kind(
        Stage.AFTER, "an answer that is none", {"form": ("text", "wrong_json", "truncated", "cut", "not_utf8")}
    ),
    "nulls": Kind(Stage.AFTER, "optional fields that are null"),
    "extra_fields": Kind(Stage.AFTER, "fields that nobody knows"),
    "slow": Kind(Stage.AFTER, "a late answer", {"delay_ms": 1000}),
    "trickle": Kind(Stage.AFTER, "an answer byte by byte", {"delay_ms": 20}),
    "oversized": Kind(Stage.AFTER, "an answer of many bytes", {"bytes": 10_000_000}),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as it was asked for; parameters are complete."""

    kind: str
    stage: Stage
    operation: str | None = None
    seconds: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


def make(
    kinds: Mapping[str, Kind], kind: str, operation: str | None, seconds: float | None, parameters: Mapping[str, Any]
) -> Fault:
    """A fault of these kinds with its defaults filled in. Raises FaultError with one sentence."""
    known = kinds.get(kind)
    if known is None:
        raise FaultError(f"There is no fault {kind!r}; there are {', '.join(kinds)}.")
    if known.stage is Stage.SOCKET and operation is not None:
        raise FaultError(f"The fault {kind!r} meets whole connections and cannot be limited to an operation.")
    for name in parameters:
        if name not in known.defaults:
            raise FaultError(
                f"The fault {kind!r} has no parameter {name!r}; it has: {', '.join(known.defaults) or 'none'}."
            )
    if seconds is not None and (not _is(seconds, (int, float)) or not 0 < seconds <= _MOST):
        raise FaultError(f"seconds must be a number above 0, not {seconds!r}.")
    filled = {name: _parameter(name, default, parameters.get(name)) for name, default in known.defaults.items()}
    return Fault(kind, known.stage, operation, seconds, filled)


def _parameter(name: str, default: Any, given: Any) -> Any:
    if isinstance(default, tuple):
        if given is not None and given not in default:
            raise FaultError(f"{name} must be one of {', '.join(map(str, default))}, not {given!r}.")
        return default[0] if given is None else given
    if given is None:
        return default
    if not _is(given, (type(default),)):
        raise FaultError(f"{name} must be like {default!r}, not {given!r}.")
    # Text goes into a header or a JSON string as it is.
    fits = given.isascii() and given.isprintable() if isinstance(given, str) else 0 <= given <= _MOST
    if not fits:
        raise FaultError(f"{name} must be like {default!r}, not {given!r}.")
    return given


def _is(value: Any, types: tuple[type, ...]) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)


class FaultPlan:
    """The faults that are set, in the order in which they were set, each under a number."""

    def __init__(self) -> None:
        self._last = 0
        self._set: dict[int, Fault] = {}
        self._left: dict[int, int] = {}

    def add(self, fault: Fault, requests: int | None) -> int:
        """requests=None: until it is removed. Raises FaultError."""
        if requests is not None and (not _is(requests, (int,)) or requests < 1):
            raise FaultError(f"requests must be a whole number above 0, not {requests!r}.")
        if requests is not None and fault.stage is Stage.SOCKET:
            raise FaultError(f"The fault {fault.kind!r} meets whole connections: give seconds, or clear it.")
        self._last += 1
        self._set[self._last] = fault
        if requests is not None:
            self._left[self._last] = requests
        return self._last

    def remove(self, number: int) -> Fault | None:
        self._left.pop(number, None)
        return self._set.pop(number, None)

    def take(self, operation: str | None) -> Fault | None:
        """The fault that meets this request; it counts."""
        for number, fault in self._set.items():
            if fault.stage is not Stage.SOCKET and fault.operation in (None, operation):
                self._count(number)
                return fault
        return None

    def socket_fault(self) -> str | None:
        """The kind of the first fault that meets whole connections."""
        return next((fault.kind for fault in self._set.values() if fault.stage is Stage.SOCKET), None)

    def numbers(self) -> list[int]:
        return list(self._set)

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"id": number, "kind": fault.kind, "operation": fault.operation, "requests_left": self._left.get(number)}
            | dict(fault.parameters)
            for number, fault in self._set.items()
        ]

    def _count(self, number: int) -> None:
        if number in self._left:
            self._left[number] -= 1
            if self._left[number] == 0:
                self.remove(number)
