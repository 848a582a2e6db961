"""What an OIOI hub is told: the messages of the OICP samples, as a session has them that has no ID but ours."""

import json
from typing import Any

from roampost.domain.messages import Message, SessionRef, StationDataMessage
from roampost.hubs.oioi.encode import Partner, Sayable, body_for, takes
from tests.agent.oicp import samples as oicp
from tests.agent.poi.makers import SPARSE, WHOLE

PARTNER = Partner("DE*ABC", "abc-partner-1")
UID, CONTRACT, BERLIN, NOON_MS, stamp = oicp.UID, oicp.CONTRACT, oicp.BERLIN, oicp.NOON_MS, oicp.stamp
SESSION = SessionRef(session_id="rp-0001", hub_session_id="rp-0001", evse_id="DE*ABC*E840*1", uid=UID)
OF_SESSION = {"session": SESSION}
STATUS = oicp.STATUS
START = oicp.START.model_copy(update=OF_SESSION)
PROGRESS = oicp.PROGRESS.model_copy(update=OF_SESSION)
END = oicp.END.model_copy(update=OF_SESSION)
STAYS = END.model_copy(update={"session_end": None})
CDR = oicp.CDR.model_copy(update=OF_SESSION)
LATE = oicp.LATE.model_copy(update={"session": SESSION.model_copy(update={"hub_session_id": None})})
POST = StationDataMessage(
    action="post", station_id="Hauptstrasse 1", data=(WHOLE.model_dump_json(), SPARSE.model_dump_json())
)
DELETE = POST.model_copy(update={"action": "delete"})
# One of each kind, and each is delivered by a plain yes.
ONE_OF_EACH: tuple[Sayable, ...] = (POST, STATUS, LATE, START, PROGRESS, STAYS, CDR)


def _under_our_id(message: Message) -> Message:
    session = getattr(message, "session", None)
    if session is None or session.hub_session_id is None:
        return message
    ours = session.model_copy(update={"hub_session_id": session.session_id})
    return message.model_copy(update={"session": ours})


messages = oicp.messages.map(_under_our_id).filter(takes)


def body(message: Sayable) -> bytes:
    return body_for(message, PARTNER, BERLIN)


def said(message: Sayable, call: str) -> dict[str, Any]:
    """The call's members, read back."""
    document = json.loads(body(message))
    assert list(document) == [call]
    found: dict[str, Any] = document[call]
    return found


def result(code: object = 0, **more: object) -> bytes:
    return json.dumps({"result": {"code": code, "message": "said"}, **more}).encode()
