"""What we do after each answer of an OIOI hub: `judge`, with the codes (codes.py) and the table of HTTP statuses. Pure.

HTTP 200 is no success by itself: the code is read. What cannot be read is sent again with arrival MAYBE: every OIOI
call may be repeated, a session-post is known by its session-id.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.hubs.https.retry_after import retry_after_s
from roampost.hubs.https.rules import GARBLED, TRANSIENT, Rule, arrival_of, not_about_us
from roampost.hubs.oioi.answers import Said, read
from roampost.hubs.oioi.codes import Code, Sort, row_of

Kind = Literal["status", "late_authorization", "start", "progress", "end", "cdr", "station_data"]
# Money: without its authorization, a record of an offline session could not be sent.
_MONEY: tuple[Kind, ...] = ("cdr", "late_authorization")
# What is true later as well. The rest of a session would only be old news, and its record says it all.
_WAITS_FOR_STATION: tuple[Kind, ...] = ("status", "cdr")
_ENTITY_UNKNOWN = "180"


# A proxy that has lost the hub's answer, or has not waited for it.
_LOST = Rule(
    Verdict.RETRY,
    "The hub's proxy has no answer (HTTP {status}), so it may have the message; it is sent again.",
    Arrival.MAYBE,
)
_ODD_STATUS = Rule(
    Verdict.HOLD, "The hub refuses with HTTP {status}; check url, and cert_file if the hub gave you one."
)
_MALFORMED = Rule(
    Verdict.REJECT,
    "The hub says that the message is malformed (HTTP {status}); look at the parked message.",
    Arrival.YES,
)
# Statuses that say it all, whatever the body holds.
HTTP: dict[int, Rule] = {
    401: Rule(Verdict.HOLD, "The hub does not accept the API key (HTTP 401); put the hub's key into api_key_file."),
    403: Rule(
        Verdict.HOLD,
        "The hub does not allow this (HTTP 403); check api_key_file and partner_identifier, and ask the hub what this"
        " key may do.",
    ),
    408: TRANSIENT,
    421: TRANSIENT,
    425: TRANSIENT,
    429: Rule(Verdict.RETRY, "The hub takes no more requests for now (HTTP 429); it is tried later."),
    502: _LOST,
    504: _LOST,
}
# Statuses whose body may hold a code that says more; these hold where it does not.
HTTP_WITHOUT_CODE: dict[int, Rule] = {
    400: _MALFORMED,
    404: Rule(Verdict.HOLD, "The hub does not know this address (HTTP 404); check url."),
    413: _MALFORMED,
    422: _MALFORMED,
}


def judge(kind: Kind, http_status: int, headers: Mapping[str, str], body: bytes | None, *, now: datetime) -> Answer:
    """Sort one complete HTTP answer. body is None when it was too long to be read; now is aware."""
    said = read(body)
    answer = _answer(kind, http_status, said)
    head = {name.lower(): value for name, value in headers.items()}
    waits = retry_after_s(head, now) if answer.verdict is Verdict.RETRY else None
    return replace(answer, http_status=http_status, retry_after_s=waits)


def _answer(kind: Kind, status: int, said: Said) -> Answer:
    if 200 <= status < 300:
        return _by(GARBLED, said, status) if said.code is None else _coded(kind, said.code, said.words)
    if status == 403 and kind == "status" and _says(said, Sort.NO_EVSE):
        # A status is allowed where we have posted the station: this says that we have not.
        return _coded(kind, said.code or "", said.words)
    if status in HTTP:
        return _by(HTTP[status], said, status)
    if not 400 <= status < 500:
        return _by(not_about_us(status), said, status)
    if said.code is not None and not _says(said, Sort.DONE, Sort.ODD):
        return _coded(kind, said.code, said.words)
    if status == 400 and not said.is_json:
        # Not the hub's own word but a proxy's, as nginx has it for a client certificate that it misses.
        return _by(_ODD_STATUS, said, status)
    return _by(HTTP_WITHOUT_CODE.get(status, _ODD_STATUS), said, status)


def _says(said: Said, *sorts: Sort) -> bool:
    return said.code is not None and row_of(said.code).sort in sorts


def _coded(kind: Kind, code: str, words: str) -> Answer:
    row = row_of(code)
    verdict = _verdict(row, kind)
    return Answer(verdict, arrival_of(verdict), sentence(code, words), code, wants_data=_lacks_station(row, kind))


def _verdict(row: Code, kind: Kind) -> Verdict:
    if kind in _WAITS_FOR_STATION and _lacks_station(row, kind):
        return Verdict.HOLD  # goes on by itself when the hub has the station
    match row.sort:
        case Sort.DONE:
            return Verdict.DELIVERED
        case Sort.RETRY:
            return Verdict.RETRY
        case Sort.HOLD:
            return Verdict.HOLD
        case Sort.REJECT | Sort.NO_EVSE:
            return Verdict.REJECT
        case Sort.DRIVER:
            return Verdict.REFUSED if kind == "late_authorization" else Verdict.REJECT
        case Sort.ODD:
            # Codes grow without a new version. What is money stays in the lane, alarmed and tried slowly.
            return Verdict.HOLD if kind in _MONEY else Verdict.REJECT


def _lacks_station(row: Code, kind: Kind) -> bool:
    """180 is the general code of 181; a status is about an EVSE and nothing else."""
    if kind == "station_data":
        return False
    return row.sort is Sort.NO_EVSE or (kind == "status" and row.code == _ENTITY_UNKNOWN)


def _by(rule: Rule, said: Said, status: int) -> Answer:
    text = rule.text.format(status=status)
    if said.words:
        text = f"{text.removesuffix('.')} (the hub says: {said.words})."
    return Answer(rule.verdict, rule.arrival, text, said.code)


def sentence(code: str, words: str = "") -> str:
    row = row_of(code)
    if row.sort is Sort.DONE:
        return "The hub has it."
    says = f" (the hub says: {words})" if words else ""
    return f"Code {code}, {row.means}: {row.do}{says}."
