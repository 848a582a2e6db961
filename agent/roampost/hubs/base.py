"""A hub is a protocol behind this interface: messages in, verdict out.

A verdict says what we do next, not what the hub meant. Nothing here knows a hub's field names or codes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from roampost.domain.messages import Message
from roampost.domain.stamp import Stamp

# Turns a stamp into an aware date-time with the charge point's own UTC offset.
When = Callable[[Stamp], datetime]


class Verdict(StrEnum):
    """What becomes of an outbox row after an attempt."""

    DELIVERED = "delivered"  # the hub has it
    UNCONFIRMED = "unconfirmed"  # an earlier attempt very likely arrived; the row leaves, marked so
    RETRY = "retry"  # passing trouble: again later, same message
    HOLD = "hold"  # configuration or certificate: alarm, slow retry, other lanes go on
    REJECT = "reject"  # this message will never be taken: parked for a person, the lane goes on
    REFUSED = "refused"  # no to a late authorization: nothing of this session will ever be taken


class Arrival(StrEnum):
    """Whether the hub may have processed a request whose answer we did not get."""

    NO = "no"  # refused, no connection, TLS failed, 429, or an answer that says it was not processed
    MAYBE = "maybe"  # the request was (partly) sent and no usable answer came
    YES = "yes"  # the hub answered about this very message


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of one attempt. text is one sentence for a person, never holding a secret.

    hub_reference is what the hub calls this exchange by, for its support. hub_session_id is what a late authorization
    has brought. wants_data: the hub has no data of this EVSE, which it takes the message only with.
    """

    verdict: Verdict
    arrival: Arrival
    text: str
    code: str | None = None
    http_status: int | None = None
    hub_reference: str | None = None
    retry_after_s: float | None = None
    hub_session_id: str | None = None
    wants_data: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """How many calls a minute the hub takes from all sites of the operator; kinds are those of messages, and
    "authorize_start", "authorize_stop", "pull_cards" for what is asked."""

    name: str
    per_minute: int
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class CardList:
    """All cards that the hub's providers would authorize; UIDs in upper-case hex."""

    uids: frozenset[str]


class Decision(StrEnum):
    YES = "yes"
    NO = "no"
    NO_ANSWER = "no_answer"  # the hub could not be asked, or its answer was no decision


@dataclass(frozen=True, slots=True)
class Authorization:
    """A hub's word on a card. hub_session_id is None unless YES (our own ID where the protocol has no other);
    contract_id: whose card it is, where the hub says so; maybe_open tells that the hub may hold a session."""

    decision: Decision
    text: str
    hub_session_id: str | None = None
    contract_id: str | None = None
    stop_uids: tuple[str, ...] = ()
    code: str | None = None
    maybe_open: bool = False
    hub_reference: str | None = None


class Hub(Protocol):
    """One configured hub. No method raises for anything that the hub or the network does."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The hub's own rate limits; none where it states none."""

    def takes(self, message: Message) -> bool:
        """Whether the protocol has words for it. What it has none for is never queued. Pure."""

    async def deliver(self, message: Message, *, maybe_arrived: bool) -> Answer:
        """Send one message once. maybe_arrived: the outcome of an earlier attempt is unknown."""

    async def authorize_start(self, *, evse_id: str, uid: str, session_id: str) -> Authorization:
        """Ask whether the card may charge; session_id is our own ID and must come back in the answer."""

    async def authorize_stop(
        self, *, evse_id: str, uid: str, session_id: str, hub_session_id: str, contract_id: str | None = None
    ) -> Authorization:
        """Ask whether this other card may stop the session, which was begun under contract_id, if that is known."""

    async def pull_cards(self) -> CardList | Answer:
        """The list for times when the hub cannot be asked; an Answer says why there is none."""

    async def aclose(self) -> None: ...
