"""The station's front for hubs: starts, stops and reservations from afar, decided here and answered when on the disk.

A hub repeats what it got no answer to. So the same request under the same session ID, or of the same driver where the
hub has none, is carried out once: two that come at once share one decision, one that comes later gets the first one's
answer. Only a refusal is decided anew.
What cannot be written in time is taken back before it is refused.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import assert_never

from roampost.access.remote_charges import Charges
from roampost.access.remote_place import Evses, Place, begun_before
from roampost.access.remote_reservations import Reservations
from roampost.access.remote_rules import RemoteRule
from roampost.access.remote_same import ForDriver, turn
from roampost.clock import Clock
from roampost.config.identifiers import canonical
from roampost.hubs.remote import (
    CancelReservation,
    Command,
    Outcome,
    RemoteStart,
    RemoteStop,
    ReplaceCards,
    Reply,
    Reserve,
)

log = logging.getLogger(__name__)
# The hub rates an operator on answers within 10 s, and closes the connection after 60 s.
TAKE_S = 9.5
COMMIT_S = 6.0


async def _no_list(_hub: str, _uids: frozenset[str]) -> Reply:
    return Reply(Outcome.REFUSED, "no list of cards is kept for this hub")


class RemoteDesk:
    """Implements `hubs.remote.Reception`. rules by EvseID; an EVSE without one is neither started nor reserved.

    ended: hub and hub's session ID in lower case of what was over before this run; it does not begin again. paid: hub
    and payment of the same, where it had no ID. replace_cards (hub, uids) keeps a hub's whole list of cards.
    """

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
        ended: frozenset[tuple[str, str]] = frozenset(),
        paid: frozenset[tuple[str, str]] = frozenset(),
        replace_cards: Callable[[str, frozenset[str]], Awaitable[Reply]] = _no_list,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        by_id = {canonical(evse_id): place for evse_id, place in places.items()}
        left, bought = begun_before(by_id.values())
        self._evses = evses = Evses(by_id, rules, clock, new_id, commit_s, ended | left, paid | bought)
        self._reservations = Reservations(evses)
        self._charges = Charges(evses, pause, self._reservations.knows)
        self._hubs_of = hubs_of
        self._replace_cards = replace_cards
        self._take_s = take_s
        self._turns: dict[tuple[str | None, ...], tuple[Command, asyncio.Task[Reply]]] = {}

    async def take(self, command: Command) -> Reply:
        """Decide and carry out. Never raises; a caller that goes away does not undo what was begun."""
        done, _ = await asyncio.wait({task := self._turn(command)}, timeout=self._take_s)
        return task.result() if done else Reply(Outcome.LATE, "the station did not decide in time")

    def late_refused(self, session_id: str, text: str) -> bool:
        """The hub does not take a session that its list had allowed: it is stopped. False where it is over already."""
        place = self._evses.running(lambda session: session.session_id == session_id)
        return place is not None and place.stop_remote(session_id, f"the hub did not take the session: {text}")

    def late_opened(self, session_id: str, hub_session_id: str) -> None:
        """The hub has given the session that its list had allowed an ID: its provider may stop it from now on."""
        for place in self._evses.places.values():
            place.opened(session_id, hub_session_id)  # nothing where it is another one's

    # -- one after the other, once ------------------------------------------------------------------------------

    def _turn(self, command: Command) -> "asyncio.Task[Reply]":
        """The running decision on the very same request, or a new one that waits for the one before it."""
        key = turn(command)
        known, before = self._turns.get(key, (None, None))
        if before is not None and command == known:
            return before
        task = asyncio.create_task(self._after(before, command))
        self._turns[key] = command, task
        task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: tuple[str | None, ...], task: "asyncio.Task[Reply]") -> None:
        if key in self._turns and self._turns[key][1] is task:
            del self._turns[key]

    async def _after(self, before: "asyncio.Task[Reply] | None", command: Command) -> Reply:
        if before is not None:
            await asyncio.wait({before})
        try:
            if isinstance(command, ReplaceCards):
                return await self._replace_cards(command.hub, command.uids)
            return await self._carry_out(command)
        except Exception:
            log.exception("%s: a request of %s met a bug", command.evse_id, command.hub)
            return Reply(Outcome.FAILED, "an error inside Roampost; see the log")

    async def _carry_out(self, command: ForDriver) -> Reply:
        place = self._evses.place(command.evse_id)
        if place is None or command.hub not in self._hubs_of(place.evse.evse_id):
            return self._unknown(command)
        match command:
            case RemoteStart():
                return await self._charges.start(place, command)
            case RemoteStop():
                return await self._charges.stop(place, command)
            case Reserve():
                return await self._reservations.reserve(place, command)
            case CancelReservation():
                return await self._reservations.cancel(place, command)
            case _:
                assert_never(command)

    def _unknown(self, command: ForDriver) -> Reply:
        if isinstance(command, RemoteStop | CancelReservation):
            return Reply(Outcome.NO_SESSION, f"there is no such session at {command.evse_id}")
        return Reply(Outcome.UNKNOWN_EVSE, f"{command.evse_id} is not of this station, or not on {command.hub}")
