"""What the hub holds: settings, sessions, statuses, records. Changed only by the handlers of operations.py."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from roampost_sim.hub.limits import PER_MINUTE


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

    whitelist are the Identification objects that PullAuthenticationData gives; None makes them from cards and
    contracts. needs_data: a status of an EVSE without EVSE data is refused (603). operator_provider_id is the
    operator's own ProviderID, under which it reads back. rate_limits: over per_minute the answer is HTTP 429, with
    Retry-After as retry_after says (limits.RETRY_AFTER). operator_url is the operator's inbound service, its base;
    operator_ca the CA of that service's certificate, None for the sandbox's own; call_timeout_s how long a call of
    the hub waits for its answer.
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
    whitelist: tuple[dict[str, Any], ...] | None = None
    needs_data: bool = False
    operator_provider_id: str = "DE-ABC"
    rate_limits: bool = False
    per_minute: Mapping[str, int] = field(default_factory=lambda: dict(PER_MINUTE))
    retry_after: str = "seconds"
    operator_url: str | None = None
    operator_ca: Path | None = None
    call_timeout_s: float = 60
    record_file: Path | None = None
    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic
    new_guid: Callable[[], str] = _guid


@dataclass(slots=True)
class Session:
    """From the hub's yes to the CDR. told holds the notifications taken, oldest first, as they came.

    uid is the medium that it was opened with, the EvcoID for remote starts and reservations. kind: card, remote or
    reservation.
    """

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
    kind: str = "card"
    provider_id: str | None = None
    emp_partner_id: str | None = None

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


@dataclass(frozen=True, slots=True)
class HeldData:
    """An EvseDataRecord as it was pushed."""

    record: dict[str, Any]
    operator_name: str
    arrived: datetime


@dataclass(slots=True)
class HubState:
    """statuses and evse_data are keyed by the EvseID without separators.

    products is keyed by OperatorID, ProviderID and ProductID, evse_prices by EvseID and ProviderID, all bare.
    """

    settings: HubSettings
    cards: set[str]
    blocked_cards: set[str]
    sessions: dict[str, Session] = field(default_factory=dict)
    statuses: dict[str, HeldStatus] = field(default_factory=dict)
    evse_data: dict[str, HeldData] = field(default_factory=dict)
    products: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    evse_prices: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    whitelist: tuple[dict[str, Any], ...] | None = None

    @classmethod
    def of(cls, settings: HubSettings) -> "HubState":
        state = cls(settings, set(settings.cards), set(settings.blocked_cards))
        state.whitelist = settings.whitelist
        return state

    def open_session(self, session_id: str) -> Session | None:
        """The session if the hub gave it and no CDR closed it yet."""
        session = self.sessions.get(session_id.lower())
        return None if session is None or session.closed else session


@dataclass(frozen=True, slots=True)
class Call:
    """One request after its schema: operator_id is the one that the certificate proved; t is monotonic.

    query holds the last value of each name after the `?` of the path.
    """

    operator_id: str
    body: dict[str, Any]
    t: float
    query: Mapping[str, str] = field(default_factory=dict)
