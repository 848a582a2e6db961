"""Writes down what the hub should hear, while the judge walks through the truth. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from roampost_sim.demo.message import DATA, Expected
from roampost_sim.demo.place import Place, Session
from roampost_sim.demo.registers import Registers
from roampost_sim.hub.identifiers import masked

_MOMENTS = {
    "Start": ("SessionStart", "ChargingStart"),
    "Progress": ("SessionStart", "ChargingStart", "EventOccurred"),
    "End": ("SessionStart", "ChargingStart", "SessionEnd"),
    "CDR": ("SessionStart", "ChargingStart", "SessionEnd"),
}


class Tellings:
    """charges: the sessions in which energy flowed, in the order in which it began to."""

    def __init__(self, truth: Sequence[Mapping[str, Any]]) -> None:
        self.messages: list[Expected] = []
        self.charges: list[Session] = []
        self._registers = Registers(truth)
        self._sessions = 0
        self._wall_s = next((one["wall_s"] - one["t"] for one in truth if "wall_s" in one), None)

    def data(self, place: Place, t: float, cause: str) -> None:
        self.messages.append(Expected(place.name, DATA, t, cause))

    def status(self, place: Place, t: float, cause: str) -> None:
        """Where it is another one than was told last."""
        if place.status != place.told:
            place.told = place.status
            self.messages.append(Expected(place.name, place.status, t, cause))

    def question(self, place: Place, message: str, medium: str, t: float, cause: str, code: str) -> Session:
        """A question that would open a session, and its answer; the session is there when the answer is yes."""
        self._sessions += 1
        session = Session(self._sessions, medium, place.name)
        session.moments["SessionStart"] = t
        self.of(session, message, t, cause, code=code)
        return session

    def answer(self, place: Place, message: str, t: float, cause: str, code: str) -> None:
        """The answer to a question that can open no session."""
        self.messages.append(Expected(place.name, message, t, cause, code=code))

    def end(self, place: Place, t: float, cause: str) -> None:
        """The charge at this place is over, if there is one."""
        session, place.session = place.session, None
        if session is None:
            return
        session.ended = session.moments["SessionEnd"] = t
        session.flowed_until = t if session.flowed_until is None else session.flowed_until
        session.end_wh = self._registers.at_rest(place.name, t) if session.started else None
        self.of(session, "End", t, cause)
        if session.started:
            self.of(session, "CDR", t, cause)

    def unreserve(self, place: Place, t: float, cause: str) -> None:
        """The reservation at this place is over, if there is one: a record without energy closes it."""
        kept, place.reservation = place.reservation, None
        if kept is not None:
            kept.session.moments["SessionEnd"] = t
            self.of(kept.session, "CDR", t, cause, reserved=True)

    def of(self, session: Session, message: str, t: float, cause: str, **more: Any) -> None:
        self.messages.append(self.made(session, message, t, cause, **more))

    def made(self, session: Session, message: str, t: float, cause: str, **more: Any) -> Expected:
        """A message of this session, with what is known of it by now."""
        given = Expected(session.evse, message, t, cause, session=session.number, medium=masked(session.medium))
        known = {"start_wh": session.start_wh, "end_wh": session.end_wh, "moments": self._moments(session, message, t)}
        return replace(given, **known | more)

    def _moments(self, session: Session, message: str, t: float) -> tuple[tuple[str, float], ...]:
        wall_s = self._wall_s
        if wall_s is None:
            return ()
        known = session.moments | {"EventOccurred": t}
        return tuple((name, known[name] + wall_s) for name in _MOMENTS.get(message, ()) if name in known)
