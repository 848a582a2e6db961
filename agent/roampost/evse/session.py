"""A charging session as it is remembered: enough to bill it after any crash.

Energy is meter_last_wh − meter_start_wh, both registers of the same meter in integer watt-hours.
"""

from roampost.domain.messages import SignedMoment, SignedValue
from roampost.domain.stamp import Stamp, elapsed_s
from roampost.evse.at_hub import AtHub
from roampost.evse.event import Decider

# A reading every quarter of an hour for a day; a longer session keeps every second one.
BETWEEN_MAX = 96
# The least that a hub takes (OICP 2.3: 3000 characters); a dataset that was cut proves nothing.
SIGNED_MAX = 3000


class Session(AtHub):
    """meter_start_wh is read before charging is permitted.

    hub is None where nobody is owed a record. end_told: the hub has heard that energy stopped, the session goes on.
    """

    stop_uids: tuple[str, ...] = ()
    decided_by: Decider = Decider.HUB
    cap_wh: int | None = None
    cap_s: int | None = None
    authorized: Stamp
    meter_start_wh: int | None = None
    meter_last_wh: int | None = None
    meter_last: Stamp | None = None
    meters_between_wh: tuple[int, ...] = ()
    signed: tuple[SignedValue, ...] = ()
    charging_start: Stamp | None = None
    charging_end: Stamp | None = None
    end_told: bool = False
    ended: Stamp | None = None
    why: str | None = None
    flag: str | None = None

    @property
    def energy_wh(self) -> int | None:
        """Consumed energy; None before a meter was read."""
        if self.meter_start_wh is None or self.meter_last_wh is None:
            return None
        return self.meter_last_wh - self.meter_start_wh

    def stoppable_by(self, uid: str) -> bool:
        """Whether this card may stop the session without asking a hub."""
        return uid == self.uid or uid in self.stop_uids

    @property
    def owed(self) -> bool:
        """Whether a hub is told of this session."""
        return self.hub is not None

    def capped(self, now: Stamp, began: Stamp) -> str | None:
        """The sentence why it has had enough; None while it may go on.

        Where no clock can tell how old it is, it counts from the moment when the agent began.
        """
        if self.cap_wh is not None and (self.energy_wh or 0) >= self.cap_wh:
            return f"the limit of {self.cap_wh} Wh for a session that no hub has allowed is reached"
        gone_s = elapsed_s(self.authorized, now)
        if gone_s is None:
            gone_s = elapsed_s(began, now) or 0.0
        if self.cap_s is not None and gone_s >= self.cap_s:
            return f"the limit of {self.cap_s} s for a session that no hub has allowed is reached"
        return None

    def between(self) -> "Session":
        """The session with the last good reading kept as one in between; thinned out where there are too many."""
        before = self.meters_between_wh[-1] if self.meters_between_wh else self.meter_start_wh
        if self.meter_last_wh is None or self.meter_last_wh == before:
            return self
        kept = (*self.meters_between_wh, self.meter_last_wh)
        if len(kept) > BETWEEN_MAX:
            kept = kept[::2]
        return self.model_copy(update={"meters_between_wh": kept})

    def signed_by_meter(self, moment: SignedMoment, text: str | None) -> "Session":
        """The session with the dataset that the meter signed at this moment, the newest of its kind, in their order.

        One that no record can carry leaves a flag in its place.
        """
        if text is None:
            return self
        if len(text) > SIGNED_MAX:
            why = f"the meter's signed dataset ({moment}) has {len(text)} characters, {SIGNED_MAX} can be carried"
            return self.model_copy(update={"flag": self.flag or why})
        others = tuple(one for one in self.signed if one.moment != moment)
        return self.model_copy(update={"signed": (*others, SignedValue(moment=moment, text=text))})

    def metered(self, energy_wh: int | None, at: Stamp, signed: str | None = None) -> "Session":
        """The session with a newer good reading; what the meter signed with the first one is kept."""
        if energy_wh is None:
            return self
        newer = self.model_copy(update={"meter_last_wh": energy_wh, "meter_last": at})
        if self.meter_start_wh is not None:
            return newer
        return newer.model_copy(update={"meter_start_wh": energy_wh}).signed_by_meter("start", signed)
