"""Every code in every dress, every HTTP status, for every kind of message: what we do next."""

import json
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.hubs.base import Answer, Arrival, Verdict
from roampost.hubs.https.retry_after import RETRY_AFTER_MAX_S
from roampost.hubs.oioi.codes import CODES
from roampost.hubs.oioi.encode import Sayable
from roampost.hubs.oioi.verdicts import HTTP, Kind, judge
from tests.agent.oioi.samples import result

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
DELIVERED, RETRY, HOLD, REJECT = Verdict.DELIVERED, Verdict.RETRY, Verdict.HOLD, Verdict.REJECT
REFUSED = Verdict.REFUSED
KINDS: tuple[Kind, ...] = get_args(Kind)
MONEY: tuple[Kind, ...] = ("cdr", "late_authorization")
# As the protocol's facts sort them for a queued message; every other code of the list is a reject.
LISTED: dict[Verdict, str] = {
    DELIVERED: "000 011 012",
    RETRY: "100 101 102 300 302 310 312 400 402 800 802",
    HOLD: "210 211 220",
    REJECT: "140 141 142 143 144 145 180 181 182 183 184 185 186 187 188 189 190 191 192 193 194 195 200 230 320 321"
    " 322 323 330 805 830 850 860 861 862 863 864 870 871 872 874 875 876 880",
}
TABLE = {code: verdict for verdict, codes in LISTED.items() for code in codes.split()}
DRIVER = {code for code in TABLE if code.startswith(("14", "19"))}


def expected(code: str, kind: Kind) -> Verdict:
    if (kind, code) in (("status", "180"), ("status", "181"), ("cdr", "181")):
        return HOLD
    return REFUSED if kind == "late_authorization" and code in DRIVER else TABLE[code]


def judged(status: int, body: bytes | None, headers: dict[str, str] | None = None, *, kind: Kind = "cdr") -> Answer:
    return judge(kind, status, headers or {}, body, now=NOW)


def test_the_table_of_codes_is_the_protocols() -> None:
    assert set(CODES) == set(TABLE)
    assert {code for code, row in CODES.items() if row.code != code} == set()


def test_every_kind_of_message_has_verdicts() -> None:
    assert set(KINDS) == {one.model_fields["kind"].default for one in get_args(Sayable)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", sorted(TABLE))
def test_each_code_for_each_kind_in_every_dress(code: str, kind: Kind) -> None:
    verdict = expected(code, kind)
    for dress in (code, int(code), str(int(code)), float(int(code)), f" {code} "):
        answer = judged(200, result(dress), kind=kind)
        assert (answer.verdict, answer.code, answer.http_status) == (verdict, code, 200)
        assert answer.arrival is (Arrival.NO if verdict in (RETRY, HOLD) else Arrival.YES)
        assert answer.text.endswith(".")


@pytest.mark.parametrize("code", sorted(set(TABLE) - {"000", "011", "012"}))
def test_each_refusal_says_its_code_and_what_to_do_in_one_sentence(code: str) -> None:
    text = judged(200, result(code)).text
    assert text.startswith(f"Code {code}, ")
    assert text.endswith("(the hub says: said).")
    assert ": " in text.removesuffix("(the hub says: said).")


@pytest.mark.parametrize(
    ("code", "key"), [("210", "api_key_file"), ("211", "partner_identifier"), ("220", "partner_identifier")]
)
def test_a_hold_names_what_to_change(code: str, key: str) -> None:
    assert key in judged(200, result(code)).text


@pytest.mark.parametrize("code", ["180", "181"])
def test_a_status_of_an_evse_that_the_hub_does_not_know_wants_its_station_first(code: str) -> None:
    answer = judged(200, result(code), kind="status")
    assert (answer.verdict, answer.arrival, answer.wants_data) == (HOLD, Arrival.NO, True)


def test_a_record_waits_for_its_station() -> None:
    """The facts have such a record rejected; but then a person would have to send it again, who need not."""
    answer = judged(200, result("181"), kind="cdr")
    assert (answer.verdict, answer.arrival, answer.wants_data) == (HOLD, Arrival.NO, True)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("status", "cdr")])
def test_any_other_message_about_such_an_evse_is_parked(kind: Kind) -> None:
    """Its station is posted all the same, unless it is the station itself: then it can be sent again by hand."""
    answer = judged(200, result("181"), kind=kind)
    assert (answer.verdict, answer.wants_data) == (REJECT, kind != "station_data")
    assert judged(200, result("180"), kind=kind).wants_data is False


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("001", DELIVERED), ("099", DELIVERED), ("149", REJECT), ("186", REJECT), ("198", REJECT)],
)
def test_an_unknown_code_of_a_known_ten_counts_as_the_general_one(code: str, verdict: Verdict) -> None:
    assert judged(200, result(code)).verdict is verdict
    if code[:2] in ("14", "19"):
        assert judged(200, result(code), kind="late_authorization").verdict is REFUSED


@pytest.mark.parametrize("code", ["103", "500", "999", "1000", "-1", "soon", "0²²"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_code_that_nobody_knows_holds_money_and_parks_the_rest(code: str, kind: Kind) -> None:
    answer = judged(200, result(code), kind=kind)
    assert answer.verdict is (HOLD if kind in MONEY else REJECT)
    assert "does not know" in answer.text


# --- HTTP ----------------------------------------------------------------------------------------------------------

PAGE = b"<html><body>nginx</body></html>"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "verdict", "arrival", "word"),
    [
        (200, RETRY, Arrival.MAYBE, "could not be read"),
        (204, RETRY, Arrival.MAYBE, "could not be read"),
        (301, HOLD, Arrival.NO, "redirects"),
        (307, HOLD, Arrival.NO, "check url"),
        (401, HOLD, Arrival.NO, "api_key_file"),
        (403, HOLD, Arrival.NO, "partner_identifier"),
        (404, HOLD, Arrival.NO, "check url"),
        (405, HOLD, Arrival.NO, "check url"),
        (408, RETRY, Arrival.NO, "sent again"),
        (413, REJECT, Arrival.YES, "malformed"),
        (422, REJECT, Arrival.YES, "malformed"),
        (429, RETRY, Arrival.NO, "later"),
        (500, RETRY, Arrival.NO, "sent again"),
        (502, RETRY, Arrival.MAYBE, "may have the message"),
        (503, RETRY, Arrival.NO, "sent again"),
        (504, RETRY, Arrival.MAYBE, "may have the message"),
        (599, RETRY, Arrival.NO, "sent again"),
        (700, RETRY, Arrival.MAYBE, "could not be read"),
    ],
)
def test_each_http_status_without_a_code(
    kind: Kind, status: int, verdict: Verdict, arrival: Arrival, word: str
) -> None:
    for body in (PAGE, b"", None, b"{}", b'{"result": null}'):
        answer = judged(status, body, kind=kind)
        assert (answer.verdict, answer.arrival, answer.http_status) == (verdict, arrival, status)
        assert word in answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_request_is_about_the_message_only_where_the_hub_says_so(kind: Kind) -> None:
    """A page is a proxy's word, and would park every record that comes by."""
    for said in (b"{}", b'{"result": null}', b'{"error": "what?"}'):
        answer = judged(400, said, kind=kind)
        assert (answer.verdict, answer.arrival) == (REJECT, Arrival.YES)
        assert "malformed" in answer.text
    for body in (PAGE, b"", None, b"[]"):
        answer = judged(400, body, kind=kind)
        assert (answer.verdict, answer.arrival) == (HOLD, Arrival.NO)
        assert "check url" in answer.text


@pytest.mark.parametrize("status", [400, 404, 409])
@pytest.mark.parametrize("where", ["result", "error"])
def test_a_code_in_a_4xx_is_read(status: int, where: str) -> None:
    body = json.dumps({where: {"code": "100", "message": "said"}}).encode()
    assert (judged(status, body).verdict, judged(status, body).code) == (RETRY, "100")
    unknown = json.dumps({where: {"code": 181}}).encode()
    assert judged(status, unknown, kind="status").wants_data


@pytest.mark.parametrize("kind", KINDS)
def test_a_status_that_is_not_allowed_without_its_station_has_it_posted(kind: Kind) -> None:
    """And nothing else is sorted otherwise: what is money stays in its lane."""
    answer = judged(403, result("181"), kind=kind)
    assert (answer.verdict, answer.arrival, answer.wants_data) == (HOLD, Arrival.NO, kind == "status")


@pytest.mark.parametrize("status", [400, 404])
def test_a_success_in_a_4xx_counts_for_nothing(status: int) -> None:
    assert judged(status, result(0)).verdict is judged(status, b"{}").verdict


@pytest.mark.parametrize("status", [*HTTP, 500, 503, 302])
def test_a_status_that_says_it_all_is_believed_before_any_code(status: int) -> None:
    assert judged(status, result("182")).verdict is judged(status, b"").verdict


def test_what_the_hub_says_is_told_without_a_drivers_data() -> None:
    body = json.dumps({"error": {"message": "Card 04A2B3C4D5E6F7 is\x00 not\nwelcome"}}).encode()
    assert judged(400, body).text.endswith("(the hub says: Card … is not welcome).")


@pytest.mark.parametrize(
    ("wish", "wait_s"),
    [
        ("120", 120.0),
        ("0", None),
        ("-5", None),
        ("1e3", None),
        ("9" * 400, RETRY_AFTER_MAX_S),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", None),
        ("Fri, 20 Nov 9999 11:00:00 GMT", RETRY_AFTER_MAX_S),
        ("soon", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 500, 503, 200])
def test_retry_after_in_both_forms_is_bounded(status: int, wish: str, wait_s: float | None) -> None:
    assert judged(status, result(100), {"RETRY-After": wish}).retry_after_s == wait_s


def test_retry_after_means_nothing_where_nothing_is_retried() -> None:
    assert judged(200, result(0), {"Retry-After": "60"}).retry_after_s is None
    assert judged(401, b"", {"Retry-After": "60"}).retry_after_s is None


KEYS = ["result", "error", "code", "message", "evco-id"]
json_values: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=4),
    max_leaves=12,
)
bodies = st.none() | st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode())


@given(bodies, st.integers(100, 999), st.dictionaries(st.text(), st.text(), max_size=3), st.sampled_from(KINDS))
def test_no_answer_is_too_odd_for_a_verdict(
    body: bytes | None, status: int, headers: dict[str, str], kind: Kind
) -> None:
    answer = judge(kind, status, headers, body, now=NOW)
    assert answer.text.endswith(".")
    assert len(answer.text) < 500
    assert answer.verdict is not Verdict.UNCONFIRMED
    assert answer.verdict is not DELIVERED or 200 <= status < 300
