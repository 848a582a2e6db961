"""What each hub should hear of a day: computed from the story and the record of truth alone, never from the agent.

Truth is the station's record, with the director's own deeds in it (agent_started, agent_killed, hub_refused,
hub_cleared, app_started, app_stopped, app_reserved, app_cancelled; the last six with their `hub`). Times are
CLOCK_MONOTONIC seconds. Pure.

One thing the truth cannot tell: which of two hubs said yes first. That hub is told of the session, and by this it is
known; a word of the session at the other one is wrong then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roampost_sim.demo.apps import DEEDS, Apps
from roampost_sim.demo.message import Expected
from roampost_sim.demo.outage import Windows, coalesced, outages
from roampost_sim.demo.place import Place, Session
from roampost_sim.demo.progress import due
from roampost_sim.demo.protocols import Hub
from roampost_sim.demo.tellings import Tellings
from roampost_sim.errors import SimError
from roampost_sim.station_file import StationPlan

Event = Mapping[str, Any]
_BY_PEOPLE = frozenset({"plugged", "unplugged", "card_held", "contact"}) | DEEDS


class JudgeError(SimError):
    """The story does what the judge has no rule for."""


def expected(
    truth: Sequence[Event],
    station: StationPlan,
    hubs: Sequence[Hub],
    latched: frozenset[str] = frozenset(),
    was_first: Callable[[str, float], str | None] = lambda _evse, _t: None,
) -> list[Expected]:
    """In the order of their causes. latched: contacts that a reset does not release. was_first: EVSE and moment of a
    yes to the hub that was told of the session. JudgeError: no rule for this."""
    walk = _Walk(truth, station, hubs, latched, was_first)
    for event in sorted(truth, key=lambda one: one["t"]):
        walk.take(event)
    if any(one.contested and one.ended and not one.started for one in walk.tellings.sessions.values()):
        raise JudgeError("the judge has no rule for a session without energy that several hubs said yes to")
    windows = walk.outages
    messages = [*coalesced(walk.tellings.messages, windows), *_in_between(walk.tellings, windows)]
    finished = [_finished(one, walk.tellings.sessions) for one in messages]
    return sorted(finished, key=lambda one: (one.t, one.message != "Progress"))


def _in_between(tellings: Tellings, windows: Mapping[str, Windows]) -> Iterator[Expected]:
    """How charges go on, known when the end of each is."""
    for charge in tellings.charges:
        for t, need in due(charge, windows[charge.hub]):
            yield tellings.made(charge, "Progress", t, "energy goes on flowing", need=need)


def _finished(one: Expected, sessions: Mapping[int, Session]) -> Expected:
    """A question knows the end of the session that it opened."""
    if one.code is None or one.session is None:
        return one
    session = sessions[one.session]
    return replace(one, lost=session.lost, over=session.ended, why=session.why)


class _Walk:
    """Goes through the truth event by event."""

    def __init__(
        self,
        truth: Sequence[Event],
        station: StationPlan,
        hubs: Sequence[Hub],
        latched: frozenset[str],
        was_first: Callable[[str, float], str | None],
    ) -> None:
        self.tellings = Tellings(truth, hubs)
        self.outages = {hub.name: outages(truth, hub.name) for hub in hubs}
        self._apps = Apps(self.tellings, hubs[0].name)
        self._station = station
        self._hubs, self._latched, self._was_first = hubs, latched, was_first
        self._places = {name: Place(name) for name in station.evses}
        self._pulled: set[str] = set()
        self._agent = False
        self._rules: dict[str, Callable[[Event], None]] = {
            "agent_started": self._agent_started,
            "agent_killed": self._agent_killed,
            "plugged": self._plugged,
            "unplugged": self._unplugged,
            "contactor_closed": self._contactor_closed,
            "contactor_opened": self._contactor_opened,
            "line_unplugged": lambda event: self._pulled.add(event["line"]),
            "line_replugged": lambda event: self._pulled.discard(event["line"]),
            "card_held": self._card_held,
            "contact": self._contact,
        }
        self._rules |= dict.fromkeys(DEEDS, lambda event: self._apps.take(self._places[event["evse"]], event))

    def take(self, event: Event) -> None:
        for place in self._places.values():
            if place.reservation is not None and place.reservation.until <= event["t"]:
                raise JudgeError("the judge has no rule for a reservation that runs out")
        rule = self._rules.get(event["event"])
        if rule is None:
            return
        if not self._agent and event["event"] in _BY_PEOPLE:
            raise JudgeError(f"the judge has no rule for '{event['event']}' while the agent does not run")
        rule(event)

    def _agent_started(self, event: Event) -> None:
        """Whoever starts cannot know what the hub still holds, so every EVSE's status is told anew; not so the EVSE
        data, which the hub has acknowledged."""
        again = bool(self.tellings.messages)
        for place in self._places.values():
            if not again:
                self.tellings.data(place, event["t"], "the agent starts")
        self._agent = True
        for place in self._places.values():
            place.told = None
            self._status(place, event["t"], "the agent starts again" if again else "the agent starts")

    def _agent_killed(self, event: Event) -> None:
        self._agent = False
        for place in self._places.values():
            if place.session is not None:
                place.session.watched_until = event["t"]

    def _plugged(self, event: Event) -> None:
        place = self._places[event["evse"]]
        place.car, place.waits_since = True, event["t"]
        self._status(place, event["t"], "car plugged in")

    def _unplugged(self, event: Event) -> None:
        place = self._places[event["evse"]]
        place.car = False
        self.tellings.end(place, event["t"], "car unplugged")
        self._status(place, event["t"], "car unplugged")

    def _contactor_closed(self, event: Event) -> None:
        session = self._places[event["evse"]].session
        if session is None or session.started:
            return
        session.flows_since = session.moments["start"] = event["t"]
        session.start_wh = event.get("register_wh")
        self.tellings.charges.append(session)
        self.tellings.of(session, "Start", event["t"], "energy flows")

    def _contactor_opened(self, event: Event) -> None:
        session = self._places[event["evse"]].session
        if session is not None and session.flowed_until is None:
            session.flowed_until = event["t"]

    def _card_held(self, event: Event) -> None:
        if event["reader"] in self._pulled:
            return
        uid, t = event["uid"], event["t"]
        for place in self._places.values():
            if place.session is not None and place.session.medium == uid:
                self.tellings.end(place, t, "the card ends the charge")
                place.waits_since = t
                return
        waiting = [place for place in self._places.values() if place.waits]
        if not waiting:
            raise JudgeError("the judge has no rule for a card while no car waits for one")
        self._ask(max(waiting, key=lambda place: place.waits_since), uid, t)

    def _ask(self, place: Place, uid: str, t: float) -> None:
        """All hubs side by side; a hub that is out of reach is asked in vain."""
        asked = [hub for hub in self._hubs if not any(begin <= t < end for begin, end in self.outages[hub.name])]
        sessions = {hub.name: self.tellings.card(place, hub, uid, t) for hub in asked}
        yes = {hub.name: sessions[hub.name] for hub in asked if uid in hub.cards}
        if not yes:
            return  # nobody has said yes, and a roaming card is not let in unasked
        first = self._was_first(place.name, t) if len(yes) > 1 else None
        place.session = yes.pop(first if first in yes else next(iter(yes)))
        place.session.contested = bool(yes)
        for session in yes.values():
            self.tellings.lose(session, t)

    def _contact(self, event: Event) -> None:
        name, plan = event["contact"], self._station.contacts[event["contact"]]
        healthy = event["closed"] is (plan.contact == "NC")
        for place in (self._places[one] for one in plan.opens):
            if not healthy:
                self._fault(place, name, event["t"])
            elif name not in self._latched:
                place.down.discard(name)
                self._status(place, event["t"], f"{name} reset by hand")

    def _fault(self, place: Place, name: str, t: float) -> None:
        place.down.add(name)
        if place.session is not None:
            self.tellings.of(place.session, "Error", t, f"{name} trips")
        self.tellings.end(place, t, f"{name} trips")
        self._status(place, t, f"{name} trips")

    def _status(self, place: Place, t: float, cause: str) -> None:
        if self._agent:
            self.tellings.status(place, t, cause)
