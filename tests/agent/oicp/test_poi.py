"""EVSE data is what OICP wants: by the hub's schema, by a stricter overlay, and refused where it has no words."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from roampost.domain import poi as domain
from roampost.domain.poi import EvsePoi
from roampost.hubs.oicp import poi_words
from roampost.hubs.oicp.encode import Operator
from roampost.hubs.oicp.objections import against
from roampost.hubs.oicp.poi import data_request, record, utc_offset
from roampost.poi.check import Hearer, check
from tests.agent.oicp import samples
from tests.agent.oicp.openapi import needs_openapi, schema_errors
from tests.agent.oicp.overlay_poi import data_problems
from tests.agent.poi.makers import SPARSE, WHOLE, changed, moved, odd_pois

plenty = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def refused(poi: EvsePoi) -> frozenset[str]:
    return check([poi], [Hearer("DE*ABC", frozenset({poi.evse_id}), against)]).refused


def sent(*pois: EvsePoi) -> dict[str, Any]:
    """The first record of a request."""
    document: Any = json.loads(data_request(samples.OPERATOR, "update", pois)[1])
    found: dict[str, Any] = document["OperatorEvseData"]["EvseDataRecord"][0]
    return found


@pytest.mark.parametrize("action", ["insert", "update", "delete", "fullLoad"])
def test_a_push_names_operator_action_and_every_evse(action: Any) -> None:
    path, body = data_request(samples.OPERATOR, action, [WHOLE, SPARSE])
    assert path == "/evsepush/v23/operators/DE%2AABC/data-records"
    document = json.loads(body)
    data = document["OperatorEvseData"]
    assert (document["ActionType"], data["OperatorID"], data["OperatorName"]) == (action, "DE*ABC", "Stadtwerke Köln")
    assert [one["EvseID"] for one in data["EvseDataRecord"]] == [WHOLE.evse_id, SPARSE.evse_id]
    assert data_problems(body) == []


@needs_openapi
@pytest.mark.parametrize("poi", [WHOLE, SPARSE], ids=["whole", "sparse"])
def test_a_push_passes_the_hubs_schema(poi: EvsePoi) -> None:
    assert schema_errors("eRoamingPushEvseData", data_request(samples.OPERATOR, "fullLoad", [poi])[1]) == []


@plenty
@given(odd_pois)
def test_what_the_check_finds_no_error_in_can_be_sent(poi: EvsePoi) -> None:
    """And so: whatever OICP has no words for, an operator is told before."""
    try:
        body = data_request(samples.OPERATOR, "insert", [poi])[1]
    except ValidationError:
        assert refused(poi) == {poi.evse_id}
    else:
        assert data_problems(body) == []


@needs_openapi
@plenty
@given(odd_pois)
def test_whatever_is_sent_passes_the_hubs_schema(poi: EvsePoi) -> None:
    if not refused(poi):
        body = data_request(samples.OPERATOR, "insert", [poi])[1]
        assert schema_errors("eRoamingPushEvseData", body) == []


def test_the_whole_record_fills_every_field_that_a_sender_may_fill() -> None:
    by_the_hub = {"deltaType", "lastUpdate"}
    assert set(sent(WHOLE)) == set(record(WHOLE).model_fields_set) - by_the_hub
    assert len(sent(WHOLE)) == 32


@needs_openapi
def test_no_field_of_the_schema_is_left_without_a_word_of_ours() -> None:
    from tests.agent.oicp.openapi import validator

    schema: Any = validator("EvseDataRecord").schema
    known = set(schema["components"]["schemas"]["EvseDataRecord"]["properties"]) - {"deltaType", "lastUpdate"}
    assert known == set(sent(WHOLE))


@pytest.mark.parametrize(
    ("words", "ours"),
    [
        (poi_words.PLUG, domain.Plug),
        (poi_words.POWER_TYPE, domain.PowerType),
        (poi_words.MODE, domain.ChargingMode),
        (poi_words.ENERGY, domain.Energy),
        (poi_words.CALIBRATION_LAW, domain.CalibrationLaw),
        (poi_words.AUTHENTICATION, domain.Authentication),
        (poi_words.PAYMENT, domain.Payment),
        (poi_words.SERVICE, domain.Service),
        (poi_words.ACCESS, domain.Access),
        (poi_words.LOCATION, domain.Location),
        (poi_words.DAYS, domain.Days),
    ],
    ids=lambda part: part.__name__ if isinstance(part, type) else "",
)
def test_every_word_of_ours_has_one_of_its_own(words: Mapping[StrEnum, str], ours: type[StrEnum]) -> None:
    assert set(words) == set(ours)
    assert len(set(words.values())) == len(words)


def test_what_is_not_known_is_left_out_and_never_null() -> None:
    body = data_request(samples.OPERATOR, "insert", [SPARSE])[1]
    assert b"null" not in body
    assert set(json.loads(body)["OperatorEvseData"]["EvseDataRecord"][0]) == {
        "EvseID",
        "ChargingStationNames",
        "Address",
        "GeoCoordinates",
        "Plugs",
        "ChargingFacilities",
        "RenewableEnergy",
        "CalibrationLawDataAvailability",
        "AuthenticationModes",
        "PaymentOptions",
        "ValueAddedServices",
        "Accessibility",
        "HotlinePhoneNumber",
        "IsOpen24Hours",
        "IsHubjectCompatible",
        "DynamicInfoAvailable",
    }


def test_no_services_are_said_to_be_none() -> None:
    assert sent(SPARSE)["ValueAddedServices"] == ["None"]


def test_periods_of_a_day_stand_together() -> None:
    assert sent(WHOLE)["OpeningTimes"] == [
        {
            "on": "Workdays",
            "Period": [{"begin": "06:00", "end": "12:00"}, {"begin": "13:00", "end": "22:00"}],
        },
        {"on": "Sunday", "Period": [{"begin": "08:00", "end": "24:00"}]},
    ]


@pytest.mark.parametrize(("power_w", "kw"), [(22_080, 22), (11_040, 11), (3_680, 4), (50_000, 50), (150_400, 150)])
def test_power_is_whole_kilowatts(power_w: int, kw: int) -> None:
    facility = WHOLE.facilities[0].model_copy(update={"power_w": power_w})
    assert sent(changed(facilities=(facility,)))["ChargingFacilities"][0]["Power"] == kw


def test_what_the_schema_has_no_room_for_is_left_out() -> None:
    facility = domain.Facility(power_type=domain.PowerType.DC, power_w=300_000, voltage_v=1_000, current_a=300)
    source = domain.EnergySource(energy=domain.Energy.SOLAR, percent=100)
    found = sent(changed(facilities=(facility,), energy_sources=(source,)))
    assert found["ChargingFacilities"] == [{"PowerType": "DC", "Power": 300}]
    assert found["EnergySource"] == [{"Energy": "Solar"}]


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("Europe/Berlin", "UTC+01:00"),
        ("Europe/Dublin", "UTC+00:00"),
        ("America/New_York", "UTC-05:00"),
        ("America/St_Johns", "UTC-03:30"),
        ("Australia/Sydney", "UTC+10:00"),
        ("Asia/Kathmandu", "UTC+05:45"),
    ],
)
def test_a_zone_is_told_by_its_offset_in_winter(zone: str, offset: str) -> None:
    assert utc_offset(zone) == offset
    assert sent(moved(time_zone=zone))["Address"]["TimeZone"] == offset


@pytest.mark.parametrize(
    "pois",
    [
        pytest.param([], id="nothing, which in a fullLoad deletes everything"),
        pytest.param([WHOLE, WHOLE.model_copy(update={"evse_id": "DEABCE8401"})], id="one EVSE twice"),
        pytest.param([changed(payment=(domain.Payment.NO_PAYMENT, domain.Payment.DIRECT))], id="free, and not"),
        pytest.param([changed(open_24_hours=True)], id="around the clock with times"),
        pytest.param([changed(opening=())], id="not around the clock without times"),
        pytest.param([changed(hotline="030 123")], id="a telephone number of one country"),
        pytest.param([changed(hotline=None)], id="a mandatory field missing"),
        pytest.param([moved(street="A")], id="a street of one letter"),
        pytest.param([moved(time_zone="Europe/Nowhere")], id="no such time zone"),
    ],
)
def test_what_the_hub_would_refuse_is_never_sent(pois: list[EvsePoi]) -> None:
    with pytest.raises(ValidationError):
        data_request(samples.OPERATOR, "fullLoad", pois)


def test_the_operators_name_is_mandatory_here() -> None:
    with pytest.raises(ValidationError):
        data_request(Operator("DE*ABC"), "insert", [WHOLE])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Hours": 24}, "record.Hours is not known"),
        ({"AdditionalInfo": None}, "AdditionalInfo is null"),
        ({"AdditionalInfo": []}, "AdditionalInfo is an empty list"),
        ({"HotlinePhoneNumber": "+4930 1234"}, r"HotlinePhoneNumber is not like \+[0-9]{5,15}"),
        ({"ClearinghouseID": "x" * 21}, "ClearinghouseID has 21 characters"),
        ({"PaymentOptions": ["No Payment", "Direct"]}, "No Payment is not alone"),
        ({"IsOpen24Hours": True}, "open around the clock and at times, or neither"),
        ({"ChargingFacilities": [{"PowerType": "DC", "Power": 22.5}]}, "Power is not a whole number of kW"),
    ],
)
def test_the_overlay_refuses_what_the_schema_lets_through(changes: dict[str, object], sentence: str) -> None:
    document: Any = json.loads(data_request(samples.OPERATOR, "insert", [WHOLE])[1])
    document["OperatorEvseData"]["EvseDataRecord"][0].update(changes)
    assert data_problems(json.dumps(document).encode()) == [sentence]
