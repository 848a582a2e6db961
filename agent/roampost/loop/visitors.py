"""What people and hubs may say to an EVSE: plain calls that never wait. Whoever needs the disk awaits `committed`."""

import asyncio
import logging
from typing import Any

from roampost.clock import Clock
from roampost.evse.closing import late
from roampost.evse.effect import Opened
from roampost.evse.event import Card, Decider, Grant, Kind
from roampost.evse.evse import Evse
from roampost.evse.reservation import Reservation
from roampost.evse.session import Session
from roampost.evse.state import ASKING
from roampost.loop.core import EvseCore

log = logging.getLogger(__name__)


class Visitors:
    """free: whoever plugs in may charge, so that no card is asked about."""

    def __init__(self, core: EvseCore, clock: Clock, *, free: bool) -> None:
        self._core = core
        self._clock = clock
        self._free = free

    @property
    def evse(self) -> Evse:
        """The record as it is in memory."""
        return self._core.evse

    def committed(self) -> "asyncio.Future[Any]":
        """Done when everything that was handed to the store so far is on the disk; raises when it is not."""
        return self._core.committed()

    # -- cards --------------------------------------------------------------------------------------------------

    def turned_away(self, uid: str) -> str | None:
        """Why no hub is asked about this card here; None where it may begin a session."""
        reservation = self._reservation
        if reservation is None:
            return "charging is free here" if self._free else None
        return None if reservation.is_for(uid, None) else "reserved for another driver"

    def card(self, uid: str, session_id: str) -> None:
        """A card was shown for this EVSE; session_id is the ID under which it may be asked for."""
        session = self.evse.session
        if session is not None and self._core.keeper is not None and session.stoppable_by(uid):
            self._core.feed(Kind.STOP, "stopped by card", card=Card(uid, session_id))
            return
        why = self._why_ignored(session, uid)
        if why is None:
            self._core.feed(Kind.CARD, "card shown", card=Card(uid, session_id))
        else:
            log.info("%s: card ignored, %s", self.evse.evse_id, why)

    def _why_ignored(self, session: Session | None, uid: str) -> str | None:
        if self._core.keeper is None:
            return "this EVSE is only observed"
        if self.evse.closing is not None:
            return "the last session is still being written"
        if session is None:
            return self.turned_away(uid)
        return "a free charge is nobody's to stop" if session.decided_by is Decider.FREE else None

    # -- what was asked -----------------------------------------------------------------------------------------

    def granted(self, grant: Grant) -> None:
        """Somebody said yes. What nobody waits for is closed at its hub."""
        asking, known = self.evse.asking, self._of(grant.card.session_id)
        if known is not None and (known.hub, known.hub_session_id) == (grant.hub, grant.hub_session_id):
            log.debug("%s: %s says yes to what it has allowed", self.evse.evse_id, grant.hub)
        elif known is not None and known.hub == grant.hub and known.hub_session_id is None:
            self._adopt(known, grant)
        elif self.evse.state in ASKING and (asking is None or asking.session_id != grant.card.session_id):
            self._core.commit(tuple(late(grant, self.evse.evse_id, self._clock.stamp())))
        else:
            self._core.feed(Kind.AUTHORIZED, f"authorized by {_who(grant)}", grant=grant)

    def refused(self, session_id: str, why: str) -> None:
        """Nobody said yes to this question."""
        if self.evse.asking is not None and self.evse.asking.session_id == session_id:
            self._core.feed(Kind.REFUSED, why)

    def stop_granted(self, session_id: str, uid: str) -> None:
        """The session's hub lets this other card stop it."""
        if self.evse.session is not None and self.evse.session.session_id == session_id:
            self._core.feed(Kind.STOP, "stopped by another card that the hub allows", card=Card(uid, session_id))

    def opened(self, session_id: str, hub_session_id: str) -> None:
        """A late authorization came: the session has its hub's word, so that nothing bounds it any more. One that the
        hub has opened by itself meanwhile has it already; what was opened beside it is closed."""
        session = self._of(session_id)
        if session is None or session.hub is None or session.hub_session_id == hub_session_id:
            return
        if session.hub_session_id is None:
            self._named(session, {"hub_session_id": hub_session_id})
            self._core.commit()
        else:
            other = Grant(session.hub, hub_session_id, Card(session.uid, session_id))
            self._core.commit(tuple(late(other, self.evse.evse_id, self._clock.stamp())))

    def _adopt(self, session: Session, grant: Grant) -> None:
        """The hub's own yes comes after its list had to do: that session is this one, and is not asked for again."""
        log.info("%s: %s says yes to what its list has allowed", self.evse.evse_id, grant.hub)
        said = {"hub_session_id": grant.hub_session_id, "stop_uids": grant.stop_uids}
        named = self._named(session, {**said, "contract_id": grant.contract_id or session.contract_id})
        self._core.commit((Opened(named),))

    def _named(self, session: Session, changes: dict[str, object]) -> Session:
        named = session.model_copy(update={**changes, "cap_wh": None, "cap_s": None})
        self._core.put(**{"session" if session is self.evse.session else "closing": named})
        return named

    def _of(self, session_id: str) -> Session | None:
        both = (self.evse.session, self.evse.closing)
        return next((one for one in both if one is not None and one.session_id == session_id), None)

    # -- from afar ----------------------------------------------------------------------------------------------

    def start_remote(self, grant: Grant) -> bool:
        """A provider starts a charge; False where the EVSE cannot take it now."""
        kept = self._reservation
        if not self._open_for_business or self.evse.closing is not None:
            return False
        if kept is not None and not kept.lets_in(
            grant.hub, grant.hub_session_id, grant.card.uid, grant.contract_id, grant.account
        ):
            return False
        return self._core.feed(Kind.REMOTE, f"started from afar by {grant.hub}", grant=grant)

    def stop_remote(self, session_id: str, why: str) -> bool:
        """Stop the running session with this ID of ours; False where it does not run."""
        session = self.evse.session
        return session is not None and session.session_id == session_id and self._core.feed(Kind.STOP, why)

    def reserve(self, reservation: Reservation) -> bool:
        """Keep the EVSE for a driver, or longer where it is kept under the same session; False where it is not free."""
        before = self._reservation
        if not self._open_for_business or (before is not None and before.session_id != reservation.session_id):
            return False
        kind = Kind.RESERVE if before is None else Kind.PROLONG
        return self._core.feed(kind, f"reserved by {reservation.hub}", reservation=reservation)

    def unreserve(self, why: str) -> bool:
        """End the reservation; False where there is none."""
        return self.evse.reservation is not None and self._core.feed(Kind.UNRESERVE, why)

    @property
    def _reservation(self) -> Reservation | None:
        """The one that counts: what has just run out keeps nobody out."""
        kept = self.evse.reservation
        return None if kept is None or kept.over(self._clock.stamp(), self._core.began) else kept

    @property
    def _open_for_business(self) -> bool:
        return self._core.keeper is not None and not self._core.stopping


def _who(grant: Grant) -> str:
    match grant.decided_by:
        case Decider.OPERATOR:
            return "the operator's own list"
        case Decider.LIST:
            return f"the list of {grant.hub}"
        case _:
            return str(grant.hub)
