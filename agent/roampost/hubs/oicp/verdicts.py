"""What we do after each answer of an OICP hub: `judge`, with the table of codes (codes.py) and that of HTTP statuses.

HTTP 200 is no success by itself: Result and Code are both read. What contradicts itself or cannot be read is sent
again with arrival MAYBE, so that a hub that has the record says so (400) and a hub that has not gets it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.hubs.https.retry_after import retry_after_s
from roampost.hubs.https.rules import GARBLED, TRANSIENT, Rule, arrival_of, not_about_us
from roampost.hubs.oicp.answers import About, Said, read
from roampost.hubs.oicp.codes import CODES, Code, Sort

Kind = Literal[
    "status",
    "full_load",
    "late_authorization",
    "start",
    "progress",
    "end",
    "error",
    "cdr",
    "evse_data",
    "evse_data_set",
    "pricing_products",
    "evse_pricing",
    "authorize",
    "pull",
]
# Money: without the session that it asks for, a late authorization's CDR could not be sent.
_MONEY: tuple[Kind, ...] = ("cdr", "late_authorization")
# Messages that the hub takes only for an EVSE whose data it has.
_NEEDS_DATA: tuple[Kind, ...] = (
    "status",
    "full_load",
    "late_authorization",
    "start",
    "progress",
    "end",
    "error",
    "cdr",
)


_CONTRADICTION = Rule(
    Verdict.RETRY,
    "The hub's answer contradicts itself (Result and StatusCode do not agree); the message is sent again.",
    Arrival.MAYBE,
)
_ANOTHER = Rule(
    Verdict.RETRY,
    "The hub's answer is about another session than the message (SessionID or CPOPartnerSessionID); it is sent again.",
    Arrival.MAYBE,
)
_ODD_STATUS = Rule(Verdict.HOLD, "The hub refuses with HTTP {status}; check url and give support the Process-ID.")
_CERTIFICATE = Rule(
    Verdict.HOLD,
    "The hub does not accept the client certificate (HTTP 400); check that cert_file was signed by this hub.",
)
_MALFORMED = Rule(
    Verdict.REJECT,
    "The hub says that the message is malformed (HTTP {status}); look at {fields} in the parked message.",
    Arrival.YES,
)

# Statuses that say it all, whatever the body holds.
HTTP: dict[int, Rule] = {
    403: Rule(
        Verdict.HOLD,
        "The hub blocks this address (HTTP 403); have this site's public IP put on the hub's allow-list.",
    ),
    408: TRANSIENT,
    413: _MALFORMED,
    421: TRANSIENT,
    422: _MALFORMED,
    425: TRANSIENT,
    429: Rule(Verdict.RETRY, "The hub's rate limit for all sites of this operator is reached; it is tried later."),
}
# Statuses whose body may hold a code that says more; these hold where it does not.
HTTP_WITHOUT_CODE: dict[int, Rule] = {
    401: Rule(Verdict.HOLD, "The hub does not authorize this client (HTTP 401); check operator_id and cert_file."),
    404: Rule(Verdict.HOLD, "The hub does not know this address (HTTP 404); check url and operator_id."),
}


def judge(
    message_kind: Kind,
    http_status: int,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    maybe_arrived: bool,
    now: datetime,
    about: About | None = None,
) -> Answer:
    """Sort one complete HTTP answer. body is None when it was too long to be read; now is aware.

    about: the session of the message, which the answer is held against.
    """
    head = {name.lower(): value for name, value in headers.items()}
    said = read(body)
    if 200 <= http_status < 300:
        answer = _acknowledged(said, message_kind, maybe_arrived)
    else:
        answer = _refused_by_http(http_status, said, body or b"", message_kind)
    told = 200 <= http_status < 300 or answer.arrival is Arrival.YES
    if told and about is not None and about.is_another(said):
        answer = _by(_ANOTHER, said)
    return replace(
        answer,
        http_status=http_status,
        hub_reference=safe_process_id(head.get("process-id")),
        retry_after_s=retry_after_s(head, now) if answer.verdict is Verdict.RETRY else None,
    )


def _acknowledged(said: Said, kind: Kind, maybe_arrived: bool) -> Answer:
    if said.code is None:
        done = said.result is True
        return Answer(Verdict.DELIVERED, Arrival.YES, "The hub has it.") if done else _by(GARBLED, said)
    if said.code == "000":
        if said.result is None:
            return _by(GARBLED, said)
        return _coded(said, kind, maybe_arrived) if said.result else _by(_CONTRADICTION, said)
    return _by(_CONTRADICTION, said) if said.result else _coded(said, kind, maybe_arrived)


def _coded(said: Said, kind: Kind, maybe_arrived: bool) -> Answer:
    row = row_of(said.code)
    verdict = _verdict(row, kind, maybe_arrived)
    if verdict is Verdict.UNCONFIRMED:
        text = "The hub has closed this session, very likely by an earlier attempt whose answer was lost."
    else:
        text = sentence(row, said.words)
    return Answer(verdict, arrival_of(verdict), text, said.code, wants_data=row.code == "603" and kind in _NEEDS_DATA)


def _verdict(row: Code, kind: Kind, maybe_arrived: bool) -> Verdict:
    match row.sort:
        case Sort.DONE:
            return Verdict.DELIVERED
        case Sort.RETRY:
            return Verdict.RETRY
        case Sort.HOLD:
            return Verdict.HOLD
        case Sort.REJECT:
            return Verdict.REJECT
        case Sort.NOT_AUTHORIZED:
            return Verdict.REFUSED if kind == "late_authorization" else Verdict.REJECT
        case Sort.SESSION_CLOSED:
            return Verdict.UNCONFIRMED if kind == "cdr" and maybe_arrived else Verdict.REJECT
        case Sort.ODD:
            # Codes grow without a new version. What is money stays in the lane, alarmed and tried slowly.
            # Anything else is parked in sight, because one EVSE's odd refusal must not hold its neighbours'.
            return Verdict.HOLD if kind in _MONEY else Verdict.REJECT


def _refused_by_http(status: int, said: Said, body: bytes, kind: Kind) -> Answer:
    if status in HTTP:
        return _by(HTTP[status], said, status)
    if not 400 <= status < 500:
        # 5xx counts as not arrived (OICP facts, code 400): then a closed session parks the CDR in sight of a person.
        return _by(not_about_us(status), said, status)
    if status == 400 and said.fields:
        return _by(_MALFORMED, said, status)
    if said.code in CODES and said.code != "000":
        # maybe_arrived counts for acknowledgements only: a 400 of HTTP may mean anything.
        return _coded(said, kind, maybe_arrived=False)
    if status == 400:
        return _bad_request(said, body)
    return _by(HTTP_WITHOUT_CODE.get(status, _ODD_STATUS), said, status)


def _bad_request(said: Said, body: bytes) -> Answer:
    if said.is_json:
        return _by(_MALFORMED, said, 400)
    # nginx answers a missing or foreign client certificate with HTTP 400 and a page, not with a TLS alert.
    return _by(_CERTIFICATE if b"ssl certificate" in body.lower() else _ODD_STATUS, said, 400)


def _by(rule: Rule, said: Said, status: int | None = None) -> Answer:
    text = rule.text.format(status=status, fields=", ".join(said.fields) or "the fields")
    if rule is TRANSIENT and said.words:
        text = f"{text.removesuffix('.')} (the hub says: {said.words})."
    return Answer(rule.verdict, rule.arrival, text, said.code)


def row_of(code: str | None) -> Code:
    return CODES.get(code or "") or Code(
        code or "", Sort.ODD, "a code that this version does not know", "give the Process-ID to the hub's support"
    )


def sentence(row: Code, words: str = "") -> str:
    says = f" (the hub says: {words})" if words and row.sort is not Sort.DONE else ""
    return f"Code {row.code}, {row.means}: {row.do}{says}."


def safe_process_id(value: str | None) -> str | None:
    """The hub's name for this exchange, which its support asks for; bounded, since it comes from outside."""
    text = "".join(letter for letter in (value or "")[:64] if letter.isalnum() or letter in "-_.")
    return text or None
