"""Charges from afar: begun and stopped once for each session ID of a hub, however often it asks.

Where the hub has no IDs, our own one is the hub's too. The same start while its session runs is a repeated one, after
that it is a new charge; but a payment that is named pays for one. A charge of the driver for whom the EVSE was
reserved goes on under the reservation's ID.
"""

from collections import deque
from collections.abc import Awaitable, Callable

from roampost.access.remembered import Remembered
from roampost.access.remote_place import NOT_WRITTEN, OVER, UNWRITTEN, Evses, Place, look
from roampost.access.remote_rules import no_start
from roampost.access.remote_same import is_repeated, means, pays_for, upper
from roampost.evse.event import Card, Decider, Grant
from roampost.evse.state import State
from roampost.hubs.remote import Outcome, RemoteStart, RemoteStop, Reply

# A session that has just ended waits for the meter's last word; its driver may be starting the next one.
SETTLE_S = 3.0
LOOK_S = 0.1
# More charges than a hub repeats a payment after.
PAYMENTS = 256
STOPPED = "stopped by the provider from afar"


class Charges:
    """pause waits so many seconds; reserved tells whether the hub's session was a reservation in this run."""

    def __init__(
        self, evses: Evses, pause: Callable[[float], Awaitable[None]], reserved: Callable[[RemoteStart], bool]
    ) -> None:
        self._evses = evses
        self._pause = pause
        self._reserved = reserved
        self._started = Remembered()
        self._stopped = Remembered()
        self._paid: deque[tuple[str, str]] = deque(maxlen=PAYMENTS)

    async def start(self, place: Place, command: RemoteStart) -> Reply:
        again = self._start_again(place, command)
        if again is not None:
            return again if await self._evses.written(place) else Reply(Outcome.FAILED, "the disk takes no writes")
        if self._is_over(place, command):
            return Reply(Outcome.NO_SESSION, OVER)
        refusal = await self._refusal(place, command)
        if refusal is not None:
            return refusal
        grant = _grant(command, self._own_id(place, command))
        if not place.start_remote(grant):
            return Reply(Outcome.IN_USE, f"{place.evse.evse_id} is not free: {place.evse.state}")
        self._stopped.forget(command)
        reply = _begun(place, grant.card.session_id, "started as session")
        if not await self._evses.written(place):
            place.stop_remote(grant.card.session_id, UNWRITTEN)
            reply = Reply(Outcome.FAILED, NOT_WRITTEN)
        elif command.provider_session_id is not None:
            self._paid.append((command.hub, command.provider_session_id))
        # Also the failure: the end of that session will be told to the hub, and it cannot begin a second time.
        self._started.put(command, reply)
        return reply

    def _start_again(self, place: Place, command: RemoteStart) -> Reply | None:
        """The answer to a start that was carried out before, also before a restart; None for a new one."""
        known = self._started.get(command)
        if known is not None:
            return known
        elsewhere = self._evses.elsewhere(place, command)
        if elsewhere is not None:
            return Reply(Outcome.IN_USE, f"this session is of {elsewhere}")
        # Without an ID nobody can tell a repeated start from the next charge: what is closing is over.
        closing = place.evse.closing if command.hub_session_id is not None else None
        for session in (place.evse.session, closing):
            if session is not None and is_repeated(command, session):
                return _begun(place, session.session_id, "started before, as session")
        return None

    def _is_over(self, place: Place, command: RemoteStart) -> bool:
        """A hub takes one record for a session: a charge under one that has its record would be paid by nobody."""
        kept = place.evse.reservation
        if kept is not None and kept.is_under(command.hub, command.hub_session_id):
            return False
        return self._evses.was_over(command) or self._reserved(command) or self._is_paid(place, command)

    def _is_paid(self, place: Place, command: RemoteStart) -> bool:
        """Whether a hub without IDs names a payment that is used up; a charge that was taken back has cost nothing."""
        payment, closing = command.provider_session_id, place.evse.closing
        if command.hub_session_id is not None or payment is None:
            return False
        closes = closing is not None and closing.why != UNWRITTEN and pays_for(command, closing)
        return closes or (command.hub, payment) in self._paid

    def _own_id(self, place: Place, command: RemoteStart) -> str:
        """A charge under the session of its reservation keeps our ID too: the hub has heard it, or may some day."""
        kept = place.evse.reservation
        if kept is not None and means(command, kept):
            return kept.session_id
        return self._evses.new_id()

    async def _refusal(self, place: Place, command: RemoteStart) -> Reply | None:
        """Why it cannot be started; the meter is given a while for the last word on the session before."""
        for _ in range(round(SETTLE_S / LOOK_S)):
            refusal = no_start(look(place), command, self._evses.rule(place))
            if refusal is not None or place.evse.closing is None:
                return refusal
            await self._pause(LOOK_S)
        return Reply(Outcome.IN_USE, f"the last session at {place.evse.evse_id} is still being written")

    async def stop(self, place: Place, command: RemoteStop) -> Reply:
        session = place.evse.session
        if session is None or not means(command, session):
            known = self._stop_again(place, command)
        elif place.stop_remote(session.session_id, STOPPED):
            known = Reply(Outcome.DONE, f"session {session.session_id} is stopped", session.session_id)
            self._stopped.put(command, known, session)
        else:
            known = None
        if known is None:
            return Reply(Outcome.NO_SESSION, f"no such session runs at {place.evse.evse_id}")
        # The current is off by now; but what is not on the disk may be resumed by a restart.
        written = await self._evses.written(place)
        return known if written else Reply(Outcome.FAILED, "stopped, but the disk takes no writes")

    def _stop_again(self, place: Place, command: RemoteStop) -> Reply | None:
        known = self._stopped.get(command)
        closing = place.evse.closing
        if known is not None:
            return known
        if closing is not None and closing.why == STOPPED and means(command, closing):
            return Reply(Outcome.DONE, f"session {closing.session_id} was stopped before", closing.session_id)
        return None


def _begun(place: Place, session_id: str, how: str) -> Reply:
    """The session that is begun there, seen as it is now."""
    waits = place.evse.session is not None and place.evse.state is State.AWAITING_PLUG
    return Reply(Outcome.DONE, f"{how} {session_id}", session_id, waits_for_plug=waits)


def _grant(command: RemoteStart, session_id: str) -> Grant:
    return Grant(
        command.hub,
        command.hub_session_id or session_id,
        Card(upper(command.uid), session_id),
        decided_by=Decider.PROVIDER,
        contract_id=command.contract_id,
        account=command.account,
        product_id=command.product_id,
        provider_session_id=command.provider_session_id,
    )
