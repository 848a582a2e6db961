"""What is told of a session, in OIOI's words: session-post, for a running one and as its record. Pure.

Running, it leaves out what is not known yet; the record has it all. The session's ID is our own in both.
"""

from collections.abc import Mapping

from roampost.domain.messages import ChargeRecord, EndMessage, ProgressMessage, SessionRef, StartMessage
from roampost.domain.stamp import Stamp
from roampost.hubs.base import When
from roampost.hubs.dates import in_order
from roampost.hubs.exact import kwh
from roampost.hubs.oioi.uids import oioi_uid

SessionPost = StartMessage | ProgressMessage | EndMessage | ChargeRecord
# Kinds of accounts that a session may have been started with from afar; `account` has one of them before its colon.
ACCOUNTS = ("username", "token")


class UnsayableError(Exception):
    """OIOI has no form for this message, which was not sent. The text shows no driver's data."""


def session_post(message: SessionPost, when: When) -> dict[str, object]:
    """Without the partner-identifier. Only keys that have a value."""
    session = _ours(message.session)
    told: dict[str, object] = {
        "user": user(session),
        "session-id": session.session_id,
        "connector-id": session.evse_id,
        **_intervals(message, when),
    }
    energy_wh = None if isinstance(message, StartMessage) else message.energy_wh
    return told if energy_wh is None else told | {"energy-consumed": kwh(energy_wh)}


def _ours(session: SessionRef) -> SessionRef:
    """An ID that is not our own is of a hub with another protocol: it would be billed where nobody authorized it."""
    if session.hub_session_id not in (None, session.session_id):
        raise UnsayableError(
            "The session was begun at a hub of another protocol that had this hub's name before, so it was not sent:"
            " give the new hub another name, and configure the old one until it has its records."
        )
    return session


def user(session: SessionRef) -> dict[str, str]:
    """The contract where it is known: cards may change hands, and some sessions have none."""
    if session.contract_id is not None:
        return {"identifier-type": "evco-id", "identifier": session.contract_id}
    if session.uid is not None:
        return {"identifier-type": "rfid", "identifier": rfid(session.uid)}
    kind, _, name = (session.account or "").partition(":")
    if kind in ACCOUNTS and name:
        return {"identifier-type": kind, "identifier": name}
    raise UnsayableError("The session names no contract, no card and no account that OIOI knows, so it was not sent.")


def rfid(uid: str) -> str:
    found = oioi_uid(uid)
    if found is None:
        raise UnsayableError("The card's UID is not one that OIOI takes (hex, at most 20 characters): not sent.")
    return found


def _intervals(message: SessionPost, when: When) -> dict[str, object]:
    """Begin and end, in order whatever happened to the clock meanwhile."""
    charging_start, charging_end, session_end, occurred = _moments(message)
    moments = (message.session_start, charging_start, charging_end, session_end, occurred)
    dates = {moment: date.isoformat(timespec="seconds") for moment, date in in_order(when, moments).items()}
    told = {"session-interval": _interval(dates, message.session_start, session_end)}
    if charging_start is not None:
        told["charging-interval"] = _interval(dates, charging_start, charging_end)
    return dict(told)


def _moments(message: SessionPost) -> tuple[Stamp | None, Stamp | None, Stamp | None, Stamp | None]:
    """Charging's start and end, the session's end, and the moment of what is told besides."""
    match message:
        case StartMessage():
            return message.charging_start, None, None, None
        case ProgressMessage():
            return message.charging_start, None, None, message.occurred
        case EndMessage(charging_start=None):
            return None, None, message.session_end, None  # no energy ever flowed
        case EndMessage() | ChargeRecord():
            return message.charging_start, message.charging_end, message.session_end, None


def _interval(dates: Mapping[Stamp, str], start: Stamp, stop: Stamp | None) -> dict[str, str]:
    return {"start": dates[start]} if stop is None else {"start": dates[start], "stop": dates[stop]}
