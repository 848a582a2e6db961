"""What is told of a session, byte for byte and field by field: notifications and the charge detail record."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.domain.messages import Calibration, SignedValue
from roampost.hubs.oicp.encode import NOTIFICATIONS_PATH, Sayable, request_for
from roampost.hubs.oicp.session_words import UnsayableError
from tests.agent.oicp import samples
from tests.agent.oicp.samples import said


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


@pytest.mark.parametrize(
    "message", [samples.START, samples.PROGRESS, samples.END, samples.ERROR], ids=lambda message: message.kind
)
def test_notifications_always_carry_the_operator_and_say_which_they_are(message: Sayable) -> None:
    path, body = request_for(message, samples.OPERATOR, samples.BERLIN)
    said = json.loads(body)
    assert path == NOTIFICATIONS_PATH
    assert (said["Type"].lower(), said["OperatorID"]) == (message.kind, "DE*ABC")


def test_a_progress_byte_for_byte() -> None:
    path, body = request_for(samples.PROGRESS, samples.OPERATOR, samples.BERLIN)
    assert path == NOTIFICATIONS_PATH
    assert body.decode() == (
        '{"SessionID":"b2688855-7f00-0002-6d8e-48d883f6abb6","CPOPartnerSessionID":"rp-0001",'
        '"EvseID":"DE*ABC*E840*1","Identification":{"RFIDMifareFamilyIdentification":{"UID":"044A2DAA856280"}},'
        '"OperatorID":"DE*ABC","Type":"Progress","ChargingStart":"2026-09-21T16:13:25+02:00",'
        '"EventOccurred":"2026-09-21T16:18:25+02:00","ChargingDuration":300500,'
        '"SessionStart":"2026-09-21T16:13:20+02:00","ConsumedEnergyProgress":1.500,"MeterValueStart":1000.500,'
        '"MeterValueInBetween":{"meterValues":[1001.000,1002.000]}}'
    )


def test_a_clock_that_was_set_back_makes_no_negative_duration() -> None:
    assert said(samples.PROGRESS.model_copy(update={"occurred": samples.stamp(4)}))["ChargingDuration"] == 0


def test_a_session_from_afar_is_told_by_its_contract_and_its_providers_own_id() -> None:
    found = said(samples.CDR.model_copy(update={"session": samples.REMOTE}))
    assert found["Identification"] == {"RemoteIdentification": {"EvcoID": samples.CONTRACT}}
    assert (found["PartnerProductID"], found["EMPPartnerSessionID"]) == ("AC3", "emp-1")


def test_a_session_whose_card_and_contract_are_known_is_told_by_the_card() -> None:
    both = samples.CDR.session.model_copy(update={"contract_id": samples.CONTRACT, "account": "username:x"})
    assert said(samples.CDR.model_copy(update={"session": both})) == said(samples.CDR)


@pytest.mark.parametrize("extra", [{"product_id": "x" * 51}, {"provider_session_id": "x" * 251}, {"product_id": ""}])
def test_an_extra_that_does_not_fit_keeps_no_record_back(extra: dict[str, str]) -> None:
    found = said(samples.CDR.model_copy(update={"session": samples.REMOTE.model_copy(update=extra)}))
    assert not {"PartnerProductID", "EMPPartnerSessionID"} <= set(found)
    assert found["ConsumedEnergy"] == 30.541


def test_an_end_while_the_vehicle_stays_tells_when_the_place_costs_and_no_session_end() -> None:
    found = said(samples.END.model_copy(update={"session_end": None, "penalty_start": samples.stamp(4400)}))
    assert "SessionEnd" not in found
    assert found["PenaltyTimeStart"] == "2026-09-21T17:26:40+02:00"


def test_a_reservations_record_has_no_meter_values() -> None:
    found = said(samples.CDR.model_copy(update={"meter_start_wh": None, "meter_end_wh": None, "energy_wh": 0}))
    assert not {"MeterValueStart", "MeterValueEnd", "MeterValueInBetween"} & set(found)
    assert found["ConsumedEnergy"] == 0


def test_meter_values_in_between_are_an_object_around_the_list() -> None:
    for message in (samples.CDR, samples.END):
        found = said(message.model_copy(update={"meters_between_wh": (1_010_000, 1_020_541)}))
        assert found["MeterValueInBetween"] == {"meterValues": [1010.0, 1020.541]}


def signed(*values: SignedValue) -> list[dict[str, str]] | None:
    found: list[dict[str, str]] | None = said(samples.CDR.model_copy(update={"signed": values})).get(
        "SignedMeteringValues"
    )
    return found


def test_signed_values_are_carried_as_they_came_and_in_order() -> None:
    end, start = SignedValue(moment="end", text="OCMF|ü|e"), SignedValue(moment="start", text="OCMF|s")
    assert signed(end, SignedValue(moment="progress", text="p"), start) == [
        {"SignedMeteringValue": "OCMF|s", "MeteringStatus": "Start"},
        {"SignedMeteringValue": "p", "MeteringStatus": "Progress"},
        {"SignedMeteringValue": "OCMF|ü|e", "MeteringStatus": "End"},
    ]


def test_of_more_than_ten_signed_values_the_first_and_the_last_stay() -> None:
    progress = [SignedValue(moment="progress", text=f"p{number}") for number in range(20)]
    start, end = SignedValue(moment="start", text="s"), SignedValue(moment="end", text="e")
    found = signed(start, *progress, end)
    assert found is not None
    assert [one["SignedMeteringValue"] for one in found] == ["s", "p0", "p3", "p6", "p9", "p12", "p15", "p18", "e"]


def test_a_part_of_a_signed_value_is_not_sent() -> None:
    whole, longer = SignedValue(moment="start", text="s" * 3000), SignedValue(moment="end", text="e" * 3001)
    found = signed(whole, longer)
    assert found == [{"SignedMeteringValue": "s" * 3000, "MeteringStatus": "Start"}]
    assert signed(longer) is None


def test_the_law_fields_are_told_where_there_are_any() -> None:
    law = Calibration(certificate_id="PTB - 1 : V1 : 01Jan2026", public_key="3059", encoding="OCMF : V1")
    assert said(samples.CDR.model_copy(update={"calibration": law}))["CalibrationLawVerificationInfo"] == {
        "CalibrationLawCertificateID": "PTB - 1 : V1 : 01Jan2026",
        "PublicKey": "3059",
        "MeteringSignatureEncodingFormat": "OCMF : V1",
    }
    assert "CalibrationLawVerificationInfo" not in said(samples.CDR.model_copy(update={"calibration": Calibration()}))


@pytest.mark.parametrize("message", [samples.START, samples.PROGRESS, samples.END, samples.ERROR, samples.CDR])
def test_nothing_is_told_of_a_session_that_the_hub_does_not_know(message: Sayable) -> None:
    with pytest.raises(UnsayableError, match="late authorization"):
        request_for(message.model_copy(update={"session": samples.OFFLINE}), samples.OPERATOR, samples.BERLIN)


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
