"""What OICP asks of us, read from hostile bytes; and the station's word as an acknowledgement."""

import json
from datetime import timedelta
from typing import Any

import pytest

from roampost.hubs.inbound import Asked, Denial, Said
from roampost.hubs.oicp import inbound
from roampost.hubs.oicp.inbound import CODES, OicpInbound
from roampost.hubs.remote import CancelReservation, Outcome, RemoteStart, RemoteStop, Reply, Reserve
from tests.agent.oicp.openapi import needs_openapi, schema_errors
from tests.agent.oicp.requests_in import EVCO, EVSE, PATH_OF, PROVIDER, SESSION, bodies, request

DESK = OicpInbound("hubject", [EVSE, "+49*536*000*438"])


def read(name: str, **changes: Any) -> Asked | Said:
    return DESK.read(PATH_OF[name], {"provider_id": PROVIDER}, json.dumps(request(name, **changes)).encode())


def raw(body: bytes) -> Asked | Said:
    return DESK.read(inbound.REMOTE_STOP, {"provider_id": PROVIDER}, body)


def command(found: Asked | Said) -> Any:
    assert isinstance(found, Asked), found
    return found.command


def refused(found: Asked | Said, *, field: str) -> None:
    assert isinstance(found, Said)
    status = json.loads(found.body)["StatusCode"]
    assert (found.status, status["Code"], status["AdditionalInfo"].split()[0]) == (400, "022", field)


# --- in -------------------------------------------------------------------------------------------------------------


def test_each_operation_becomes_its_command() -> None:
    who = {"contract_id": EVCO, "product_id": "AC 1", "provider_session_id": "emp-1"}
    assert [command(read(name)) for name in PATH_OF] == [
        RemoteStart("hubject", SESSION, EVSE, **who),
        RemoteStop("hubject", SESSION, EVSE),
        Reserve("hubject", SESSION, EVSE, duration=timedelta(minutes=30), **who),
        CancelReservation("hubject", SESSION, EVSE),
    ]


@needs_openapi
@pytest.mark.parametrize("name", PATH_OF)
def test_what_these_tests_ask_is_what_the_hubs_own_file_prescribes(name: str) -> None:
    assert schema_errors(name, json.dumps(request(name))) == []
    assert schema_errors(name, json.dumps(request(name) | {"EvseID": 1})) != []


@pytest.mark.parametrize(
    ("medium", "uid", "contract_id"),
    [
        ({"RemoteIdentification": {"EvcoID": EVCO}}, None, EVCO),
        ({"PlugAndChargeIdentification": {"EvcoID": EVCO}}, None, EVCO),
        ({"QRCodeIdentification": {"EvcoID": EVCO, "PIN": "1234"}}, None, EVCO),
        ({"RFIDMifareFamilyIdentification": {"UID": "1234abcd"}}, "1234ABCD", None),
        ({"RFIDIdentification": {"UID": "1234ABCD", "RFID": "mifareCls", "EvcoID": EVCO}}, "1234ABCD", EVCO),
        ({"RFIDIdentification": {"UID": "1234ABCD", "RFID": "mifareCls", "EvcoID": None}}, "1234ABCD", None),
    ],
)
def test_a_driver_is_known_by_any_one_medium(medium: dict[str, Any], uid: str | None, contract_id: str | None) -> None:
    nulls = dict.fromkeys(
        ("RemoteIdentification", "RFIDMifareFamilyIdentification", "RFIDIdentification", "QRCodeIdentification")
    )
    found = command(read("eRoamingAuthorizeRemoteStart", Identification=nulls | medium))
    assert (found.uid, found.contract_id) == (uid, contract_id)


@pytest.mark.parametrize(
    ("identification", "field"),
    [
        ({}, "Identification"),
        (None, "Identification"),
        ("x", "Identification"),
        ({"RemoteIdentification": None}, "Identification"),
        ({"Telepathy": {"EvcoID": EVCO}}, "Identification"),
        (
            {"RemoteIdentification": {"EvcoID": EVCO}, "RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}},
            "Identification",
        ),
        ({"RemoteIdentification": [EVCO]}, "RemoteIdentification"),
        ({"RemoteIdentification": {}}, "EvcoID"),
        ({"RemoteIdentification": {"EvcoID": "DE-DCB"}}, "EvcoID"),
        ({"RemoteIdentification": {"EvcoID": EVCO + "\n1"}}, "EvcoID"),
        ({"RFIDMifareFamilyIdentification": {"UID": "123"}}, "UID"),
        ({"RFIDMifareFamilyIdentification": {"UID": "١٢٣٤٥٦٧٨"}}, "UID"),
        ({"RFIDMifareFamilyIdentification": {"UID": {}}}, "UID"),
    ],
)
def test_any_other_identification_is_refused_by_name(identification: Any, field: str) -> None:
    refused(read("eRoamingAuthorizeRemoteStart", Identification=identification), field=field)


@pytest.mark.parametrize("spelt", ["DE*ABC*E1*1", "DEABCE11", "de*abc*e11", " DE*ABC*E1*1 "])
def test_an_evse_is_found_however_it_is_spelt(spelt: str) -> None:
    assert command(read("eRoamingAuthorizeRemoteStop", EvseID=spelt)).evse_id == EVSE


def test_an_evse_of_the_other_kind_is_found_too() -> None:
    assert command(read("eRoamingAuthorizeRemoteStop", EvseID="49*536*000*438")).evse_id == "+49*536*000*438"


def test_an_evse_that_is_not_on_this_hub_is_unknown_without_asking_the_station() -> None:
    found = read("eRoamingAuthorizeRemoteStart", EvseID="DE*ABC*E1*2")
    assert isinstance(found, Said)
    said = json.loads(found.body)
    assert (found.status, said["Result"], said["StatusCode"]["Code"], said["SessionID"]) == (200, False, "603", SESSION)


@pytest.mark.parametrize("name", PATH_OF)
@pytest.mark.parametrize("field", ["SessionID", "ProviderID", "EvseID"])
@pytest.mark.parametrize("value", [None, "", "x", [], {}, True, 1.5, "\ud800", "\0", "x" * 300])
def test_what_names_the_session_the_provider_and_the_evse_has_to_be_right(name: str, field: str, value: object) -> None:
    """Also the SessionID of a reservation, which the schema calls optional."""
    refused(read(name, **{field: value}), field=field)


@pytest.mark.parametrize("path", ["DE-DCB", "DE*DCB", "dedcb"])
def test_the_provider_of_the_path_may_be_spelt_in_another_way(path: str) -> None:
    body = json.dumps(request("eRoamingAuthorizeRemoteStop")).encode()
    assert command(DESK.read(inbound.REMOTE_STOP, {"provider_id": path}, body))


def test_a_provider_may_not_speak_under_the_path_of_another() -> None:
    body = json.dumps(request("eRoamingAuthorizeRemoteStop")).encode()
    refused(DESK.read(inbound.REMOTE_STOP, {"provider_id": "DE-8EO"}, body), field="ProviderID")


@pytest.mark.parametrize("name", ["EMPPartnerSessionID", "EMPPartnerSessionId", "empPartnerSessionID"])
def test_the_providers_session_is_read_in_both_published_spellings(name: str) -> None:
    changes = {"EMPPartnerSessionID": None} | {name: "emp-2"}
    assert command(read("eRoamingAuthorizeRemoteReservationStart", **changes)).provider_session_id == "emp-2"


def test_keys_in_any_case_extra_fields_nulls_and_numbers_as_text_are_taken() -> None:
    body = request("eRoamingAuthorizeRemoteReservationStart", Duration="7", PartnerProductID=None, New={"a": [1]})
    found = DESK.read(
        inbound.RESERVATION_START, {"provider_id": PROVIDER}, json.dumps(_lowered(body)).encode("utf-8-sig")
    )
    assert (command(found).duration, command(found).product_id) == (timedelta(minutes=7), None)


def _lowered(value: Any) -> Any:
    return {key.lower(): _lowered(one) for key, one in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(("minutes", "given"), [(1, 1), (99, 99), (15.0, 15), (None, 15)])
def test_a_reservation_lasts_as_long_as_it_says_or_a_quarter_of_an_hour(minutes: object, given: int) -> None:
    found = command(read("eRoamingAuthorizeRemoteReservationStart", Duration=minutes))
    assert found.duration == timedelta(minutes=given)


@pytest.mark.parametrize("minutes", [0, 100, -1, 1.5, 1e300, True, "", "1.5", "٣", [], {}])
def test_a_reservation_of_another_length_is_refused(minutes: object) -> None:
    refused(read("eRoamingAuthorizeRemoteReservationStart", Duration=minutes), field="Duration")


@pytest.mark.parametrize("value", ["x" * 101, "a\nb", "\ud800", [], True])
def test_a_product_that_could_not_be_billed_later_is_refused(value: object) -> None:
    refused(read("eRoamingAuthorizeRemoteStart", PartnerProductID=value), field="PartnerProductID")


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
        b'{"a":NaN}',
        b"<html>",
    ],
)
def test_what_is_no_object_in_json_is_refused_in_words(body: bytes) -> None:
    refused(raw(body), field="the")


def test_a_member_that_is_given_twice_has_to_be_given_alike() -> None:
    good = json.dumps(request("eRoamingAuthorizeRemoteStop"))
    assert command(raw(f'{{"evseid":null,"EVSEID":"{EVSE}",{good[1:]}'.encode()))
    refused(raw(f'{{"EvseID":"DE*ABC*E1*2",{good[1:]}'.encode()), field="a")


# --- out ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PATH_OF)
@pytest.mark.parametrize("outcome", Outcome)
@needs_openapi
def test_every_word_of_the_station_is_an_acknowledgement(name: str, outcome: Outcome) -> None:
    asked = read(name)
    assert isinstance(asked, Asked)
    said = DESK.answer(asked, Reply(outcome, "for the log only", "our-1"))
    assert said.status == 200
    assert schema_errors("eRoamingAcknowledgment", said.body) == []
    assert b"log" not in said.body


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome.DONE, "000"),
        (Outcome.UNREACHABLE, "501"),
        (Outcome.NO_VEHICLE, "510"),
        (Outcome.RESERVED, "601"),
        (Outcome.IN_USE, "602"),
        (Outcome.UNKNOWN_EVSE, "603"),
        (Outcome.OUT_OF_SERVICE, "700"),
        (Outcome.NO_SESSION, "400"),
        (Outcome.REFUSED, "320"),
        (Outcome.FAILED, "021"),
    ],
)
def test_each_word_has_its_code(outcome: Outcome, code: str) -> None:
    """OICP 2.3 (CPO), "Status codes", those that an operator says."""
    assert CODES[outcome] == code
    asked = Asked(RemoteStop("hubject", SESSION, EVSE))
    said = json.loads(DESK.answer(asked, Reply(outcome, "")).body)
    assert (said["Result"], said["StatusCode"]["Code"]) == (outcome is Outcome.DONE, code)


def test_an_answer_names_all_three_sessions() -> None:
    said = json.loads(DESK.answer(_asked(), Reply(Outcome.DONE, "", "our-1")).body)
    names = ("SessionID", "CPOPartnerSessionID", "EMPPartnerSessionID")
    assert [said[one] for one in names] == [SESSION, "our-1", "emp-1"]


def test_a_session_that_does_not_exist_is_left_out_not_null() -> None:
    assert "CPOPartnerSessionID" not in json.loads(DESK.answer(_asked(), Reply(Outcome.NO_SESSION, "")).body)


def _asked() -> Asked:
    found = read("eRoamingAuthorizeRemoteStart")
    assert isinstance(found, Asked)
    return found


@needs_openapi
@pytest.mark.parametrize("denial", Denial)
def test_what_the_service_refuses_by_itself_is_an_acknowledgement_too(denial: Denial) -> None:
    said = DESK.deny(denial)
    assert said.status >= 400
    assert schema_errors("eRoamingAcknowledgment", said.body) == []
    assert json.loads(said.body)["Result"] is False


def test_every_request_of_these_tests_has_a_path_of_ours() -> None:
    assert set(PATH_OF.values()) == set(DESK.paths)
    assert len(bodies()) == len(DESK.paths)
