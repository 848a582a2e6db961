"""What a hub and the network to it may do to one request, and which of it concerns which kind of request."""

from enum import StrEnum


class Mood(StrEnum):
    """How one request fares."""

    FINE = "fine"
    ODDLY_FINE = "oddly fine"  # success in wrong case, with nulls and fields nobody documented
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
    SYSTEM_ERROR = "code 001"
    CONTRADICTION = "true with code 001"
    NEW_CODE = "a code that nobody knows"
    WRONG_CERTIFICATE = "code 017"
    BLOCKED = "403"
    NO_DATA = "code 603"
    DATA_ERROR = "code 022"
    MALFORMED = "400 with validation errors"
    CLOSED = "code 400, and it is not so"


# Parts of requests' names.
ABOUT = ("", "Record", "Record", "NotificationEnd", "NotificationStart", "Authorize", "Status")
# The hub has it, whatever came back.
TAKEN = frozenset({Mood.FINE, Mood.ODDLY_FINE, Mood.LOST_AFTER, Mood.CUT, Mood.SLOW})
# The agent heard a clear yes.
HEARD = frozenset({Mood.FINE, Mood.ODDLY_FINE, Mood.SLOW, Mood.SLOW_BEFORE})
# No answer about the message came.
LOST = frozenset({Mood.LOST_BEFORE, Mood.LOST_AFTER, Mood.LATE})
OUTAGE = (Mood.NO_ROUTE, Mood.LOST_BEFORE)
# HTTP status and code of the answers that are no success; None: no acknowledgement.
REFUSALS: dict[Mood, tuple[int, str | None]] = {
    Mood.TOO_MANY: (429, None),
    Mood.DOWN: (503, None),
    Mood.BAD_GATEWAY: (502, None),
    Mood.PAGE: (200, None),
    Mood.SYSTEM_ERROR: (200, "001"),
    Mood.CONTRADICTION: (200, "001"),
    Mood.NEW_CODE: (200, "777"),
    Mood.WRONG_CERTIFICATE: (200, "017"),
    Mood.BLOCKED: (403, None),
    Mood.NO_DATA: (200, "603"),
    Mood.DATA_ERROR: (200, "022"),
    Mood.MALFORMED: (400, None),
    Mood.CLOSED: (200, "400"),
}
# What makes the agent park a message for a person.
PARKING = frozenset({Mood.NEW_CODE, Mood.DATA_ERROR, Mood.MALFORMED, Mood.CLOSED})


def suits(mood: Mood, kind: str) -> bool:
    """Whether a hub of flesh and blood would do that to this kind of request.

    A false "closed" about a record would be a hub that denies what it owes: no sender can guard against it.
    """
    if mood is Mood.LATE:
        return kind == "eRoamingPushEvseStatus"
    if mood is Mood.CLOSED:
        return kind.startswith("eRoamingChargingNotification")
    return True
