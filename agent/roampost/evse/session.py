"""A charging session as it is remembered: enough to bill it after any crash.

Energy is meter_last_wh − meter_start_wh, both registers of the same meter in integer watt-hours.
"""

from pydantic import BaseModel, ConfigDict

from roampost.domain.messages import SessionRef
from roampost.domain.stamp import Stamp


class Session(BaseModel):
    """Frozen; every change is a copy. meter_start_wh is read before charging is permitted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_id: str
    hub: str
    hub_session_id: str
    evse_id: str
    uid: str
    stop_uids: tuple[str, ...] = ()
    authorized: Stamp
    meter_start_wh: int | None = None
    meter_last_wh: int | None = None
    meter_last: Stamp | None = None
    charging_start: Stamp | None = None
    charging_end: Stamp | None = None
    ended: Stamp | None = None
    why: str | None = None
    flag: str | None = None

    @property
    def ref(self) -> SessionRef:
        return SessionRef(
            session_id=self.session_id,
            hub_session_id=self.hub_session_id,
            evse_id=self.evse_id,
            uid=self.uid,
        )

    @property
    def energy_wh(self) -> int | None:
        """Consumed energy; None before a meter was read."""
        if self.meter_start_wh is None or self.meter_last_wh is None:
            return None
        return self.meter_last_wh - self.meter_start_wh

    def stoppable_by(self, uid: str) -> bool:
        """Whether this card may stop the session without asking a hub."""
        return uid == self.uid or uid in self.stop_uids

    def metered(self, energy_wh: int | None, at: Stamp) -> "Session":
        """The session with a newer good reading."""
        if energy_wh is None:
            return self
        start = energy_wh if self.meter_start_wh is None else self.meter_start_wh
        return self.model_copy(update={"meter_start_wh": start, "meter_last_wh": energy_wh, "meter_last": at})
