"""What drivers' apps have the hub ask of the station, and which of their sessions and reservations are theirs. Pure."""

from collections.abc import Mapping
from typing import Any

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
    """evse_ids: the EvseID of each of the station's EVSEs."""

    def __init__(self, evse_ids: Mapping[str, str]) -> None:
        self._evse_ids = evse_ids
        self._sessions: dict[tuple[str, str], str] = {}

    def command(self, deed: AppDeed) -> dict[str, Any] | None:
        """For the hub's control socket; None when there is nothing that could be ended."""
        command = {"do": deed.do, "evse": self._evse_ids[deed.evse]}
        if isinstance(deed, AppEnds):
            session_id = self._sessions.get((_OPENED_BY[deed.do], deed.evse))
            return None if session_id is None else command | {"session_id": session_id}
        minutes = {"minutes": deed.minutes} if deed.do == "reserve" else {}
        return command | {"contract": deed.contract} | minutes

    def answered(self, deed: AppDeed, answer: Mapping[str, Any]) -> None:
        """The hub's report; what the agent has said yes to can be ended later."""
        if isinstance(deed, AppAsks) and answer.get("code") == "000":
            self._sessions[deed.do, deed.evse] = answer["session_id"]
