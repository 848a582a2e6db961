"""What is known of one EVSE between two events; stored as JSON with every change, recovered at start."""

from pydantic import BaseModel, ConfigDict

from roampost.domain.messages import EvseStatus
from roampost.domain.stamp import Stamp
from roampost.evse.reservation import Reservation
from roampost.evse.session import Session
from roampost.evse.state import PERMITS, STATUS, State


class Asking(BaseModel):
    """The card that hubs are being asked about, and the session ID it is asked under."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uid: str
    session_id: str
    since: Stamp | None = None


class Evse(BaseModel):
    """Frozen. told is the last status given to the outbox; permitted_ma the level that goes with this state.

    closing is a session that is over and waits for the meter's last word. faults are the stopping faults that
    are present or latched, in the order they came; disabled is the operator's word. served: a session of this
    vehicle was stopped, so that no free charge begins by itself before it was unplugged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    evse_id: str
    state: State = State.STARTING
    since: Stamp
    why: str
    session: Session | None = None
    closing: Session | None = None
    asking: Asking | None = None
    reservation: Reservation | None = None
    told: EvseStatus | None = None
    faults: tuple[str, ...] = ()
    served: bool = False
    disabled: bool = False
    permitted_ma: int = 0

    @property
    def status(self) -> EvseStatus | None:
        """What hubs are told; None while nothing is known."""
        status = STATUS[self.state]
        kept = self.reservation is not None and status is EvseStatus.AVAILABLE
        return EvseStatus.RESERVED if kept else status

    def level_ma(self, limit_ma: int) -> int:
        """The current that may be permitted now; 0 forbids.

        While starting, a recovered session keeps what it had: a restart must not interrupt a charge. Without a
        first meter reading nothing is permitted: it could not be billed.
        """
        if self.session is None or self.session.meter_start_wh is None:
            return 0
        if self.state in PERMITS:
            return limit_ma
        return min(self.permitted_ma, limit_ma) if self.state is State.STARTING else 0
