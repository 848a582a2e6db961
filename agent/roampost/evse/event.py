"""What can happen to an EVSE. Guards (`site/watch.py`) have decided which kind it is before the table sees it."""

from dataclasses import dataclass
from enum import StrEnum

from roampost.domain.messages import ErrorKind
from roampost.domain.stamp import Stamp


class Kind(StrEnum):
    """The columns of the table."""

    NO_VEHICLE = "no_vehicle"  # pilot A
    VEHICLE = "vehicle"  # pilot B, or C without energy
    ENERGY = "energy"  # pilot C or D and energy flows
    RESUMED = "resumed"  # first look after a start: the recovered session goes on
    LOST = "lost"  # first look after a start: a vehicle, but the session may be another one's
    STALE = "stale"  # a device of this EVSE has not been read for too long, no session is permitted
    STALE_SESSION = "stale_session"  # the same while a session is permitted to charge
    GRACE_OVER = "grace_over"  # still unreadable after the grace
    CARD = "card"  # a card asks to charge
    CARD_STOPS = "card_stops"  # a card that may stop the running session
    AUTHORIZED = "authorized"  # a hub said yes
    REFUSED = "refused"  # no hub said yes
    PLUG_TIMEOUT = "plug_timeout"  # authorized, but nobody plugged in
    FAULT = "fault"  # a stopping fault came
    NOTICE = "notice"  # a fault came that does not stop charging but that the hub should hear of
    DISABLE = "disable"  # the operator takes the EVSE out of service
    RELEASED = "released"  # nothing holds the EVSE down any more; what it is must be read
    STILL_FAULTED = "still_faulted"  # enabled by the operator, but a fault is present
    SETTLED = "settled"  # the final meter reading of an ended session is there, or will not come


@dataclass(frozen=True, slots=True)
class Card:
    """A card that was shown, and the session ID under which it is asked for."""

    uid: str
    session_id: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A hub's yes."""

    hub: str
    hub_session_id: str
    card: Card
    stop_uids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault in words. error is None where hubs hear nothing but the status."""

    name: str
    text: str
    error: ErrorKind | None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with what was known of the meter then.

    meter_wh is the last good reading of the import register, None where the EVSE has no meter.
    why is one sentence for the status page, the log and the record.
    """

    kind: Kind
    at: Stamp
    why: str
    meter_wh: int | None = None
    card: Card | None = None
    grant: Grant | None = None
    trouble: Trouble | None = None
    flag: str | None = None
