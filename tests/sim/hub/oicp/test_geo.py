"""One position, three ways to write it."""

from typing import Any

import pytest

from roampost_sim.hub.oicp.geo import FORMATS, position, written_as

BERLIN = {
    "Google": {"Coordinates": "52.480495,13.356465"},
    "DecimalDegree": {"Longitude": "13.356465", "Latitude": "52.480495"},
    "DegreeMinuteSeconds": {"Longitude": "13°21'23.27''", "Latitude": "52°28'49.78''"},
}


@pytest.mark.parametrize("told", FORMATS)
@pytest.mark.parametrize("asked", FORMATS)
def test_each_form_becomes_each_other(told: str, asked: str) -> None:
    written = written_as(asked, {told: BERLIN[told]})
    assert list(written) == [asked]
    # A hundredth of a second of arc is 0.3 m.
    assert position(written) == pytest.approx((52.480495, 13.356465), abs=2e-6)


def test_the_form_that_was_told_stays_as_it_was() -> None:
    told: dict[str, Any] = {"Google": {"Coordinates": "52.480495 13.356465"}}
    assert written_as("Google", told) is told


def test_south_and_west_keep_their_sign() -> None:
    told = {"Google": {"Coordinates": "-0.5,-70.999999"}}
    minutes = written_as("DegreeMinuteSeconds", told)
    assert minutes == {"DegreeMinuteSeconds": {"Longitude": "-71°0'0.00''", "Latitude": "-0°30'0.00''"}}
    assert position(minutes) == (-0.5, -71.0)
