"""Writes down what each hub should hear, while the judge walks through the truth. Pure.

Statuses and data are for every hub; what is of a session is for the hub that authorized it, in what its protocol has
words for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from roampost_sim.demo.message import CARD, DATA, Answer, Expected
from roampost_sim.demo.place import Place, Session
from roampost_sim.demo.protocols import PROTOCOLS, Hub
from roampost_sim.demo.registers import Registers
from roampost_sim.hub.identifiers import masked

_MOMENTS = {
    "Start": ("session_start", "start"),
    "Progress": ("session_start", "start", "at"),
    "End": ("session_start", "start", "session_end"),
    "CDR": ("session_start", "start", "session_end"),
}
FIRST = "another hub was first"


class Tellings:
    """charges: the sessions in which energy flowed, in the order in which it began to; sessions by their numbers."""

    def __init__(self, truth: Sequence[Mapping[str, Any]], hubs: Sequence[Hub]) -> None:
        self.messages: list[Expected] = []
        self.charges: list[Session] = []
        self.sessions: dict[int, Session] = {}
        self._hubs = hubs
        self._registers = Registers(truth)
        self._wall_s = next((one["wall_s"] - one["t"] for one in truth if "wall_s" in one), None)

    def data(self, place: Place, t: float, cause: str) -> None:
        self.messages += [Expected(place.name, DATA, t, cause, hub.name) for hub in self._hubs]

    def status(self, place: Place, t: float, cause: str) -> None:
        """Where it is another one than was told last."""
        if place.status != place.told:
            place.told = place.status
            self.messages += [Expected(place.name, place.status, t, cause, hub.name) for hub in self._hubs]

    def card(self, place: Place, hub: Hub, uid: str, t: float) -> Session:
        """The hub is asked about a card; there is a session when its answer is yes."""
        contract = hub.cards.get(uid)
        code = "000" if contract else hub.protocol.unknown_card
        cause = "card shown" if any(uid in one.cards for one in self._hubs) else "unknown card shown"
        session = self._session(place, hub.name, uid)
        self._question(session, CARD, t, cause, code, contract is not None)
        session.told_as = contract if contract and hub.protocol.names_contract else uid
        return session

    def asked(self, place: Place, hub: str, asked: str, medium: str, t: float, answer: Answer, cause: str) -> Session:
        """What an app asks that would open a session; it is there when the answer is yes."""
        session = self._session(place, hub, medium)
        self._question(session, asked, t, cause, PROTOCOLS[hub].code(asked, answer), answer is Answer.YES)
        return session

    def answer(self, place: Place, hub: str, asked: str, t: float, answer: Answer) -> None:
        """What an app asks that can open no session."""
        code = PROTOCOLS[hub].code(asked, answer)
        self.messages.append(Expected(place.name, asked, t, "asked by app", hub, code=code, yes=answer is Answer.YES))

    def lose(self, session: Session, t: float) -> None:
        """Another hub said yes first: this one's session is closed at once."""
        session.lost = True
        self._over(session, t, FIRST)

    def end(self, place: Place, t: float, cause: str) -> None:
        """The charge at this place is over, if there is one."""
        session, place.session = place.session, None
        if session is None:
            return
        session.flowed_until = t if session.flowed_until is None else session.flowed_until
        session.end_wh = self._registers.at_rest(place.name, t) if session.started else None
        self._over(session, t, cause)
        if session.started:
            self.of(session, "CDR", t, cause)

    def unreserve(self, place: Place, t: float, cause: str) -> None:
        """The reservation at this place is over, if there is one: a record without energy closes it."""
        kept, place.reservation = place.reservation, None
        if kept is not None and PROTOCOLS[kept.session.hub].records_reservations:
            kept.session.moments["session_end"] = t
            self.of(kept.session, "CDR", t, cause, reserved=True)

    def of(self, session: Session, message: str, t: float, cause: str, **more: Any) -> None:
        if message not in PROTOCOLS[session.hub].silent:
            self.messages.append(self.made(session, message, t, cause, **more))

    def made(self, session: Session, message: str, t: float, cause: str, **more: Any) -> Expected:
        """A message of this session, with what is known of it by now."""
        medium = masked(session.told_as or session.medium)
        given = Expected(session.evse, message, t, cause, session.hub, session=session.number, medium=medium)
        known = {"start_wh": session.start_wh, "end_wh": session.end_wh, "moments": self._moments(session, message, t)}
        return replace(given, **known | more)

    def _session(self, place: Place, hub: str, medium: str) -> Session:
        session = Session(len(self.sessions) + 1, medium, place.name, hub)
        self.sessions[session.number] = session
        return session

    def _question(self, session: Session, message: str, t: float, cause: str, code: str, yes: bool) -> None:
        session.moments["session_start"] = t
        self.of(session, message, t, cause, code=code, yes=yes)

    def _over(self, session: Session, t: float, cause: str) -> None:
        session.ended = session.moments["session_end"] = t
        session.why = cause
        self.of(session, "End", t, cause)

    def _moments(self, session: Session, message: str, t: float) -> tuple[tuple[str, float], ...]:
        wall_s = self._wall_s
        if wall_s is None:
            return ()
        known = session.moments | ({"at": t} if PROTOCOLS[session.hub].dates_progress else {})
        return tuple((name, known[name] + wall_s) for name in _MOMENTS.get(message, ()) if name in known)
