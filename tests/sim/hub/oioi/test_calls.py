"""Statuses, cards and stations: what the hub takes, and what it says no to."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from roampost_sim.hub.oioi import OioiHub, OioiSettings
from tests.sim.hub.oioi.messages import (
    BLOCKED_CARD,
    CARD,
    EVSE,
    OTHER_CARD,
    PARTNER,
    Body,
    connector,
    post_station,
    status,
    verify,
)
from tests.sim.hub.operator import OioiOperator


@pytest.fixture
async def strict(settings: OioiSettings) -> AsyncIterator[OioiHub]:
    """needs_data, and two partners of the operator."""
    async with OioiHub(replace(settings, needs_data=True, partners=(PARTNER, "second"))) as hub:
        yield hub


# connector-post-status.


@pytest.mark.parametrize("word", ["Available", "Occupied", "Reserved", "Unknown"])
async def test_a_status_is_held(oioi_hub: OioiHub, oioi_operator: OioiOperator, word: str) -> None:
    assert (await oioi_operator.call("connector-post-status", status(word))).code == "000"
    assert (oioi_hub.statuses["DEABCE1"].status, oioi_hub.statuses["DEABCE1"].evse_id) == (word, EVSE)


async def test_offline_is_out_of_service(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    await oioi_operator.call("connector-post-status", status("Offline"))
    await oioi_hub.wait_for(lambda: bool(oioi_hub.record))
    assert oioi_hub.statuses["DEABCE1"].status == "OutOfService"
    assert oioi_hub.record[0].means == {"what": "status", "evse_id": EVSE, "status": "OutOfService"}


async def test_a_status_of_another_operators_connector_is_refused(
    oioi_hub: OioiHub, oioi_operator: OioiOperator
) -> None:
    answer = await oioi_operator.call("connector-post-status", status(evse_id="DE*XYZ*E1"))
    assert (answer.status, answer.code, oioi_hub.statuses) == (200, "181", {})
    await oioi_hub.wait_for(lambda: bool(oioi_hub.record))
    assert oioi_hub.violations == [f"refused 181: {PARTNER} has no connector DE*XYZ*E1"]


async def test_a_status_needs_its_station_where_data_are_needed(strict: OioiHub) -> None:
    operator = OioiOperator(strict)
    assert (await operator.push()).code == "181"
    await operator.call("station-post", post_station())
    assert (await operator.push()).code == "000"


async def test_a_status_needs_a_station_of_the_same_partner(strict: OioiHub) -> None:
    operator = OioiOperator(strict)
    await operator.call("station-post", post_station(partner="second"))
    assert (await operator.push()).code == "181"


async def test_a_station_that_is_deleted_takes_its_connectors_along(strict: OioiHub) -> None:
    operator = OioiOperator(strict)
    await operator.call("station-post", post_station())
    await operator.push()
    assert (await operator.call("station-post", post_station(deleted=True))).code == "000"
    assert (strict.stations, strict.statuses) == ({}, {})
    assert (await operator.push()).code == "181"


async def test_two_statuses_of_one_connector_at_once_are_a_violation(
    oioi_hub: OioiHub, oioi_operator: OioiOperator
) -> None:
    oioi_hub.fault("slow", requests=1, delay_ms=60_000)
    first = oioi_operator.begin_push()
    await oioi_hub.wait_for(lambda: len(oioi_hub.pending) == 1)
    await oioi_operator.call("connector-post-status", status(evse_id="DE*ABC*E2"))
    assert oioi_hub.violations == []
    await oioi_operator.push()
    await oioi_hub.wait_for(lambda: len(oioi_hub.record) == 2)
    assert oioi_hub.violations == [f"overlap: connector-post-status of {EVSE} before the last one was answered"]
    await first.give_up()


# rfid-verify.


@pytest.mark.parametrize(("uid", "code"), [(BLOCKED_CARD, "192"), (OTHER_CARD, "191"), ("11223344", "193")])
async def test_a_card_that_may_not_charge(settings: OioiSettings, uid: str, code: str) -> None:
    async with OioiHub(replace(settings, unpaid_cards=frozenset({"11223344"}))) as hub:
        answer = await OioiOperator(hub).call("rfid-verify", verify(uid))
        assert (answer.status, answer.code, "evco-id" in answer.json()) == (200, code, False)
        assert hub.violations == []


async def test_a_card_has_an_evco_id(settings: OioiSettings) -> None:
    mapped = replace(settings, cards=frozenset({CARD, OTHER_CARD}), evco_ids={OTHER_CARD: "DE-8EO-CAet5e4XY-3"})
    async with OioiHub(mapped) as hub:
        told = [(await OioiOperator(hub).call("rfid-verify", verify(uid))).json() for uid in (CARD, OTHER_CARD)]
    assert [each["evco-id"] for each in told] == ["DE-8EO-CAA856280-X", "DE-8EO-CAet5e4XY-3"]


@pytest.mark.parametrize(("uid", "http_status"), [(CARD, 200), (OTHER_CARD, 404), (BLOCKED_CARD, 403)])
async def test_a_refusal_may_be_an_http_error_too(settings: OioiSettings, uid: str, http_status: int) -> None:
    async with OioiHub(replace(settings, http_errors=True)) as hub:
        answer = await OioiOperator(hub).call("rfid-verify", verify(uid))
    assert answer.status == http_status


# station-post.


async def test_a_station_is_held_and_told(oioi_hub: OioiHub, oioi_operator: OioiOperator) -> None:
    for name in ("Mill Lane", "Mill Street"):
        assert (await oioi_operator.call("station-post", post_station(name=name))).code == "000"
    await oioi_hub.wait_for(lambda: len(oioi_hub.record) == 2)
    assert oioi_hub.stations["S1"].record["name"] == "Mill Street"
    assert oioi_hub.record[0].means == {"what": "evse_data", "evse_ids": [EVSE]}
    assert oioi_hub.violations == []


@pytest.mark.parametrize(
    ("content", "code", "why"),
    [
        (post_station(connectors=[connector(), connector("DE*ABC*E2")]), "230", "others than before"),
        (post_station(connectors=[connector("DE*ABC*E2")]), "230", "others than before"),
        (post_station(connectors=[connector(name="Combo")]), "230", "others than before"),
        (post_station(connectors=[connector(speed=11)]), "230", "others than before"),
        (post_station(latitude=52.5), "322", f"{EVSE} stands at (52.480495, 13.356465)"),
        (post_station("S2", latitude=52.5), "322", f"{EVSE} stands at (52.480495, 13.356465)"),
        (post_station("S2"), "230", f"{EVSE} belongs to the station S1"),
        (post_station("S3", connectors=[connector("DE*XYZ*E1")]), "220", "DE*XYZ*E1 is not of DE*ABC"),
        (post_station("S3", **{"cpo-id": "DE*XYZ"}), "220", "cpo-id DE*XYZ is not DE*ABC"),
        (post_station("S3", connectors=[connector("DEABCE9"), connector("DE*ABC*E9")]), "230", "is there twice"),
        (post_station(partner="second"), "220", "the station S1 is another partner's"),
    ],
)
async def test_a_station_that_contradicts_what_the_hub_has_is_refused(
    strict: OioiHub, content: Body, code: str, why: str
) -> None:
    operator = OioiOperator(strict)
    await operator.call("station-post", post_station())
    held: dict[str, Any] = dict(strict.stations)
    assert (await operator.call("station-post", content)).code == code
    await strict.wait_for(lambda: len(strict.record) == 2)
    (violation,) = strict.violations
    assert violation.startswith(f"refused {code}: ")
    assert why in violation
    assert strict.stations == held


async def test_a_station_that_was_deleted_may_come_back_otherwise(
    oioi_hub: OioiHub, oioi_operator: OioiOperator
) -> None:
    for content in (post_station(), post_station(deleted=True), post_station(connectors=[connector("DE*ABC*E2")])):
        assert (await oioi_operator.call("station-post", content)).code == "000"
    assert list(oioi_hub.stations["S1"].connectors) == ["DEABCE2"]
