"""The station's front for hubs: starts, stops and reservations from afar, decided here and answered when on the disk.

A hub repeats what it got no answer to. So the same request under the same session ID is carried out once: two that
come at once share one decision, one that comes later gets the first one's answer. Only a refusal is decided anew.
What cannot be written in time is taken back before it is refused.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, assert_never

from roampost.clock import Clock
from roampost.config.identifiers import canonical
from roampost.domain.stamp import elapsed_s
from roampost.evse.event import Card, Decider, Grant
from roampost.evse.evse import Evse
from roampost.evse.reservation import Reservation
from roampost.evse.session import Session
from roampost.hubs.remote import CancelReservation, Command, Outcome, RemoteStart, RemoteStop, Reply, Reserve
from roampost.site.remembered import Remembered
from roampost.site.remote_rules import Look, RemoteRule, is_of, no_reservation, no_start, same

log = logging.getLogger(__name__)
# The hub rates an operator on answers within 10 s, and closes the connection after 60 s.
TAKE_S = 9.5
COMMIT_S = 6.0
# A session that has just ended waits for the meter's last word; its driver may be starting the next one.
SETTLE_S = 3.0
LOOK_S = 0.1
STOPPED = "stopped by the provider from afar"
_NOT_WRITTEN = "the disk takes no writes, so it was taken back"


class Place(Protocol):
    """What is needed of an EVSE's loop (`site/evse_loop.py`)."""

    @property
    def evse(self) -> Evse: ...
    def readable(self) -> bool: ...
    def vehicle(self) -> bool | None: ...
    def start_remote(self, grant: Grant) -> bool: ...
    def stop_remote(self, session_id: str, why: str) -> bool: ...
    def reserve(self, reservation: Reservation) -> bool: ...
    def unreserve(self, why: str) -> bool: ...
    def opened(self, session_id: str, hub_session_id: str) -> None: ...
    def committed(self) -> "asyncio.Future[Any]": ...


class RemoteDesk:
    """Implements `hubs.remote.Reception`. rules by EvseID; an EVSE without one is neither started nor reserved."""

    def __init__(
        self,
        places: Mapping[str, Place],
        hubs_of: Callable[[str], Sequence[str]],
        rules: Mapping[str, RemoteRule],
        *,
        clock: Clock,
        new_id: Callable[[], str],
        take_s: float = TAKE_S,
        commit_s: float = COMMIT_S,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._places = {canonical(evse_id): place for evse_id, place in places.items()}
        self._hubs_of = hubs_of
        self._rules = rules
        self._clock = clock
        self._new_id = new_id
        self._take_s = take_s
        self._commit_s = commit_s
        self._pause = pause
        self._turns: dict[tuple[str, str], tuple[Command, asyncio.Task[Reply]]] = {}
        self._started = Remembered()
        self._stopped = Remembered()
        self._reserved = Remembered()
        self._cancelled = Remembered()

    async def take(self, command: Command) -> Reply:
        """Decide and carry out. Never raises; a caller that goes away does not undo what was begun."""
        done, _ = await asyncio.wait({task := self._turn(command)}, timeout=self._take_s)
        reply = task.result() if done else Reply(Outcome.FAILED, "the station did not decide in time")
        log.info("%s: %s: %s: %s", command.evse_id, command.hub, reply.outcome, reply.text)
        return reply

    def late_refused(self, session_id: str, text: str) -> bool:
        """The hub does not take a session that its list had allowed: it is stopped. False where it is over already."""
        place = self._running(lambda session: session.session_id == session_id)
        return place is not None and place.stop_remote(session_id, f"the hub did not take the session: {text}")

    def late_opened(self, session_id: str, hub_session_id: str) -> None:
        """The hub has given the session that its list had allowed an ID: its provider may stop it from now on."""
        place = self._running(lambda session: session.session_id == session_id)
        if place is not None:
            place.opened(session_id, hub_session_id)

    # -- one after the other, once ------------------------------------------------------------------------------

    def _turn(self, command: Command) -> "asyncio.Task[Reply]":
        """The running decision on the very same request, or a new one that waits for the one before it."""
        key = command.hub, command.hub_session_id.lower()
        known, before = self._turns.get(key, (None, None))
        if before is not None and command == known:
            return before
        task = asyncio.create_task(self._after(before, command))
        self._turns[key] = command, task
        task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: tuple[str, str], task: "asyncio.Task[Reply]") -> None:
        if key in self._turns and self._turns[key][1] is task:
            del self._turns[key]

    async def _after(self, before: "asyncio.Task[Reply] | None", command: Command) -> Reply:
        if before is not None:
            await asyncio.wait({before})
        try:
            return await self._carry_out(command)
        except Exception:
            log.exception("%s: a request of %s met a bug", command.evse_id, command.hub)
            return Reply(Outcome.FAILED, "an error inside Roampost; see the log")

    async def _carry_out(self, command: Command) -> Reply:
        place = self._places.get(canonical(command.evse_id))
        if place is None or command.hub not in self._hubs_of(place.evse.evse_id):
            return self._unknown(command)
        match command:
            case RemoteStart():
                return await self._start(place, command)
            case RemoteStop():
                return await self._stop(place, command)
            case Reserve():
                return await self._reserve(place, command)
            case CancelReservation():
                return await self._cancel(place, command)
            case _:
                assert_never(command)

    def _unknown(self, command: Command) -> Reply:
        if isinstance(command, RemoteStop | CancelReservation):
            return Reply(Outcome.NO_SESSION, f"there is no such session at {command.evse_id}")
        return Reply(Outcome.UNKNOWN_EVSE, f"{command.evse_id} is not of this station, or not on {command.hub}")

    # -- charging -----------------------------------------------------------------------------------------------

    async def _start(self, place: Place, command: RemoteStart) -> Reply:
        again = self._start_again(place, command)
        if again is not None:
            return again if await self._written(place) else Reply(Outcome.FAILED, "the disk takes no writes")
        rule = self._rules.get(place.evse.evse_id, RemoteRule("off", False))
        await self._settled(place)
        refusal = no_start(self._look(place), command, rule)
        if refusal is not None:
            return refusal
        if place.evse.closing is not None:
            return Reply(Outcome.IN_USE, f"the last session at {place.evse.evse_id} is still being written")
        grant = _grant(command, self._new_id())
        if not place.start_remote(grant):
            return Reply(Outcome.IN_USE, f"{place.evse.evse_id} is not free: {place.evse.state}")
        reply = Reply(Outcome.DONE, f"started as session {grant.card.session_id}", grant.card.session_id)
        if not await self._written(place):
            place.stop_remote(grant.card.session_id, "its start could not be written")
            reply = Reply(Outcome.FAILED, _NOT_WRITTEN)
        # Also the failure: the end of that session will be told to the hub, and it cannot begin a second time.
        self._started.put(command.hub, command.hub_session_id, reply)
        return reply

    def _start_again(self, place: Place, command: RemoteStart) -> Reply | None:
        """The answer to a start that was carried out before, also before a restart; None for a new one."""
        known = self._started.get(command.hub, command.hub_session_id)
        if known is not None:
            return known
        running = self._running(lambda session: _is_of(session, command.hub, command.hub_session_id))
        if running is not None and running is not place:
            return Reply(Outcome.IN_USE, f"this session runs at {running.evse.evse_id}")
        for session in (place.evse.session, place.evse.closing):
            if session is not None and _is_of(session, command.hub, command.hub_session_id):
                return Reply(Outcome.DONE, f"started before, as session {session.session_id}", session.session_id)
        return None

    async def _settled(self, place: Place) -> None:
        """Give the meter a while for the last word on the session before."""
        for _ in range(round(SETTLE_S / LOOK_S)):
            if place.evse.closing is None or place.evse.session is not None:
                return
            await self._pause(LOOK_S)

    async def _stop(self, place: Place, command: RemoteStop) -> Reply:
        session = place.evse.session
        if session is None or not _is_of(session, command.hub, command.hub_session_id):
            known = self._stop_again(place, command)
        elif place.stop_remote(session.session_id, STOPPED):
            known = Reply(Outcome.DONE, f"session {session.session_id} is stopped", session.session_id)
            self._stopped.put(command.hub, command.hub_session_id, known)
        else:
            known = None
        if known is None:
            return Reply(Outcome.NO_SESSION, f"no such session runs at {place.evse.evse_id}")
        # The current is off by now; but what is not on the disk may be resumed by a restart.
        return known if await self._written(place) else Reply(Outcome.FAILED, "stopped, but the disk takes no writes")

    def _stop_again(self, place: Place, command: RemoteStop) -> Reply | None:
        known = self._stopped.get(command.hub, command.hub_session_id)
        closing = place.evse.closing
        if known is not None:
            return known
        if closing is not None and closing.why == STOPPED and _is_of(closing, command.hub, command.hub_session_id):
            return Reply(Outcome.DONE, f"session {closing.session_id} was stopped before", closing.session_id)
        return None

    # -- reservations -------------------------------------------------------------------------------------------

    async def _reserve(self, place: Place, command: Reserve) -> Reply:
        refusal = no_reservation(
            self._look(place), command, self._rules.get(place.evse.evse_id, RemoteRule("off", False))
        )
        if refusal is not None:
            return refusal
        before = place.evse.reservation
        if before is None and self._reserved.get(command.hub, command.hub_session_id) is not None:
            return Reply(Outcome.NO_SESSION, "this reservation is over, its record is written")
        wanted = self._new(place, command) if before is None else self._longer(before, command)
        if not place.reserve(wanted):
            return Reply(Outcome.IN_USE, f"{place.evse.evse_id} is not free: {place.evse.state}")
        reply = Reply(Outcome.DONE, f"reserved for {command.duration}", wanted.session_id)
        self._reserved.put(command.hub, command.hub_session_id, reply)
        if await self._written(place):
            return reply
        if before is None:
            place.unreserve("it could not be written")
        return Reply(Outcome.FAILED, _NOT_WRITTEN)

    def _new(self, place: Place, command: Reserve) -> Reservation:
        return Reservation(
            session_id=self._new_id(),
            hub=command.hub,
            hub_session_id=command.hub_session_id,
            evse_id=place.evse.evse_id,
            uid=_upper(command.uid),
            contract_id=None if command.uid is not None else command.contract_id,
            product_id=command.product_id,
            provider_session_id=command.provider_session_id,
            since=self._clock.stamp(),
            duration_s=round(command.duration.total_seconds()),
        )

    def _longer(self, before: Reservation, command: Reserve) -> Reservation:
        """The duration counts from the request; the record tells the whole time."""
        gone_s = elapsed_s(before.since, self._clock.stamp()) or 0.0
        return before.model_copy(update={"duration_s": round(gone_s + command.duration.total_seconds())})

    async def _cancel(self, place: Place, command: CancelReservation) -> Reply:
        kept = place.evse.reservation
        known = self._cancelled.get(command.hub, command.hub_session_id)
        if kept is not None and is_of(kept, command.hub, command.hub_session_id):
            place.unreserve("cancelled by the provider")
            known = Reply(Outcome.DONE, "the reservation is cancelled", kept.session_id)
            self._cancelled.put(command.hub, command.hub_session_id, known)
        if known is None:
            return Reply(Outcome.NO_SESSION, f"there is no such reservation at {place.evse.evse_id}")
        return known if await self._written(place) else Reply(Outcome.FAILED, "the disk takes no writes")

    # -- the rest -----------------------------------------------------------------------------------------------

    def _look(self, place: Place) -> Look:
        return Look(place.evse, place.readable(), place.vehicle())

    def _running(self, wanted: Callable[[Session], bool]) -> Place | None:
        for place in self._places.values():
            session = place.evse.session
            if session is not None and wanted(session):
                return place
        return None

    async def _written(self, place: Place) -> bool:
        """Whether all that was handed to the store so far is on the disk, within the time that a hub may wait."""
        future = place.committed()
        future.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may wait any more
        done, _ = await asyncio.wait({future}, timeout=self._commit_s)
        return bool(done) and not future.cancelled() and future.exception() is None


def _is_of(session: Session, hub: str, hub_session_id: str) -> bool:
    return session.hub == hub and same(session.hub_session_id, hub_session_id)


def _grant(command: RemoteStart, session_id: str) -> Grant:
    """A card or a contract, never both: a message to a hub names one."""
    return Grant(
        command.hub,
        command.hub_session_id,
        Card(_upper(command.uid), session_id),
        decided_by=Decider.PROVIDER,
        contract_id=None if command.uid is not None else command.contract_id,
        product_id=command.product_id,
        provider_session_id=command.provider_session_id,
    )


def _upper(uid: str | None) -> str | None:
    return None if uid is None else uid.upper()
