"""What a running session comes to as time goes by: its caps, its idle end, its progress, its readings in between.

Level-triggered: `tick` compares the session with the clock. Progress and readings in between write nothing to the
disk; the readings ride on the next commit.
"""

from roampost.clock import Clock
from roampost.domain.messages import ProgressMessage
from roampost.evse.event import Kind
from roampost.evse.session import Session
from roampost.evse.state import State
from roampost.loop.core import EvseCore

# A register value is kept this often for the charge detail record.
BETWEEN_S = 900.0
# The newest progress is offered this often, so that none is older when it leaves; the outbox decides about the pace.
OFFER_S = 5.0


class Running:
    """idle_end_s: how long nothing must have been drawn until the hub hears of the end; 0: never."""

    def __init__(self, core: EvseCore, idle_end_s: float, clock: Clock) -> None:
        self._core = core
        self._idle_end_s = idle_end_s
        self._clock = clock
        self._session_id: str | None = None
        self._kept_s = self._offered_s = 0.0

    def tick(self, now_s: float) -> None:
        """Time passed, or a reading came."""
        session = self._core.evse.session
        # A recovered session has its first look before anything is made of it.
        if session is None or not self._core.looked:
            return
        if session.session_id != self._session_id:
            self._session_id = session.session_id
            self._kept_s, self._offered_s = now_s, now_s - OFFER_S
        self._keep(session, now_s)
        enough = session.capped(self._clock.stamp(), self._core.began)
        if enough is not None:
            self._core.feed(Kind.STOP, enough)
        elif self._is_idle(session, now_s):
            self._core.feed(Kind.IDLE, f"nothing was drawn for {self._idle_end_s:.0f} s")
        else:
            self._offer(session, now_s)

    def _keep(self, session: Session, now_s: float) -> None:
        reading = self._core.meter()
        if now_s - self._kept_s >= BETWEEN_S and session.charging_start is not None and reading is not None:
            self._kept_s = now_s
            kept = session.between()
            if kept is not session:
                self._core.put(session=kept.signed_by_meter("progress", reading.signed))

    def _is_idle(self, session: Session, now_s: float) -> bool:
        evse = self._core.evse
        if evse.state is not State.READY or session.charging_end is None or session.end_told or not session.owed:
            return False
        # What was seen counts: a session that was resumed has not been looked at all the time.
        return 0 < self._idle_end_s <= now_s - evse.since.mono_ms / 1000

    def _offer(self, session: Session, now_s: float) -> None:
        if self._core.evse.state is not State.CHARGING or session.charging_start is None:
            return
        if session.hub is None or session.hub_session_id is None or session.end_told:
            return
        if now_s - self._offered_s < OFFER_S:
            return
        self._offered_s = now_s
        message = ProgressMessage(
            session=session.ref,
            session_start=session.authorized,
            charging_start=session.charging_start,
            occurred=self._clock.stamp(),
            meter_start_wh=session.meter_start_wh,
            meters_between_wh=session.meters_between_wh,
            energy_wh=session.energy_wh,
        )
        self._core.progress(session.hub, message)
