"""OIOI's codes for the station's word, call by call: each call has its own list of them. Pure.

A call's list comes first: a right code that is not in it may be taken for anything by who reads it. Where a list has no
word, the operator's general codes say it, 300 and 302: a more general code is taken in place of any other, and these
tell that it may be tried again. Facts: OIOI 4, "Calls a CPO receives" and "Result codes".
"""

from collections.abc import Mapping
from typing import assert_never

from roampost.hubs.remote import (
    CancelReservation,
    Command,
    Outcome,
    RemoteStart,
    RemoteStop,
    ReplaceCards,
    Reply,
    Reserve,
)

SUCCESS = 0
CHARGING = 11
PLUG_IN_NOW = 12
REQUEST_ERROR = 200
INVALID_KEY = 210
INVALID_PARTNER = 211
INVALID_FORMAT = 230
SYSTEM_ERROR = 300

TEXTS = {
    SUCCESS: "Success.",
    CHARGING: "The session has started.",
    PLUG_IN_NOW: "Authorized; the customer has to plug in now.",
    140: "Not for this user.",
    181: "EVSE not found.",
    182: "Session not found.",
    189: "Reservation not found.",
    REQUEST_ERROR: "Request error.",
    INVALID_KEY: "Invalid API key.",
    INVALID_PARTNER: "Invalid partner identifier.",
    INVALID_FORMAT: "Invalid format.",
    SYSTEM_ERROR: "System error.",
    302: "The station did not decide in time.",
    310: "EVSE error.",
    312: "The EVSE does not answer.",
    320: "EVSE in use.",
    321: "No EV connected.",
    323: "EVSE reserved already.",
    330: "No reservations here.",
}

CARDS: Mapping[Outcome, int] = dict.fromkeys(Outcome, SYSTEM_ERROR) | {
    Outcome.DONE: SUCCESS,
    Outcome.LATE: 302,
    Outcome.REFUSED: REQUEST_ERROR,
}
_AT_EVSE = dict.fromkeys(Outcome, SYSTEM_ERROR) | {
    Outcome.DONE: SUCCESS,
    Outcome.LATE: 302,
    Outcome.UNKNOWN_EVSE: 181,
}
# 323 is not in this call's list: who comes to a reserved EVSE finds it in use. A payment that is used up begins nothing
# any more, however often it is tried: 140.
START: Mapping[Outcome, int] = _AT_EVSE | {
    Outcome.DONE: CHARGING,
    Outcome.UNREACHABLE: 312,
    Outcome.NO_VEHICLE: 321,
    Outcome.RESERVED: 320,
    Outcome.IN_USE: 320,
    Outcome.OUT_OF_SERVICE: 310,
    Outcome.REFUSED: 310,
    Outcome.NO_SESSION: 140,
}
STOP: Mapping[Outcome, int] = _AT_EVSE | {Outcome.NO_SESSION: 182, Outcome.REFUSED: 140}
# Of the 3xx only two are in the list. 323: taken, however, so ask again later; 330: not to be had here as things are.
# 330 for an EVSE in use would say that it is never reserved.
RESERVE: Mapping[Outcome, int] = _AT_EVSE | {
    Outcome.RESERVED: 323,
    Outcome.IN_USE: 323,
    Outcome.UNREACHABLE: 330,
    Outcome.NO_VEHICLE: 330,
    Outcome.OUT_OF_SERVICE: 330,
    Outcome.REFUSED: 330,
}
CANCEL: Mapping[Outcome, int] = _AT_EVSE | {Outcome.NO_SESSION: 189, Outcome.REFUSED: 189}


def code_of(command: Command, reply: Reply) -> int:
    if isinstance(command, RemoteStart) and reply.outcome is Outcome.DONE and reply.waits_for_plug:
        return PLUG_IN_NOW
    return _table(command)[reply.outcome]


def _table(command: Command) -> Mapping[Outcome, int]:
    match command:
        case RemoteStart():
            return START
        case RemoteStop():
            return STOP
        case Reserve():
            return RESERVE
        case CancelReservation():
            return CANCEL
        case ReplaceCards():
            return CARDS
        case _:
            assert_never(command)
