"""A card is let in by a clear yes about this very question, and by nothing else."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.hubs.base import Answer, Arrival, Authorization, Decision, Verdict
from roampost.hubs.oicp.answers import About
from roampost.hubs.oicp.authorization import decide, judge_late, lost
from tests.agent.oicp.samples import HUB_SESSION

START = About("rp-1")
STOP = About("rp-1", HUB_SESSION)
YES: dict[str, Any] = {
    "SessionID": HUB_SESSION,
    "CPOPartnerSessionID": "rp-1",
    "EMPPartnerSessionID": None,
    "ProviderID": "DE-8EO",
    "AuthorizationStatus": "Authorized",
    "StatusCode": {"Code": "000", "Description": None},
    "AuthorizationStopIdentifications": None,
}
NO = YES | {"AuthorizationStatus": "NotAuthorized", "SessionID": None}


def decided(document: object, *, asked: About = START, status: int = 200) -> Authorization:
    return decide(asked, status, {}, json.dumps(document).encode())


def test_a_clear_yes() -> None:
    found = decided(YES)
    assert found == Authorization(
        Decision.YES,
        "The hub authorizes the card.",
        hub_session_id=HUB_SESSION,
        code="000",
    )


@pytest.mark.parametrize("word", ["authorized", "AUTHORIZED", " Authorized "])
def test_a_yes_in_any_dress(word: str) -> None:
    dressed = {key.upper(): value for key, value in YES.items()} | {
        "AUTHORIZATIONSTATUS": word,
        "STATUSCODE": {"code": 0},
        "authorizationstopidentifications": [{"rfidmifarefamilyidentification": {"uid": "044a2daa856281"}}],
        "AddedLater": {"x": [1]},
    }
    found = decided({key: value for key, value in dressed.items() if key != "AUTHORIZATIONSTOPIDENTIFICATIONS"})
    assert (found.decision, found.hub_session_id, found.stop_uids) == (Decision.YES, HUB_SESSION, ("044A2DAA856281",))


@pytest.mark.parametrize("word", ["notauthorized", "NOTAUTHORIZED", "notAuthorized\n"])
def test_a_no_in_any_dress(word: str) -> None:
    dressed = {"authorizationStatus": word, "sessionID": None, "statuscode": {"Code": 102}}
    assert (decided(dressed).decision, decided(dressed).code) == (Decision.NO, "102")


def test_a_yes_names_the_other_cards_that_may_stop() -> None:
    media = [
        {"RFIDMifareFamilyIdentification": {"UID": "044A2DAA856281"}, "QRCodeIdentification": None},
        {"RFIDIdentification": {"UID": "deadbeef", "RFID": "mifareCls"}},
        {"RFIDMifareFamilyIdentification": {"UID": "044A2DAA856281"}},
        {"RFIDMifareFamilyIdentification": {"UID": "no hex"}},
        {"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}},
        {"RFIDMifareFamilyIdentification": None},
        "nonsense",
    ]
    found = decided(YES | {"AuthorizationStopIdentifications": media})
    assert found.stop_uids == ("044A2DAA856281", "DEADBEEF")


@pytest.mark.parametrize("absent", ["CPOPartnerSessionID", "ProviderID", "AuthorizationStopIdentifications"])
def test_a_yes_needs_no_optional_fields(absent: str) -> None:
    assert decided(YES | {absent: ""}).decision is Decision.YES
    assert decided({key: value for key, value in YES.items() if key != absent}).decision is Decision.YES


@pytest.mark.parametrize(
    "change",
    [
        {"SessionID": None},
        {"SessionID": ""},
        {"SessionID": "12345"},
        {"SessionID": HUB_SESSION + "\n"},
        {"SessionID": 17},
        {"CPOPartnerSessionID": "rp-2"},
        {"AuthorizationStatus": "Perhaps"},
        {"AuthorizationStatus": True},
        {"AuthorizationStatus": None},
        {"StatusCode": {"Code": "017"}},
        {"StatusCode": {"Code": "102"}},
        {"StatusCode": {"Code": "999"}},
    ],
)
def test_a_yes_with_a_flaw_lets_nobody_in_and_may_have_opened_a_session(change: dict[str, Any]) -> None:
    found = decided(YES | change)
    assert (found.decision, found.hub_session_id, found.maybe_open) == (Decision.NO_ANSWER, None, True)


@pytest.mark.parametrize("code", ["101", "102", "103", "105", "106", "110", "120", "121", "122", "200", "400", "000"])
def test_a_no_with_its_reason(code: str) -> None:
    found = decided(NO | {"StatusCode": {"Code": code, "Description": "said"}})
    assert (found.decision, found.code, found.maybe_open) == (Decision.NO, code, False)


@pytest.mark.parametrize("code", ["001", "002", "009", "017", "021", "210", "300", "310", "320", "401", "500"])
def test_trouble_between_hub_and_provider_is_no_decision_on_the_card(code: str) -> None:
    found = decided(NO | {"StatusCode": {"Code": code}})
    assert (found.decision, found.code, found.maybe_open) == (Decision.NO_ANSWER, code, False)


@pytest.mark.parametrize("code", ["102", "200"])
@pytest.mark.parametrize("status", [200, 400, 401])
def test_an_authentication_code_is_a_no_without_more_words(code: str, status: int) -> None:
    assert decided({"Result": False, "StatusCode": {"Code": code}}, status=status).decision is Decision.NO


@pytest.mark.parametrize("document", [YES, NO, {}, YES | {"CPOPartnerSessionID": "rp-2"}])
@pytest.mark.parametrize("status", [200, 401, 503])
def test_the_process_id_is_kept_whatever_was_decided(document: dict[str, Any], status: int) -> None:
    found = decide(START, status, {"process-ID": "p-1\x1b"}, json.dumps(document).encode())
    assert found.hub_reference == "p-1"


def test_a_no_about_another_question_is_no_answer() -> None:
    found = decided(NO | {"CPOPartnerSessionID": "rp-2", "StatusCode": {"Code": "102"}})
    assert found.decision is Decision.NO_ANSWER


@pytest.mark.parametrize(
    ("status", "body", "maybe_open"),
    [
        (200, b"", True),
        (200, None, True),
        (200, b"<html>", True),
        (200, b'{"Result": false, "StatusCode": {"Code": "017"}}', False),
        (401, b'{"StatusCode": {"Code": "017"}}', False),
        (403, b"<html>", False),
        (408, b"", False),
        (429, b"", False),
        (302, b"", False),
        (500, b'{"StatusCode": {"Code": "102"}}', True),
        (504, b"<html>", True),
    ],
)
def test_what_is_no_decision(status: int, body: bytes | None, maybe_open: bool) -> None:
    found = decide(START, status, {}, body)
    assert (found.decision, found.maybe_open) == (Decision.NO_ANSWER, maybe_open)
    assert found.text.endswith(".")


@pytest.mark.parametrize(("arrival", "maybe_open"), [(Arrival.MAYBE, True), (Arrival.NO, False)])
def test_a_lost_answer_may_have_opened_a_session(arrival: Arrival, maybe_open: bool) -> None:
    found = lost(START, Answer(Verdict.RETRY, arrival, "lost."))
    assert (found.decision, found.maybe_open, found.text) == (Decision.NO_ANSWER, maybe_open, "lost.")
    assert lost(STOP, Answer(Verdict.RETRY, arrival, "lost.")).maybe_open is False


def test_stop_is_yes_for_this_session_only() -> None:
    assert decided(YES, asked=STOP).decision is Decision.YES
    assert decided(YES | {"SessionID": HUB_SESSION.upper()}, asked=STOP).decision is Decision.YES
    assert decided(YES | {"SessionID": None}, asked=STOP).hub_session_id == HUB_SESSION
    other = decided(YES | {"SessionID": HUB_SESSION.replace("b", "c")}, asked=STOP)
    assert (other.decision, other.maybe_open) == (Decision.NO_ANSWER, False)


NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
RETRY, HOLD, REJECT, REFUSED = Verdict.RETRY, Verdict.HOLD, Verdict.REJECT, Verdict.REFUSED


def late(status: int, document: object, headers: dict[str, str] | None = None) -> Answer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return judge_late(START, status, headers or {}, body, maybe_arrived=False, now=NOW)


def test_a_late_yes_brings_the_session() -> None:
    answer = late(200, YES, {"Process-ID": "p-1"})
    assert (answer.verdict, answer.arrival) == (Verdict.DELIVERED, Arrival.YES)
    assert (answer.hub_session_id, answer.code, answer.hub_reference) == (HUB_SESSION, "000", "p-1")


@pytest.mark.parametrize("code", ["101", "102", "106", "200", "400", "000", "999", None])
def test_a_late_no_ends_the_session_for_good(code: str | None) -> None:
    answer = late(200, NO | {"StatusCode": {"Code": code}}, {"Process-ID": "p-1"})
    assert (answer.verdict, answer.arrival, answer.hub_session_id) == (REFUSED, Arrival.YES, None)
    assert (answer.http_status, answer.hub_reference) == (200, "p-1")


@pytest.mark.parametrize(
    ("status", "document", "verdict", "arrival"),
    [
        (200, NO | {"StatusCode": {"Code": "018"}}, REJECT, Arrival.YES),
        (200, NO | {"StatusCode": {"Code": "022"}}, REJECT, Arrival.YES),
        (200, NO | {"StatusCode": {"Code": "310"}}, RETRY, Arrival.NO),
        (200, NO | {"StatusCode": {"Code": "017"}}, HOLD, Arrival.NO),
        (200, NO | {"StatusCode": {"Code": "603"}}, HOLD, Arrival.NO),
        (200, NO | {"CPOPartnerSessionID": "rp-2", "StatusCode": {"Code": "102"}}, RETRY, Arrival.MAYBE),
        (200, YES | {"CPOPartnerSessionID": "rp-2"}, RETRY, Arrival.MAYBE),
        (200, YES | {"SessionID": None}, RETRY, Arrival.MAYBE),
        (200, YES | {"StatusCode": {"Code": "102"}}, RETRY, Arrival.MAYBE),
        (200, YES | {"StatusCode": {"Code": "999"}}, RETRY, Arrival.MAYBE),
        (200, YES | {"AuthorizationStatus": "Perhaps"}, RETRY, Arrival.MAYBE),
        (200, {"Result": True, "StatusCode": {"Code": "000"}}, RETRY, Arrival.MAYBE),
        (200, {"Result": False, "StatusCode": {"Code": "021"}}, RETRY, Arrival.NO),
        (200, {"Result": False, "StatusCode": {"Code": "102"}}, REFUSED, Arrival.YES),
        (200, {"Result": True, "StatusCode": {"Code": "102"}}, RETRY, Arrival.MAYBE),
        (200, NO | {"Result": True}, RETRY, Arrival.MAYBE),
        (200, NO | {"Result": "true", "StatusCode": None}, RETRY, Arrival.MAYBE),
        (200, b"", RETRY, Arrival.MAYBE),
        (200, b"<html>NotAuthorized</html>", RETRY, Arrival.MAYBE),
        (400, {"message": "Error", "validationErrors": [{"fieldReference": "evseID"}]}, REJECT, Arrival.YES),
        (401, {"StatusCode": {"Code": "017"}}, HOLD, Arrival.NO),
        (403, b"<html>", HOLD, Arrival.NO),
        (429, b"", RETRY, Arrival.NO),
        (302, {"StatusCode": {"Code": "102"}}, HOLD, Arrival.NO),
        (403, NO | {"StatusCode": {"Code": "102"}}, HOLD, Arrival.NO),
        (408, NO | {"StatusCode": {"Code": "102"}}, RETRY, Arrival.NO),
        (429, NO | {"StatusCode": {"Code": "102"}}, RETRY, Arrival.NO),
        (500, {"StatusCode": {"Code": "102"}}, RETRY, Arrival.NO),
        (503, NO, RETRY, Arrival.NO),
    ],
)
def test_what_is_no_clear_no_never_ends_a_session(
    status: int, document: object, verdict: Verdict, arrival: Arrival
) -> None:
    answer = late(status, document)
    assert (answer.verdict, answer.arrival, answer.hub_session_id) == (verdict, arrival, None)
    assert answer.text.endswith(".")


@given(st.integers(100, 999), st.binary(max_size=80))
def test_no_noise_ends_a_session(status: int, body: bytes) -> None:
    assert late(status, body).verdict in (RETRY, HOLD, REJECT)


@given(st.integers(100, 999), st.binary(max_size=80))
def test_no_noise_lets_anybody_in(status: int, body: bytes) -> None:
    assert decide(START, status, {}, body).decision is Decision.NO_ANSWER
