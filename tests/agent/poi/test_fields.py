"""The table of fields: its examples can be copied, and every one of the domain's fields is in it."""

import tomllib
from pathlib import Path

import pytest

from roampost.config.load import load
from roampost.config.poi import pois
from roampost.domain.poi import Address, EvsePoi, Impact
from roampost.poi.check import check
from roampost.poi.countries import BY_ALPHA2, BY_ALPHA3, Country
from roampost.poi.fields import FIELDS, Field, is_filled
from roampost.poi.finding import Severity
from roampost.site.hearers import hearers
from tests.agent.config.small_site import GOOD, TYPES, write

TABLES = ("", "address", "impact")


def document() -> str:
    """Every example where its advice says, as an operator would write them."""
    parts = []
    for table in TABLES:
        parts.append(f"[poi.{table}]" if table else "[poi]")
        for field in FIELDS:
            where, _, key = field.name.rpartition(".")
            if where == table and key != "opening":  # this one excludes open_24_hours
                parts.append(f"{key} = {field.example}")
    return "\n".join(parts)


def test_a_site_of_all_examples_has_no_errors_and_no_warnings(tmp_path: Path) -> None:
    config = load(write(tmp_path, f"{GOOD}\n{document()}\n"), TYPES)
    report = check(pois(config).values(), hearers(config))
    assert (report.count(Severity.ERROR), report.count(Severity.WARNING)) == (0, 0)
    assert [field.name for field in FIELDS if not is_filled(report.checked[0].poi, field)] == ["opening"]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_each_example_is_toml(field: Field) -> None:
    assert "value" in tomllib.loads(f"value = {field.example}")


def test_every_field_of_the_domain_is_in_the_table() -> None:
    whole = set(EvsePoi.model_fields) - {"evse_id", "address", "impact", "max_capacity_wh"} | {"max_capacity_kwh"}
    nested = {f"address.{name}" for name in Address.model_fields} | {f"impact.{name}" for name in Impact.model_fields}
    assert {field.name for field in FIELDS} == whole | nested
    assert len(FIELDS) == len(whole | nested)


# Capitals: their coordinates and a postal code of theirs.
CAPITALS = {
    "DEU": (52.5200, 13.4050, "10117"),
    "AUT": (48.2082, 16.3738, "1010"),
    "CHE": (46.9480, 7.4474, "3011"),
    "FRA": (48.8566, 2.3522, "75001"),
    "NLD": (52.3676, 4.9041, "1012 AB"),
    "BEL": (50.8503, 4.3517, "1000"),
    "LUX": (49.6116, 6.1319, "L-1111"),
    "DNK": (55.6761, 12.5683, "1050"),
    "SWE": (59.3293, 18.0686, "111 20"),
    "NOR": (59.9139, 10.7522, "0150"),
    "FIN": (60.1699, 24.9384, "00100"),
    "POL": (52.2297, 21.0122, "00-001"),
    "CZE": (50.0755, 14.4378, "110 00"),
    "ITA": (41.9028, 12.4964, "00184"),
    "ESP": (40.4168, -3.7038, "28013"),
    "PRT": (38.7223, -9.1393, "1100-148"),
    "GBR": (51.5074, -0.1278, "SW1A 1AA"),
    "IRL": (53.3498, -6.2603, "D02 X285"),
    "HUN": (47.4979, 19.0402, "1051"),
    "ROU": (44.4268, 26.1025, "010011"),
}


@pytest.mark.parametrize("alpha3", CAPITALS)
def test_a_capital_lies_in_its_country_and_not_when_swapped(alpha3: str) -> None:
    latitude, longitude, postal_code = CAPITALS[alpha3]
    country = BY_ALPHA3[alpha3]
    assert country.holds(latitude, longitude)
    assert not country.holds(longitude, latitude)
    assert country.is_postal_code(postal_code)
    assert not country.is_postal_code(f"{postal_code}9")


@pytest.mark.parametrize("country", BY_ALPHA3.values(), ids=lambda country: country.alpha3)
def test_every_row_is_plausible(country: Country) -> None:
    assert BY_ALPHA2[country.alpha2] is country
    assert country.south < country.north
    assert country.west < country.east
    assert (country.dial.isdigit(), len(country.alpha2), len(country.alpha3)) == (True, 2, 3)


def test_no_two_countries_share_a_code_or_prefix() -> None:
    rows = BY_ALPHA3.values()
    assert len(BY_ALPHA2) == len({row.dial for row in rows}) == len(rows)
