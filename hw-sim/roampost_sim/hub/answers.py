"""From what the hub means to say to what goes out: bytes, delays and ends, as the fault in force wants it. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum
from typing import Any

from roampost_sim.hub.codes import status_code
from roampost_sim.hub.faults import Fault
from roampost_sim.hub.replies import Reply
from roampost_sim.hub.shapes import MEDIA


class Ending(Enum):
    SEND = "send"  # the whole answer
    HANG = "hang"  # nothing, until the client goes away
    RESET = "reset"  # TCP reset instead of an answer
    CUT = "cut"  # half of the body, then the end of the connection


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request gets. code is the hub's status code in the body, if one can be read there."""

    http_status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] | None = None
    code: str | None = None
    ending: Ending = Ending.SEND
    delay_ms: int = 0
    trickle_ms: int | None = None


def honest(reply: Reply, delay_ms: int = 0) -> Answer:
    """The hub's own answer."""
    return Answer(reply.http_status, _json(reply.body), code=reply.code, delay_ms=delay_ms)


def instead(fault: Fault, now: datetime) -> Answer:
    """What a request gets that is not processed: a fault of Stage.BEFORE."""
    match fault.kind:
        case "hang" | "reset":
            return Answer(0, b"", ending=Ending(fault.kind))
        case "http_5xx":
            return _server_error(fault)
        case "http_429":
            return over_limit(fault.parameters["form"], fault.parameters["retry_after_s"], now)
        case "redirect":
            return Answer(307, b"", "text/html", headers={"Location": fault.parameters["location"]})
        case "refused":
            code = fault.parameters["code"]
            return Answer(200, _json({"Result": False, "StatusCode": status_code(code)}), code=code)
        case "http_401" | "http_404":
            code = {"http_401": "017", "http_404": "300"}[fault.kind]
            return Answer(int(fault.kind[5:]), _json({"StatusCode": status_code(code)}), code=code)
    status, title = _PAGES[fault.kind]
    return Answer(status, _page(title), "text/html")


def over_limit(form: str, wait_s: int, now: datetime) -> Answer:
    """HTTP 429; form says how Retry-After is written: seconds, date, none or nonsense."""
    return Answer(429, b"", "text/plain", headers=_retry_after(form, wait_s, now))


def mangled(fault: Fault, reply: Reply) -> Answer:
    """What becomes of the answer to a processed request: a fault of Stage.AFTER."""
    answer = honest(reply)
    match fault.kind:
        case "hang_after" | "reset_after":
            return replace(answer, ending=Ending(fault.kind.removesuffix("_after")))
        case "slow":
            return replace(answer, delay_ms=fault.parameters["delay_ms"])
        case "trickle":
            return replace(answer, trickle_ms=fault.parameters["delay_ms"])
        case "oversized":
            padded = reply.body | {"Padding": "x" * fault.parameters["bytes"]}
            return replace(answer, body=_json(padded))
        case "garbage":
            return _garbage(fault.parameters["form"], answer)
    return replace(answer, body=_json(_ODD[fault.kind](reply.body)))


_PAGES = {
    "http_403": (403, "403 Forbidden"),
    "http_408": (408, "408 Request Time-out"),
    "http_400_certificate": (400, "400 The SSL certificate error"),
}


def _page(title: str) -> bytes:
    page = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center><hr>nginx</body></html>"
    return page.encode()


def _server_error(fault: Fault) -> Answer:
    status, body = fault.parameters["status"], fault.parameters["body"]
    if body == "code":
        return Answer(status, _json({"StatusCode": status_code("001")}), code="001")
    return Answer(status, _page(f"{status} Server error") if body == "html" else b"", "text/html")


def _retry_after(form: str, wait_s: int, now: datetime) -> dict[str, str]:
    forms = {
        "seconds": str(wait_s),
        "date": format_datetime(now.astimezone(UTC) + timedelta(seconds=wait_s), usegmt=True),
        "nonsense": "soon",
    }
    return {} if form == "none" else {"Retry-After": forms[form]}


def _garbage(form: str, answer: Answer) -> Answer:
    bodies = {
        "text": b"upstream is having a moment",
        "wrong_json": b'["Result", true]',
        "truncated": answer.body[: len(answer.body) // 2],
        "cut": answer.body,
        "not_utf8": b'{"Result": true, "StatusCode": {"Code": "000", "Description": "\xff\xfe"}}',
    }
    ending = Ending.CUT if form == "cut" else Ending.SEND
    return replace(answer, body=bodies[form], code=None, ending=ending)


def all_media(value: Any) -> Any:
    """The same JSON value where each Identification has all five members, four of them null."""
    if isinstance(value, list):
        return [all_media(member) for member in value]
    if not isinstance(value, dict):
        return value
    filled = {name: all_media(member) for name, member in value.items()}
    return dict.fromkeys(MEDIA) | filled if value and value.keys() <= set(MEDIA) else filled


def _nulls(body: dict[str, Any]) -> dict[str, Any]:
    """Every optional field there, and null; the status code keeps its Code only."""
    names = (
        "SessionID",
        "CPOPartnerSessionID",
        "EMPPartnerSessionID",
        "ProviderID",
        "AuthorizationStopIdentifications",
    )
    code = {"Description": None, "AdditionalInfo": None}
    filled = dict.fromkeys(names) | dict(all_media(body))
    return filled | {"StatusCode": body["StatusCode"] | code} if "StatusCode" in body else filled


def lower_case(value: Any) -> Any:
    """The same JSON value with names that begin with a small letter."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: lower_case(member) for name, member in value.items()}
    return [lower_case(member) for member in value] if isinstance(value, list) else value


def _extra(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"ServerHint": {"Shard": 7}, "Warnings": ["unused"]}


_ODD = {"nulls": _nulls, "wrong_case": lower_case, "extra_fields": _extra}


def _json(body: dict[str, Any]) -> bytes:
    # A lone surrogate that is echoed goes out as the escape as which it came.
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
