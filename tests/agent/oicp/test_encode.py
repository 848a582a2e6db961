"""What we send is what OICP wants: by the hub's schema, by a stricter overlay, and byte for byte for one of each."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from roampost.domain.messages import EvseStatus, Message, StatusMessage
from roampost.hubs.oicp.encode import (
    NOTIFICATIONS_PATH,
    Operator,
    authorize_start_request,
    authorize_stop_request,
    request_for,
)
from tests.agent.oicp import samples
from tests.agent.oicp.openapi import needs_openapi, schema_errors
from tests.agent.oicp.overlay import problems

SCHEMA = {
    "status": "eRoamingPushEvseStatus",
    "start": "eRoamingChargingNotificationStart",
    "end": "eRoamingChargingNotificationEnd",
    "error": "eRoamingChargingNotificationError",
    "cdr": "eRoamingChargeDetailRecord",
}
plenty = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@plenty
@given(samples.messages, samples.operators, samples.offsets)
def test_every_message_passes_the_overlay(message: Message, operator: Operator, offset: timedelta) -> None:
    _, body = request_for(message, operator, samples.when_at(offset))
    assert problems(SCHEMA[message.kind], body) == []


@needs_openapi
@plenty
@given(samples.messages, samples.operators, samples.offsets)
def test_every_message_passes_the_hubs_schema_of_its_type(
    message: Message, operator: Operator, offset: timedelta
) -> None:
    _, body = request_for(message, operator, samples.when_at(offset))
    assert schema_errors(SCHEMA[message.kind], body) == []


@plenty
@given(samples.operators, samples.evse_ids, samples.uids, samples.session_ids, samples.hub_session_ids)
def test_questions_on_a_card_pass_the_overlay(
    operator: Operator, evse_id: str, uid: str, session_id: str, hub_session_id: str
) -> None:
    _, start = authorize_start_request(operator, evse_id=evse_id, uid=uid, session_id=session_id)
    assert problems("eRoamingAuthorizeStart", start) == []
    _, stop = authorize_stop_request(
        operator, evse_id=evse_id, uid=uid, session_id=session_id, hub_session_id=hub_session_id
    )
    assert problems("eRoamingAuthorizeStop", stop) == []


@needs_openapi
def test_questions_on_a_card_pass_the_hubs_schema() -> None:
    asked = {"evse_id": "DE*ABC*E1", "uid": samples.UID, "session_id": "rp-1"}
    _, start = authorize_start_request(samples.OPERATOR, **asked)
    _, stop = authorize_stop_request(samples.OPERATOR, **asked, hub_session_id=samples.HUB_SESSION)
    assert schema_errors("eRoamingAuthorizeStart", start) == []
    assert schema_errors("eRoamingAuthorizeStop", stop) == []


def test_a_charge_record_byte_for_byte() -> None:
    path, body = request_for(samples.CDR, samples.OPERATOR, samples.BERLIN)
    assert path == "/cdrmgmt/v22/operators/DE%2AABC/charge-detail-record"
    assert body.decode() == (
        '{"SessionID":"b2688855-7f00-0002-6d8e-48d883f6abb6","CPOPartnerSessionID":"rp-0001",'
        '"EvseID":"DE*ABC*E840*1","Identification":{"RFIDMifareFamilyIdentification":{"UID":"044A2DAA856280"}},'
        '"SessionStart":"2026-09-21T16:13:20+02:00","SessionEnd":"2026-09-21T17:13:20+02:00",'
        '"ChargingStart":"2026-09-21T16:13:25+02:00","ChargingEnd":"2026-09-21T17:11:40+02:00",'
        '"MeterValueStart":1000.500,"MeterValueEnd":1031.041,"ConsumedEnergy":30.541}'
    )


def test_a_status_is_one_update_and_names_the_operator() -> None:
    path, body = request_for(samples.STATUS, samples.OPERATOR, samples.BERLIN)
    assert path == "/evsepush/v21/operators/DE%2AABC/status-records"
    assert json.loads(body) == {
        "ActionType": "update",
        "OperatorEvseStatus": {
            "OperatorID": "DE*ABC",
            "OperatorName": "Stadtwerke Köln",
            "EvseStatusRecord": [{"EvseID": "DE*ABC*E840*1", "EvseStatus": "Occupied"}],
        },
    }


@pytest.mark.parametrize(
    ("status", "spelt"),
    [
        (EvseStatus.AVAILABLE, "Available"),
        (EvseStatus.RESERVED, "Reserved"),
        (EvseStatus.OCCUPIED, "Occupied"),
        (EvseStatus.OUT_OF_SERVICE, "OutOfService"),
        (EvseStatus.UNKNOWN, "Unknown"),
    ],
)
def test_each_status_in_the_hubs_spelling(status: EvseStatus, spelt: str) -> None:
    message = StatusMessage(evse_id="DE*ABC*E1", status=status)
    _, body = request_for(message, Operator("DE*ABC"), samples.BERLIN)
    pushed = json.loads(body)["OperatorEvseStatus"]
    assert pushed == {"OperatorID": "DE*ABC", "EvseStatusRecord": [{"EvseID": "DE*ABC*E1", "EvseStatus": spelt}]}


@pytest.mark.parametrize("message", [samples.START, samples.END, samples.ERROR], ids=lambda message: message.kind)
def test_notifications_always_carry_the_operator_and_say_which_they_are(message: Message) -> None:
    path, body = request_for(message, samples.OPERATOR, samples.BERLIN)
    said = json.loads(body)
    assert path == NOTIFICATIONS_PATH
    assert (said["Type"].lower(), said["OperatorID"]) == (message.kind, "DE*ABC")


def test_an_end_without_energy_leaves_out_what_is_not_known() -> None:
    message = samples.END.model_copy(
        update={"charging_start": None, "meter_start_wh": None, "meter_end_wh": None, "energy_wh": None}
    )
    _, body = request_for(message, samples.OPERATOR, samples.BERLIN)
    assert b"null" not in body
    assert not {"ChargingStart", "ConsumedEnergy", "MeterValueStart", "MeterValueEnd"} & set(json.loads(body))


def test_zero_energy_is_said_and_not_left_out() -> None:
    _, body = request_for(samples.CDR.model_copy(update={"energy_wh": 0}), samples.OPERATOR, samples.BERLIN)
    assert b'"ConsumedEnergy":0.000' in body


@given(st.integers(0, 10**12))
def test_energy_is_exact_to_the_watt_hour(energy_wh: int) -> None:
    record = samples.CDR.model_copy(update={"energy_wh": energy_wh})
    _, body = request_for(record, samples.OPERATOR, samples.BERLIN)
    assert body.decode().endswith(f'"ConsumedEnergy":{energy_wh // 1000}.{energy_wh % 1000:03d}}}')


def test_a_long_error_text_is_clipped_and_an_empty_one_left_out() -> None:
    long = samples.ERROR.model_copy(update={"text": "x" * 300})
    empty = samples.ERROR.model_copy(update={"text": ""})
    assert len(json.loads(request_for(long, samples.OPERATOR, samples.BERLIN)[1])["ErrorAdditionalInfo"]) == 250
    assert "ErrorAdditionalInfo" not in json.loads(request_for(empty, samples.OPERATOR, samples.BERLIN)[1])


def test_a_din_operator_is_percent_encoded_in_the_path() -> None:
    path, _ = request_for(samples.CDR, Operator("+49*536"), samples.BERLIN)
    assert path == "/cdrmgmt/v22/operators/%2B49%2A536/charge-detail-record"


@pytest.mark.parametrize("uid", ["", "044A2D", "044A2DAA85628", "044A2DAA8562801", "ZZZZZZZZ", "044A2DAA\n"])
def test_a_card_that_oicp_has_no_form_for_is_refused(uid: str) -> None:
    with pytest.raises(ValidationError):
        authorize_start_request(samples.OPERATOR, evse_id="DE*ABC*E1", uid=uid, session_id="rp-1")


def test_a_session_without_the_hubs_id_is_refused() -> None:
    session = samples.SESSION.model_copy(update={"hub_session_id": ""})
    with pytest.raises(ValidationError):
        request_for(samples.CDR.model_copy(update={"session": session}), samples.OPERATOR, samples.BERLIN)


def test_a_naive_date_time_is_never_sent() -> None:
    with pytest.raises(ValidationError):
        request_for(samples.CDR, samples.OPERATOR, lambda _: datetime(2026, 1, 1))  # noqa: DTZ001  # the fault
