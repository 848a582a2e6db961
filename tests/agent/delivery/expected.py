"""What the protocols' documents say of each code, row by row, and what becomes of a queued message by it.

OICP 2.3 (CPO), "Status codes", and OIOI 4, "Class for a queued message". Codes that are in neither row are refusals:
the message is parked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from roampost.store.changes import RowState

QUEUED, HELD, PARKED = RowState.QUEUED, RowState.HELD, RowState.PARKED
DELIVERED, REFUSED = RowState.DELIVERED, RowState.REFUSED


@dataclass(frozen=True, slots=True)
class Fate:
    """A row after its answer, and whether the station's data is told because of it."""

    state: RowState
    wants_data: bool = False


def _these(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OICP_RETRY = _these("001 002 009 021 310 320 500")
_OICP_HOLD = _these("017 210 300 401 603")
_OICP_ANSWER = _these("101 102 103 105 106 110 120 121 122 200")
# Only operators say these. What is money waits for a person in its lane.
_OICP_OURS = _these("501 510 601 602 700")
_OF_AN_EVSE = _these("status full_load late_authorization start progress end error cdr")
_MONEY = frozenset({"cdr", "late_authorization"})

_OIOI_YES = _these("000 011 012")
_OIOI_RETRY = _these("100 101 102 300 302 310 312 400 402 800 802")
_OIOI_HOLD = _these("210 211 220")
_OIOI_ANSWER = _these("140 141 142 143 144 145 190 191 192 193 194 195")


def _oicp(kind: str, code: str) -> Fate:
    if code == "000" or code in _OICP_RETRY:  # a success without Result is a contradiction
        return Fate(QUEUED)
    if code in _OICP_HOLD:
        return Fate(HELD, wants_data=code == "603" and kind in _OF_AN_EVSE)
    if code in _OICP_ANSWER and kind == "late_authorization":
        return Fate(REFUSED)
    if code in _OICP_OURS and kind in _MONEY:
        return Fate(HELD)
    return Fate(PARKED)


def _oioi(kind: str, code: str) -> Fate:
    if code in _OIOI_YES:
        return Fate(DELIVERED)
    if code in _OIOI_RETRY:
        return Fate(QUEUED)
    if code in _OIOI_HOLD:
        return Fate(HELD)
    if code in _OIOI_ANSWER and kind == "late_authorization":
        return Fate(REFUSED)
    if kind == "status" and code in ("181", "180"):  # 180 is the general code of 181
        return Fate(HELD, wants_data=True)
    if kind == "cdr" and code == "181":  # money: the station is posted, and nobody has to send it again by hand
        return Fate(HELD, wants_data=True)
    return Fate(PARKED, wants_data=code == "181" and kind not in ("station_data", "late_authorization"))


LISTED: Mapping[str, frozenset[str]] = {
    "oicp": _OICP_RETRY | _OICP_HOLD | _OICP_ANSWER | _OICP_OURS | _these("000 018 019 022 400 404 604"),
    "oioi": _OIOI_YES | _OIOI_RETRY | _OIOI_HOLD | _OIOI_ANSWER | _these("180 181"),
}
FATE: Mapping[str, Callable[[str, str], Fate]] = {"oicp": _oicp, "oioi": _oioi}
# One code of each class, and those that have a rule of their own.
CLASSES: Mapping[str, tuple[str, ...]] = {
    "oicp": ("001", "017", "022", "102", "400", "501", "603"),
    "oioi": ("000", "100", "211", "230", "191", "180", "181"),
}
