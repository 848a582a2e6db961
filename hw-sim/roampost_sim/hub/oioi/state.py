"""What an OIOI hub holds: settings, stations, statuses, sessions, cards. Changed only by the handlers of calls.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from roampost_sim.hub.identifiers import bare, masked
from roampost_sim.hub.means import watt_hours
from roampost_sim.hub.settings import Settings


@dataclass(frozen=True, slots=True)
class OioiSettings(Settings):
    """api_key is what the operator shows to the hub, hub_key what the hub shows to the operator.

    partners are the partner-identifiers under which the operator may speak. A card's evco-id is the one in evco_ids,
    else one made from its UID. unpaid_cards are known and have no valid payment (193), a blocked card has 192, an
    unknown one 191. contracts are EVCO IDs that the hub knows beside those of its cards. needs_data refuses with 181.
    http_errors: a refusal is told by the HTTP status too (403, 404), not by the result code alone. operator_url is
    the whole address of the operator's service.
    """

    api_key: str = "operators-sandbox-key"
    hub_key: str = "hubs-sandbox-key"
    operator: str = "DE*ABC"
    partners: tuple[str, ...] = ("sandbox-partner",)
    evco_ids: Mapping[str, str] = field(default_factory=dict)
    unpaid_cards: frozenset[str] = frozenset()
    contracts: frozenset[str] = frozenset()
    http_errors: bool = False


@dataclass(slots=True)
class Session:
    """From the first word of it to the final session-post. session_id is the operator's: OIOI has no other.

    user is as it was told first, or asked for by the hub; posts are the session-posts taken, oldest first. kind: card
    or remote.
    """

    session_id: str
    evse_id: str
    user: dict[str, Any]
    partner: str | None
    opened_t: float
    kind: str = "card"
    posts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def closed(self) -> bool:
        return bool(self.posts) and "stop" in self.posts[-1]["session-interval"]

    @property
    def cdr(self) -> dict[str, Any] | None:
        """The final session-post."""
        return self.posts[-1] if self.closed else None

    @property
    def energy_wh(self) -> int | None:
        """The last that was told."""
        told = [post["energy-consumed"] for post in self.posts if "energy-consumed" in post]
        return watt_hours(told[-1]) if told else None

    @property
    def uid(self) -> str:
        return str(self.user["identifier"])

    def interval(self, name: str) -> dict[str, str] | None:
        """session-interval or charging-interval, as it was told last."""
        told = [post[name] for post in self.posts if name in post]
        return told[-1] if told else None

    def as_json(self) -> dict[str, Any]:
        """As the control socket tells it."""
        return {
            "session_id": self.session_id,
            "evse_id": self.evse_id,
            "uid": masked(self.uid),
            "identifier_type": self.user["identifier-type"],
            "partner": self.partner,
            "kind": self.kind,
            "opened_t": self.opened_t,
            "posts": len(self.posts),
            "session_interval": self.interval("session-interval"),
            "charging_interval": self.interval("charging-interval"),
            "energy_wh": self.energy_wh,
            "cdr": self.closed,
        }


@dataclass(frozen=True, slots=True)
class HeldStatus:
    """What drivers' apps are shown; status is one of means.STATUSES, arrived_t is monotonic."""

    evse_id: str
    status: str
    arrived_t: float


@dataclass(frozen=True, slots=True)
class HeldStation:
    """A `station` as it was posted, and who posted it."""

    record: dict[str, Any]
    partner: str
    arrived: datetime

    @property
    def connectors(self) -> dict[str, dict[str, Any]]:
        """By bare EVSE ID."""
        return {bare(each["id"]): each for each in self.record["connectors"]}

    @property
    def position(self) -> tuple[float, float]:
        return self.record["latitude"], self.record["longitude"]


@dataclass(frozen=True, slots=True)
class Reservation:
    """end: as the operator told it; None where it told none."""

    evse_id: str
    evco_id: str
    end: str | None


@dataclass(slots=True)
class OioiState:
    """stations are keyed by their IDs, statuses and reservations by the bare EVSE ID, posted by the partner.

    posted are the UIDs of the last whitelist that the operator took. met are all identifiers, bare, for which the hub
    has vouched: a session of somebody else is a mistake.
    """

    settings: OioiSettings
    decks: dict[str, set[str]]
    stations: dict[str, HeldStation] = field(default_factory=dict)
    statuses: dict[str, HeldStatus] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    posted: dict[str, frozenset[str]] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, settings: OioiSettings) -> "OioiState":
        unpaid, blocked = set(settings.unpaid_cards), set(settings.blocked_cards)
        state = cls(settings, {"known": set(settings.cards), "blocked": blocked, "unpaid": unpaid})
        state.met = {bare(contract) for contract in settings.contracts}
        return state

    def evco_id(self, uid: str) -> str:
        return self.settings.evco_ids.get(uid, f"DE-8EO-C{uid[-8:]}-X")

    def deck(self, uid: str) -> str:
        """The word for a card: known, blocked, unpaid or unknown."""
        return next((word for word, cards in self.decks.items() if uid in cards), "unknown")

    def vouch(self, *identifiers: str) -> None:
        self.met.update(map(bare, identifiers))

    def knows(self, identifier: str) -> bool:
        cards = self.decks["known"]
        return bare(identifier) in self.met | cards | {bare(self.evco_id(uid)) for uid in cards}

    def holder(self, evse_id: str) -> HeldStation | None:
        """The station that has this connector."""
        return next((held for held in self.stations.values() if bare(evse_id) in held.connectors), None)
