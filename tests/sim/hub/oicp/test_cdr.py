"""The rules whose breach the live hub answers with code 022."""

from datetime import timedelta
from typing import Any

import pytest

from roampost_sim.hub.oicp import check
from roampost_sim.hub.oicp.cdr import refusals, unsigned
from tests.sim.hub.oicp.messages import NOON, at, cdr, evse_data


def signed(*words: str) -> list[dict[str, str]]:
    return [{"SignedMeteringValue": "a" * 3000, "MeteringStatus": word} for word in words]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ConsumedEnergy": 1000.001}, "more than 1000 kWh"),
        ({"ConsumedEnergy": -0.001}, "is negative"),
        ({"MeterValueEnd": 10.122}, "MeterValueEnd is less"),
        ({"ChargingEnd": at(0.5)}, "ChargingEnd is before ChargingStart"),
        ({"ChargingStart": at(-1)}, "ChargingStart is before SessionStart"),
        ({"SessionEnd": at(39)}, "SessionEnd is before ChargingEnd"),
        ({"SessionEnd": "2026-06-01T12:30:00+03:00"}, "SessionEnd is before ChargingEnd"),
        ({"SignedMeteringValues": signed("End", "Start")}, "not in the order"),
        ({"SignedMeteringValues": signed("Start", "End", "Progress")}, "not in the order"),
        ({"SignedMeteringValues": signed("Start", "Start")}, "more than one Start or End"),
        ({"SignedMeteringValues": signed("Start", "End", "End")}, "more than one Start or End"),
    ],
)
def test_a_record_that_cannot_be_true_is_refused(changes: dict[str, Any], sentence: str) -> None:
    (told,) = refusals(cdr(**changes), NOON + timedelta(days=1))
    assert sentence in told
    assert check("ChargeDetailRecord", cdr(**changes)) == [told]


def test_a_session_may_end_now_and_not_a_second_later() -> None:
    now = NOON + timedelta(minutes=41)
    assert refusals(cdr(), now) == []
    (told,) = refusals(cdr(), now - timedelta(seconds=1))
    assert "in the future" in told


def test_the_limits_themselves_are_allowed() -> None:
    still: dict[str, Any] = {
        "ChargingStart": at(0),
        "ChargingEnd": at(0),
        "SessionEnd": at(0),
        "ConsumedEnergy": 0,
        "MeterValueEnd": 10.123,
    }
    assert refusals(cdr(**still), NOON) == []
    assert refusals(cdr(ConsumedEnergy=1000), NOON + timedelta(days=1)) == []


def test_ten_signed_values_in_order_are_right() -> None:
    record = cdr(SignedMeteringValues=signed("Start", *["Progress"] * 8, "End"))
    assert check("ChargeDetailRecord", record) == []


@pytest.mark.parametrize("values", [{}, {"SignedMeteringValues": []}], ids=["none", "empty"])
def test_external_calibration_data_are_missed(values: dict[str, Any]) -> None:
    external = evse_data(CalibrationLawDataAvailability="External")
    (told,) = unsigned(cdr(**values), external)
    assert "no SignedMeteringValues" in told
    assert list(unsigned(cdr(SignedMeteringValues=signed("End")), external)) == []
    for availability in ("Local", "Not Available"):
        assert list(unsigned(cdr(**values), evse_data(CalibrationLawDataAvailability=availability))) == []
    assert list(unsigned(cdr(**values), None)) == []
