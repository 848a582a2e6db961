"""A hub on paper: what it keeps, what it was told and asked, how it answers, whatever its protocol.

Everything that a hub would mind is written to `wrong` as it happens. A protocol's book has its own words and rules.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from roampost.domain.messages import EvseStatus
from roampost.hubs.remote import CancelReservation, RemoteStart, RemoteStop, Reply, Reserve
from tests.agent.machine.moods import Mood, Topic
from tests.agent.machine.times import Spans

Told = dict[str, Any]
Remote = RemoteStart | RemoteStop | Reserve | CancelReservation
PROGRESS_APART_S = 300.0


@dataclass
class Booked:
    """A session at the hub. heard_run: the run of the agent that heard of it; None: nobody ever did. told_wh: the
    energy that it was last told of before the record."""

    hub_session_id: str
    own_id: str
    evse_id: str
    how: str
    heard_run: int | None = None
    told: list[str] = field(default_factory=list)
    records: list[Told] = field(default_factory=list)
    record_heard_run: int | None = None
    progress_s: float | None = None
    told_wh: int = 0


@dataclass(frozen=True)
class Page:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Book(ABC):
    """cards: those that may charge. stop_cards: those that stop another card's session."""

    def __init__(self, name: str, number: int, cards: frozenset[str], spans: Spans) -> None:
        self.name = name
        self.number = number
        self.cards = cards
        self.stop_cards: frozenset[str] = frozenset()
        self.sessions: dict[str, Booked] = {}
        self.statuses: dict[str, str] = {}
        self.wrong: list[str] = []
        self.taken: Counter[str] = Counter()
        self.stirred: set[str] = set()  # sessions of which a person had something sent again
        self.spans = spans

    # -- requests to the hub ------------------------------------------------------------------------------------

    @abstractmethod
    def kind_of(self, path: str, body: bytes) -> str:
        """The request's name in the book."""

    @abstractmethod
    def is_about(self, topic: Topic, kind: str) -> bool: ...

    @abstractmethod
    def suits(self, mood: Mood, kind: str) -> bool:
        """Whether a hub of flesh and blood would do that to this kind of request."""

    @abstractmethod
    def see(self, kind: str, body: bytes, now_s: float) -> None:
        """A request has reached the hub, whatever becomes of it."""

    @abstractmethod
    def take(self, kind: str, body: bytes, run: int) -> Told:
        """Process a request; the answer as the hub means it."""

    @abstractmethod
    def heard(self, kind: str, body: bytes, answer: Told, run: int) -> None:
        """The agent of this run has read the answer."""

    @abstractmethod
    def answer(self, answer: Told, mood: Mood) -> Page:
        """What was processed, in whatever spelling."""

    @abstractmethod
    def refusal(self, mood: Mood, body: bytes) -> Page:
        """What was not processed."""

    @abstractmethod
    def parks(self, answer: Told | None, mood: Mood) -> bool:
        """Whether this answer makes the agent park a message for a person."""

    @abstractmethod
    def subjects(self, body: bytes) -> set[str]:
        """Our sessions, or else what of the station, a request is about."""

    # -- requests of the hub ------------------------------------------------------------------------------------

    @abstractmethod
    def start(self, evse_id: str, who: str, *, pays: bool) -> Remote:
        """who: card, contract or account."""

    @abstractmethod
    def reserve(self, evse_id: str, uid: str, minutes: int) -> Remote: ...

    @abstractmethod
    def again(self, evse_id: str, how: str, run: int) -> Remote | None:
        """About what this hub began last at this EVSE; a hub repeats what it had no answer to. None: it does not ask.

        how: start, stop, cancel, use or prolong."""

    @abstractmethod
    def replied(self, command: Remote, reply: Reply, run: int) -> None:
        """The hub has read the station's word of this run."""

    # -- what is in it ------------------------------------------------------------------------------------------

    @abstractmethod
    def shows(self, status: EvseStatus) -> str:
        """The hub's word for it."""

    @abstractmethod
    def energy_wh(self, record: Told) -> int: ...

    @abstractmethod
    def is_open(self, session: Booked) -> bool:
        """Whether the hub still waits for something about it."""

    @abstractmethod
    def was_charged(self, session: Booked) -> bool:
        """Whether the hub was told that somebody charges or has charged, and not only that nobody does."""

    def space(self, session: Booked | None, now_s: float) -> None:
        """Word of how far it has come is kept apart."""
        if session is None:
            return
        if session.progress_s is not None and now_s - session.progress_s < PROGRESS_APART_S:
            self.wrong.append(f"progress of {session.own_id} after {now_s - session.progress_s:.1f} s")
        session.progress_s = now_s


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
