"""The five calls that an OIOI operator receives and their answers as JSON Schemas, written from the protocol's facts.

A body holds one call, so there is one schema for all; unknown members inside a call are nobody's business. The codes of
an answer are the call's own list, and the operator's general ones, which may always stand in for another.
"""

import json
from typing import Any

from jsonschema import Draft202012Validator

TEXT = {"type": "string", "minLength": 1, "maxLength": 254, "pattern": "^[!-~]([ -~]*[!-~])?$"}
MAYBE_TEXT = {"oneOf": [TEXT, {"type": "null"}]}
# Shorter ones are filled up with zeros by who reads them.
UID = {"type": "string", "pattern": "^[0-9A-Fa-f]{1,20}$"}
MAYBE_UID = {"oneOf": [UID, {"type": "null"}]}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": required | (optional or {})}


def _user(kinds: list[str], identifier: dict[str, Any]) -> dict[str, Any]:
    return _object({"identifier-type": {"enum": kinds}, "identifier": identifier}, {"token": MAYBE_TEXT})


USER = {"oneOf": [_user(["evco-id", "username", "token"], TEXT), _user(["rfid"], UID)]}
_FOR_ONE = {
    "type": "array",
    "minItems": 1,
    "maxItems": 1,
    "items": _object({"evco-id": TEXT}, {"rfid": MAYBE_UID}),
}
CALLS = {
    "session-start": _object({"user": USER, "connector-id": TEXT}, {"payment-reference": MAYBE_TEXT}),
    "session-stop": _object({"user": USER, "connector-id": TEXT}, {"session-id": MAYBE_TEXT}),
    "rfid-post": _object({"rfids": {"type": "array", "items": UID}, "partner-identifier": TEXT}),
    "reservation-start": _object({"connector-id": TEXT, "identifier": _FOR_ONE}),
    "reservation-stop": _object({"connector-id": TEXT}, {"identifier": {"oneOf": [_FOR_ONE, {"type": "null"}]}}),
}
REQUEST = {"oneOf": [_object({name: call}) | {"additionalProperties": False} for name, call in CALLS.items()]}

_GENERAL = [300, 302]
CODES = {
    "session-start": [0, 11, 12, 140, 144, 145, 181, 300, 302, 310, 312, 320, 321],
    "session-stop": [0, 140, 144, 145, 181, 182, *_GENERAL],
    "rfid-post": [0, 200, 211, *_GENERAL],
    "reservation-start": [0, 181, 190, 191, 194, 323, 330, *_GENERAL],
    "reservation-stop": [0, 181, 189, *_GENERAL],
}
_SUCCESS = [0, 11, 12]
# What a success tells besides its code, and only a success.
_TELLS = {
    "session-start": {"session-start": _object({"session-id": TEXT, "is-stoppable": {"const": True}})},
    "rfid-post": {"rfid": _object({"processed": {"type": "integer", "minimum": 0}})},
    "reservation-start": {
        "reservation-start": _object(
            {"end": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)$"}}
        )
    },
}


def _answer(codes: list[int], tells: dict[str, Any]) -> dict[str, Any]:
    result = _object({"code": {"enum": codes}, "message": TEXT}) | {"additionalProperties": False}
    return _object({"result": result} | tells) | {"additionalProperties": False}


def _answers(call: str) -> dict[str, Any]:
    good = [code for code in CODES[call] if code in _SUCCESS]
    bad = [code for code in CODES[call] if code not in _SUCCESS]
    return {"oneOf": [_answer(good, _TELLS.get(call, {})), _answer(bad, {})]}


ANSWERS = {call: _answers(call) for call in CALLS}
REFUSAL = _answer([200, 210, 230, 300], {})


def errors(schema: dict[str, Any], body: bytes | str) -> list[str]:
    return [error.message for error in Draft202012Validator(schema).iter_errors(json.loads(body))]
