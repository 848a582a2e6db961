"""What an EvseDataRecord of the right shape can still have wrong."""

from typing import Any

import pytest

from roampost_sim.hub.oicp import check
from roampost_sim.hub.oicp.poi import contradictions, doubts
from tests.sim.hub.oicp.messages import evse_data, push_data

CCS, SCHUKO = "CCS Combo 2 Plug (Cable Attached)", "Type F Schuko"


def facility(kind: str = "AC_3_PHASE", power: int = 22, volts: int | None = 230, amperes: int | None = 32) -> Any:
    told = {"PowerType": kind, "Power": power, "Voltage": volts, "Amperage": amperes}
    return [{name: value for name, value in told.items() if value is not None}]


def test_a_right_record_is_without_doubt() -> None:
    assert [*contradictions(evse_data()), *doubts(evse_data())] == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"PaymentOptions": ["No Payment", "Direct"]}, "No Payment stands beside another payment option"),
        ({"IsOpen24Hours": False}, "OpeningTimes are missing, and IsOpen24Hours is false"),
        (
            {"GeoCoordinates": {"Google": {"Coordinates": "113.356465 52.480495"}}},
            "GeoCoordinates are no place on earth",
        ),
        (
            {"GeoChargingPointEntrance": {"DecimalDegree": {"Longitude": "190.5", "Latitude": "52.1"}}},
            "GeoChargingPointEntrance are no place on earth",
        ),
    ],
)
def test_a_contradiction_is_a_reason_to_refuse(changes: dict[str, Any], sentence: str) -> None:
    assert list(contradictions(evse_data(**changes))) == [sentence]
    assert check("PushEvseData", push_data(evse_data(**changes))) == [sentence]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"Plugs": [CCS]}, "a DC plug without a DC facility"),
        ({"ChargingFacilities": facility("DC", 50, None, None)}, "a DC facility without a DC plug"),
        ({"Plugs": [SCHUKO]}, "three phases at a plug that has one"),
        ({"ChargingFacilities": facility(volts=400)}, "400 V is between lines; line to neutral is asked for"),
        ({"ChargingFacilities": facility(power=7)}, "7 kW is not 3 × 230 V × 32 A"),
        ({"ChargingFacilities": facility("AC_1_PHASE", 22)}, "22 kW is not 1 × 230 V × 32 A"),
        ({"AdditionalInfo": [{"lang": "de", "value": "Hinten"}]}, "AdditionalInfo does not begin in English"),
    ],
)
def test_a_doubt_costs_correctness_and_no_more(changes: dict[str, Any], sentence: str) -> None:
    assert list(doubts(evse_data(**changes))) == [sentence]
    assert check("PushEvseData", push_data(evse_data(**changes))) == []


@pytest.mark.parametrize(
    "facilities",
    [facility("AC_1_PHASE", 4, 230, 16), facility("AC_3_PHASE", 11, 230, 16), facility("AC_3_PHASE", 43, 220, 63)],
)
def test_a_rounded_power_is_right(facilities: Any) -> None:
    assert list(doubts(evse_data(ChargingFacilities=facilities))) == []
