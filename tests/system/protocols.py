"""What the tests know of the hubs' protocols, in one table: what one has no words for, and how it spells the rest.

A session is told in the words of the record (`roampost_sim.hub.means`), with two more: "over" is an end at which the
vehicle leaves, "kept" the record of a reservation. Codes are written from the protocols, not from the agent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Protocol:
    """names: how a fault is limited to one call. words: what a control command takes of what may be said.

    pinned: the keys of [hubs.<name>.inbound]. lives: all that a hub may have heard of a session that is over. repeats:
    what tells a start from afar that comes again. stop_question: how it is asked whether a card may stop another one's
    session. told_again: the row and the code of a record that comes again because its answer was lost. data: what
    holds the EVSEs, and shown reads their names from. list_keys: of a hub whose list of cards is pulled. maps_cards: a
    card has a contract, by which another card of its driver is known. has_penalties: the end of energy tells from when
    on staying costs. lacks: the words of a session that are never told.
    """

    kind: str
    path: str
    names: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, Mapping[str, str]]
    pinned: Callable[[Entry], Entry]
    shown: Callable[[Entry], dict[str, str]]
    lives: tuple[str, ...]
    repeats: str
    stop_question: str
    told_again: tuple[str, str]
    data: str
    maps_cards: bool = False
    has_penalties: bool = False
    lacks: frozenset[str] = frozenset()
    list_keys: Mapping[str, object] = field(default_factory=dict)


def _oicp_names(answer: Entry) -> dict[str, str]:
    return {one["EvseID"]: one["ChargingStationNames"][0]["value"] for one in answer["evse_data"]}


def _oioi_names(answer: Entry) -> dict[str, str]:
    return {each["id"]: station["name"] for station in answer["stations"] for each in station["connectors"]}


_OICP_CODES = {
    "done": "000",
    "waits": "000",
    "unreachable": "501",
    "no_vehicle": "510",
    "reserved": "601",
    "in_use": "602",
    "unknown_evse": "603",
    "out_of_service": "700",
    # Its session ID says that it is the same question again.
    "over": "000",
}
OICP = Protocol(
    kind="oicp",
    path="/api/oicp",
    names={
        "status": "PushEvseStatus",
        "authorize": "AuthorizeStart",
        "start": "ChargingNotifications",
        "cdr": "ChargeDetailRecord",
    },
    words={
        "remote_start": ("evse", "contract", "session_id"),
        "remote_stop": ("session_id",),
        "reserve": ("evse", "contract", "session_id", "minutes"),
        "cancel_reservation": ("session_id",),
    },
    codes=dict.fromkeys(("remote_start", "remote_stop", "reserve", "cancel_reservation"), _OICP_CODES),
    pinned=lambda facts: {"client_ca_file": facts["ca_file"], "fingerprints": [facts["hub_sha256"]]},
    shown=_oicp_names,
    lives=("start( progress)* (over|end) cdr", "over cdr", "over", "kept"),
    repeats="session_id",
    stop_question="authorize_stop",
    told_again=("unconfirmed", "400"),
    data="evse_data",
    list_keys={"cards_every_h": 1},
    has_penalties=True,
)
_OIOI_START = {
    "done": "011",
    "waits": "012",
    "unreachable": "312",
    "no_vehicle": "321",
    "reserved": "320",
    "in_use": "320",
    "unknown_evse": "181",
    "out_of_service": "310",
    # Its payment has been used.
    "over": "140",
}
_OIOI_RESERVE = {
    "done": "000",
    "unreachable": "330",
    "reserved": "323",
    "in_use": "323",
    "unknown_evse": "181",
    "out_of_service": "330",
}
OIOI = Protocol(
    kind="oioi",
    path="/api/v4/request",
    names={
        "status": "connector-post-status",
        "authorize": "rfid-verify",
        "start": "session-post",
        "cdr": "session-post",
    },
    words={
        "remote_start": ("evse", "contract", "payment"),
        "remote_stop": ("session_id",),
        "reserve": ("evse", "contract"),
        "cancel_reservation": ("evse", "contract"),
        "cards_posted": ("uids",),
    },
    codes={
        "remote_start": _OIOI_START,
        "reserve": _OIOI_RESERVE,
        "remote_stop": {"done": "000"},
        "cancel_reservation": {"done": "000"},
        "cards_posted": {"done": "000"},
    },
    pinned=lambda facts: {"api_key_file": facts["api_key_file"]},
    shown=_oioi_names,
    lives=("start( progress)*( end)? cdr", "cdr", ""),
    repeats="payment",
    stop_question="authorize",
    told_again=("delivered", "000"),
    data="stations",
    maps_cards=True,
    lacks=frozenset({"over", "error", "kept"}),
)
PROTOCOLS = {one.kind: one for one in (OICP, OIOI)}
