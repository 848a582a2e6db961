"""What the hub holds: settings, sessions, statuses, records. Changed only by the handlers of operations.py."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _guid() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class HubSettings:
    """How the hub behaves. directory gets the certificates; port 0 lets the OS choose.

    cards are the UIDs that a provider says yes to, blocked_cards are known and locked (code 200), any other is
    unknown (102). contracts are EvcoIDs for QR codes and plug and charge. stop_cards: per UID the other UIDs that
    may stop its sessions. now is the wall clock of validations, monotonic dates arrivals.
    """

    directory: Path
    operators: tuple[str, ...] = ("DE*ABC",)
    cards: frozenset[str] = frozenset()
    blocked_cards: frozenset[str] = frozenset()
    contracts: frozenset[str] = frozenset()
    stop_cards: dict[str, tuple[str, ...]] = field(default_factory=dict)
    provider_id: str = "DE-8EO"
    port: int = 0
    require_client_certificate: bool = True
    answer_delay_ms: int = 0
    progress_spacing_s: float = 300
    record_file: Path | None = None
    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic
    new_guid: Callable[[], str] = _guid


@dataclass(slots=True)
class Session:
    """From the hub's yes to the CDR. told holds the notifications taken, oldest first, as they came."""

    session_id: str
    operator_id: str
    evse_id: str | None
    uid: str
    partner_id: str | None
    stop_uids: tuple[str, ...]
    opened_t: float
    told: list[dict[str, Any]] = field(default_factory=list)
    progress_t: float | None = None
    cdr: dict[str, Any] | None = None

    @property
    def closed(self) -> bool:
        return self.cdr is not None

    @property
    def types(self) -> list[str]:
        return [message["Type"] for message in self.told]


@dataclass(frozen=True, slots=True)
class HeldStatus:
    """What drivers' apps are shown; arrived_t is monotonic: a push carries no time of its own."""

    evse_id: str
    status: str
    arrived_t: float


@dataclass(slots=True)
class HubState:
    """statuses is keyed by the EvseID without separators."""

    settings: HubSettings
    cards: set[str]
    blocked_cards: set[str]
    sessions: dict[str, Session] = field(default_factory=dict)
    statuses: dict[str, HeldStatus] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: HubSettings) -> "HubState":
        return cls(settings, set(settings.cards), set(settings.blocked_cards))

    def open_session(self, session_id: str) -> Session | None:
        """The session if the hub gave it and no CDR closed it yet."""
        session = self.sessions.get(session_id.lower())
        return None if session is None or session.closed else session


@dataclass(frozen=True, slots=True)
class Call:
    """One request after its schema: operator_id is the one that the certificate proved; t is monotonic."""

    operator_id: str
    body: dict[str, Any]
    t: float
