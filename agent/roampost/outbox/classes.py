"""What class a message is of: its lane, its place among the due ones, and whether it tells a time. Pure.

status, full_load              one in flight per hub; only the newest of each EVSE, and of the whole set, is kept
late_authorization, start, error, end, cdr   in order within their session; none is ever dropped by count or attempts
evse_data, evse_data_set       one in flight per hub; only the newest of each EVSE, none older than a set or before it
station_data                   one in flight per hub; only the newest of each station
pricing_products, evse_pricing one in flight per hub, in order; only the newest of each
progress                       never here: the newest of a session waits in memory (`progress`)
"""

from typing import assert_never

from roampost.domain.messages import (
    MESSAGE,
    ChargeRecord,
    EndMessage,
    ErrorMessage,
    EvseDataMessage,
    EvseDataSetMessage,
    EvsePricingMessage,
    FullLoadMessage,
    LateAuthorization,
    Message,
    PricingProductsMessage,
    ProgressMessage,
    StartMessage,
    StationDataMessage,
    StatusMessage,
)
from roampost.store.changes import Draft

STATUS = "status"
CDR = "cdr"
EVSE_DATA = "evse_data"
STATION_DATA = "station_data"
LATE_AUTHORIZATION = "late_authorization"
# Smaller goes first: what money waits for, money, what ends a driver's session, then the rest.
PRIORITY = {
    LATE_AUTHORIZATION: 0,
    CDR: 1,
    "end": 2,
    "error": 2,
    "start": 3,
    STATUS: 4,
    "full_load": 4,
    EVSE_DATA: 5,
    "evse_data_set": 5,
    STATION_DATA: 5,
    "pricing_products": 6,
    "evse_pricing": 6,
    "progress": 7,
}
_OF_THE_SITE = frozenset(
    {STATUS, "full_load", EVSE_DATA, "evse_data_set", STATION_DATA, "pricing_products", "evse_pricing"}
)
# The EVSE of a message that is about all of them.
ALL = "*"


def draft(hub: str, message: Message, *, remembers: tuple[tuple[str, str | None], ...] = ()) -> Draft:
    """The message as the store takes it, addressed to one hub. remembers: what is known once the hub has it."""
    session_id = None
    match message:
        case StatusMessage():
            lane, evse_id = f"status/{hub}", message.evse_id
        case FullLoadMessage():
            lane, evse_id = f"status/{hub}", ALL
        case LateAuthorization() | StartMessage() | EndMessage() | ErrorMessage() | ChargeRecord():
            session_id = message.session.session_id
            lane, evse_id = session_lane(session_id), message.session.evse_id
        case EvseDataMessage():
            lane, evse_id = f"data/{hub}", message.evse_id
        case StationDataMessage():
            # The column keeps apart what replaces what; no EVSE and no station of another name is meant.
            lane, evse_id = f"data/{hub}", message.station_id
        case EvseDataSetMessage():
            lane, evse_id = f"data/{hub}", ALL
        case PricingProductsMessage() | EvsePricingMessage():
            lane, evse_id = f"pricing/{hub}", ALL
        case ProgressMessage():
            raise ValueError("a progress notification is offered to the dispatcher, never stored")
        case _:
            assert_never(message)
    return Draft(hub, lane, message.kind, evse_id, session_id, MESSAGE.dump_json(message).decode(), remembers)


def session_lane(session_id: str) -> str:
    return f"session/{session_id}"


def in_session(kind: str) -> bool:
    return kind not in _OF_THE_SITE


def tells_time(kind: str) -> bool:
    """A status or what drivers are told carries no timestamp; the rest waits for a clock that can be believed."""
    return kind not in _OF_THE_SITE
