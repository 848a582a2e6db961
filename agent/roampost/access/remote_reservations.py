"""Reservations from afar: kept for one driver, prolonged under the same session ID, or for the same driver where the
hub has none, and ended once."""

from roampost.access.remembered import Remembered
from roampost.access.remote_place import NOT_WRITTEN, OVER, Evses, Place, look
from roampost.access.remote_rules import no_reservation
from roampost.access.remote_same import means, upper
from roampost.evse.reservation import Reservation
from roampost.hubs.remote import CancelReservation, Outcome, RemoteStart, Reply, Reserve


class Reservations:
    def __init__(self, evses: Evses) -> None:
        self._evses = evses
        self._reserved = Remembered()
        self._cancelled = Remembered()

    async def reserve(self, place: Place, command: Reserve) -> Reply:
        refusal = no_reservation(look(place), command, self._evses.rule(place))
        if refusal is not None:
            return refusal
        before = place.evse.reservation
        if before is None and (self.knows(command) or self._evses.was_over(command)):
            return Reply(Outcome.NO_SESSION, OVER)
        elsewhere = self._evses.elsewhere(place, command)
        if elsewhere is not None:
            return Reply(Outcome.IN_USE, f"this session is of {elsewhere}")
        wanted = self._new(place, command) if before is None else self._longer(before, command)
        if not place.reserve(wanted):
            return Reply(Outcome.IN_USE, f"{place.evse.evse_id} is not free: {place.evse.state}")
        kept = place.evse.reservation
        until = None if kept is None else kept.since.later(kept.duration_s)
        reply = Reply(Outcome.DONE, f"reserved for {command.duration}", wanted.session_id, until=until)
        self._reserved.put(command, reply)
        self._cancelled.forget(command)
        if await self._evses.written(place):
            return reply
        if before is None:
            _take_back(place, wanted)
        return Reply(Outcome.FAILED, NOT_WRITTEN)

    def knows(self, command: RemoteStart | Reserve) -> bool:
        """Whether there was a reservation under this session of the hub in this run."""
        return self._reserved.get(command) is not None

    def _new(self, place: Place, command: Reserve) -> Reservation:
        session_id = self._evses.new_id()
        return Reservation(
            session_id=session_id,
            hub=command.hub,
            hub_session_id=command.hub_session_id or session_id,
            evse_id=place.evse.evse_id,
            uid=upper(command.uid),
            contract_id=command.contract_id,
            account=command.account,
            product_id=command.product_id,
            provider_session_id=command.provider_session_id,
            since=self._evses.clock.stamp(),
            duration_s=round(command.duration.total_seconds()),
        )

    def _longer(self, before: Reservation, command: Reserve) -> Reservation:
        """The duration counts from the request; what is kept already tells the whole time (`Reservation.prolonged`)."""
        wanted = {"since": self._evses.clock.stamp(), "duration_s": round(command.duration.total_seconds())}
        return before.model_copy(update=wanted)

    async def cancel(self, place: Place, command: CancelReservation) -> Reply:
        kept = place.evse.reservation
        known = self._cancelled.get(command)
        if kept is not None and means(command, kept):
            place.unreserve("cancelled by the provider")
            known = Reply(Outcome.DONE, "the reservation is cancelled", kept.session_id)
            self._cancelled.put(command, known, kept)
        if known is None:
            return Reply(Outcome.NO_SESSION, f"there is no such reservation at {place.evse.evse_id}")
        return known if await self._evses.written(place) else Reply(Outcome.FAILED, "the disk takes no writes")


def _take_back(place: Place, wanted: Reservation) -> None:
    """Unless it is over by now, and the EVSE perhaps another one's."""
    kept = place.evse.reservation
    if kept is not None and kept.session_id == wanted.session_id:
        place.unreserve("it could not be written")
