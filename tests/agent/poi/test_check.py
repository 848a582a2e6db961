"""What every hub would find is found before: each rule by one right value and one wrong one."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings

from roampost.domain import poi as domain
from roampost.domain.poi import EvsePoi, Text
from roampost.poi.check import Checked, Hearer, check
from roampost.poi.fields import FIELDS, OPTIONAL, Need, completeness_percent
from roampost.poi.finding import Finding, Severity, error
from tests.agent.poi.makers import PLACE, SPARSE, WHOLE, changed, moved, odd_pois

AC3 = WHOLE.facilities[0]
ERROR, WARNING, HINT = Severity
Told = tuple[Severity, str]


def one(poi: EvsePoi) -> Checked:
    (found,) = check([poi]).checked
    return found


def told(poi: EvsePoi) -> list[Told]:
    return [(found.severity, found.field) for found in one(poi).findings]


def advice(poi: EvsePoi) -> str:
    found = one(poi).findings[0]
    return f"{found.says} {found.advice}"


def facility(**changes: object) -> EvsePoi:
    return changed(facilities=(AC3.model_copy(update=changes),))


def at(latitude: str, longitude: str, **address: object) -> EvsePoi:
    """Elsewhere, with the entrance at the same place."""
    here = domain.Coordinates(latitude=Decimal(latitude), longitude=Decimal(longitude))
    return moved(**address).model_copy(update={"coordinates": here, "entrance": here})


def test_a_whole_right_record_has_no_findings() -> None:
    assert told(WHOLE) == []
    assert one(WHOLE).completeness_percent == 100


def test_a_sparse_right_record_has_only_hints() -> None:
    assert {severity for severity, _ in told(SPARSE)} == {HINT}
    assert [name for _, name in told(SPARSE)] == [field.name for field in OPTIONAL]
    assert one(SPARSE).completeness_percent == 0


def test_an_evse_that_is_not_described_has_an_error_for_every_mandatory_field() -> None:
    found = told(EvsePoi(evse_id="DE*ABC*E1"))
    mandatory = [field.name for field in FIELDS if field.need is Need.MANDATORY]
    assert [name for severity, name in found if severity is ERROR] == [
        name for name in mandatory if name not in ("roaming", "live_status")
    ]


@pytest.mark.parametrize("field", OPTIONAL, ids=lambda field: field.name)
def test_each_optional_field_counts_alike(field: object) -> None:
    name = getattr(field, "name", "")
    table, _, key = name.rpartition(".")
    inner = getattr(WHOLE, table).model_copy(update={key: None}) if table else None
    poi = changed(**({table: inner} if table else {key: () if isinstance(getattr(WHOLE, key), tuple) else None}))
    assert told(poi) == [(HINT, name)]
    assert completeness_percent(poi) == 100 * (len(OPTIONAL) - 1) // len(OPTIONAL)


@pytest.mark.parametrize(
    ("poi", "finding"),
    [
        # --- power: phases × voltage to neutral × current
        (facility(power_w=22_000), None),
        (facility(power_w=11_000), (WARNING, "facilities[1].power_kw")),
        (facility(power_w=43_000), (WARNING, "facilities[1].power_kw")),
        (facility(voltage_v=400), (WARNING, "facilities[1].voltage_v")),
        (facility(voltage_v=220), None),
        (facility(voltage_v=None, power_w=11_000), None),
        (facility(power_w=0, voltage_v=None), (ERROR, "facilities[1].power_kw")),
        (facility(power_w=1_000_000, voltage_v=None), None),
        (facility(modes=(domain.ChargingMode.MODE_4,)), (WARNING, "facilities[1].modes")),
        # --- plugs
        (changed(plugs=(domain.Plug.TYPE_2_CABLE,)), None),
        (changed(plugs=(domain.Plug.TYPE_F_OUTLET,)), (WARNING, "plugs")),
        (changed(plugs=(domain.Plug.TYPE_F_OUTLET, domain.Plug.TYPE_2_OUTLET)), None),
        (changed(plugs=(domain.Plug.TYPE_2_OUTLET, domain.Plug.CCS_2_CABLE)), (WARNING, "plugs")),
        (changed(plugs=(domain.Plug.TESLA,)), None),
        (changed(plugs=()), (ERROR, "plugs")),
        # --- energy
        (changed(renewable=False), None),
        (changed(energy_sources=(domain.EnergySource(energy=domain.Energy.WIND, percent=100),)), None),
        (
            changed(energy_sources=(domain.EnergySource(energy=domain.Energy.WIND, percent=99),)),
            (WARNING, "energy_sources"),
        ),
        (changed(energy_sources=(domain.EnergySource(energy=domain.Energy.COAL),)), (WARNING, "renewable")),
        # --- address
        (moved(country="DE"), (ERROR, "address.country")),
        (moved(country="XYZ"), None),
        (moved(postal_code="1082"), (WARNING, "address.postal_code")),
        (moved(country="XYZ", postal_code="1082"), None),
        (moved(floor=""), (ERROR, "address.floor")),
        (moved(time_zone="UTC+01:00"), (ERROR, "address.time_zone")),
        (
            changed(entrance=domain.Coordinates(latitude=Decimal("52.580495"), longitude=PLACE.longitude)),
            (WARNING, "entrance"),
        ),
        # --- texts
        (changed(info=(Text(lang="en", text=" "),)), (ERROR, "info.en")),
        (changed(info=(Text(lang="en-GB", text="Free"),)), None),
        (changed(names=()), (ERROR, "names")),
        # --- telephone
        (changed(hotline="030 1234567"), (ERROR, "hotline")),
        (changed(hotline=""), (ERROR, "hotline")),
        # --- opening times
        (changed(open_24_hours=True), (ERROR, "opening")),
        (changed(opening=()), (ERROR, "opening")),
        (changed(open_24_hours=None), (ERROR, "open_24_hours")),
        (changed(opening=(domain.Opening(on=domain.Days.MONDAY, begin="22:00", end="06:00"),)), (WARNING, "opening")),
        (
            changed(
                opening=(
                    domain.Opening(on=domain.Days.WORKDAYS, begin="06:00", end="20:00"),
                    domain.Opening(on=domain.Days.FRIDAY, begin="19:00", end="22:00"),
                )
            ),
            (WARNING, "opening"),
        ),
        (
            changed(
                opening=(
                    domain.Opening(on=domain.Days.WORKDAYS, begin="06:00", end="20:00"),
                    domain.Opening(on=domain.Days.WEEKEND, begin="08:00", end="22:00"),
                )
            ),
            None,
        ),
        # --- payment and authentication
        (changed(payment=(domain.Payment.NO_PAYMENT,)), None),
        (changed(payment=(domain.Payment.NO_PAYMENT, domain.Payment.CONTRACT)), (ERROR, "payment")),
        (changed(authentication=(domain.Authentication.DIRECT_PAYMENT,)), (WARNING, "payment")),
        (
            changed(authentication=(domain.Authentication.NONE, domain.Authentication.REMOTE)),
            (WARNING, "authentication"),
        ),
        (changed(roaming=False), (WARNING, "roaming")),
        (changed(access=domain.Access.TEST), (WARNING, "access")),
        # --- identifiers and addresses
        (changed(image_url="http://example.org/a.jpg"), (WARNING, "image_url")),
        (changed(clearing_house_id=""), (ERROR, "clearing_house_id")),
        (changed(evse_id="DE*ABC*1"), (ERROR, "id")),
    ],
)
def test_each_rule(poi: EvsePoi, finding: Told | None) -> None:
    assert told(poi) == ([] if finding is None else [finding])


@pytest.mark.parametrize(
    ("poi", "severity"),
    [
        (at("52.48049", "13.35646"), None),
        (at("52.4804", "13.35646"), HINT),
        (at("52.480", "13.35646"), WARNING),
        (at("0.0", "0.0"), WARNING),
        (at("13.356465", "52.480495"), WARNING),
        (at("91.000000", "13.356465"), ERROR),
        (at("48.208200", "16.373800", country="AUT", postal_code="1010"), None),
        (at("-33.868800", "151.209300", country="AUS", postal_code="2000"), None),
    ],
)
def test_coordinates_and_entrance_are_in_the_country_and_exact(poi: EvsePoi, severity: Severity | None) -> None:
    assert told(poi) == ([] if severity is None else [(severity, "coordinates"), (severity, "entrance")])


@pytest.mark.parametrize(
    ("plugs", "finding"),
    [
        ((domain.Plug.CCS_2_CABLE,), None),
        ((domain.Plug.CHADEMO, domain.Plug.CCS_2_CABLE), None),
        ((domain.Plug.TYPE_2_OUTLET,), "plugs"),
        ((domain.Plug.TYPE_2_CABLE, domain.Plug.CCS_2_CABLE), "plugs"),
    ],
)
def test_direct_current_needs_a_plug_for_it(plugs: tuple[domain.Plug, ...], finding: str | None) -> None:
    direct = domain.Facility(
        power_type=domain.PowerType.DC,
        power_w=50_000,
        voltage_v=500,
        current_a=125,
        modes=(domain.ChargingMode.MODE_4,),
    )
    found = {name for _, name in told(changed(plugs=plugs, facilities=(direct,)))}
    assert found == ({finding} if finding else set())


def test_direct_current_may_be_less_than_voltage_times_current_and_never_more() -> None:
    direct = domain.Facility(power_type=domain.PowerType.DC, power_w=150_000, voltage_v=1_000, current_a=200)
    ccs = (domain.Plug.CCS_2_CABLE,)
    assert told(changed(plugs=ccs, facilities=(direct,))) == []
    too_much = direct.model_copy(update={"power_w": 250_000})
    assert told(changed(plugs=ccs, facilities=(too_much,))) == [(WARNING, "facilities[1].power_kw")]


@pytest.mark.parametrize(
    ("poi", "part"),
    [
        (facility(voltage_v=400), "230"),
        (facility(power_w=11_000), "11 kW is not 3 × 230 V × 32 A = 22.08 kW."),
        (at("13.356465", "52.480495"), "Latitude and longitude are swapped."),
        (at("48.208200", "16.373800"), "Correct the coordinates, or address.country."),
        (moved(country="DE"), 'Write "DEU".'),
        (moved(country="deu"), 'Write "DEU".'),
        (changed(hotline="+49 (0)30 / 1234-567"), 'Write "+49301234567".'),
        (changed(hotline="0049 30 1234567"), 'Write "+49301234567".'),
        (changed(hotline="030 1234567"), "prefix (+49)"),
        (
            moved(region=None),
            'Write region = "Berlin" under [poi.address], or under [evse.poi.address] for one EVSE.',
        ),
    ],
)
def test_the_advice_says_what_to_write(poi: EvsePoi, part: str) -> None:
    assert part in advice(poi)


@given(odd_pois)
@settings(max_examples=200, deadline=None)
def test_every_finding_is_one_sentence_and_one_advice_worst_first(poi: EvsePoi) -> None:
    found = one(poi).findings
    assert len(set(found)) == len(found)
    severities = [list(Severity).index(single.severity) for single in found]
    assert severities == sorted(severities)
    assert all(single.says and single.advice and single.field for single in found)


def hearer(operator_id: str, *evses: EvsePoi, says: Finding | None = None) -> Hearer:
    """A hub with these EVSEs, which says the same of each that it is asked about."""

    def objections(pois: Sequence[EvsePoi]) -> list[tuple[str, Finding]]:
        return [] if says is None else [(one.evse_id, says) for one in pois]

    return Hearer(operator_id, frozenset(one.evse_id for one in evses), objections)


def test_an_evse_of_another_operator_is_told() -> None:
    (found,) = check([WHOLE], [hearer("DE*XYZ", WHOLE)]).checked[0].findings
    assert (found.severity, found.field) == (ERROR, "id")
    assert check([WHOLE], [hearer("DEABC", WHOLE), hearer("DE*XYZ", SPARSE)]).refused == frozenset()
    assert check([WHOLE], [hearer("DEABC", WHOLE), hearer("DE*XYZ", WHOLE)]).refused == frozenset()


def test_a_hub_objects_to_its_own_evses_only() -> None:
    says = error("hotline", "It rings nowhere.", "Write another one.")
    report = check([WHOLE, SPARSE], [hearer("DE*ABC", SPARSE, says=says), hearer("DE*ABC", WHOLE)])
    assert report.refused == {SPARSE.evse_id}
    assert report.checked[1].findings[0] == says


def test_what_two_hubs_say_alike_is_told_once_and_instead_of_a_hint() -> None:
    says = error("renewable", "It is missing.", "Write it.")
    poi = changed(renewable=None)
    assert told(poi) == [(HINT, "renewable")]
    hubs = [hearer("DE*ABC", poi, says=says)] * 2
    assert check([poi], hubs).checked[0].findings == (says,)


def test_the_report_counts_groups_and_names_who_is_refused() -> None:
    bad = SPARSE.model_copy(update={"hotline": None})
    other = SPARSE.model_copy(update={"evse_id": "DE*ABC*E3", "hotline": None})
    report = check([WHOLE, bad, other])
    assert report.refused == {bad.evse_id, other.evse_id}
    assert (report.count(ERROR), report.count(WARNING), report.count(HINT)) == (2, 0, 2 * len(OPTIONAL))
    first, evse_ids = next(iter(report.grouped().items()))
    assert (first.field, evse_ids) == ("hotline", (bad.evse_id, other.evse_id))
    assert report.completeness_percent == 33


def test_a_site_without_evses_is_complete() -> None:
    assert check([]).completeness_percent == 100
