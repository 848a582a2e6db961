"""What goes over the control socket, both ways. Pure.

Request: {"command": "outbox.discard", "arguments": {"seq": 7, "reason": "…"}} and a newline.
Answer: {"ok": true, "result": …} or {"ok": false, "code": "not_found", "error": "one sentence"} and a newline.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_REQUEST_BYTES = 64 * 1024
_MOST_BRACKETS = 64
MAX_ANSWER_BYTES = 16 * 1024 * 1024


class Refusal(StrEnum):
    """Why a command was not carried out, as the command line needs to know it."""

    FORBIDDEN = "forbidden"  # this user may not use the socket
    UNKNOWN_COMMAND = "unknown_command"
    BAD_REQUEST = "bad_request"  # not a request, or wrong arguments
    NOT_FOUND = "not_found"  # no such EVSE, message or fault
    REFUSED = "refused"  # not possible now, and the sentence says why
    FAILED = "failed"  # a fault of the agent; its log has the details


class ControlError(Exception):
    """A command was not carried out. Handlers raise it with one sentence for the person who asked."""

    def __init__(self, code: Refusal, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end, as the kernel says (SO_PEERCRED)."""

    uid: int
    gid: int
    pid: int


@dataclass(frozen=True, slots=True)
class Request:
    command: str
    arguments: dict[str, Any]


def encode_request(request: Request) -> bytes:
    return _line({"command": request.command, "arguments": request.arguments})


def decode_request(line: bytes) -> Request:
    """Raises ControlError on everything that is not a request."""
    try:
        # Deep nesting would use up the interpreter's stack before the parser says no.
        document = None if line.count(b"[") + line.count(b"{") > _MOST_BRACKETS else json.loads(line)
    except ValueError:
        raise ControlError(Refusal.BAD_REQUEST, "the request is not one line of JSON") from None
    if not isinstance(document, dict) or set(document) - {"command", "arguments"}:
        raise ControlError(Refusal.BAD_REQUEST, "the request is not an object with command and arguments")
    command, arguments = document.get("command"), document.get("arguments", {})
    if not isinstance(command, str) or not isinstance(arguments, dict):
        raise ControlError(Refusal.BAD_REQUEST, "command must be text and arguments an object")
    return Request(command, arguments)


def encode_result(result: object) -> bytes:
    return _line({"ok": True, "result": result})


def encode_error(error: ControlError) -> bytes:
    return _line({"ok": False, "code": error.code, "error": error.text})


def decode_answer(line: bytes) -> Any:
    """The result. Raises ControlError with the agent's own sentence when it refused."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("ok"), bool):
        raise ControlError(Refusal.FAILED, "the agent's answer cannot be read; is it another version?")
    if document["ok"]:
        return document.get("result")
    code = document.get("code")
    known = Refusal(code) if isinstance(code, str) and code in set(Refusal) else Refusal.FAILED
    raise ControlError(known, str(document.get("error", "the agent gave no reason")))


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
