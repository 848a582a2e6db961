"""The rules whose breach the live hub answers with code 022."""

from datetime import timedelta
from typing import Any

import pytest

from roampost_sim.hub import check
from roampost_sim.hub.cdr import refusals
from tests.sim.hub.messages import NOON, at, cdr

SIGNED = [{"SignedMeteringValue": "a", "MeteringStatus": word} for word in ("End", "Start")]


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
        ({"SignedMeteringValues": SIGNED}, "not in the order"),
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
