"""From a row to what is sent: the stored message, with what is only known now. Pure."""

from collections.abc import Callable

from pydantic import ValidationError

from roampost.domain.messages import MESSAGE, ChargeRecord, EndMessage, ErrorMessage, Message, StartMessage
from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.store.changes import Sendable

# The message as it is to be said now; None: it cannot be said now; an Answer: it must not be said any more.
Refresh = Callable[[Message], Message | Answer | None]

UNREADABLE = Answer(Verdict.REJECT, Arrival.NO, "this version of Roampost cannot read the message it stored")
NEVER_OPENED = Answer(
    Verdict.REJECT,
    Arrival.NO,
    "the hub has given no ID for this session: it began offline, and no late authorization of it was delivered",
)


def words(sendable: Sendable, refresh: Refresh) -> Message | Answer | None:
    """An Answer where no hub needs to be asked what becomes of the row."""
    try:
        message = MESSAGE.validate_json(sendable.body)
    except ValidationError:
        return UNREADABLE
    if isinstance(message, StartMessage | EndMessage | ErrorMessage | ChargeRecord):
        if message.session.hub_session_id is None and sendable.hub_session_id is None:
            return NEVER_OPENED
        if message.session.hub_session_id is None:
            session = message.session.model_copy(update={"hub_session_id": sendable.hub_session_id})
            message = message.model_copy(update={"session": session})
    return refresh(message)
