"""What of a protocol these tests have to know: its sandbox, its section of the configuration, its codes, and how it
holds a session. The tests themselves speak of messages, rows and what the hub's record says they mean.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from roampost.domain.messages import Message
from roampost_sim.hub.oicp import SandboxHub
from roampost_sim.hub.oioi import OioiHub

Sandbox = SandboxHub | OioiHub


@dataclass(frozen=True, slots=True)
class Held:
    """A session as the hub holds it: what it was told of it, without what came again, and how many records."""

    told: tuple[str, ...]
    records: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault of the sandbox."""

    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.kind, *map(str, self.parameters.values())])


class Words(ABC):
    """codes: all that the hub may answer. calls: a message's kind, and the call that tells it. data: what the hub is
    told of EVSEs, and the next thing of that lane. once: what else there is to be said, of nobody's session."""

    codes: ClassVar[frozenset[str]]
    calls: ClassVar[Mapping[str, str]]
    data: ClassVar[tuple[Message, Message]]
    once: ClassVar[tuple[Message, ...]] = ()

    @abstractmethod
    def sandbox(self, **settings: Any) -> Sandbox: ...

    @abstractmethod
    def section(self, folder: Path) -> dict[str, object]:
        """What only this protocol has in its section of the configuration; its secrets lie in the folder."""

    @abstractmethod
    def show(self, far: Sandbox, folder: Path, *, right: bool) -> None:
        """Put what we show to the hub into the folder: what it knows us by, or what it does not."""

    @abstractmethod
    def held(self, far: Sandbox, session_id: str) -> Held: ...

    @abstractmethod
    def secrets(self, far: Sandbox) -> tuple[str, ...]:
        """What no text may hold."""


def without_repeats(told: list[str]) -> tuple[str, ...]:
    """The same again right after itself came because an answer was lost."""
    return tuple(one for before, one in zip(["", *told], told, strict=False) if one != before)


def replaced(path: Path, write: Callable[[Path], object]) -> None:
    """As who renews a file does it: whole, or not at all."""
    new = path.with_suffix(".new")
    write(new)
    new.rename(path)
