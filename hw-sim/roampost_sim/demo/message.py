"""A message that the hub should hear, or an answer that it should get, with its cause. Pure."""

from dataclasses import dataclass
from enum import Enum

STATUSES = frozenset({"Available", "Occupied", "Reserved", "OutOfService", "Unknown"})
DATA = "EVSE data"
START, STOP, RESERVE, CANCEL = "remote start", "remote stop", "reservation", "cancellation"
# What apps ask by way of the hub; the agent's answer is judged.
CALLS = frozenset({START, STOP, RESERVE, CANCEL})
# A yes to one of these lets a car charge.
PERMITS = frozenset({"AuthorizeStart", START})


class Need(Enum):
    MUST = "must arrive"
    MAY = "may arrive"
    NOT = "superseded: only the newest status leaves an outage"


@dataclass(frozen=True, slots=True)
class Expected:
    """One message and its cause. message: a status, EVSE data, AuthorizeStart, Start, Progress, Error, End, CDR, or one
    of CALLS.

    session counts the questions that may open one; code is the answer to a question. medium is the card or the
    contract, masked. Registers in watt-hours, as the meter shows them; None where the record does not tell (yet).
    reserved: of a reservation, where no energy flows. moments: names of date-times and when that truly was, in seconds
    since 1970; none where the record does not tell the wall clock.
    """

    evse: str
    message: str
    t: float
    cause: str
    need: Need = Need.MUST
    session: int | None = None
    medium: str | None = None
    code: str | None = None
    start_wh: float | None = None
    end_wh: float | None = None
    reserved: bool = False
    moments: tuple[tuple[str, float], ...] = ()

    @property
    def is_status(self) -> bool:
        return self.message in STATUSES

    @property
    def is_call(self) -> bool:
        return self.message in CALLS
