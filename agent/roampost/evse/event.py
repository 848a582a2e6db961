"""What can happen to an EVSE. Guards (`loop/watch.py`) have decided which kind it is before the table sees it."""

from dataclasses import dataclass
from enum import StrEnum

from roampost.domain.messages import ErrorKind
from roampost.domain.stamp import Stamp
from roampost.evse.reservation import Reservation


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
    STOP = "stop"  # whoever may stop the running session does: a card, the provider, a cap
    REMOTE = "remote"  # a provider starts a charge from afar; `access/remote_rules.py` has let it in
    FREE = "free"  # a vehicle where charging is free
    RESERVE = "reserve"  # a provider keeps the EVSE for a driver
    PROLONG = "prolong"  # the same provider keeps it longer
    UNRESERVE = "unreserve"  # the reservation has run out or was cancelled
    IDLE = "idle"  # the vehicle has drawn nothing for so long that the hub should hear of the end
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
    """A driver at this EVSE, and our own session ID. uid is None where only a contract or an account is known."""

    uid: str | None
    session_id: str


class Decider(StrEnum):
    """Who let a session begin, and so bears the loss when nobody pays for it."""

    HUB = "hub"  # asked online
    PROVIDER = "provider"  # started from afar
    LIST = "list"  # the hub's list, while the hub could not be asked
    OPERATOR = "operator"  # one of the operator's own cards
    FREE = "free"  # charging is free here


@dataclass(frozen=True, slots=True)
class Grant:
    """A yes. hub is None where no hub is owed a record; hub_session_id is None until a late authorization brings it.

    cap_wh and cap_s bound what is given away when the late authorization is refused.
    """

    hub: str | None
    hub_session_id: str | None
    card: Card
    stop_uids: tuple[str, ...] = ()
    decided_by: Decider = Decider.HUB
    contract_id: str | None = None
    account: str | None = None
    product_id: str | None = None
    provider_session_id: str | None = None
    cap_wh: int | None = None
    cap_s: int | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault in words. error is None where hubs hear nothing but the status."""

    name: str
    text: str
    error: ErrorKind | None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with what was known of the meter then.

    meter_wh is the last good reading of the import register, None where the EVSE has no meter; signed is the
    dataset that the meter signed with it.
    why is one sentence for the status page, the log and the record.
    """

    kind: Kind
    at: Stamp
    why: str
    meter_wh: int | None = None
    card: Card | None = None
    grant: Grant | None = None
    trouble: Trouble | None = None
    reservation: Reservation | None = None
    signed: str | None = None
    flag: str | None = None
