"""The faults of an OIOI hub, and OIOI's words for those that speak. Pure."""

from collections.abc import Mapping
from typing import Any

from roampost_sim.hub.answers import Wording, extra_fields, of_body
from roampost_sim.hub.faults import COMMON, Fault, Kind, Stage
from roampost_sim.hub.oioi.codes import SPELLINGS, SUCCESS, result, three_digits
from roampost_sim.hub.oioi.replies import failed
from roampost_sim.hub.replies import Reply

_HTTP = {"http_401": (401, "210"), "http_403": (403, "220"), "http_404": (404, "180")}
KINDS: Mapping[str, Kind] = COMMON | {
    "http_401": Kind(Stage.BEFORE, "code 210"),
    "http_403": Kind(Stage.BEFORE, "code 220"),
    "http_404": Kind(Stage.BEFORE, "code 180"),
    "refused": Kind(
        Stage.BEFORE,
        "any result code; spelling: 11, 011 as text or 11 as text",
        {"code": "100", "spelling": SPELLINGS, "http_status": (200, 400, 401, 403, 404)},
    ),
    "spelled": Kind(
        Stage.AFTER, "a result code written otherwise, or another one in its place", {"code": "", "spelling": SPELLINGS}
    ),
}


def instead(fault: Fault) -> Reply | None:
    """What a request gets that is not processed; None where a proxy answers."""
    if fault.kind == "http_5xx":
        return failed(fault.parameters["status"], "400")
    if fault.kind == "refused":
        return _spelled(fault, fault.parameters["http_status"], {}, fault.parameters["code"])
    return failed(*_HTTP[fault.kind]) if fault.kind in _HTTP else None


def spelled(fault: Fault, reply: Reply) -> Reply:
    """The same answer with its code, or another one, written otherwise; it keeps all else that it tells."""
    return _spelled(fault, reply.http_status, reply.body, fault.parameters["code"] or reply.code or SUCCESS)


def _spelled(fault: Fault, http_status: int, body: dict[str, Any], code: str) -> Reply:
    told = body | {"result": result(code, spelling=fault.parameters["spelling"])}
    return Reply(http_status, told, code=three_digits(code) or code)


def _nulls(body: dict[str, Any]) -> dict[str, Any]:
    """What is not told is there, and null; the result keeps its code only."""
    filled = dict.fromkeys(("evco-id", "error", "session-id")) | body
    return filled | ({"result": body["result"] | {"message": None}} if "result" in body else {})


WORDS = Wording(
    instead=instead,
    odd={"nulls": of_body(_nulls), "extra_fields": of_body(extra_fields), "spelled": spelled},
    wrong_json=b'["result", 0]',
    not_utf8=b'{"result": {"code": 0, "message": "\xff\xfe"}}',
)
