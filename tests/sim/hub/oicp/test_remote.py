"""What the hub asks of an operator, held against the hub's own document, honest and odd."""

from typing import Any

import pytest

from roampost_sim.hub.oicp.remote import PATHS, PLAIN, Manner, Question, path
from tests.sim.hub.oicp.messages import CONTRACT, EVSE, GUID
from tests.sim.hub.oicp.openapi import complaints, needs_document

START, STOP = "AuthorizeRemoteStart", "AuthorizeRemoteStop"
RESERVE, CANCEL = "AuthorizeRemoteReservationStart", "AuthorizeRemoteReservationStop"


def question(operation: str, **more: Any) -> Question:
    told = more | ({"contract": CONTRACT} if operation.endswith("Start") else {})
    return Question(operation, GUID, "DE-8EO", EVSE, **told)


FULL = {"partner_id": "ours", "emp_partner_id": "theirs"}
QUESTIONS = [
    *(question(operation) for operation in PATHS),
    *(question(operation, **FULL) for operation in PATHS),
    question(START, product="AC3"),
    question(RESERVE, minutes=30, product="AC3"),
]


@needs_document
@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: str(asked.operation))
def test_a_question_passes_the_hubs_own_document(asked: Question) -> None:
    assert complaints(f"eRoaming{asked.operation}", asked.message(PLAIN)) == []


def test_a_question_holds_what_it_was_given_and_no_more() -> None:
    assert question(STOP).message(PLAIN) == {"SessionID": GUID, "ProviderID": "DE-8EO", "EvseID": EVSE}
    assert question(RESERVE, minutes=30, **FULL).message(PLAIN) == {
        "SessionID": GUID,
        "ProviderID": "DE-8EO",
        "EvseID": EVSE,
        "Identification": {"RemoteIdentification": {"EvcoID": CONTRACT}},
        "Duration": 30,
        "CPOPartnerSessionID": "ours",
        "EMPPartnerSessionId": "theirs",
    }


def test_nulls_stand_for_all_that_is_not_said() -> None:
    body = question(START).message(Manner(nulls=True))
    assert body["Identification"] == {
        "RFIDMifareFamilyIdentification": None,
        "RFIDIdentification": None,
        "QRCodeIdentification": None,
        "PlugAndChargeIdentification": None,
        "RemoteIdentification": {"EvcoID": CONTRACT},
    }
    assert [name for name, value in body.items() if value is None] == [
        "CPOPartnerSessionID",
        "EMPPartnerSessionID",
        "PartnerProductID",
    ]


def test_names_in_the_wrong_case_begin_small_everywhere() -> None:
    body = question(START).message(Manner(wrong_case=True, extra={"Hint": {"Shard": 7}}))
    assert body["identification"] == {"remoteIdentification": {"evcoID": CONTRACT}}
    assert (body["sessionID"], body["hint"]) == (GUID, {"shard": 7})


def test_a_provider_is_escaped_in_the_path() -> None:
    assert path(START, "DE*8EO") == "/charging/v21/providers/DE*8EO/authorize-remote/start"
    assert path(CANCEL, "a/b") == "/reservation/v11/providers/a%2Fb/reservation-stop-request"
