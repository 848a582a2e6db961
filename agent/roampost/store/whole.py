"""Which rows of a damaged store may go on being worked with: those that the agent itself reads whole."""

import json
from collections.abc import Mapping

from pydantic import ValidationError

from roampost.domain.messages import MESSAGE
from roampost.domain.stamp import Stamp
from roampost.evse.evse import Evse
from roampost.evse.session import Session
from roampost.store.records import Value

Values = Mapping[str, Value]


def is_whole(table: str, values: Values) -> bool:
    """The row's JSON parses, and it says of itself what the other columns say."""
    try:
        match table:
            case "outbox":
                return _message_agrees(values)
            case "evse":
                return Evse.model_validate_json(str(values["context"])).evse_id == values["evse_id"]
            case "session":
                return Session.model_validate_json(str(values["body"])).session_id == values["session_id"]
    except ValidationError:
        return False
    return True


def _message_agrees(values: Values) -> bool:
    message = MESSAGE.validate_json(str(values["body"]))
    session = getattr(message, "session", None)
    remembers = values.get("remembers")
    return (
        message.kind == values["kind"]
        and (None if session is None else session.session_id) == values["session_id"]
        and (remembers is None or _remembers(str(remembers)))
    )


def _remembers(text: str) -> bool:
    try:
        return all(isinstance(name, str) for name, _ in json.loads(text))
    except (TypeError, ValueError):
        return False


def evse_of(open_session: Values, closing: Values | None) -> dict[str, Value]:
    """The record of an EVSE whose own is lost, from its sessions: else nothing would ever end them."""
    first = Session.model_validate_json(str(open_session["body"]))
    second = None if closing is None else Session.model_validate_json(str(closing["body"]))
    since: Stamp = first.meter_last or first.charging_end or first.charging_start or first.authorized
    is_open = open_session["state"] == "open"
    evse = Evse(
        evse_id=first.evse_id,
        since=since,
        why="read again out of a damaged database",
        session=first if is_open else None,
        closing=second if is_open else first,
    )
    return {
        "evse_id": evse.evse_id,
        "state": str(evse.state),
        "context": evse.model_dump_json(),
        "permitted_ma": 0,
        "changed_boot": since.boot,
        "changed_mono_ms": since.mono_ms,
        "changed_wall_ms": since.wall_ms,
        "changed_trusted": int(since.trusted),
    }
