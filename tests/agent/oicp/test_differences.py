"""What means the same is no difference; what does not is named by its field."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest

from roampost.domain.messages import EvseStatus
from roampost.hubs.comparison import Difference
from roampost.hubs.hostile import lowered
from roampost.hubs.oicp.differences import of_record, of_statuses
from roampost.hubs.oicp.poi import data_request, record
from tests.agent.oicp import samples
from tests.agent.poi.makers import WHOLE

HERE = record(WHOLE).model_dump()


def held() -> dict[str, Any]:
    """The record as the hub gives it back, its numbers as any JSON library reads them."""
    pushed: Any = json.loads(data_request(samples.OPERATOR, "insert", [WHOLE])[1])
    found: dict[str, Any] = copy.deepcopy(pushed["OperatorEvseData"]["EvseDataRecord"][0])
    return found


def differences(record: dict[str, Any]) -> list[Difference]:
    return list(of_record(WHOLE.evse_id, HERE, lowered(record)))


def test_what_was_pushed_is_the_same() -> None:
    assert differences(held()) == []


def test_what_the_hub_adds_is_no_difference() -> None:
    added = {"lastUpdate": "2026-11-20T12:00:00Z", "deltaType": "update", "OperatorID": "DE*ABC", "Nobody": [1]}
    assert differences(held() | added) == []


def _spelt_otherwise(found: dict[str, Any]) -> None:
    found["ChargingStationID"] = found.pop("ChargingStationId")
    found["RenewableEnergy"] = str(found["RenewableEnergy"]).lower()
    found["Plugs"] = found["Plugs"][::-1]
    found["ChargingFacilities"] = [
        facility | {"power": float(facility.pop("Power"))} for facility in found["ChargingFacilities"]
    ]
    found["Address"] = {key.upper(): value for key, value in found["Address"].items()}
    found["GeoCoordinates"] = {
        "Google": {"Coordinates": found["GeoCoordinates"]["Google"]["Coordinates"] + "00"},
        "DecimalDegree": None,
    }


def test_another_dress_is_no_difference() -> None:
    found = held()
    _spelt_otherwise(found)
    assert differences(found) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"HotlinePhoneNumber": "+4930999999"}, ("HotlinePhoneNumber", WHOLE.hotline, "+4930999999")),
        ({"HotlinePhoneNumber": None}, ("HotlinePhoneNumber", WHOLE.hotline, None)),
        ({"RenewableEnergy": False}, ("RenewableEnergy", "true", "false")),
        ({"Plugs": []}, ("Plugs", '["Type 2 Outlet"]', None)),
    ],
)
def test_a_difference_is_named_with_both_sides(change: dict[str, Any], expected: tuple[str, str, str | None]) -> None:
    (found,) = differences(held() | change)
    assert (found.what, found.here, found.at_hub) == expected
    assert found.evse_id == WHOLE.evse_id


def test_a_difference_in_an_object_is_named_by_its_path() -> None:
    other = held()
    other["Address"]["PostalCode"] = "1067"
    other["GeoCoordinates"]["Google"]["Coordinates"] = "13.356465 52.480495"
    found = differences(other)
    assert [one.what for one in found] == ["Address.PostalCode", "GeoCoordinates.Google.Coordinates"]
    assert found[0].here == WHOLE.address.postal_code


def test_what_only_the_hub_has_is_a_difference_in_our_spelling() -> None:
    sparse = HERE | {"SubOperatorName": None}
    found = list(of_record(WHOLE.evse_id, sparse, lowered(held())))
    assert [(one.what, one.here) for one in found] == [("SubOperatorName", None)]


def test_a_leading_zero_counts() -> None:
    assert [one.what for one in of_record("E", {"PostalCode": "01067"}, {"postalcode": "1067"})] == ["PostalCode"]


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), Decimal("1e999999"), {"a": [[{}]]}, "x" * 10_000])
def test_odd_values_are_shown_short(odd: object) -> None:
    (found,) = of_record("E", {"Floor": "2"}, {"floor": odd})
    assert found.at_hub is None or len(found.at_hub) <= 80


def test_statuses_by_any_spelling_of_the_id() -> None:
    here = {"DE*ABC*E1": EvseStatus.AVAILABLE, "DE*ABC*E2": EvseStatus.OCCUPIED, "DE*ABC*E3": None, "DE*ABC*E4": None}
    found = list(of_statuses(here, {"DEABCE1": "available", "DEABCE2": "OutOfService", "DEABCE4": "Unknown"}))
    assert found == [
        Difference("DE*ABC*E2", "status", "Occupied", "OutOfService"),
        Difference("DE*ABC*E4", "status", None, "Unknown"),
    ]


def test_what_is_nested_absurdly_deep_is_a_difference_like_any_other() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5_000):
        deep = {"a": deep, "b": 1}
    (found,) = of_record("E1", {"Address": {"City": "Berlin"}}, {"address": [deep]})
    assert (found.what, found.here) == ("Address", '{"city": "Berlin"}')
