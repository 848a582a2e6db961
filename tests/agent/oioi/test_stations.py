"""EVSE data as an OIOI hub has it: stations with connectors that never change, and nothing that is not known."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roampost.domain import poi as domain
from roampost.domain.messages import StationDataMessage
from roampost.domain.poi import EvsePoi, canonical
from roampost.hubs.oioi.stations import DAYS, PLUG
from roampost.hubs.oioi.words import UnsayableError
from roampost.poi.check import check
from tests.agent.oioi import samples
from tests.agent.oioi.schemas import PLUGS, STATION_OPTIONAL, problems
from tests.agent.poi.makers import SPARSE, WHOLE, changed, moved, odd_pois

WORKDAYS = ["Mo", "Tu", "We", "Th", "Fr"]
plenty = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def post(*pois: EvsePoi, before: tuple[EvsePoi, ...] | None = None, action: Any = "post") -> StationDataMessage:
    told = None if before is None else tuple(map(canonical, before))
    return StationDataMessage(action=action, station_id="S-1", data=tuple(map(canonical, pois)), before=told)


def sent(*pois: EvsePoi, **more: Any) -> dict[str, Any]:
    message = post(*pois, **more)
    assert problems(samples.body(message)) == []
    found: dict[str, Any] = samples.said(message, "station-post")["station"]
    return found


def unsayable(*pois: EvsePoi, **more: Any) -> str:
    with pytest.raises(UnsayableError) as caught:
        samples.body(post(*pois, **more))
    assert str(caught.value).endswith(".")
    return str(caught.value)


def test_a_station_with_all_that_is_known() -> None:
    assert samples.said(post(WHOLE, SPARSE), "station-post") == {
        "partner-identifier": "abc-partner-1",
        "station": {
            "id": "S-1",
            "name": "Car park Hauptstrasse",
            "description": "Free for two hours",
            "latitude": 52.480495,
            "longitude": 13.356465,
            "address": {
                "street": "Hauptstraße",
                "street-number": "1a",
                "city": "Berlin",
                "zip": "10829",
                "country": "DE",
            },
            "contact": {"phone": "+4930123456"},
            "cpo-id": "DE*ABC",
            "is-open-24": False,
            "connectors": [
                {"id": "DE*ABC*E840*1", "name": "Type2", "speed": 22.08},
                {"id": "DE*ABC*E840*2", "name": "Type2", "speed": 22.08},
            ],
            "open-hour-notes": [
                *[{"times": ["06:00", "12:00"], "days": [day]} for day in WORKDAYS],
                *[{"times": ["13:00", "22:00"], "days": [day]} for day in WORKDAYS],
                {"times": ["08:00", "24:00"], "days": ["Su"]},
            ],
            "notes": "Behind the barrier, second row on the left",
            "is-reservable": True,
            "floor-level": "-1",
            "is-free-charge": False,
            "is-green-power-available": True,
            "is-plugin-charge": False,
            "is-roofed": True,
            "is-private": False,
            "deleted": False,
        },
    }


def test_what_is_not_known_is_left_out() -> None:
    bare = changed(SPARSE, services=None, payment=None, renewable=None, authentication=None, access=None)
    assert set(sent(bare)) & set(STATION_OPTIONAL) == set()


@pytest.mark.parametrize(
    ("change", "flag", "value"),
    [
        ({"services": ()}, "is-reservable", False),
        ({"services": (domain.Service.RESERVATION,)}, "is-reservable", True),
        ({"services": ()}, "is-roofed", False),
        ({"services": (domain.Service.ROOF,)}, "is-roofed", True),
        ({"payment": (domain.Payment.NO_PAYMENT,)}, "is-free-charge", True),
        ({"payment": (domain.Payment.DIRECT,)}, "is-free-charge", False),
        ({"renewable": False}, "is-green-power-available", False),
        ({"authentication": (domain.Authentication.PLUG_AND_CHARGE,)}, "is-plugin-charge", True),
        ({"access": domain.Access.RESTRICTED}, "is-private", True),
        ({"access": domain.Access.TEST}, "is-private", True),
        ({"access": domain.Access.PAYING}, "is-private", False),
    ],
)
def test_each_flag_where_it_is_known(change: dict[str, object], flag: str, value: bool) -> None:
    assert sent(changed(WHOLE, **change))[flag] is value


def test_what_is_always_open_has_no_hours() -> None:
    told = sent(changed(WHOLE, open_24_hours=True))
    assert (told["is-open-24"], "open-hour-notes" in told) == (True, False)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (domain.Days.EVERYDAY, [*WORKDAYS, "Sa", "Su"]),
        (domain.Days.WORKDAYS, WORKDAYS),
        (domain.Days.WEEKEND, ["Sa", "Su"]),
        (domain.Days.MONDAY, ["Mo"]),
        (domain.Days.TUESDAY, ["Tu"]),
        (domain.Days.WEDNESDAY, ["We"]),
        (domain.Days.THURSDAY, ["Th"]),
        (domain.Days.FRIDAY, ["Fr"]),
        (domain.Days.SATURDAY, ["Sa"]),
        (domain.Days.SUNDAY, ["Su"]),
    ],
)
def test_each_day_stands_alone(days: domain.Days, told: list[str]) -> None:
    hours = domain.Opening(on=days, begin="00:00", end="24:00")
    found = sent(changed(WHOLE, opening=(hours,)))["open-hour-notes"]
    assert found == [{"times": ["00:00", "24:00"], "days": [day]} for day in told]
    assert set(DAYS) == set(domain.Days)


# --- connectors ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plug", sorted(PLUG))
def test_each_plug_has_a_name_of_the_list(plug: domain.Plug) -> None:
    (connector,) = sent(changed(WHOLE, plugs=(plug,)))["connectors"]
    assert connector["name"] == PLUG[plug]
    assert connector["name"] in PLUGS


def test_only_these_plugs_have_no_name() -> None:
    assert set(domain.Plug) - set(PLUG) == {domain.Plug.AVCON, domain.Plug.SMALL_PADDLE, domain.Plug.LARGE_PADDLE}


def test_of_several_plugs_the_first_one_with_a_name_is_told() -> None:
    plugs = (domain.Plug.AVCON, domain.Plug.CCS_2_CABLE, domain.Plug.TYPE_2_OUTLET)
    (connector,) = sent(changed(WHOLE, plugs=plugs))["connectors"]
    assert connector["name"] == "Combo"


@pytest.mark.parametrize(
    ("power_w", "written"), [(22_080, b"22.08"), (22_000, b"22"), (3_700, b"3.7"), (20_000, b"20")]
)
def test_the_speed_is_exact_kilowatts(power_w: int, written: bytes) -> None:
    facility = domain.Facility(power_type=domain.PowerType.DC, power_w=power_w)
    body = samples.body(
        post(changed(WHOLE, facilities=(WHOLE.facilities[0].model_copy(update={"power_w": 1}), facility)))
    )
    assert b'"speed":' + written + b"}" in body


def test_coordinates_keep_the_places_that_were_written() -> None:
    place = domain.Coordinates(latitude=Decimal("52.480490"), longitude=Decimal("-0.1"))
    body = samples.body(post(changed(WHOLE, coordinates=place)))
    assert b'"latitude":52.480490,"longitude":-0.1,' in body


def test_the_same_connectors_may_be_posted_again() -> None:
    renamed = changed(WHOLE, names=(domain.Text(lang="en", text="Another name"),))
    assert sent(renamed, SPARSE, before=(WHOLE, SPARSE))["name"] == "Another name"


@pytest.mark.parametrize(
    ("before", "named"),
    [
        ((WHOLE,), [SPARSE.evse_id]),
        ((WHOLE, SPARSE, changed(WHOLE, evse_id="DE*ABC*E9")), ["DE*ABC*E9"]),
        ((changed(WHOLE, plugs=(domain.Plug.CHADEMO,)), SPARSE), [WHOLE.evse_id]),
        (
            (changed(WHOLE, facilities=(WHOLE.facilities[0].model_copy(update={"power_w": 11_000}),)), SPARSE),
            [WHOLE.evse_id],
        ),
    ],
    ids=["one more", "one less", "another plug", "another power"],
)
def test_connectors_of_a_posted_station_never_change(before: tuple[EvsePoi, ...], named: list[str]) -> None:
    text = unsayable(WHOLE, SPARSE, before=before)
    assert "station S-1" in text
    assert "station_id" in text
    assert [evse_id for evse_id in (WHOLE.evse_id, SPARSE.evse_id, "DE*ABC*E9") if evse_id in text] == named


def test_a_station_is_deleted_with_what_was_told_last() -> None:
    assert sent(WHOLE, action="delete")["deleted"] is True
    assert sent(WHOLE, before=(SPARSE,), action="delete")["deleted"] is True


# --- what cannot be said -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("poi", "word"),
    [
        (changed(WHOLE, names=()), "name"),
        (changed(WHOLE, coordinates=None), "coordinates"),
        (changed(WHOLE, hotline=None), "hotline"),
        (changed(WHOLE, open_24_hours=None), "open_24_hours"),
        (changed(WHOLE, plugs=None), "plugs"),
        (changed(WHOLE, plugs=(domain.Plug.LARGE_PADDLE,)), "plugs"),
        (changed(WHOLE, facilities=()), "its power"),
        (moved(street=None), "address.street"),
        (moved(house_number=None), "address.house_number"),
        (moved(house_number=""), "address.house_number"),
        (moved(city=None), "address.city"),
        (moved(postal_code=None), "address.postal_code"),
        (moved(country=None), "address.country"),
        (moved(country="XYZ"), "address.country"),
    ],
)
def test_what_is_missing_is_named_with_its_evse(poi: EvsePoi, word: str) -> None:
    text = unsayable(poi)
    assert WHOLE.evse_id in text
    assert f"configure {word}" in text


def test_a_station_without_evses_is_not_sent() -> None:
    assert "S-1 has no EVSE" in unsayable()


@plenty
@given(st.lists(odd_pois, min_size=1, max_size=2, unique_by=lambda poi: poi.evse_id))
def test_whatever_the_check_lets_through_is_told_rightly_or_refused_in_words(pois: list[EvsePoi]) -> None:
    if check(pois).refused:
        return
    message = post(*pois)
    try:
        body = samples.body(message)
    except UnsayableError as error:
        named = [poi.evse_id for poi in pois if poi.evse_id in str(error)]
    else:
        assert problems(body) == []
        named = [one["id"] for one in json.loads(body)["station-post"]["station"]["connectors"]]
        assert len(named) == len(pois)
    assert named
