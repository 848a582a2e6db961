"""After a session: when is the meter's word the last one?

When a reading was taken after energy was seen to have stopped, and after the meter had time to show it. A meter
that does not come up with one is not waited for longer than the hub waits for a record.
"""

from collections.abc import Callable

from roampost_drivers.roles import ChargerReading, MeterReading, Pilot

# Eastron meters renew their registers every 0.5 to 1 s.
METER_SHOWS_S = 1.5
# A hub wants the charge detail record within ten seconds of the end of the session.
GIVE_UP_S = 8.0


class Settling:
    """meter_by asks the meter's loop for a reading at a moment."""

    def __init__(self, meter_by: Callable[[float], None]) -> None:
        self._meter_by = meter_by
        self._began_s: float | None = None
        self._off_s: float | None = None

    def begin(self, now_s: float) -> None:
        """The session has ended (or an ended one was recovered); a second call changes nothing."""
        if self._began_s is None:
            self._began_s = now_s

    def saw(self, reading: ChargerReading) -> None:
        """A look at the charger since the end."""
        off = reading.pilot is Pilot.A or (reading.permitted_ma == 0 and not reading.contactor_closed)
        if off and self._off_s is None and self._began_s is not None and reading.taken_s >= self._began_s:
            self._off_s = reading.taken_s
            self._meter_by(reading.taken_s + METER_SHOWS_S)

    @property
    def why(self) -> str:
        """What is still waited for, as the reason when it does not come."""
        if self._off_s is None:
            return "the charger was not seen to have stopped after the end of the session"
        return "no meter reading after the end of the session"

    def final(self, reading: MeterReading) -> bool:
        """Whether this reading is the last word; the next session starts anew."""
        if self._off_s is None or reading.taken_s < self._off_s + METER_SHOWS_S:
            return False
        self._began_s = self._off_s = None
        return True

    def over(self, now_s: float) -> bool:
        """Whether nobody should wait any longer; the next session starts anew."""
        if self._began_s is None or now_s - self._began_s < GIVE_UP_S:
            return False
        self._began_s = self._off_s = None
        return True
