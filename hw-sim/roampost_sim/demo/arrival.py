"""What arrived at a hub, taken from its record: accepted messages in the words of the judge. Pure.

Only `means` of an entry is read, which is the same for every protocol (hub/means.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roampost_sim.demo.message import CALLS, CANCEL, CARD, DATA, RESERVE, START, STOP
from roampost_sim.hub.identifiers import bare

Entry = Mapping[str, Any]
_WORDS = {
    "authorize": CARD,
    "authorize_stop": "authorization to stop",
    "start": "Start",
    "progress": "Progress",
    "end": "End",
    "error": "Error",
    "cdr": "CDR",
    "remote_start": START,
    "remote_stop": STOP,
    "reserve": RESERVE,
    "cancel_reservation": CANCEL,
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """evse is the station's name of it, the EVSE's ID where the station has none such, or empty where none is told. t
    as in the truth; that of a call is when its answer came."""

    t: float
    evse: str
    message: str
    entry: Entry
    hub: str

    def told(self, name: str) -> Any:
        """A fact of its meaning; None where it is not told."""
        return self.entry["means"].get(name)

    @property
    def what(self) -> str:
        return str(self.told("what"))

    @property
    def session_id(self) -> str | None:
        """The session as the hub knows it, in lower case."""
        found = self.told("hub_session")
        return None if found is None else str(found).lower()

    @property
    def medium(self) -> str | None:
        """The card or the contract, masked."""
        found = self.told("user")
        return None if found is None else str(found)

    @property
    def is_call(self) -> bool:
        return self.message in CALLS

    @property
    def is_question(self) -> bool:
        return self.is_call or self.what.startswith("authorize")

    @property
    def yes(self) -> bool:
        """Whether a question was granted, by the hub or by the agent."""
        return self.entry.get("result") is True if self.is_call else self.entry.get("code") == "000"

    @property
    def answered(self) -> bool:
        """Whether the hub's answer went out; an agent without answer is right to repeat."""
        return bool(self.entry.get("delivered"))


def arrivals(entries: Sequence[Entry], evse_ids: Mapping[str, str], hub: str) -> list[Arrival]:
    """In the order of arrival. evse_ids: the EVSE ID of each of the station's EVSEs."""
    names = {bare(evse_id): name for name, evse_id in evse_ids.items()}
    found = [one for entry in entries if _accepted(entry) for one in _arrived(entry, names, hub)]
    return sorted(found, key=lambda one: one.t)


def _accepted(entry: Entry) -> bool:
    """A refused card is an answer, and so is every answer to a call; a refused message is none that arrived."""
    if not entry.get("means"):
        return False
    asked = str(entry["means"]["what"]).startswith("authorize")
    return entry.get("event") == "call" or (bool(entry.get("processed")) and (asked or entry.get("code") == "000"))


def _arrived(entry: Entry, names: Mapping[str, str], hub: str) -> Iterator[Arrival]:
    for evse_id, message in words(entry["means"]):
        t = entry["t"] + entry.get("seconds", 0.0)
        yield Arrival(t, names.get(bare(evse_id), evse_id), message, entry, hub)


def words(means: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """EVSE ID and message. A push tells of several EVSEs."""
    what = means["what"]
    if what == "status":
        for record in means.get("statuses", [means]):
            yield str(record.get("evse_id", "")), str(record.get("status"))
    elif what == "evse_data":
        told = f"{DATA} deleted" if means.get("deleted") else DATA
        yield from ((str(evse_id), told) for evse_id in means.get("evse_ids", []))
    else:
        yield str(means.get("evse_id", "")), _WORDS.get(what, what)
