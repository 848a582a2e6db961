"""What a hub should hold of EVSE data and prices, and the messages that bring it there. Values."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from roampost.domain.messages import Message

Remembers = tuple[tuple[str, str | None], ...]
# What the unfinished messages will add to what a hub has acknowledged; None: it is deleted.
Waiting = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a hub should hold, as JSON texts: EVSE data by EVSE id (None: not described, nothing is pushed), the price
    list, and which EVSE has which prices, by EVSE id.

    unsaid: EVSEs that are on the hub, but whose data it would refuse; what it has of them stays as it is.
    """

    data: Mapping[str, str] | None = None
    unsaid: Mapping[str, str] = field(default_factory=dict)
    prices: str | None = None
    pricing: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """A message, and what is remembered when the hub has acknowledged it."""

    message: Message
    remembers: Remembers


class Tell(Protocol):
    def __call__(self, push: Push) -> Awaitable[object]: ...


def holds(name: str, text: str, known: Mapping[str, str], waiting: Waiting) -> bool:
    """Whether the hub has it, and will have it when it has answered what waits."""
    return known.get(name) == text and waiting.get(name, text) == text
