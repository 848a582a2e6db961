"""What each call may hold, and that every other thing is refused by the name of its field."""

from typing import Any

import pytest

from roampost_sim.hub.oioi import check
from roampost_sim.hub.oioi.calls import NAMES
from roampost_sim.hub.oioi.schemas import PLUGS
from tests.sim.hub.oioi.messages import (
    PARTNER,
    VALID,
    Body,
    at,
    connector,
    evco,
    final,
    post_station,
    running,
    station,
    status,
    verify,
    without_none,
)


def test_there_is_a_right_message_of_every_call() -> None:
    assert set(VALID) == set(NAMES)


@pytest.mark.parametrize(("call", "content"), [(call, each) for call, bodies in VALID.items() for each in bodies])
def test_right_messages_are_right(call: str, content: Body) -> None:
    assert check(call, content) == []


@pytest.mark.parametrize("plug", PLUGS)
def test_every_plug_has_a_name(plug: str) -> None:
    assert check("station-post", post_station(connectors=[connector(name=plug)])) == []


@pytest.mark.parametrize(("call", "content"), [(call, bodies[0]) for call, bodies in VALID.items()])
def test_a_field_that_nobody_knows_is_refused(call: str, content: Body) -> None:
    assert check(call, content | {"hint": 1}) == [f"{call}.hint: is not a known field"]


@pytest.mark.parametrize(("call", "content"), [(call, bodies[0]) for call, bodies in VALID.items()])
def test_each_field_that_is_required_is_missed(call: str, content: Body) -> None:
    for name in content.keys() - {"charging-interval"}:
        without = {each: value for each, value in content.items() if each != name}
        assert check(call, without) == [f"{call}.{name}: must not be null"]


def with_field(name: str, value: Any) -> Body:
    """None takes the field out."""
    return {"station": without_none(station() | {name: value}), "partner-identifier": PARTNER}


STATION_FIELDS = (
    *("id", "name", "latitude", "longitude", "address", "contact", "cpo-id", "is-open-24", "connectors", "deleted"),
)


@pytest.mark.parametrize("name", STATION_FIELDS)
def test_each_field_of_a_station_is_missed(name: str) -> None:
    assert check("station-post", with_field(name, None)) == [f"station-post.station.{name}: must not be null"]


ADDRESS = {"street": "a", "street-number": "1", "city": "b", "zip": "1", "country": "DE"}


@pytest.mark.parametrize(
    ("call", "content", "field"),
    [
        ("station-post", post_station(latitude=90.1), "station.latitude"),
        ("station-post", post_station(longitude="13.3"), "station.longitude"),
        ("station-post", post_station(address=ADDRESS | {"country": "DEU"}), "station.address.country"),
        ("station-post", post_station(address=ADDRESS | {"street-number": 1}), "station.address.street-number"),
        ("station-post", post_station(contact={"email": "a@b.example"}), "station.contact.phone"),
        ("station-post", post_station(connectors=[]), "station.connectors"),
        ("station-post", post_station(connectors=[connector(name="Type 2")]), "station.connectors[0].name"),
        ("station-post", post_station(connectors=[connector(speed=22_000)]), "station.connectors[0].speed"),
        ("station-post", post_station(connectors=[connector("E1")]), "station.connectors[0].id"),
        ("station-post", with_field("cpo-id", "ABC"), "station.cpo-id"),
        (
            "station-post",
            with_field("open-hour-notes", [{"times": ["07:30"], "days": ["Mo"]}]),
            "station.open-hour-notes[0].times",
        ),
        (
            "station-post",
            with_field("open-hour-notes", [{"times": ["7:30", "19:00"], "days": ["Mo"]}]),
            "station.open-hour-notes[0].times[0]",
        ),
        (
            "station-post",
            with_field("open-hour-notes", [{"times": ["07:30", "19:00"], "days": ["Monday"]}]),
            "station.open-hour-notes[0].days[0]",
        ),
        ("station-post", with_field("is-open-24", "yes"), "station.is-open-24"),
        ("connector-post-status", status("OutOfService"), "status"),
        ("connector-post-status", status(evse_id="E1"), "connector-id"),
        ("rfid-verify", verify("044a2daa856280"), "rfid"),
        ("rfid-verify", verify("DAA856280"), "rfid"),
        ("rfid-verify", verify("04:4A:2D"), "rfid"),
        ("session-post", running(user={"identifier-type": "rfid", "identifier": "abc"}), "user.identifier"),
        ("session-post", running(user={"identifier-type": "evco-id", "identifier": "DE"}), "user.identifier"),
        ("session-post", running(user={"identifier-type": "card", "identifier": "A"}), "user.identifier-type"),
        ("session-post", running(user=evco() | {"name": "Anna"}), "user.name"),
        ("session-post", running(session_interval={"start": "2026-06-01T12:00:00"}), "session-interval.start"),
        ("session-post", running(session_interval={"start": "1970-01-01T00:00:00Z"}), "session-interval.start"),
        ("session-post", running(session_interval={"stop": at(3)}), "session-interval.start"),
        ("session-post", final(energy_consumed=-0.1), "energy-consumed"),
        ("session-post", final(energy_consumed=5000), "energy-consumed"),
        ("session-post", final(energy_consumed=5.0001), "energy-consumed"),
        ("session-post", final(energy_consumed="5"), "energy-consumed"),
        ("session-post", final(calculated_cost={"amount": 3}), "calculated-cost.currency"),
        ("session-post", final(calculated_cost={"amount": 3, "currency": "€"}), "calculated-cost.currency"),
        ("session-post", running(session_id="x" * 251), "session-id"),
    ],
)
def test_what_is_wrong_is_named(call: str, content: Body, field: str) -> None:
    (told,) = check(call, content)
    assert told.startswith(f"{call}.{field}: ")


@pytest.mark.parametrize("content", [None, [], "x", 7])
def test_a_call_holds_an_object(content: Any) -> None:
    assert check("rfid-verify", content) == ["rfid-verify: must be of type object"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (final(session_interval={"start": at(5), "stop": at(4)}), "session-interval: stop is before start"),
        (final(charging_interval={"start": at(5), "stop": at(4)}), "charging-interval: stop is before start"),
    ],
)
def test_an_interval_that_ends_before_it_begins_is_impossible(content: Body, sentence: str) -> None:
    assert check("session-post", content) == [sentence]
