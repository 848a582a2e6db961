"""Our messages to OIOI calls: values in, the JSON body out, an object whose one key names the call. Pure.

Raises UnsayableError for a message that OIOI has no words for, in one sentence. EVSE data has models of its own, which
are loaded when such a message is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from roampost.domain.messages import (
    ChargeRecord,
    EndMessage,
    EvseStatus,
    LateAuthorization,
    Message,
    ProgressMessage,
    StartMessage,
    StationDataMessage,
    StatusMessage,
)
from roampost.hubs.base import When
from roampost.hubs.exact import exact_json
from roampost.hubs.oioi.words import UnsayableError, rfid, session_post

STATUS: dict[EvseStatus, str] = {
    EvseStatus.AVAILABLE: "Available",
    EvseStatus.RESERVED: "Reserved",
    EvseStatus.OCCUPIED: "Occupied",
    EvseStatus.OUT_OF_SERVICE: "Offline",  # OIOI has no out-of-service
    EvseStatus.UNKNOWN: "Unknown",
}
Sayable = (
    StatusMessage | StartMessage | ProgressMessage | EndMessage | ChargeRecord | LateAuthorization | StationDataMessage
)


@dataclass(frozen=True, slots=True)
class Partner:
    """In whose name we speak, and whose connectors they are."""

    operator_id: str
    identifier: str


def takes(message: Message) -> bool:
    """Whether OIOI has words for it. A charge that is over is told by its record, and nothing is billed for a
    reservation."""
    match message:
        case EndMessage():
            return message.session_end is None
        case ChargeRecord():
            return not message.reservation
        case _:
            return isinstance(message, Sayable)


def body_for(message: Sayable, partner: Partner, when: When) -> bytes:
    match message:
        case StatusMessage():
            told = {"connector-id": message.evse_id, "status": STATUS[message.status]}
            return _call("connector-post-status", told, partner)
        case StationDataMessage():
            return _station(message, partner)
        case LateAuthorization():
            if message.session.uid is None:
                raise UnsayableError("OIOI can ask late only about a card, and this session was started without one.")
            return verify_body(message.session.uid)
        case StartMessage() | ProgressMessage() | EndMessage() | ChargeRecord():
            return _call("session-post", session_post(message, when), partner)


def verify_body(uid: str) -> bytes:
    return exact_json({"rfid-verify": {"rfid": rfid(uid)}})


def _station(message: StationDataMessage, partner: Partner) -> bytes:
    from roampost.hubs.oioi.stations import station

    return _call("station-post", {"station": station(message, partner.operator_id)}, partner)


def _call(name: str, told: Mapping[str, object], partner: Partner) -> bytes:
    return exact_json({name: {**told, "partner-identifier": partner.identifier}})
