"""What a hub and the network to it may do to one request, in no protocol's words."""

from enum import StrEnum


class Mood(StrEnum):
    """How one request fares."""

    FINE = "fine"
    ODDLY_FINE = "oddly fine"  # success in strange case, with nulls and fields nobody documented
    NO_ROUTE = "no route"
    LOST_BEFORE = "lost before the hub took it"
    LOST_AFTER = "lost after the hub took it"
    CUT = "taken, and the answer was cut short"
    LATE = "lost, and taken later"
    SLOW = "taken, and answered when released"
    SLOW_BEFORE = "taken when released"
    TOO_MANY = "429"
    DOWN = "503"
    PAGE = "a page instead of an answer"
    BAD_GATEWAY = "502 with a page"
    SYSTEM_ERROR = "trouble at the hub"
    CONTRADICTION = "success with the code of trouble"
    NEW_CODE = "a code that nobody knows"
    WRONG_CREDENTIALS = "wrong certificate or key"
    BLOCKED = "403"
    NO_DATA = "no data of this EVSE"
    DATA_ERROR = "the data is wrong"
    MALFORMED = "400"
    CLOSED = "no such session, and it is not so"


class Topic(StrEnum):
    """What the next trouble is about."""

    ANY = "any"
    RECORD = "record"
    END = "end"
    START = "start"
    CARD = "card"
    STATUS = "status"


TOPICS = (Topic.ANY, Topic.RECORD, Topic.RECORD, Topic.END, Topic.START, Topic.CARD, Topic.STATUS)
# The hub has it, whatever came back.
TAKEN = frozenset({Mood.FINE, Mood.ODDLY_FINE, Mood.LOST_AFTER, Mood.CUT, Mood.SLOW})
# The agent heard a clear yes.
HEARD = frozenset({Mood.FINE, Mood.ODDLY_FINE, Mood.SLOW, Mood.SLOW_BEFORE})
# No answer about the message came.
LOST = frozenset({Mood.LOST_BEFORE, Mood.LOST_AFTER, Mood.LATE})
OUTAGE = (Mood.NO_ROUTE, Mood.LOST_BEFORE)
PROXY_PAGE = b"<html><body>nothing to see</body></html>"
# Answers that do not come from the hub itself: HTTP status and headers.
PAGES: dict[Mood, tuple[int, dict[str, str]]] = {
    Mood.TOO_MANY: (429, {"Retry-After": "20"}),
    Mood.DOWN: (503, {}),
    Mood.BAD_GATEWAY: (502, {}),
    Mood.PAGE: (200, {}),
    Mood.BLOCKED: (403, {}),
}
