"""A message that a hub should hear, or an answer that it should get, with its cause. Pure."""

from dataclasses import dataclass
from enum import Enum

from roampost_sim.hub.means import STATUSES as _STATUSES

STATUSES = frozenset(_STATUSES)
DATA, CARD = "EVSE data", "authorization"
# What every hub is told; all else is for the hub of the session.
FOR_ALL = STATUSES | {DATA}
START, STOP, RESERVE, CANCEL = "remote start", "remote stop", "reservation", "cancellation"
# What apps ask by way of the hub; the agent's answer is judged.
CALLS = frozenset({START, STOP, RESERVE, CANCEL})
# A yes to one of these lets a car charge.
PERMITS = frozenset({CARD, START})


class Answer(Enum):
    """What is true of an EVSE that an app asks something of."""

    YES = "yes"
    EMPTY = "nothing plugged in"
    KEPT = "kept for somebody"
    BUSY = "in use"
    DOWN = "out of service"
    NONE = "no such charge or reservation"


class Need(Enum):
    MUST = "must arrive"
    MAY = "may arrive"
    NOT = "superseded: only the newest status leaves an outage"


@dataclass(frozen=True, slots=True)
class Expected:
    """One message and its cause. hub: whose it is; message: a status, EVSE data, authorization, Start, Progress, Error,
    End, CDR, or one of CALLS.

    session counts the questions that may open one; code is the answer to a question, and yes whether it grants what
    was asked. medium is the card or the contract, masked. Registers in watt-hours, as the meter shows them; None where
    the record does not tell (yet). reserved: of a reservation, where no energy flows. moments: names of date-times and
    when that truly was, in seconds since 1970; none where the record does not tell the wall clock.

    Of a question: lost, where another hub said yes first; over and why, the end of the session that it opened.
    by: when another hub's network came back, which this message had no reason to wait for.
    """

    evse: str
    message: str
    t: float
    cause: str
    hub: str = "oicp"
    need: Need = Need.MUST
    session: int | None = None
    medium: str | None = None
    code: str | None = None
    yes: bool = False
    lost: bool = False
    over: float | None = None
    why: str = ""
    start_wh: float | None = None
    end_wh: float | None = None
    reserved: bool = False
    moments: tuple[tuple[str, float], ...] = ()
    by: float | None = None

    @property
    def is_status(self) -> bool:
        return self.message in STATUSES

    @property
    def is_call(self) -> bool:
        return self.message in CALLS
