"""An EVSE as a request from afar sees it: what it may be asked and told, and whether that is on the disk."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from roampost.access.remote_rules import Look, RemoteRule
from roampost.access.remote_same import pays_for
from roampost.clock import Clock
from roampost.config.identifiers import canonical
from roampost.evse.at_hub import AtHub
from roampost.evse.event import Grant
from roampost.evse.evse import Evse
from roampost.evse.reservation import Reservation
from roampost.evse.session import Session
from roampost.hubs.remote import RemoteStart, Reserve

NOT_WRITTEN = "the disk takes no writes, so it was taken back"
OVER = "this session is over, its record is written"
# Why a session ended that was taken back.
UNWRITTEN = "its start could not be written"


class Place(Protocol):
    """What is needed of an EVSE's loop (`loop/evse_loop.py`)."""

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


@dataclass(frozen=True, slots=True)
class Evses:
    """All EVSEs of the station. places by canonical EvseID, rules by EvseID; new_id makes our own session IDs.

    ended: hub and hub's ID in lower case of sessions that are not of this run. paid: hub and payment of those that
    began without an ID.
    """

    places: Mapping[str, Place]
    rules: Mapping[str, RemoteRule]
    clock: Clock
    new_id: Callable[[], str]
    commit_s: float
    ended: frozenset[tuple[str, str]] = frozenset()
    paid: frozenset[tuple[str, str]] = frozenset()

    def was_over(self, command: RemoteStart | Reserve) -> bool:
        """Whether the hub's session, which is not found any more, is of an earlier run: its record is written, and it
        takes no second one."""
        if command.hub_session_id is not None:
            return (command.hub, command.hub_session_id.lower()) in self.ended
        return command.provider_session_id is not None and (command.hub, command.provider_session_id) in self.paid

    def place(self, evse_id: str) -> Place | None:
        """The EVSE by its ID in any spelling."""
        return self.places.get(canonical(evse_id))

    def rule(self, place: Place) -> RemoteRule:
        """An EVSE without a rule is neither started nor reserved."""
        return self.rules.get(place.evse.evse_id, RemoteRule("off", False))

    def elsewhere(self, place: Place, command: RemoteStart | Reserve) -> str | None:
        """Another EVSE that charges or is kept under this session, of which the hub takes one record."""
        for other in self.places.values():
            those = other.evse.session, other.evse.reservation
            if other is not place and any(one is not None and pays_for(command, one) for one in those):
                return other.evse.evse_id
        return None

    def running(self, wanted: Callable[[Session], bool]) -> Place | None:
        """Where this session runs."""
        for place in self.places.values():
            session = place.evse.session
            if session is not None and wanted(session):
                return place
        return None

    async def written(self, place: Place) -> bool:
        """Whether all that was handed to the store so far is on the disk, within the time that a hub may wait."""
        future = place.committed()
        future.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may wait any more
        done, _ = await asyncio.wait({future}, timeout=self.commit_s)
        return bool(done) and not future.cancelled() and future.exception() is None


def begun_before(places: Iterable[Place]) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """What an earlier run has left at the EVSEs, as `Evses.ended` and `Evses.paid`: it will be over in this run, of
    which nobody tells the desk. While it goes on, it is found at its EVSE first."""
    left = [one.evse for one in places]
    sessions = [one for evse in left for one in (evse.session, evse.closing) if one is not None]
    kept: list[AtHub] = [evse.reservation for evse in left if evse.reservation is not None]
    ended = {(one.hub, one.hub_session_id.lower()) for one in (*sessions, *kept) if one.hub and one.hub_session_id}
    bought = [one for one in sessions if one.why != UNWRITTEN]
    paid = {(one.hub, one.provider_session_id) for one in bought if one.hub and one.provider_session_id}
    return frozenset(ended), frozenset(paid)


def look(place: Place) -> Look:
    return Look(place.evse, place.readable(), place.vehicle())
