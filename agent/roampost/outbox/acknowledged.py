"""Which status of each EVSE the hub has said yes to, in this run. Pure.

A status whose answer was lost is unknown until the next yes. A full load whose answer was lost may still land over
what comes after it: for as long nothing is believed.
"""

from collections.abc import Mapping
from types import MappingProxyType

from roampost.domain.messages import EvseStatus, FullLoadMessage, Message, StatusMessage
from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.store.changes import ECHO_MS


class Acknowledged:
    def __init__(self) -> None:
        self._said: dict[str, EvseStatus] = {}
        self._doubted_until_ms: int | None = None

    @property
    def statuses(self) -> Mapping[str, EvseStatus]:
        """Absent: unknown."""
        return MappingProxyType(self._said)

    def answered(self, message: Message, answer: Answer, *, now_ms: int) -> None:
        statuses = _statuses(message)
        if answer.verdict is Verdict.DELIVERED and not self.doubted(now_ms):
            if isinstance(message, FullLoadMessage):
                self._said.clear()
            self._said.update({one.evse_id: one.status for one in statuses})
        elif answer.verdict is Verdict.DELIVERED or answer.arrival is Arrival.MAYBE:
            for one in statuses:
                self._said.pop(one.evse_id, None)
            if isinstance(message, FullLoadMessage) and answer.arrival is Arrival.MAYBE:
                self.doubt(now_ms)

    def doubt(self, now_ms: int) -> None:
        """A full load is on its way, nobody knows where."""
        self._said.clear()
        self._doubted_until_ms = now_ms + ECHO_MS

    def doubted(self, now_ms: int) -> bool:
        return self._doubted_until_ms is not None and now_ms < self._doubted_until_ms


def _statuses(message: Message) -> tuple[StatusMessage, ...]:
    match message:
        case StatusMessage():
            return (message,)
        case FullLoadMessage():
            return message.statuses
        case _:
            return ()
