"""OIOI's requests by name, and its answers in every spelling that a hub may choose: codes as numbers and texts, with
zeros and without, general ones in place of specific ones, beside an HTTP status or under one.
"""

import json
from decimal import Decimal

from tests.agent.machine.moods import Mood, Topic
from tests.agent.machine.paper import Page, Told
from tests.agent.oioi import schemas

STATUS, VERIFY, STATION = "connector-post-status", "rfid-verify", "station-post"
# session-post, by how far the session has come.
STARTED, PROGRESS, PAUSED, RECORD = "session started", "session progress", "session paused", "session record"
_SESSION = frozenset({STARTED, PROGRESS, PAUSED, RECORD})
ABOUT: dict[Topic, frozenset[str]] = {
    Topic.ANY: frozenset({STATUS, VERIFY, STATION}) | _SESSION,
    Topic.RECORD: frozenset({RECORD}),
    Topic.END: frozenset({PAUSED, RECORD}),
    Topic.START: frozenset({STARTED, PROGRESS}),
    Topic.CARD: frozenset({VERIFY}),
    Topic.STATUS: frozenset({STATUS, STATION}),
}
_REFUSALS: dict[Mood, tuple[int, str]] = {
    Mood.SYSTEM_ERROR: (200, "100"),
    Mood.CONTRADICTION: (200, "102"),
    Mood.NEW_CODE: (200, "777"),
    Mood.WRONG_CREDENTIALS: (401, "210"),
    Mood.NO_DATA: (404, "181"),
    Mood.DATA_ERROR: (200, "200"),
    Mood.MALFORMED: (400, "230"),
    Mood.CLOSED: (404, "182"),
}
PARKING = frozenset({Mood.NEW_CODE, Mood.NO_DATA, Mood.DATA_ERROR, Mood.MALFORMED, Mood.CLOSED})
_YES: tuple[int | str, ...] = (0, "000", "0", "00", "011", 12)


def kind_of(body: bytes) -> str:
    ((name, told),) = json.loads(body).items()
    if name != "session-post":
        return str(name)
    if "stop" in told["session-interval"]:
        return RECORD
    if "stop" in told.get("charging-interval", {}):
        return PAUSED
    return PROGRESS if "energy-consumed" in told else STARTED


def problems(body: bytes) -> list[str]:
    return [f"{one}: {body.decode()}" for one in schemas.problems(body)]


def read(body: bytes) -> Told:
    ((_, told),) = json.loads(body).items()
    assert isinstance(told, dict)
    return told


def subjects(body: bytes) -> set[str]:
    told = read(body)
    station = told.get("station", {}).get("id")
    return {one for one in (told.get("session-id"), told.get("connector-id"), told.get("rfid"), station) if one}


def watt_hours(kwh: object) -> int:
    return int(Decimal(str(kwh)) * 1000)


def page(answer: Told, number: int, *, odd: bool) -> Page:
    """number chooses the spelling."""
    code = answer["code"]
    told: Told = {"result": {"code": _spelled(code, number), "message": "said by the test's hub"}}
    if "evco-id" in answer:
        evco = {"evco-id": answer["evco-id"]}
        told |= evco if number % 2 else {"rfid-verify": evco}
    if odd:
        told = {name.upper(): value for name, value in told.items()} | {"Surprise": None, "processId": 7}
    entity = code[:2] in ("18", "19") and number % 3 == 0
    return Page(404 if entity else 200, json.dumps(told).encode())


def refusal(mood: Mood, number: int) -> Page:
    status, code = _REFUSALS[mood]
    said = {"code": _spelled(code, number), "message": "no"}
    told: Told = {"error": said} if number % 2 else {"result": said}
    if mood is Mood.CONTRADICTION:
        told = {"result": {"code": 0, "message": "Success."}, "error": said}
    return Page(status, json.dumps(told).encode())


def _spelled(code: str, number: int) -> int | str:
    if code == "000":
        return _YES[number % len(_YES)]
    return (int(code), code)[number % 2]
