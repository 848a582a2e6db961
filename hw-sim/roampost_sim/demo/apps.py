"""Rules for what apps ask by way of the hub: what the agent must answer, and what the hub hears of it. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from roampost_sim.demo.message import CANCEL, RESERVE, START, STOP
from roampost_sim.demo.place import Place, Reservation
from roampost_sim.demo.tellings import Tellings

Event = Mapping[str, Any]
DEEDS = frozenset({"app_started", "app_stopped", "app_reserved", "app_cancelled"})
_S_PER_MINUTE = 60


class Apps:
    def __init__(self, tellings: Tellings) -> None:
        self._tellings = tellings
        self._rules: dict[str, Callable[[Place, Event], None]] = {
            "app_started": self._start,
            "app_stopped": self._stop,
            "app_reserved": self._reserve,
            "app_cancelled": self._cancel,
        }

    def take(self, place: Place, event: Event) -> None:
        self._rules[event["event"]](place, event)

    def _start(self, place: Place, event: Event) -> None:
        t, contract = event["t"], event["contract"]
        code, cause = place.on_start(contract)
        session = self._tellings.question(place, START, contract, t, cause, code)
        if code == "000":
            place.session = session
            self._tellings.unreserve(place, t, "the reservation is used")

    def _stop(self, place: Place, event: Event) -> None:
        session, cause = place.session, "the app ends the charge"
        self._tellings.answer(place, STOP, event["t"], "asked by app", "000" if session else "400")
        self._tellings.end(place, event["t"], cause)

    def _reserve(self, place: Place, event: Event) -> None:
        t, contract = event["t"], event["contract"]
        code, cause = place.on_reserve()
        session = self._tellings.question(place, RESERVE, contract, t, cause, code)
        if code == "000":
            session.moments["ChargingStart"] = t
            place.reservation = Reservation(session, t + event["minutes"] * _S_PER_MINUTE)
            self._tellings.status(place, t, "reserved by app")

    def _cancel(self, place: Place, event: Event) -> None:
        code = "000" if place.reservation else "400"
        self._tellings.answer(place, CANCEL, event["t"], "asked by app", code)
        self._tellings.unreserve(place, event["t"], "the app cancels it")
        self._tellings.status(place, event["t"], "the app cancels it")
