"""A message that the hub should hear, with its cause. Pure."""

from dataclasses import dataclass
from enum import Enum


class Need(Enum):
    MUST = "must arrive"
    MAY = "may arrive"
    NOT = "superseded: only the newest status leaves an outage"


@dataclass(frozen=True, slots=True)
class Expected:
    """One message and its cause. message: a status, AuthorizeStart, Start, Error, End or CDR.

    session counts the questions about cards; code is the hub's answer to one. Registers in watt-hours, as the
    meter shows them; None where the record does not tell (yet). moments: names of date-times and when that truly
    was, in seconds since 1970; none where the record does not tell the wall clock.
    """

    evse: str
    message: str
    t: float
    cause: str
    need: Need = Need.MUST
    session: int | None = None
    uid: str | None = None
    code: str | None = None
    start_wh: float | None = None
    end_wh: float | None = None
    moments: tuple[tuple[str, float], ...] = ()

    @property
    def is_status(self) -> bool:
        return self.session is None
