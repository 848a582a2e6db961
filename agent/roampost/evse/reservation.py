"""A reservation: the EVSE is kept for one driver until it is used, cancelled or over."""

from roampost.domain.stamp import Stamp, elapsed_s
from roampost.evse.at_hub import AtHub


class Reservation(AtHub):
    """It has a session of its own at the hub, closed by a record of its own."""

    hub: str
    hub_session_id: str
    uid: str | None = None
    since: Stamp
    duration_s: int

    def lets_in(
        self,
        hub: str | None,
        hub_session_id: str | None,
        uid: str | None,
        contract_id: str | None,
        account: str | None = None,
    ) -> bool:
        """Whether a charge that this hub starts is the reservation's: under its own session, by whatever medium, or for
        its driver. A contract's number and an account mean nothing at another hub."""
        return self.is_under(hub, hub_session_id) or (hub == self.hub and self.is_for(uid, contract_id, account))

    def prolonged(self, wanted: "Reservation") -> "Reservation":
        """Kept since the first day, for the time that is wanted now; it counts from the moment of the new wish."""
        gone_s = elapsed_s(self.since, wanted.since)
        if gone_s is None:
            return wanted
        return wanted.model_copy(update={"since": self.since, "duration_s": round(gone_s) + wanted.duration_s})

    def end(self, now: Stamp) -> Stamp:
        """The moment until which it was kept, looked at from now: it may have run out long ago."""
        gone_s = elapsed_s(self.since, now)
        return now if gone_s is None or gone_s < self.duration_s else self.since.later(self.duration_s)

    def over(self, now: Stamp, began: Stamp | None = None) -> bool:
        """Whether its time is over, also when no clock can tell: a place is not kept from everybody for ever.

        With began, the moment when the agent started, it then counts anew from there.
        """
        gone_s = elapsed_s(self.since, now)
        if gone_s is None and began is not None:
            gone_s = elapsed_s(began, now)
        return gone_s is None or gone_s >= self.duration_s
