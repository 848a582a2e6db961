"""What OIOI asks of us, read from hostile bytes; and the station's word as a result with a code."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roampost.domain.stamp import Stamp
from roampost.hubs.inbound import Asked, Denial, Said
from roampost.hubs.remote import (
    CancelReservation,
    Outcome,
    RemoteStart,
    RemoteStop,
    ReplaceCards,
    Reply,
    Reserve,
)
from tests.agent.oioi import schemas_in as schemas
from tests.agent.oioi.requests_in import CALLS, EVCO, EVSE, HUB, PARTNER, RESERVATION, UID, desk, request, user

DESK = desk()
NOON = Stamp(boot="b", mono_ms=1, wall_ms=1_700_000_000_000, trusted=True)


def raw(body: bytes) -> Asked | Said:
    return DESK.read("", {}, body)


def read(call: str, **changes: Any) -> Asked | Said:
    return raw(json.dumps(request(call, **changes)).encode())


def command(found: Asked | Said) -> Any:
    assert isinstance(found, Asked), found
    return found.command


def told(found: Asked | Said) -> tuple[int, int, str]:
    assert isinstance(found, Said), found
    result = json.loads(found.body)["result"]
    return found.status, result["code"], result["message"]


def refused(found: Asked | Said, *, field: str) -> None:
    status, code, message = told(found)
    assert (status, code) == (400, 230)
    assert field in message


# --- in -------------------------------------------------------------------------------------------------------------


def test_each_call_becomes_its_command() -> None:
    assert [command(read(call)) for call in CALLS] == [
        RemoteStart(HUB, None, EVSE, contract_id=EVCO, provider_session_id="pay-1"),
        RemoteStop(HUB, "our-1", EVSE, contract_id=EVCO),
        ReplaceCards(HUB, frozenset({"1234ABCD", UID})),
        Reserve(HUB, None, EVSE, uid="1234ABCD", contract_id=EVCO, duration=RESERVATION),
        CancelReservation(HUB, None, EVSE),
    ]


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (user("evco-id", EVCO), {"contract_id": EVCO}),
        (user("rfid", "1234abcd"), {"uid": "1234ABCD"}),
        (user("rfid", "abcdef01234567"), {"uid": "ABCDEF01234567"}),
        (user("rfid", "ABC"), {"uid": "00000ABC"}),
        (user("rfid", "123456789"), {"uid": "00000123456789"}),
        (user("rfid", "1" * 15), {"uid": "00000" + "1" * 15}),
        (user("rfid", UID), {"uid": UID}),
        (user("username", "eva@example.org", token="s3cret"), {"account": "username:eva@example.org"}),
        (user("token", "t-1", token=None), {"account": "token:t-1"}),
    ],
)
def test_a_user_is_known_by_any_of_four_kinds(given: Any, known: dict[str, str]) -> None:
    assert command(read("session-start", user=given, payment_reference=...)) == RemoteStart(HUB, None, EVSE, **known)
    assert command(read("session-stop", user=given, session_id=None)) == RemoteStop(HUB, None, EVSE, **known)


def test_the_token_that_comes_with_a_user_goes_nowhere() -> None:
    found = command(read("session-start", user=user("username", "eva", token="s3cret")))
    assert "s3cret" not in repr(found)


def test_a_reservation_is_ended_for_whom_it_is_told_to_be() -> None:
    found = command(read("reservation-stop", identifier=[{"evco-id": EVCO, "rfid": "ABCD"}]))
    assert found == CancelReservation(HUB, None, EVSE, uid="0000ABCD", contract_id=EVCO)


@pytest.mark.parametrize("spelt", ["DE*ABC*E1*1", "DEABCE11", "de*abc*e11", " DE*ABC*E1*1 "])
def test_an_evse_is_found_however_it_is_spelt(spelt: str) -> None:
    assert command(read("session-stop", connector_id=spelt)).evse_id == EVSE


def test_an_evse_of_the_other_kind_is_found_too() -> None:
    assert command(read("session-stop", connector_id="49*536*000*438")).evse_id == "+49*536*000*438"


@pytest.mark.parametrize("call", [call for call in CALLS if call != "rfid-post"])
@pytest.mark.parametrize("other", ["DE*ABC*E1*2", "DE*XYZ*E1*1", "1", "*"])
def test_an_evse_that_is_not_on_this_hub_is_unknown_without_asking_the_station(call: str, other: str) -> None:
    found = read(call, connector_id=other)
    assert told(found)[:2] == (200, 181)
    assert schemas.errors(schemas.ANSWERS[call], _body(found)) == []


def _body(found: Asked | Said) -> bytes:
    assert isinstance(found, Said)
    return found.body


WRONG: list[tuple[str, str, Any, str]] = [
    *((call, "connector_id", value, "connector-id") for call in CALLS if call != "rfid-post" for value in (..., 1, "")),
    *(
        (call, "user", value, field)
        for call in ("session-start", "session-stop")
        for value, field in (
            (..., "user is missing"),
            (None, "user is missing"),
            ([], "user is not an object"),
            ({}, "identifier-type"),
            ({"identifier": EVCO}, "identifier-type"),
            ({"identifier-type": "evco-id"}, "identifier is missing"),
            (user("telepathy", EVCO), "identifier-type is none of"),
            (user("EVCO-ID", EVCO), "identifier-type is none of"),
            (user("evco-id", 1), "identifier is not a text"),
            (user("evco-id", "a\nb"), "identifier is not a text"),
            (user("username", "x" * 255), "identifier is not a text"),
            (user("rfid", "XYZ"), "identifier of user is no UID"),
            (user("rfid", "1" * 21), "identifier of user is no UID"),
            (user("rfid", "١٢٣٤٥٦٧٨"), "identifier of user is no UID"),
        )
    ),
    ("session-start", "payment_reference", {}, "payment-reference"),
    ("session-stop", "session_id", 17, "session-id"),
    ("rfid-post", "rfids", ..., "rfids is missing"),
    ("rfid-post", "rfids", "1234ABCD", "rfids is not a list"),
    ("rfid-post", "rfids", ["1234ABCD", "12-34"], "number 2 of rfids"),
    ("rfid-post", "rfids", ["1234ABCD"] * 9 + [""], "number 10 of rfids"),
    ("rfid-post", "rfids", [12345678], "number 1 of rfids"),
    ("rfid-post", "rfids", [None], "number 1 of rfids"),
    ("rfid-post", "partner_identifier", ..., "partner-identifier is missing"),
    ("rfid-post", "partner_identifier", [PARTNER], "partner-identifier is not a text"),
    ("reservation-start", "identifier", ..., "exactly one"),
    ("reservation-start", "identifier", [], "exactly one"),
    ("reservation-start", "identifier", {"evco-id": EVCO}, "exactly one"),
    ("reservation-start", "identifier", [{"evco-id": EVCO}] * 2, "exactly one"),
    ("reservation-start", "identifier", [EVCO], "exactly one"),
    ("reservation-start", "identifier", [{"rfid": "1234ABCD"}], "evco-id is missing"),
    ("reservation-start", "identifier", [{"evco-id": EVCO, "rfid": "G"}], "rfid is no UID"),
    ("reservation-stop", "identifier", [], "exactly one"),
]


@pytest.mark.parametrize(("call", "member", "value", "field"), WRONG)
def test_what_is_wrong_is_refused_by_its_name_and_by_the_schema(call: str, member: str, value: Any, field: str) -> None:
    body = json.dumps(request(call, **{member: value}))
    assert schemas.errors(schemas.REQUEST, body) != []
    found = raw(body.encode())
    refused(found, field=field)
    assert schemas.errors(schemas.REFUSAL, _body(found)) == []


RIGHT: list[tuple[str, dict[str, Any]]] = [
    *((call, {}) for call in CALLS),
    *((call, {"new_member": {"a": [1]}}) for call in CALLS),
    *(
        (call, {"user": user(kind, "1234ABCD", token=token)})
        for call in ("session-start", "session-stop")
        for kind in ("evco-id", "rfid", "username", "token")
        for token in (None, "t")
    ),
    ("session-start", {"payment_reference": ...}),
    ("session-start", {"payment_reference": None}),
    ("session-stop", {"session_id": ...}),
    ("rfid-post", {"rfids": []}),
    ("rfid-post", {"rfids": ["1234abcd", "1234ABCD", "1", UID]}),
    ("reservation-start", {"identifier": [{"evco-id": EVCO, "rfid": None}]}),
    ("reservation-stop", {"identifier": [{"evco-id": EVCO}]}),
]


@pytest.mark.parametrize(("call", "changes"), RIGHT)
def test_what_is_right_by_the_schema_is_asked_of_the_station(call: str, changes: dict[str, Any]) -> None:
    body = json.dumps(request(call, **changes))
    assert schemas.errors(schemas.REQUEST, body) == []
    assert command(raw(body.encode()))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{",
        b'"x"',
        b"[" * 15_000,
        b'{"a":' * 3_000,
        b'{"a":' + b"9" * 10_000 + b"}",
        b'{"rfid-post":NaN}',
        b"<html>",
    ],
)
def test_what_is_no_object_in_json_is_refused_in_words(body: bytes) -> None:
    refused(raw(body), field="the body is not")


def test_a_body_holds_exactly_one_call_that_is_known() -> None:
    two = request("session-stop") | request("reservation-stop")
    assert schemas.errors(schemas.REQUEST, json.dumps(two)) != []
    refused(raw(json.dumps(two).encode()), field="exactly one call")
    refused(raw(b"{}"), field="exactly one call")
    refused(raw(b'{"session-stop":null}'), field="exactly one call")
    refused(raw(b'{"session-stop":[]}'), field="the call is not an object")
    refused(raw(b'{"station-post":{}}'), field="not known here")
    assert command(raw(json.dumps(request("session-stop") | {"session-start": None}).encode()))


def test_a_member_that_is_given_twice_has_to_be_given_alike() -> None:
    refused(raw(b'{"reservation-stop":{"connector-id":"1","connector-id":"2"}}'), field="given twice")
    body = f'{{"reservation-stop":{{"connector-id":null,"connector-id":"{EVSE}"}}}}'.encode()
    assert command(raw(body)).evse_id == EVSE


@pytest.mark.parametrize("secret", ["s3cret-of-a-user"])
def test_no_refusal_repeats_what_it_was_sent(secret: str) -> None:
    for one in (user(secret, "x"), user("rfid", secret), {"identifier-type": [secret]}):
        assert secret not in told(read("session-start", user=one))[2]
    assert secret not in told(raw(json.dumps({secret: {}}).encode()))[2]


# --- the list of cards ----------------------------------------------------------------------------------------------


def test_a_list_is_the_partners_own_or_nobodys() -> None:
    found = read("rfid-post", partner_identifier="partner-2")
    assert told(found) == (200, 211, "Invalid partner identifier.")
    assert schemas.errors(schemas.ANSWERS["rfid-post"], _body(found)) == []


def test_a_card_in_two_spellings_is_one_card() -> None:
    found = command(read("rfid-post", rfids=["abc", "00000ABC", "0abc"]))
    assert found.uids == {"00000ABC"}


def test_an_empty_list_is_a_list() -> None:
    assert command(read("rfid-post", rfids=[])).uids == frozenset()


@given(st.lists(st.text("0123456789abcdefABCDEF", min_size=1, max_size=20)))
@settings(max_examples=200, derandomize=True, deadline=None, database=None)
def test_a_list_holds_every_card_once_in_one_of_three_lengths(uids: list[str]) -> None:
    found = command(read("rfid-post", rfids=uids)).uids
    assert {len(uid) for uid in found} <= {8, 14, 20}
    assert {uid.lstrip("0") for uid in found} == {uid.upper().lstrip("0") for uid in uids}


# --- out ------------------------------------------------------------------------------------------------------------

EXPECTED = {
    # DONE, UNREACHABLE, NO_VEHICLE, RESERVED, IN_USE, UNKNOWN_EVSE, OUT_OF_SERVICE, NO_SESSION, REFUSED, LATE, FAILED
    "session-start": (11, 312, 321, 320, 320, 181, 310, 140, 310, 302, 300),
    "session-stop": (0, 300, 300, 300, 300, 181, 300, 182, 140, 302, 300),
    "rfid-post": (0, 300, 300, 300, 300, 300, 300, 300, 200, 302, 300),
    "reservation-start": (0, 330, 330, 323, 323, 181, 330, 300, 330, 302, 300),
    "reservation-stop": (0, 300, 300, 300, 300, 181, 300, 189, 189, 302, 300),
}


def said(call: str, reply: Reply) -> Any:
    asked = read(call)
    assert isinstance(asked, Asked)
    found = DESK.answer(asked, reply)
    assert found.status == 200
    assert schemas.errors(schemas.ANSWERS[call], found.body) == []
    return json.loads(found.body)


@pytest.mark.parametrize("call", CALLS)
def test_every_word_of_the_station_has_its_code_in_the_list_of_the_call(call: str) -> None:
    full = {"session_id": "our-1", "until": NOON, "new_cards": 3}
    for outcome, code in zip(Outcome, EXPECTED[call], strict=True):
        answer = said(call, Reply(outcome, "for the log only", **full))  # type: ignore[arg-type]  # by name
        assert answer["result"]["code"] == code
        assert "log" not in json.dumps(answer)
        assert list(answer) == ["result"] or outcome is Outcome.DONE


def test_a_start_tells_the_session_and_whether_to_plug_in() -> None:
    session = {"session-id": "our-1", "is-stoppable": True}
    charging = said("session-start", Reply(Outcome.DONE, "", "our-1"))
    assert (charging["session-start"], charging["result"]["code"]) == (session, 11)
    waiting = said("session-start", Reply(Outcome.DONE, "", "our-1", waits_for_plug=True))
    assert (waiting["session-start"], waiting["result"]["code"]) == (session, 12)


def test_a_reservation_tells_its_end_with_the_offset() -> None:
    answer = said("reservation-start", Reply(Outcome.DONE, "", "our-1", until=NOON))
    assert answer["reservation-start"] == {"end": "2023-11-14T22:13:20+00:00"}


@pytest.mark.parametrize(("new", "processed"), [(7, 7), (0, 0), (None, 0)])
def test_a_list_tells_how_many_of_it_were_new(new: int | None, processed: int) -> None:
    assert said("rfid-post", Reply(Outcome.DONE, "", new_cards=new))["rfid"] == {"processed": processed}


@pytest.mark.parametrize("denial", Denial)
def test_what_the_service_refuses_by_itself_has_a_result_too(denial: Denial) -> None:
    found = DESK.deny(denial)
    assert found.status >= 400
    assert schemas.errors(schemas.REFUSAL, found.body) == []
    assert (json.loads(found.body)["result"]["code"] == 210) == (denial is Denial.NOT_ALLOWED)


# --- hostile --------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.sampled_from([EVSE, EVCO, "rfid", UID]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from(
    ["user", "connector-id", "identifier", "rfids", "session-id", "payment-reference", "partner-identifier"]
)


@given(st.sampled_from(CALLS), st.dictionaries(MEMBERS, JSON, max_size=3), st.booleans())
@settings(max_examples=500, derandomize=True, deadline=None, database=None)
def test_whatever_comes_is_a_command_or_an_answer(call: str, changes: dict[str, Any], surrogates: bool) -> None:
    members = request(call)[call] | changes
    found = raw(json.dumps({call: members}, ensure_ascii=surrogates).encode("utf-8", "surrogatepass"))
    if isinstance(found, Asked):
        return
    schema = schemas.REFUSAL if found.status == 400 else schemas.ANSWERS[call]
    assert schemas.errors(schema, found.body) == []


@given(st.binary(max_size=200))
@settings(max_examples=300, derandomize=True, deadline=None, database=None)
def test_no_bytes_break_the_reader(body: bytes) -> None:
    found = raw(body)
    assert isinstance(found, Said)
    assert schemas.errors(schemas.REFUSAL, found.body) == []
