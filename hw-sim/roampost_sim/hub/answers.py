"""From what the hub means to say to what goes out: bytes, delays and ends, as the fault in force wants it. Pure."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum
from typing import Any

from roampost_sim.hub.faults import Fault
from roampost_sim.hub.replies import Reply


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


@dataclass(frozen=True, slots=True)
class Wording:
    """What a protocol says where a fault has it speak.

    instead: of processing, None where a proxy answers. odd: what becomes of the answer to a processed request.
    wrong_json and not_utf8: two bodies that are no answers.
    """

    instead: Callable[[Fault], Reply | None]
    odd: Mapping[str, Callable[[Fault, Reply], Reply]]
    wrong_json: bytes
    not_utf8: bytes


def honest(reply: Reply, delay_ms: int = 0) -> Answer:
    """The hub's own answer."""
    return Answer(reply.http_status, _json(reply.body), code=reply.code, delay_ms=delay_ms)


def instead(words: Wording, fault: Fault, now: datetime) -> Answer:
    """What a request gets that is not processed: a fault of Stage.BEFORE."""
    match fault.kind:
        case "hang" | "reset":
            return Answer(0, b"", ending=Ending(fault.kind))
        case "http_429":
            return over_limit(fault.parameters["form"], fault.parameters["retry_after_s"], now)
        case "redirect":
            return Answer(307, b"", "text/html", headers={"Location": fault.parameters["location"]})
        case "http_5xx" if fault.parameters["body"] != "code":
            return _server_error(fault, now)
    spoken = words.instead(fault)
    if spoken is not None:
        return replace(honest(spoken), headers=_wait_of(fault, now))
    status, title = _PAGES[fault.kind]
    return Answer(status, _page(title), "text/html")


def over_limit(form: str, wait_s: int, now: datetime) -> Answer:
    """HTTP 429; form says how Retry-After is written: seconds, date, none or nonsense."""
    return Answer(429, b"", "text/plain", headers=_retry_after(form, wait_s, now))


def mangled(words: Wording, fault: Fault, reply: Reply) -> Answer:
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
            return _garbage(words, fault.parameters["form"], answer)
    return honest(words.odd[fault.kind](fault, reply))


def of_body(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Fault, Reply], Reply]:
    """For Wording.odd: the same answer with another body."""
    return lambda _, reply: replace(reply, body=change(reply.body))


def extra_fields(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"ServerHint": {"Shard": 7}, "Warnings": ["unused"]}


_PAGES = {
    "http_403": (403, "403 Forbidden"),
    "http_408": (408, "408 Request Time-out"),
    "http_400_certificate": (400, "400 The SSL certificate error"),
}


def _page(title: str) -> bytes:
    page = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center><hr>nginx</body></html>"
    return page.encode()


def _server_error(fault: Fault, now: datetime) -> Answer:
    status = fault.parameters["status"]
    page = _page(f"{status} Server error") if fault.parameters["body"] == "html" else b""
    return Answer(status, page, "text/html", headers=_wait_of(fault, now))


def _wait_of(fault: Fault, now: datetime) -> dict[str, str]:
    """The headers of a fault that may ask for a pause."""
    wait_s = fault.parameters.get("retry_after_s")
    return {} if wait_s is None else _retry_after(fault.parameters["form"], wait_s, now)


def _retry_after(form: str, wait_s: int, now: datetime) -> dict[str, str]:
    forms = {
        "seconds": str(wait_s),
        "date": format_datetime(now.astimezone(UTC) + timedelta(seconds=wait_s), usegmt=True),
        "nonsense": "soon",
    }
    return {} if form == "none" else {"Retry-After": forms[form]}


def _garbage(words: Wording, form: str, answer: Answer) -> Answer:
    bodies = {
        "text": b"upstream is having a moment",
        "wrong_json": words.wrong_json,
        "truncated": answer.body[: len(answer.body) // 2],
        "cut": answer.body,
        "not_utf8": words.not_utf8,
    }
    ending = Ending.CUT if form == "cut" else Ending.SEND
    return replace(answer, body=bodies[form], code=None, ending=ending)


def _json(body: dict[str, Any]) -> bytes:
    # A lone surrogate that is echoed goes out as the escape as which it came.
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
