"""The answer to "what is going on": the same shape from a running agent and from its database. Pure values.

Times are Unix milliseconds. Every line says since when and why.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class EvseReport:
    """One EVSE. status is what hubs are told; None where nothing has been told."""

    evse_id: str
    state: str
    since_ms: int
    why: str
    permitted_ma: int
    status: str | None = None
    session_id: str | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingReport:
    """Messages of one kind that wait for a hub; why and next_attempt_ms are the oldest one's."""

    hub: str
    kind: str
    state: str
    rows: int
    oldest_ms: int
    next_attempt_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class TaskReport:
    """A supervised task; only a running agent has them."""

    name: str
    phase: str
    since_ms: int
    restarts: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class HubReport:
    """What only a running agent knows of a hub. drain_s: until all that waits is delivered, under the hub's rate
    limits; None where nothing waits. next_probe_s: None unless it cannot be reached."""

    hub: str
    reachable: bool
    next_probe_s: float | None
    drain_s: float | None


@dataclass(frozen=True, slots=True)
class CertificateReport:
    """A certificate of ours or a hub's authority; days_left is None while the clock is not synchronized."""

    hub: str
    what: str
    file: str
    not_after_ms: int | None
    days_left: int | None
    level: str


@dataclass(frozen=True, slots=True)
class CardListReport:
    """A hub's list of cards, pulled or posted; count is None where there is none, age_s where no clock can tell."""

    hub: str
    cards: int | None
    age_s: float | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """source tells whether the agent itself spoke or only its database was read. alarms need a person."""

    source: Literal["agent", "database"]
    at_ms: int
    evses: tuple[EvseReport, ...]
    waiting: tuple[WaitingReport, ...]
    tasks: tuple[TaskReport, ...] = ()
    alarms: tuple[str, ...] = ()
    clock_trusted: bool | None = None
    hubs: tuple[HubReport, ...] = ()
    certificates: tuple[CertificateReport, ...] = ()
    card_lists: tuple[CardListReport, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What the `status` command answers."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Raises ValueError when another version of the agent answered."""
        try:
            return TypeAdapter(cls).validate_python(document)
        except ValidationError:
            raise ValueError("the agent's status cannot be read; is it another version?") from None

    def spoken(self, evses: tuple[EvseReport, ...], tasks: tuple[TaskReport, ...], **more: Any) -> Self:
        """The report of a running agent: the database's, with what only the agent knows."""
        return replace(self, source="agent", evses=evses, tasks=tasks, **more)
