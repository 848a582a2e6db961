"""What a hub's protocol puts behind the inbound service: bytes in, a command or an answer out. Pure.

The service knows who calls, and how often; it knows no field names. A protocol knows nothing of sockets, and nothing
of other callers: it is asked only for its own hub.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from roampost.hubs.remote import Command, Reply


class Denial(StrEnum):
    """Why the service says no by itself, before a protocol has read anything."""

    NOT_ALLOWED = "not allowed"
    NO_SUCH_PATH = "no such path"
    WRONG_METHOD = "only POST"
    TOO_LARGE = "the body is too large"
    TOO_MANY = "too many requests"
    BUSY = "too many requests at once"
    BROKEN = "an error of our own"


@dataclass(frozen=True, slots=True)
class Said:
    """An HTTP answer: the status, and JSON in UTF-8."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that could be read. echo: what its answer repeats, by the protocol's own names."""

    command: Command
    echo: Mapping[str, str] = field(default_factory=dict)


class Dialect(Protocol):
    """The requests of one configured hub. Nothing here raises for anything that a caller sends."""

    @property
    def hub(self) -> str:
        """The hub's name in the configuration, which every command carries."""

    @property
    def body_max_bytes(self) -> int | None:
        """The longest body; None: as the service is configured."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Below the prefix; `{name}` stands for one segment."""

    def read(self, path: str, parameters: Mapping[str, str], body: bytes) -> Asked | Said:
        """path: one of `paths`; parameters: its segments by name. Said: the answer, without asking the station."""

    def answer(self, asked: Asked, reply: Reply) -> Said: ...

    def deny(self, denial: Denial) -> Said: ...
