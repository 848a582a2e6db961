"""What a hub may ask of the station, in nobody's protocol, and what the station answers.

A hub's package turns its requests into these values and the outcome into its codes; `access/remote.py` decides.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from roampost.domain.stamp import Stamp


class Outcome(StrEnum):
    """The station's word on a request from afar; each hub has its own code for it."""

    DONE = "done"
    UNREACHABLE = "unreachable"  # the hardware cannot be read
    NO_VEHICLE = "no_vehicle"  # nothing is plugged in
    RESERVED = "reserved"  # for another driver
    IN_USE = "in_use"  # another session runs, or the last one is still being written
    UNKNOWN_EVSE = "unknown_evse"  # not of this station, or not on this hub
    OUT_OF_SERVICE = "out_of_service"  # a fault, or taken out of service
    NO_SESSION = "no_session"  # the session or reservation is not known, or over
    REFUSED = "refused"  # the configuration does not allow it
    LATE = "late"  # the station did not decide in time; it may still happen
    FAILED = "failed"  # the disk takes no writes, or an error inside Roampost


@dataclass(frozen=True, slots=True)
class _AtEvse:
    """hub_session_id is the hub's and makes a request idempotent. None: its protocol has none, our own becomes it."""

    hub: str
    hub_session_id: str | None
    evse_id: str


@dataclass(frozen=True, slots=True)
class _ForDriver(_AtEvse):
    """Who asks: a card, a contract, or an account in the hub's own words; at least one for a start. An account may be a
    secret (a user's token), and is never shown."""

    uid: str | None = None
    contract_id: str | None = None
    account: str | None = field(default=None, repr=False)
    product_id: str | None = None
    provider_session_id: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteStart(_ForDriver):
    """Start a charge for a driver."""


@dataclass(frozen=True, slots=True)
class RemoteStop(_ForDriver):
    """Stop the session, or without an ID the one that this driver has at the EVSE."""


@dataclass(frozen=True, slots=True)
class Reserve(_ForDriver):
    """Keep the EVSE for this driver for so long. Asked again for the same one it is prolonged."""

    duration: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class CancelReservation(_ForDriver):
    """End the reservation, or without an ID the one that this hub has at the EVSE."""


@dataclass(frozen=True, slots=True)
class ReplaceCards:
    """The hub's whole list of cards, for times when it cannot be asked; UIDs in upper-case hex."""

    hub: str
    uids: frozenset[str]
    hub_session_id = None
    evse_id = "-"


Command = RemoteStart | RemoteStop | Reserve | CancelReservation | ReplaceCards


@dataclass(frozen=True, slots=True)
class Reply:
    """session_id is our own, where a session or reservation stands behind the answer. text is for the log.

    waits_for_plug: started, and nothing is plugged in yet. until: the end of a reservation. new_cards: how many of
    them the list before did not hold.
    """

    outcome: Outcome
    text: str
    session_id: str | None = None
    waits_for_plug: bool = False
    until: Stamp | None = None
    new_cards: int | None = None


class Reception(Protocol):
    """The station's front for hubs."""

    async def take(self, command: Command) -> Reply:
        """Decide and carry out; answers when it is on the disk, within ten seconds in any case. Never raises."""
