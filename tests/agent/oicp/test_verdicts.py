"""Every code, every HTTP status and every odd dress of an acknowledgement has a row here."""

import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.hubs.https.retry_after import RETRY_AFTER_MAX_S
from roampost.hubs.oicp.answers import About
from roampost.hubs.oicp.codes import CODES
from roampost.hubs.oicp.encode import Sayable
from roampost.hubs.oicp.verdicts import Kind, judge

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
DELIVERED, RETRY, HOLD, REJECT = Verdict.DELIVERED, Verdict.RETRY, Verdict.HOLD, Verdict.REJECT
REFUSED = Verdict.REFUSED
YES, NO, MAYBE = Arrival.YES, Arrival.NO, Arrival.MAYBE

KINDS: tuple[Kind, ...] = get_args(Kind)
# What is money, what is asked, and all the rest: sorted alike within each group.
CDR_KIND: tuple[Kind, ...] = ("cdr",)
LATE: tuple[Kind, ...] = ("late_authorization",)
REST: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind not in CDR_KIND + LATE)

# code: (verdict for a CDR, for a late authorization, for any other kind), in an acknowledgement
TABLE = {
    "000": (DELIVERED, DELIVERED, DELIVERED),
    "001": (RETRY, RETRY, RETRY),
    "002": (RETRY, RETRY, RETRY),
    "009": (RETRY, RETRY, RETRY),
    "017": (HOLD, HOLD, HOLD),
    "018": (REJECT, REJECT, REJECT),
    "019": (REJECT, REJECT, REJECT),
    "021": (RETRY, RETRY, RETRY),
    "022": (REJECT, REJECT, REJECT),
    "101": (REJECT, REFUSED, REJECT),
    "102": (REJECT, REFUSED, REJECT),
    "103": (REJECT, REFUSED, REJECT),
    "105": (REJECT, REFUSED, REJECT),
    "106": (REJECT, REFUSED, REJECT),
    "110": (REJECT, REFUSED, REJECT),
    "120": (REJECT, REFUSED, REJECT),
    "121": (REJECT, REFUSED, REJECT),
    "122": (REJECT, REFUSED, REJECT),
    "200": (REJECT, REFUSED, REJECT),
    "210": (HOLD, HOLD, HOLD),
    "300": (HOLD, HOLD, HOLD),
    "310": (RETRY, RETRY, RETRY),
    "320": (RETRY, RETRY, RETRY),
    "400": (REJECT, REJECT, REJECT),
    "401": (HOLD, HOLD, HOLD),
    "404": (REJECT, REJECT, REJECT),
    "500": (RETRY, RETRY, RETRY),
    "501": (HOLD, HOLD, REJECT),
    "510": (HOLD, HOLD, REJECT),
    "601": (HOLD, HOLD, REJECT),
    "602": (HOLD, HOLD, REJECT),
    "603": (HOLD, HOLD, HOLD),
    "604": (REJECT, REJECT, REJECT),
    "700": (HOLD, HOLD, REJECT),
}
ROWS = [
    (code, kind, verdict)
    for code, verdicts in TABLE.items()
    for kinds, verdict in zip((CDR_KIND, LATE, REST), verdicts, strict=True)
    for kind in kinds
]


def ack(result: object, code: object, **more: object) -> bytes:
    return json.dumps({"Result": result, "StatusCode": {"Code": code, **more}}).encode()


def judged(
    status: int,
    body: bytes | None,
    headers: dict[str, str] | None = None,
    *,
    kind: Kind = "cdr",
    maybe_arrived: bool = False,
    about: About | None = None,
) -> Answer:
    return judge(kind, status, headers or {}, body, maybe_arrived=maybe_arrived, now=NOW, about=about)


def test_the_table_of_codes_is_the_protocols() -> None:
    assert set(CODES) == set(TABLE)


def test_every_kind_of_message_has_verdicts() -> None:
    kinds = {one.model_fields["kind"].default for one in get_args(Sayable)}
    assert set(KINDS) == kinds | {"authorize", "pull"}


@pytest.mark.parametrize(("code", "kind", "verdict"), ROWS)
def test_each_code_for_each_kind(code: str, kind: Kind, verdict: Verdict) -> None:
    answer = judged(200, ack(code == "000", code), {"Process-ID": "p-1"}, kind=kind)
    assert (answer.verdict, answer.code, answer.http_status, answer.hub_reference) == (verdict, code, 200, "p-1")
    assert answer.arrival is (NO if verdict in (RETRY, HOLD) else YES)


@pytest.mark.parametrize("code", [code for code in TABLE if code != "000"])
def test_each_refusal_says_its_code_and_what_to_do_in_one_sentence(code: str) -> None:
    text = judged(200, ack(False, code)).text
    assert text.startswith(f"Code {code}, ")
    assert text.endswith(".")
    assert ": " in text


@pytest.mark.parametrize(("code", "kind", "verdict"), [row for row in ROWS if row[1] != "cdr"])
def test_only_a_cdr_can_be_unconfirmed(code: str, kind: Kind, verdict: Verdict) -> None:
    assert judged(200, ack(code == "000", code), kind=kind, maybe_arrived=True).verdict is verdict


@pytest.mark.parametrize("kind", KINDS)
def test_a_hub_without_data_of_the_evse_wants_it(kind: Kind) -> None:
    """Not when it is EVSE data or prices that it refuses: the same again would not help."""
    wanted = kind not in ("evse_data", "evse_data_set", "pricing_products", "evse_pricing", "authorize", "pull")
    assert judged(200, ack(False, "603"), kind=kind).wants_data is wanted
    assert judged(200, ack(False, "604"), kind=kind).wants_data is False


def test_a_closed_session_after_a_lost_answer_is_unconfirmed() -> None:
    answer = judged(200, ack(False, "400", Description="Session is invalid"), maybe_arrived=True)
    assert (answer.verdict, answer.arrival, answer.code) == (Verdict.UNCONFIRMED, YES, "400")


def test_a_closed_session_without_a_lost_answer_is_parked() -> None:
    assert judged(200, ack(False, "400"), maybe_arrived=False).verdict is REJECT


OURS = About("rp-1", "B2688855-7f00-0002-6d8e-48d883f6abb6")


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"SessionID": None, "CPOPartnerSessionID": None, "EMPPartnerSessionID": None},
        {"SessionID": "", "CPOPartnerSessionID": " "},
        {"SessionID": 17, "CPOPartnerSessionID": ["rp-2"]},
        {"SESSIONID": "b2688855-7F00-0002-6d8e-48d883f6abb6", "cpoPartnerSessionId": "rp-1"},
        {"EMPPartnerSessionID": "emp-7"},
    ],
)
def test_an_answer_about_our_session_or_none_counts(named: dict[str, Any]) -> None:
    body = json.dumps({"Result": True, "StatusCode": {"Code": "000"}} | named).encode()
    assert judged(200, body, about=OURS).verdict is DELIVERED


@pytest.mark.parametrize(
    "named",
    [
        {"CPOPartnerSessionID": "rp-2"},
        {"CPOPartnerSessionID": "RP-1"},
        {"SessionID": "c2688855-7f00-0002-6d8e-48d883f6abb6"},
        {"SessionID": "c2688855-7f00-0002-6d8e-48d883f6abb6", "CPOPartnerSessionID": "rp-1"},
        {"sessionid": "b2688855", "CPOPartnerSessionID": "rp-2"},
    ],
)
@pytest.mark.parametrize("code", ["000", "022", "400", "017", "310", "102"])
@pytest.mark.parametrize("kind", ["start", "progress", "end", "error", "cdr", "late_authorization"])
def test_an_answer_about_another_session_says_nothing_of_ours(named: dict[str, Any], code: str, kind: Kind) -> None:
    body = json.dumps({"Result": code == "000", "StatusCode": {"Code": code}} | named).encode()
    answer = judged(200, body, {"Process-ID": "p-1"}, kind=kind, maybe_arrived=True, about=OURS)
    assert (answer.verdict, answer.arrival, answer.hub_reference) == (RETRY, MAYBE, "p-1")
    assert "another session" in answer.text
    assert "b2688855" not in answer.text


def test_nor_does_http_400_about_another_session_park_ours() -> None:
    body = json.dumps({"StatusCode": {"Code": "022"}, "CPOPartnerSessionID": "rp-2"}).encode()
    assert (judged(400, body, about=OURS).verdict, judged(400, body).verdict) == (RETRY, REJECT)


VALIDATION = json.dumps(
    {
        "extendedInfo": None,
        "message": "Error parsing/validating JSON.",
        "validationErrors": [
            {"fieldReference": "consumedEnergy", "errorMessage": "044A2DAA856280 must match"},
            {"fieldReference": "evseID"},
        ],
    }
).encode()
PAGE = b"<html><head><title>403 Forbidden</title></head><body>nginx</body></html>"
SSL_PAGE = b"<html><center><h1>400 Bad Request</h1></center><center>The SSL certificate error</center></html>"
NO_CERT_PAGE = b"<html><center>No required SSL certificate was sent</center></html>"


def code_only(code: str) -> bytes:
    return json.dumps({"StatusCode": {"Code": code, "Description": "said"}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "verdict", "arrival", "word"),
    [
        (200, b"", RETRY, MAYBE, "could not be read"),
        (200, None, RETRY, MAYBE, "could not be read"),
        (204, b"", RETRY, MAYBE, "could not be read"),
        (200, PAGE, RETRY, MAYBE, "could not be read"),
        (301, b"", HOLD, NO, "url"),
        (308, PAGE, HOLD, NO, "url"),
        (400, VALIDATION, REJECT, YES, "consumedEnergy, evseID"),
        (400, b'{"message": "Error parsing/validating JSON."}', REJECT, YES, "malformed"),
        (400, SSL_PAGE, HOLD, NO, "cert_file"),
        (400, NO_CERT_PAGE, HOLD, NO, "cert_file"),
        (400, b"Bad Request", HOLD, NO, "HTTP 400"),
        (400, code_only("400"), REJECT, YES, "session"),
        (400, code_only("022"), REJECT, YES, "data error"),
        (401, code_only("017"), HOLD, NO, "cert_file"),
        (401, PAGE, HOLD, NO, "cert_file"),
        (403, PAGE, HOLD, NO, "allow-list"),
        (403, b"", HOLD, NO, "allow-list"),
        (404, code_only("300"), HOLD, NO, "operator_id"),
        (404, PAGE, HOLD, NO, "url"),
        (405, b"", HOLD, NO, "HTTP 405"),
        (408, PAGE, RETRY, NO, "HTTP 408"),
        (410, b"", HOLD, NO, "HTTP 410"),
        (413, PAGE, REJECT, YES, "malformed"),
        (418, code_only("999"), HOLD, NO, "HTTP 418"),
        (421, b"", RETRY, NO, "HTTP 421"),
        (422, b"{}", REJECT, YES, "malformed"),
        (425, b"", RETRY, NO, "HTTP 425"),
        (429, b"", RETRY, NO, "rate limit"),
        (429, code_only("017"), RETRY, NO, "rate limit"),
        (500, code_only("001"), RETRY, NO, "said"),
        (500, code_only("022"), RETRY, NO, "HTTP 500"),
        (502, PAGE, RETRY, NO, "HTTP 502"),
        (503, b"", RETRY, NO, "HTTP 503"),
        (504, PAGE, RETRY, NO, "HTTP 504"),
        (700, b"", RETRY, MAYBE, "could not be read"),
    ],
)
def test_each_http_answer(status: int, body: bytes | None, verdict: Verdict, arrival: Arrival, word: str) -> None:
    answer = judged(status, body)
    assert (answer.verdict, answer.arrival, answer.http_status) == (verdict, arrival, status)
    assert word in answer.text


@pytest.mark.parametrize("body", [VALIDATION, code_only("400")])
def test_http_400_never_counts_as_delivered_unconfirmed(body: bytes) -> None:
    assert judged(400, body, maybe_arrived=True).verdict is REJECT


@pytest.mark.parametrize(
    "body",
    [
        ack(True, 0),
        ack(True, "0"),
        ack(True, " 000 "),
        ack("true", "000"),
        b"\xef\xbb\xbf" + ack(True, "000"),
        b'{"result": true, "STATUSCODE": {"code": "000"}}',
        b'{"Result": true, "StatusCode": {"Code": "000", "Description": null, "New": [1]}, "SessionID": null, "X": {}}',
        b'{"Result": true}',
        b'{"Result": true, "StatusCode": null}',
    ],
)
def test_success_in_any_dress(body: bytes) -> None:
    assert (judged(200, body).verdict, judged(200, body).arrival) == (DELIVERED, YES)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (ack(False, 22), "022"),
        (ack(False, 22.0), "022"),
        (ack("False", "22"), "022"),
        (b'{"StatusCode": {"Code": "022"}}', "022"),
        (b'{"Result": null, "statusCode": {"CODE": 22}}', "022"),
    ],
)
def test_a_refusal_in_any_dress(body: bytes, code: str) -> None:
    assert (judged(200, body).verdict, judged(200, body).code) == (REJECT, code)


def test_an_endless_code_is_kept_short() -> None:
    assert judged(200, ack(False, int("9" * 4_000))).code == "9" * 20


@pytest.mark.parametrize(
    "body",
    [
        ack(False, "000"),
        ack(True, "022"),
        ack(True, "001"),
        b'{"StatusCode": {"Code": "000"}}',
        b'{"Result": false}',
        b'{"Result": 1}',
        b'{"Result": null, "StatusCode": {"Code": true}}',
        b'{"Result": false, "StatusCode": "022"}',
        b"[]",
        b"null",
        b"{",
        b'{"Result": true',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"StatusCode": {"Code": ' + b"9" * 5000 + b"}}",
    ],
)
def test_what_contradicts_itself_or_cannot_be_read_is_sent_again(body: bytes) -> None:
    answer = judged(200, body)
    assert (answer.verdict, answer.arrival) == (RETRY, MAYBE)


@pytest.mark.parametrize(("kind", "verdict"), [("cdr", HOLD), ("status", REJECT), ("end", REJECT)])
def test_an_unknown_refusal_holds_a_cdr_and_parks_anything_else(kind: Kind, verdict: Verdict) -> None:
    answer = judged(200, ack(False, "987", Description="new rule"), kind=kind)
    assert (answer.verdict, answer.code) == (verdict, "987")
    assert "new rule" in answer.text


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"retry-after": " 7 "}, 7.0),
        ({"Retry-After": "Fri, 20 Nov 2026 12:05:00 GMT"}, 300.0),
        ({"Retry-After": "Fri, 20 Nov 2026 12:05:00 GMT", "Date": "Fri, 20 Nov 2026 12:04:00 GMT"}, 60.0),
        ({"Retry-After": "Fri, 20 Nov 2026 12:05:00 GMT", "Date": "yesterday"}, 300.0),
        ({"Retry-After": "00000000000120"}, 120.0),
        ({"Retry-After": "9" * 5000}, RETRY_AFTER_MAX_S),
        ({"Retry-After": "Fri, 20 Nov 2099 12:00:00 GMT"}, RETRY_AFTER_MAX_S),
        ({"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT"}, None),
        ({"Retry-After": "0"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "²"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_within_reason(status: int, headers: dict[str, str], wait_s: float | None) -> None:
    assert judged(status, b"", headers).retry_after_s == wait_s


def test_retry_after_means_nothing_where_nothing_is_retried() -> None:
    assert judged(403, PAGE, {"Retry-After": "5"}).retry_after_s is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("a\x1b[31m b", "a31mb"),
        ("x" * 500, "x" * 64),
        ("", None),
    ],
)
def test_the_process_id_is_kept_for_the_hubs_support(sent: str, kept: str | None) -> None:
    assert judged(200, ack(True, "000"), {"process-id": sent}).hub_reference == kept


def test_the_hubs_words_are_shown_without_ids_controls_or_length() -> None:
    words = "UID 044A2DAA856280 of\r\n\x1b[31msession b2688855-7f00 " + "very " * 500
    text = judged(200, ack(False, "022", Description=words)).text
    assert "044A2D" not in text
    assert "b2688855" not in text
    assert text.isprintable()
    assert len(text) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("Result", "StatusCode", "Code", "Description", "validationErrors", "x")), inner
        )
    ),
    max_leaves=12,
)


@given(
    st.integers(100, 999),
    st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(("Retry-After", "Date", "Process-ID")), st.text(max_size=40)),
    st.sampled_from(KINDS),
    st.booleans(),
)
def test_no_answer_of_any_hub_raises_or_loses_a_cdr(
    status: int, body: bytes, headers: dict[str, str], kind: Kind, maybe_arrived: bool
) -> None:
    answer = judge(kind, status, headers, body, maybe_arrived=maybe_arrived, now=NOW)
    if answer.verdict is DELIVERED:
        assert 200 <= status < 300
        assert b"true" in body.lower()
    if answer.verdict is Verdict.UNCONFIRMED:
        assert maybe_arrived
        assert kind == "cdr"
    assert answer.text.isprintable()
    assert answer.retry_after_s is None or 0 < answer.retry_after_s <= RETRY_AFTER_MAX_S
