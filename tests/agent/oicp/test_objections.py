"""What OICP refuses beyond what every hub wants is found before: each rule by one right value and one wrong one."""

import pytest

from roampost.domain import poi as domain
from roampost.domain.poi import EvsePoi, Text
from roampost.hubs.oicp.objections import against
from roampost.poi.finding import Severity
from tests.agent.poi.makers import SPARSE, WHOLE, changed, moved

ERROR, WARNING, _ = Severity
Told = tuple[Severity, str]


def told(poi: EvsePoi) -> list[Told]:
    return [(found.severity, found.field) for _, found in against([poi])]


def facility(**changes: object) -> EvsePoi:
    return changed(facilities=(WHOLE.facilities[0].model_copy(update=changes),))


@pytest.mark.parametrize("poi", [WHOLE, SPARSE], ids=["whole", "sparse"])
def test_nothing_is_said_against_a_right_record(poi: EvsePoi) -> None:
    assert told(poi) == []


def test_each_finding_is_about_its_own_evse() -> None:
    assert [evse_id for evse_id, _ in against([WHOLE, SPARSE.model_copy(update={"renewable": None})])] == [
        SPARSE.evse_id
    ]


@pytest.mark.parametrize("name", ["renewable", "calibration_law", "authentication", "payment", "services", "access"])
def test_what_only_oicp_insists_on_is_missing_by_name(name: str) -> None:
    poi = WHOLE.model_copy(update={name: None})
    ((_, found),) = against([poi])
    assert (found.severity, found.field) == (ERROR, name)
    assert "OICP" in found.says
    assert f"Write {name} = " in found.advice


@pytest.mark.parametrize(
    ("poi", "finding"),
    [
        (facility(power_w=999_000), None),
        (facility(power_w=1_000_000), (ERROR, "facilities[1].power_kw")),
        (facility(power_w=400), (ERROR, "facilities[1].power_kw")),
        (changed(max_capacity_wh=400), (ERROR, "max_capacity_kwh")),
        (moved(street="A"), (ERROR, "address.street")),
        (moved(floor="-1"), None),
        (moved(floor="ground floor"), (ERROR, "address.floor")),
        (changed(info=WHOLE.info[1:]), (WARNING, "info")),
        (changed(info=(Text(lang="en-GB", text="Free"),)), None),
        (changed(info=(Text(lang="en", text="x" * 150),)), None),
        (changed(info=(Text(lang="en", text="x" * 151),)), (ERROR, "info.en")),
        (changed(names=(Text(lang="DE", text="Parkplatz"),)), (ERROR, "names")),
        (changed(calibration_law=domain.CalibrationLaw.EXTERNAL), (WARNING, "calibration_law")),
        (changed(image_url=f"https://example.org/{'a' * 200}"), (ERROR, "image_url")),
        (changed(pool_id="DE*ABC*E1"), (ERROR, "pool_id")),
        (changed(hub_operator_id="ABC"), (ERROR, "hub_operator_id")),
        (changed(clearing_house_id="x" * 21), (ERROR, "clearing_house_id")),
        (changed(station_id="x" * 51), (ERROR, "station_id")),
    ],
)
def test_each_rule(poi: EvsePoi, finding: Told | None) -> None:
    assert told(poi) == ([] if finding is None else [finding])
