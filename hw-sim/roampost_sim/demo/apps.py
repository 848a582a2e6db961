"""Rules for what apps ask by way of a hub: what the agent must answer, and what the hub hears of it. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from roampost_sim.demo.message import CANCEL, RESERVE, START, STOP, Answer
from roampost_sim.demo.place import Place, Reservation
from roampost_sim.demo.tellings import Tellings

Event = Mapping[str, Any]
DEEDS = frozenset({"app_started", "app_stopped", "app_reserved", "app_cancelled"})
_S_PER_MINUTE = 60


class Apps:
    """first: the hub of an app whose deed names none."""

    def __init__(self, tellings: Tellings, first: str) -> None:
        self._tellings = tellings
        self._first = first
        self._rules: dict[str, Callable[[Place, str, Event], None]] = {
            "app_started": self._start,
            "app_stopped": self._stop,
            "app_reserved": self._reserve,
            "app_cancelled": self._cancel,
        }

    def take(self, place: Place, event: Event) -> None:
        self._rules[event["event"]](place, event.get("hub", self._first), event)

    def _start(self, place: Place, hub: str, event: Event) -> None:
        t, contract = event["t"], event["contract"]
        answer, cause = place.on_start(hub, contract)
        session = self._tellings.asked(place, hub, START, contract, t, answer, cause)
        if answer is Answer.YES:
            place.session = session
            self._tellings.unreserve(place, t, "the reservation is used")

    def _stop(self, place: Place, hub: str, event: Event) -> None:
        answer = place.on_stop(hub)
        self._tellings.answer(place, hub, STOP, event["t"], answer)
        if answer is Answer.YES:
            self._tellings.end(place, event["t"], "the app ends the charge")

    def _reserve(self, place: Place, hub: str, event: Event) -> None:
        t, contract = event["t"], event["contract"]
        answer, cause = place.on_reserve()
        session = self._tellings.asked(place, hub, RESERVE, contract, t, answer, cause)
        if answer is Answer.YES:
            session.moments["start"] = t
            place.reservation = Reservation(session, t + event["minutes"] * _S_PER_MINUTE)
            self._tellings.status(place, t, "reserved by app")

    def _cancel(self, place: Place, hub: str, event: Event) -> None:
        answer = place.on_cancel(hub)
        self._tellings.answer(place, hub, CANCEL, event["t"], answer)
        if answer is Answer.YES:
            self._tellings.unreserve(place, event["t"], "the app cancels it")
            self._tellings.status(place, event["t"], "the app cancels it")
