"""What a hub may ask of the station, in nobody's protocol, and what the station answers.

A hub's package turns its requests into these values and the outcome into its codes; `access/remote.py` decides.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


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
    FAILED = "failed"  # the disk takes no writes, or the station did not decide in time


@dataclass(frozen=True, slots=True)
class RemoteStart:
    """Start a charge for a contract (or a card that the hub names). hub_session_id is the hub's and makes the request
    idempotent."""

    hub: str
    hub_session_id: str
    evse_id: str
    uid: str | None = None
    contract_id: str | None = None
    product_id: str | None = None
    provider_session_id: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteStop:
    hub: str
    hub_session_id: str
    evse_id: str


@dataclass(frozen=True, slots=True)
class Reserve:
    """Keep the EVSE for this driver for so long. Asked again with the same hub_session_id it is prolonged."""

    hub: str
    hub_session_id: str
    evse_id: str
    duration: timedelta
    uid: str | None = None
    contract_id: str | None = None
    product_id: str | None = None
    provider_session_id: str | None = None


@dataclass(frozen=True, slots=True)
class CancelReservation:
    hub: str
    hub_session_id: str
    evse_id: str


Command = RemoteStart | RemoteStop | Reserve | CancelReservation


@dataclass(frozen=True, slots=True)
class Reply:
    """session_id is our own, where a session or reservation stands behind the answer. text is for the log."""

    outcome: Outcome
    text: str
    session_id: str | None = None


class Reception(Protocol):
    """The station's front for hubs."""

    async def take(self, command: Command) -> Reply:
        """Decide and carry out; answers when it is on the disk, within ten seconds in any case. Never raises."""
