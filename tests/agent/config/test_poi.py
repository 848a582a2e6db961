"""What a site writes about its EVSEs, joined with what the technical configuration knows."""

from decimal import Decimal
from pathlib import Path

import pytest

from roampost.config.load import ConfigError, load
from roampost.config.poi import pois
from roampost.domain import poi as domain
from tests.agent.config.small_site import GOOD, TYPES, write
from tests.agent.config.told_site import POI, told

EVSE = "DE*ABC*E1*1"


def poi_of(folder: Path, *changes: tuple[str, str]) -> domain.EvsePoi:
    return pois(load(write(folder, told(*changes)), TYPES))[EVSE]


def test_a_site_without_poi_has_no_evse_data(tmp_path: Path) -> None:
    assert pois(load(write(tmp_path, GOOD), TYPES)) == {}


def test_an_empty_poi_is_enough_to_begin_with(tmp_path: Path) -> None:
    found = pois(load(write(tmp_path, f"{GOOD}\n[poi]\n"), TYPES))[EVSE]
    assert found == domain.EvsePoi(
        evse_id=EVSE, address=domain.Address(time_zone="Europe/Berlin"), facilities=found.facilities
    )


def test_what_is_written_for_the_station_and_for_an_evse_is_joined(tmp_path: Path) -> None:
    found = poi_of(tmp_path)
    assert found.names == (domain.Text(lang="en", text="Car park"), domain.Text(lang="de", text="Parkplatz"))
    assert found.info == (domain.Text(lang="en", text="Left of the entrance"),)
    assert (found.address.city, found.address.parking_spot) == ("Berlin", "E36")
    assert found.coordinates == domain.Coordinates(latitude=Decimal("52.480495"), longitude=Decimal("13.356460"))
    assert found.max_capacity_wh == 100_000
    assert (found.services, found.roaming, found.live_status) == ((), True, "yes")


def test_a_key_of_an_evse_replaces_the_stations(tmp_path: Path) -> None:
    found = poi_of(tmp_path, ("[evse.poi]\n", '[evse.poi]\nnames = { de = "Nr. 1" }\nroaming = false\n'))
    assert found.names == (domain.Text(lang="de", text="Nr. 1"),)
    assert not found.roaming


def test_the_zeros_of_a_coordinate_in_quotes_are_kept(tmp_path: Path) -> None:
    found = poi_of(tmp_path).coordinates
    assert found is not None
    assert str(found.longitude) == "13.356460"


@pytest.mark.parametrize(
    ("written", "facility"),
    [
        ("", (domain.PowerType.AC_3_PHASE, 11_040, 230, 16)),
        ("max_current_a = 32", (domain.PowerType.AC_3_PHASE, 22_080, 230, 32)),
        ("phases = 1\nvoltage_v = 240", (domain.PowerType.AC_1_PHASE, 3_840, 240, 16)),
        ("phases = 2", (domain.PowerType.AC_1_PHASE, 3_680, 230, 16)),
    ],
)
def test_without_facilities_it_is_what_the_evse_is_built_for(
    tmp_path: Path, written: str, facility: tuple[domain.PowerType, int, int, int]
) -> None:
    (found,) = poi_of(tmp_path, ('meter = "meter-1"\n', f'meter = "meter-1"\n{written}\n')).facilities
    assert (found.power_type, found.power_w, found.voltage_v, found.current_a) == facility
    assert found.modes == (domain.ChargingMode.MODE_3,)


def test_facilities_that_are_written_stand_alone(tmp_path: Path) -> None:
    text = 'facilities = [{ power_type = "dc", power_kw = 149.5, modes = ["mode_4"] }]'
    (found,) = poi_of(tmp_path, ("[evse.poi]\n", f"[evse.poi]\n{text}\n")).facilities
    assert found == domain.Facility(
        power_type=domain.PowerType.DC, power_w=149_500, modes=(domain.ChargingMode.MODE_4,)
    )


def test_the_stations_time_zone_is_its_addresss(tmp_path: Path) -> None:
    assert poi_of(tmp_path, ('name = "Test"', 'name = "Test"\ntime_zone = "Europe/Lisbon"')).address.time_zone == (
        "Europe/Lisbon"
    )


def test_the_same_data_has_the_same_fingerprint_in_any_order_and_survives_storage(tmp_path: Path) -> None:
    first = poi_of(tmp_path)
    second = poi_of(tmp_path, ('access = "free"\n', ""), ("renewable = true\n", 'access = "free"\nrenewable = true\n'))
    assert domain.fingerprint(first) == domain.fingerprint(second)
    assert domain.EvsePoi.model_validate_json(domain.canonical(first)) == first


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("10829", "10830"),
        ('"type_2_outlet"', '"type_2_cable"'),
        ("services = []", 'services = ["roof"]'),
        ("services = []\n", ""),
        ('{ en = "Car park", de = "Parkplatz" }', '{ de = "Parkplatz", en = "Car park" }'),
        ("max_capacity_kwh = 100\n", ""),
    ],
)
def test_whatever_changes_is_in_the_fingerprint(tmp_path: Path, old: str, new: str) -> None:
    assert domain.fingerprint(poi_of(tmp_path)) != domain.fingerprint(poi_of(tmp_path, (old, new)))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('["type_2_outlet"]', '["type_2"]', "poi.plugs[1] = 'type_2': must be \"type_1_cable\", "),
        ('city = "Berlin"', 'town = "Berlin"', "poi.address.town is not known; known here: "),
        ('postal_code = "10829"', "postal_code = 10829", 'poi.address.postal_code = 10829: must be text in "quotes"'),
        ("52.480495", "520.480495", "poi.coordinates.latitude = 520.480495: must be from -180 to 180"),
        ("52.480495", '"52° 28"', "poi.coordinates.latitude = '52° 28': must be a number"),
        ("52.480495", "nan", "poi.coordinates.latitude = nan: must be a number"),
        ("max_capacity_kwh", "max_capacity_wh", 'max_capacity_wh is not known; did you mean "max_capacity_kwh"?'),
        (
            "open_24_hours = true",
            'opening = [{ on = "sunday", begin = "8:00", end = "20:00" }]',
            "poi.opening[1].begin",
        ),
    ],
)
def test_what_is_written_wrong_is_told_in_one_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        poi_of(tmp_path, (old, new))
    (problem,) = caught.value.problems
    assert sentence in problem


def test_an_evse_cannot_be_told_of_without_the_station(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"evse\[1 DE\*ABC\*E1\*1\]\.poi: needs a \[poi\]"):
        load(write(tmp_path, told((POI, ""))), TYPES)
