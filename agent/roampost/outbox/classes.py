"""What class a message is of: its lane, its place among the due ones, and whether it tells a time. Pure.

status   one in flight per hub; only the newest of each EVSE is kept
start, error, end, cdr   in order within their session; none is ever dropped by count or attempts
"""

from typing import assert_never

from roampost.domain.messages import (
    MESSAGE,
    ChargeRecord,
    EndMessage,
    ErrorMessage,
    Message,
    StartMessage,
    StatusMessage,
)
from roampost.store.changes import Draft

STATUS = "status"
CDR = "cdr"
# Smaller goes first: money, then what ends a driver's session, then the rest.
PRIORITY = {CDR: 0, "end": 1, "error": 1, "start": 2, STATUS: 3}


def draft(hub: str, message: Message) -> Draft:
    """The message as the store takes it, addressed to one hub."""
    match message:
        case StatusMessage():
            lane, evse_id, session_id = f"status/{hub}", message.evse_id, None
        case StartMessage() | EndMessage() | ErrorMessage() | ChargeRecord():
            session_id = message.session.session_id
            lane, evse_id = f"session/{session_id}", message.session.evse_id
        case _:
            assert_never(message)
    return Draft(hub, lane, message.kind, evse_id, session_id, MESSAGE.dump_json(message).decode())


def tells_time(kind: str) -> bool:
    """A status carries no timestamp; everything else waits for a clock that can be believed."""
    return kind != STATUS
