"""EVSE data is pushed when it changes: not again by a restart, and anew after another configuration."""

import pytest

from tests.system.field import Entry, Field, evse_id
from tests.system.processes import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(90)]
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


def pushes(field: Field) -> list[Entry]:
    """What the hub took of EVSE data."""
    return field.told(operation="PushEvseData", code="000")


def shown(field: Field) -> dict[str, str]:
    """The name of each EVSE as the hub has it."""
    held = field.hub(ask="evse_data")["evse_data"]
    return {one["EvseID"]: one["ChargingStationNames"][0]["value"] for one in held}


def start(field: Field) -> None:
    """And see that all is told that has to be."""
    told = len(field.statuses("1"))
    field.start_agent()
    until(lambda: len(field.statuses("1")) > told, "the status after the start")
    until(lambda: not field.rows("select 1 from outbox where finished_ms is null"), "an empty outbox")


def test_evse_data_is_pushed_once_and_again_when_it_is_another_one(field: Field) -> None:
    both = {evse_id("1"), evse_id("2")}
    field.start_station()
    field.start_hub("--needs-data")
    field.truth()
    field.configure(tables=POI.format(name="Car park"))
    field.start_agent()
    until(lambda: set(shown(field)) == both, "the data of both EVSEs at the hub")
    until(lambda: field.last_status("1") == "Available", "the status at the hub")
    first = pushes(field)
    assert field.agent is not None
    assert field.agent.end() == 0
    start(field)
    assert pushes(field) == first, "nothing has changed"
    assert field.agent.end() == 0
    field.configure(tables=POI.format(name="Station"))
    start(field)
    until(lambda: set(shown(field).values()) == {"Station"}, "the new name at the hub")
    newer = pushes(field)[len(first) :]
    assert {one["ActionType"] for one in newer} == {"update"}
    assert sorted(name for one in newer for name in one["EvseIDs"]) == sorted(both)
