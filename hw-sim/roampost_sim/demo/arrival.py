"""What arrived at the hub, taken from its record: accepted messages in the words of the judge. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roampost_sim.demo.message import CALLS, CANCEL, DATA, RESERVE, START, STOP
from roampost_sim.hub.identifiers import bare

Entry = Mapping[str, Any]
_WORDS = {
    "AuthorizeStart": "AuthorizeStart",
    "AuthorizeStop": "AuthorizeStop",
    "ChargeDetailRecord": "CDR",
    "AuthorizeRemoteStart": START,
    "AuthorizeRemoteStop": STOP,
    "AuthorizeRemoteReservationStart": RESERVE,
    "AuthorizeRemoteReservationStop": CANCEL,
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """evse is the station's name of it, or the EvseID where the station has none such. t as in the truth; that of a
    call is when its answer came."""

    t: float
    evse: str
    message: str
    entry: Entry

    @property
    def session_id(self) -> str | None:
        """The hub's SessionID, in lower case."""
        found = self.entry.get("SessionID")
        return None if found is None else str(found).lower()

    @property
    def medium(self) -> str | None:
        """The card or the contract, masked."""
        found = self.entry.get("UID") or self.entry.get("EvcoID")
        return None if found is None else str(found)

    @property
    def is_call(self) -> bool:
        return self.message in CALLS

    @property
    def answered(self) -> bool:
        """Whether the hub's answer went out; an agent without answer is right to repeat."""
        return bool(self.entry.get("delivered"))


def arrivals(entries: Sequence[Entry], evse_ids: Mapping[str, str]) -> list[Arrival]:
    """In the order of arrival. evse_ids: the EvseID of each of the station's EVSEs."""
    names = {bare(evse_id): name for name, evse_id in evse_ids.items()}
    found = [one for entry in entries if _accepted(entry) for one in _arrived(entry, names)]
    return sorted(found, key=lambda one: one.t)


def _accepted(entry: Entry) -> bool:
    """A refused card is an answer, and so is every answer to a call; a refused message is none that arrived."""
    asked = str(entry.get("operation")).startswith("Authorize")
    return entry.get("event") == "call" or (bool(entry.get("processed")) and (asked or entry.get("code") == "000"))


def _arrived(entry: Entry, names: Mapping[str, str]) -> Iterator[Arrival]:
    for evse_id, message in _told(entry):
        t = entry["t"] + entry.get("seconds", 0.0)
        yield Arrival(t, names.get(bare(evse_id), evse_id), message, entry)


def _told(entry: Entry) -> Iterator[tuple[str, str]]:
    """EvseID and message. A push tells of several EVSEs."""
    if entry["operation"] == "PushEvseStatus":
        records = entry.get("EvseStatusRecord", [])
        yield from ((str(record.get("EvseID")), str(record.get("EvseStatus"))) for record in records)
    elif entry["operation"] == "PushEvseData":
        yield from ((str(evse_id), DATA) for evse_id in entry.get("EvseIDs", []))
    else:
        yield str(entry.get("EvseID")), _WORDS.get(entry["operation"]) or str(entry.get("Type"))
