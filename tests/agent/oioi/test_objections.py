"""What OIOI has no words for is found before, and so is what the EVSEs of one station say differently."""

import pytest
from hypothesis import HealthCheck, given, settings

from roampost.domain import poi as domain
from roampost.domain.messages import StationDataMessage
from roampost.domain.poi import EvsePoi, Text, canonical
from roampost.hubs.oioi.objections import against
from roampost.hubs.oioi.stations import station
from roampost.hubs.oioi.words import UnsayableError
from roampost.poi.check import Hearer, check
from roampost.poi.fields import FIELDS
from roampost.poi.finding import Severity
from tests.agent.poi.makers import SPARSE, WHOLE, changed, moved, odd_pois

ERROR, WARNING, HINT = Severity
SECOND = "DE*ABC*E840*2"


def told(*evses: EvsePoi) -> list[tuple[str, Severity, str]]:
    return [(evse_id, found.severity, found.field) for evse_id, found in against(evses)]


def beside(poi: EvsePoi) -> EvsePoi:
    """The second EVSE of the station."""
    return poi.model_copy(update={"evse_id": SECOND})


def test_nothing_is_said_against_right_stations() -> None:
    assert told(WHOLE, beside(WHOLE)) == []
    assert told(SPARSE) == []


@pytest.mark.parametrize(
    ("plugs", "severity"),
    [
        ((domain.Plug.AVCON,), ERROR),
        ((domain.Plug.SMALL_PADDLE, domain.Plug.LARGE_PADDLE), ERROR),
        ((domain.Plug.AVCON, domain.Plug.TYPE_1_CABLE), None),
        ((domain.Plug.TYPE_2_OUTLET, domain.Plug.TYPE_2_CABLE), None),
        ((domain.Plug.TYPE_2_OUTLET, domain.Plug.TYPE_F_OUTLET), HINT),
    ],
)
def test_a_plug_has_a_name_there_and_an_evse_one_plug(
    plugs: tuple[domain.Plug, ...], severity: Severity | None
) -> None:
    assert told(changed(plugs=plugs)) == ([] if severity is None else [(WHOLE.evse_id, severity, "plugs")])


def test_a_country_that_has_no_two_letters_is_told() -> None:
    assert told(moved(country="XYZ")) == [(WHOLE.evse_id, ERROR, "address.country")]
    assert told(moved(country="de")) == [], "every hub refuses it"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (changed(names=(Text(lang="en", text="Elsewhere"),)), "names"),
        (changed(names=WHOLE.names[:1]), None),
        (changed(info=()), "info"),
        (changed(directions=()), "directions"),
        (moved(street="Nebenstraße"), "address.street"),
        (moved(floor="2"), "address.floor"),
        (moved(parking_spot="E37"), None),
        (changed(coordinates=None), "coordinates"),
        (changed(entrance=None), None),
        (changed(hotline="+4930999999"), "hotline"),
        (changed(opening=WHOLE.opening[:1]), "opening"),
        (changed(renewable=False), "renewable"),
        (changed(services=(domain.Service.RESERVATION,)), "services"),
        (changed(services=(*(WHOLE.services or ()), domain.Service.PARKING_SENSORS)), None),
        (changed(payment=(domain.Payment.NO_PAYMENT,)), "payment"),
        (changed(authentication=(domain.Authentication.PLUG_AND_CHARGE,)), "authentication"),
        (changed(access=domain.Access.RESTRICTED), "access"),
        (changed(access=domain.Access.PAYING), None),
        (changed(plugs=(domain.Plug.TYPE_2_CABLE,), facilities=()), None),
        (changed(manufacturer="XYZ Charging"), None),
    ],
)
def test_what_is_told_once_for_a_station_does_not_differ_within_it(other: EvsePoi, field: str | None) -> None:
    assert told(beside(other), WHOLE) == ([] if field is None else [(SECOND, WARNING, field)])


def test_whoever_comes_first_in_the_file_the_first_id_has_the_word() -> None:
    here, there = WHOLE, beside(changed(hotline="+4930999999"))
    assert told(here, there) == told(there, here) == [(SECOND, WARNING, "hotline")]


@pytest.mark.parametrize("station_id", [None, "", "Hauptstrasse 2"])
def test_evses_of_several_stations_may_differ(station_id: str | None) -> None:
    assert told(WHOLE, beside(changed(station_id=station_id, hotline="+4930999999"))) == []


def test_every_finding_names_a_field_of_the_configuration() -> None:
    other = beside(EvsePoi(evse_id=SECOND, station_id=WHOLE.station_id, plugs=(domain.Plug.AVCON,)))
    found = {field for _, _, field in told(WHOLE, other)}
    assert len(found) > 10
    assert found <= {field.name for field in FIELDS}


@given(odd_pois)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_the_check_finds_no_error_in_can_be_said(poi: EvsePoi) -> None:
    """And so: whatever OIOI has no words for, an operator is told before."""
    message = StationDataMessage(action="post", station_id="S1", data=(canonical(poi),))
    try:
        station(message, "DE*ABC")
    except UnsayableError:
        assert check([poi], [Hearer("DE*ABC", frozenset({poi.evse_id}), against)]).refused == {poi.evse_id}
