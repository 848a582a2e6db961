"""What the hub holds: settings, sessions, statuses, records. Changed only by the handlers of operations.py."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from roampost_sim.hub.identifiers import masked
from roampost_sim.hub.oicp.quotas import PER_MINUTE
from roampost_sim.hub.settings import Settings


@dataclass(frozen=True, slots=True)
class HubSettings(Settings):
    """contracts are EvcoIDs for QR codes and plug and charge. stop_cards: per UID the other UIDs that may stop its
    sessions. A blocked card has code 200, an unknown one 102.

    whitelist are the Identification objects that PullAuthenticationData gives; None makes them from cards and
    contracts. needs_data refuses with code 603. operator_provider_id is the operator's own ProviderID, under which
    it reads back. operator_url is the base of the operator's inbound service.
    """

    operators: tuple[str, ...] = ("DE*ABC",)
    contracts: frozenset[str] = frozenset()
    stop_cards: dict[str, tuple[str, ...]] = field(default_factory=dict)
    provider_id: str = "DE-8EO"
    require_client_certificate: bool = True
    whitelist: tuple[dict[str, Any], ...] | None = None
    operator_provider_id: str = "DE-ABC"
    per_minute: Mapping[str, int] = field(default_factory=lambda: dict(PER_MINUTE))


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

    def as_json(self) -> dict[str, Any]:
        """As the control socket tells it."""
        media = {"uid": masked(self.uid), "stop_uids": [masked(uid) for uid in self.stop_uids]}
        return asdict(self) | media | {"told": self.types, "cdr": self.closed}


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

    def set_stop_cards(self, uid: str, others: tuple[str, ...]) -> None:
        self.settings.stop_cards[uid] = others
        for session in self.sessions.values():
            if session.uid == uid:
                session.stop_uids = others

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
