"""What the hub should hear of a day: computed from the story and the record of truth alone, never from the agent.

Truth is the station's record, with the director's own deeds in it (agent_started, agent_killed, hub_refused,
hub_cleared). Times are CLOCK_MONOTONIC seconds. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from roampost_sim.demo.message import Expected
from roampost_sim.demo.outage import coalesced, outages
from roampost_sim.demo.registers import Registers
from roampost_sim.errors import SimError
from roampost_sim.hub.identifiers import masked
from roampost_sim.station_file import StationPlan

Event = Mapping[str, Any]
_BY_PEOPLE = frozenset({"plugged", "unplugged", "card_held", "contact"})


class JudgeError(SimError):
    """The story does what the judge has no rule for."""


@dataclass(slots=True)
class _Session:
    number: int
    uid: str
    start_wh: float | None = None
    started: bool = False
    moments: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Evse:
    """What is true at one EVSE. waits_since: when its car began to wait for a card."""

    name: str
    car: bool = False
    waits_since: float = 0.0
    session: _Session | None = None
    down: set[str] = field(default_factory=set)
    told: str | None = None

    @property
    def status(self) -> str:
        if self.down:
            return "OutOfService"
        return "Occupied" if self.car else "Available"


def expected(
    truth: Sequence[Event], station: StationPlan, cards: frozenset[str], latched: frozenset[str] = frozenset()
) -> list[Expected]:
    """In the order of their causes. latched: contacts that a reset does not release. JudgeError: no rule for this."""
    walk = _Walk(truth, station, cards, latched)
    for event in sorted(truth, key=lambda one: one["t"]):
        walk.take(event)
    return coalesced(walk.messages, outages(truth))


class _Walk:
    """Goes through the truth event by event."""

    def __init__(
        self, truth: Sequence[Event], station: StationPlan, cards: frozenset[str], latched: frozenset[str]
    ) -> None:
        self.messages: list[Expected] = []
        self._registers = Registers(truth)
        self._outages = outages(truth)
        self._station = station
        self._cards, self._latched = cards, latched
        self._evses = {name: _Evse(name) for name in station.evses}
        self._pulled: set[str] = set()
        self._agent = False
        self._questions = 0
        self._wall_s = next((one["wall_s"] - one["t"] for one in truth if "wall_s" in one), None)
        self._rules: dict[str, Callable[[Event], None]] = {
            "agent_started": self._agent_started,
            "agent_killed": self._agent_killed,
            "plugged": self._plugged,
            "unplugged": self._unplugged,
            "contactor_closed": self._contactor_closed,
            "line_unplugged": lambda event: self._pulled.add(event["line"]),
            "line_replugged": lambda event: self._pulled.discard(event["line"]),
            "card_held": self._card_held,
            "contact": self._contact,
        }

    def take(self, event: Event) -> None:
        rule = self._rules.get(event["event"])
        if rule is None:
            return
        if not self._agent and event["event"] in _BY_PEOPLE:
            raise JudgeError(f"the judge has no rule for '{event['event']}' while the agent does not run")
        rule(event)

    def _agent_started(self, event: Event) -> None:
        """Whoever starts cannot know what the hub still holds, so every EVSE's status is told anew."""
        self._agent = True
        cause = "the agent starts again" if self.messages else "the agent starts"
        for evse in self._evses.values():
            evse.told = None
            self._status(evse, event["t"], cause)

    def _agent_killed(self, event: Event) -> None:
        self._agent = False

    def _plugged(self, event: Event) -> None:
        evse = self._evses[event["evse"]]
        evse.car, evse.waits_since = True, event["t"]
        self._status(evse, event["t"], "car plugged in")

    def _unplugged(self, event: Event) -> None:
        evse = self._evses[event["evse"]]
        evse.car = False
        self._end(evse, event["t"], "car unplugged")
        self._status(evse, event["t"], "car unplugged")

    def _contactor_closed(self, event: Event) -> None:
        evse = self._evses[event["evse"]]
        session = evse.session
        if session is None or session.started:
            return
        session.started, session.start_wh = True, event.get("register_wh")
        session.moments["ChargingStart"] = event["t"]
        self._tell(evse, "Start", event["t"], "energy flows", session)

    def _card_held(self, event: Event) -> None:
        if event["reader"] in self._pulled:
            return
        uid, t = event["uid"], event["t"]
        for evse in self._evses.values():
            if evse.session is not None and evse.session.uid == uid:
                self._end(evse, t, "the card ends the charge")
                evse.waits_since = t
                return
        waiting = [evse for evse in self._evses.values() if evse.car and not evse.session and not evse.down]
        if not waiting:
            raise JudgeError("the judge has no rule for a card while no car waits for one")
        self._ask(max(waiting, key=lambda evse: evse.waits_since), uid, t)

    def _ask(self, evse: _Evse, uid: str, t: float) -> None:
        if any(begin <= t < end for begin, end in self._outages):
            return  # nobody can be asked, and a roaming card is not let in unasked
        self._questions += 1
        known = uid in self._cards
        session = _Session(self._questions, uid)
        session.moments["SessionStart"] = t
        if known:
            evse.session = session
        cause = "card shown" if known else "unknown card shown"
        self._tell(evse, "AuthorizeStart", t, cause, session, code="000" if known else "102")

    def _contact(self, event: Event) -> None:
        name, plan = event["contact"], self._station.contacts[event["contact"]]
        healthy = event["closed"] is (plan.contact == "NC")
        for evse in (self._evses[one] for one in plan.opens):
            if not healthy:
                self._fault(evse, name, event["t"])
            elif name not in self._latched:
                evse.down.discard(name)
                self._status(evse, event["t"], f"{name} reset by hand")

    def _fault(self, evse: _Evse, name: str, t: float) -> None:
        evse.down.add(name)
        if evse.session is not None:
            self._tell(evse, "Error", t, f"{name} trips", evse.session)
        self._end(evse, t, f"{name} trips")
        self._status(evse, t, f"{name} trips")

    def _end(self, evse: _Evse, t: float, cause: str) -> None:
        session, evse.session = evse.session, None
        if session is None:
            return
        session.moments["SessionEnd"] = t
        end_wh = self._registers.at_rest(evse.name, t) if session.started else None
        self._tell(evse, "End", t, cause, session, end_wh=end_wh)
        if session.started:
            self._tell(evse, "CDR", t, cause, session, end_wh=end_wh)

    def _status(self, evse: _Evse, t: float, cause: str) -> None:
        if self._agent and evse.status != evse.told:
            evse.told = evse.status
            self.messages.append(Expected(evse.name, evse.status, t, cause))

    def _tell(self, evse: _Evse, message: str, t: float, cause: str, session: _Session, **more: Any) -> None:
        uid = masked(session.uid)
        given = Expected(evse.name, message, t, cause, session=session.number, uid=uid, start_wh=session.start_wh)
        moments = self._moments(session) if message in ("Start", "End", "CDR") else ()
        self.messages.append(replace(given, moments=moments, **more))

    def _moments(self, session: _Session) -> tuple[tuple[str, float], ...]:
        if self._wall_s is None:
            return ()
        return tuple((name, t + self._wall_s) for name, t in session.moments.items())
