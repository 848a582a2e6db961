"""EVSE data is pushed when it changes: not again by a restart, and anew after another configuration."""

import pytest

from tests.system.field import Entry, Field, evse_id
from tests.system.processes import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(100)]
POI = """
[poi]
names = {{ en = "{name}" }}
coordinates = {{ latitude = 52.480495, longitude = 13.356467 }}
plugs = ["type_2_outlet"]
renewable = true
calibration_law = "local"
authentication = ["rfid_classic", "remote"]
payment = ["contract"]
services = []
access = "free"
hotline = "+49301234567"
open_24_hours = true
[poi.address]
country = "DEU"
city = "Berlin"
street = "Hauptstrasse"
house_number = "1"
postal_code = "10829"
"""


def pushes(field: Field) -> list[list[Entry]]:
    """What each hub took of EVSE data."""
    return [hub.heard(what="evse_data", code="000") for hub in field.hubs]


def shown(field: Field, name: str) -> bool:
    """Whether both EVSEs have this name at each hub."""
    return all(hub.shown == {evse_id("1"): name, evse_id("2"): name} for hub in field.hubs)


def start(field: Field) -> None:
    """And see that all is told that has to be."""
    told = len(field.statuses("1"))
    field.start_agent()
    until(lambda: len(field.statuses("1")) > told, "the status after the start")
    until(lambda: not field.rows("select 1 from outbox where finished_ms is null"), "an empty outbox")


def begin(field: Field) -> None:
    """With hubs that want the data first."""
    field.start_station()
    field.start_hubs("--needs-data")
    field.truth()
    field.configure(tables=POI.format(name="Car park"))
    field.start_agent()
    until(lambda: shown(field, "Car park"), "the data of both EVSEs at the hubs")
    until(lambda: all(field.last_status(evse) == "Available" for evse in ("1", "2")), "the statuses at the hubs")


def test_evse_data_is_pushed_once_and_again_when_it_is_another_one(field: Field) -> None:
    begin(field)
    first = pushes(field)
    assert field.agent is not None
    assert field.agent.end() == 0
    start(field)
    assert pushes(field) == first, "nothing has changed"
    assert field.agent.end() == 0
    field.configure(tables=POI.format(name="Station"))
    start(field)
    until(lambda: shown(field, "Station"), "the new name at the hubs")
    for before, after in zip(first, pushes(field), strict=True):
        newer = after[len(before) :]
        assert sorted(name for one in newer for name in one["evse_ids"]) == [evse_id("1"), evse_id("2")]
        assert not any("whole" in one or "deleted" in one for one in newer)


def test_a_hub_that_has_lost_its_data_hears_them_again_and_then_the_status(field: Field) -> None:
    begin(field)
    field.renew_hub("--needs-data")
    assert field.hub.shown == {}
    before = len(field.hub.heard())
    field.tell("plug", evse="1", car="city")
    until(lambda: field.last_status("1") == "Occupied", "the status at the hubs")
    about = [
        one for one in field.hub.heard()[before:] if evse_id("1") in (one.get("evse_id"), *one.get("evse_ids", ()))
    ]
    assert [(one["what"], one["code"] == "000") for one in about[:3]] == [
        ("status", False),
        ("evse_data", True),
        ("status", True),
    ]
