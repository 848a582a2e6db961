"""What drivers' apps have a hub ask of the station, and which of their sessions and reservations are theirs. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from roampost_sim.demo.protocols import PROTOCOLS, whose
from roampost_sim.demo.story import AppAsks, AppDeed, AppEnds

# The deed in the record of truth.
EVENTS = {
    "remote_start": "app_started",
    "remote_stop": "app_stopped",
    "reserve": "app_reserved",
    "cancel_reservation": "app_cancelled",
}
_OPENED_BY = {"remote_stop": "remote_start", "cancel_reservation": "reserve"}


class Phones:
    """evse_ids: the EVSE ID of each of the station's EVSEs; hubs: those that play."""

    def __init__(self, evse_ids: Mapping[str, str], hubs: Sequence[str]) -> None:
        self._evse_ids, self._hubs = evse_ids, hubs
        self._opened: dict[tuple[str, str], tuple[str, str | None]] = {}  # to the hub, and its session where it has one

    def command(self, deed: AppDeed) -> tuple[str, dict[str, Any]] | None:
        """A hub, and what its control socket is told; None when there is nothing that could be ended."""
        command = {"do": deed.do, "evse": self._evse_ids[deed.evse]}
        if isinstance(deed, AppEnds):
            opened = self._opened.get((_OPENED_BY[deed.do], deed.evse))
            if opened is None:
                return None
            hub, session_id = opened
            return hub, command | ({} if session_id is None else {"session_id": session_id})
        hub = whose(deed.hub or self._hubs[0], self._hubs)[0]
        timed = deed.do == "reserve" and PROTOCOLS[hub].names_minutes
        return hub, command | {"contract": deed.contract} | ({"minutes": deed.minutes} if timed else {})

    def answered(self, hub: str, deed: AppDeed, answer: Mapping[str, Any]) -> None:
        """The hub's report; what the agent has said yes to can be ended later."""
        if isinstance(deed, AppAsks) and answer.get("result") is True:
            self._opened[deed.do, deed.evse] = hub, answer.get("session_id")
