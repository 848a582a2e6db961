"""What a partner reads: the whitelist of the providers, and what the hub holds of its EVSEs. Over real TLS."""

from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from roampost_sim.hub.oicp import HubSettings, SandboxHub
from roampost_sim.hub.oicp.poi_schema import PULLED_RECORD
from roampost_sim.hub.oicp.shapes import WHITELIST_IDENTIFICATION
from tests.sim.hub.oicp.messages import CARD, CONTRACT, EVSE, OTHER_CARD, card, evse_data, push_data, status
from tests.sim.hub.operator import (
    DATA,
    PULL_DATA,
    PULL_STATUS,
    PULL_STATUS_BY_ID,
    STATUS,
    WHITELIST,
    Operator,
    Response,
)

OPERATOR = {"OperatorID": "DE*ABC"}
MINE: dict[str, Any] = {"ProviderID": "DE-ABC", "GeoCoordinatesResponseFormat": "Google", "OperatorIds": ["DE*ABC"]}
HASHED = {
    "Value": "$2b$12$abcdefghijklmnopqrstuv",
    "Function": "Bcrypt",
    "LegacyHashData": {"Function": "SHA-1", "Salt": "salt", "Value": "da39a3ee5e6b4b0d3255"},
}
MEDIA = [
    card(),
    {"RFIDIdentification": {"UID": OTHER_CARD, "RFID": "mifareDes", "EvcoID": CONTRACT}},
    {"QRCodeIdentification": {"EvcoID": CONTRACT, "HashedPIN": HASHED}},
    {"PlugAndChargeIdentification": {"EvcoID": CONTRACT}},
]


# The whitelist.


def media(answer: Response) -> list[Any]:
    (provider,) = answer.json()["AuthenticationData"]["ProviderAuthenticationData"]
    assert provider["ProviderID"] == "DE-8EO"
    return [record["Identification"] for record in provider["AuthenticationDataRecord"]]


async def test_the_whitelist_has_the_cards_and_contracts_that_may_charge(hub: SandboxHub, operator: Operator) -> None:
    answer = await operator.post(WHITELIST, OPERATOR)
    assert (answer.status, answer.code) == (200, "000")
    assert answer.json()["AuthenticationData"]["OperatorID"] == "DE*ABC"
    assert media(answer) == [card(), {"PlugAndChargeIdentification": {"EvcoID": CONTRACT}}]
    hub.set_card(CARD, "blocked")
    assert media(await operator.post(WHITELIST, OPERATOR)) == [{"PlugAndChargeIdentification": {"EvcoID": CONTRACT}}]


async def test_the_whitelist_can_be_any(settings: HubSettings) -> None:
    async with SandboxHub(replace(settings, whitelist=tuple(MEDIA))) as hub:
        assert media(await Operator(hub).post(WHITELIST, OPERATOR)) == MEDIA


@pytest.mark.parametrize("identification", MEDIA, ids=lambda medium: str(next(iter(medium))))
def test_every_kind_of_medium_fits_its_schema(identification: dict[str, Any]) -> None:
    assert list(Draft202012Validator(WHITELIST_IDENTIFICATION).iter_errors(identification)) == []


async def test_nobody_else_reads_the_whitelist(hub: SandboxHub, operator: Operator) -> None:
    answer = await operator.post(WHITELIST, {"OperatorID": "DE*XYZ"})
    assert (answer.status, answer.code) == (401, "017")


async def test_an_empty_whitelist_names_no_provider(settings: HubSettings) -> None:
    async with SandboxHub(replace(settings, whitelist=())) as hub:
        answer = await Operator(hub).post(WHITELIST, OPERATOR)
        assert answer.json()["AuthenticationData"]["ProviderAuthenticationData"] == []


async def test_nulls_fill_every_medium_of_the_whitelist(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("nulls", requests=1)
    told = media(await operator.post(WHITELIST, OPERATOR))
    assert [len(identification) for identification in told] == [5, 5]
    kept = [{name: value for name, value in each.items() if value is not None} for each in told]
    assert kept == media(await operator.post(WHITELIST, OPERATOR))


# EVSE data.


async def pull(operator: Operator, query: str = "", **changes: Any) -> Response:
    return await operator.post(PULL_DATA + query, MINE | changes)


async def test_data_are_read_back_as_they_were_pushed(operator: Operator) -> None:
    record = evse_data(MaxCapacity=2)
    await operator.post(DATA, push_data(record))
    answer = await pull(operator)
    (content,) = answer.json()["content"]
    assert {name: content[name] for name in record} == record
    assert (content["OperatorID"], content["OperatorName"]) == ("DE*ABC", "ABC")
    assert list(Draft202012Validator(PULLED_RECORD).iter_errors(content)) == []


async def test_positions_come_in_the_form_that_is_asked_for(operator: Operator) -> None:
    await operator.post(DATA, push_data(evse_data()))
    answer = await pull(operator, GeoCoordinatesResponseFormat="DecimalDegree")
    assert answer.json()["content"][0]["GeoCoordinates"] == {
        "DecimalDegree": {"Longitude": "13.356465", "Latitude": "52.480495"}
    }


@pytest.mark.parametrize(
    ("query", "ids", "told"),
    [
        (
            "",
            range(20),
            {"number": 0, "size": 20, "numberOfElements": 20, "first": True, "last": False, "totalPages": 2},
        ),
        ("?page=1&size=20", range(20, 23), {"number": 1, "numberOfElements": 3, "first": False, "last": True}),
        ("?page=0&size=2000", range(23), {"size": 2000, "numberOfElements": 23, "first": True, "last": True}),
        ("?page=9", range(0), {"number": 9, "numberOfElements": 0, "last": True, "totalElements": 23}),
    ],
)
async def test_data_come_in_pages(operator: Operator, query: str, ids: range, told: dict[str, Any]) -> None:
    await operator.post(DATA, push_data(*(evse_data(f"DE*ABC*E{number:02}") for number in range(23))))
    answer = (await pull(operator, query)).json()
    assert [record["EvseID"] for record in answer["content"]] == [f"DE*ABC*E{number:02}" for number in ids]
    assert {name: answer[name] for name in told} == told


@pytest.mark.parametrize("query", ["?size=2001", "?size=0", "?page=-1", "?page=one", "?page=%C2%B2"])
async def test_a_page_that_cannot_be_is_refused(operator: Operator, query: str) -> None:
    answer = await pull(operator, query)
    (wrong,) = answer.json()["validationErrors"]
    assert (answer.status, wrong["errorMessage"]) == (400, "page must be 0 or more, size between 1 and 2000")


async def test_data_of_operators_that_are_not_asked_for_stay_out(operator: Operator) -> None:
    await operator.post(DATA, push_data(evse_data()))
    assert (await pull(operator, OperatorIds=["DE*XYZ"])).json()["content"] == []
    assert len((await pull(operator, OperatorIds=[])).json()["content"]) == 1


# Statuses.


async def test_statuses_are_read_by_operator(operator: Operator) -> None:
    await operator.post(DATA, push_data(evse_data()))
    await operator.post(STATUS, status((EVSE, "Occupied")))
    answer = await operator.post(PULL_STATUS, {"ProviderID": "DE-ABC", "OperatorID": ["DE*ABC", "DE*XYZ"]})
    (group,) = answer.json()["EvseStatuses"]["OperatorEvseStatus"]
    assert group == {
        "OperatorID": "DE*ABC",
        "OperatorName": "ABC",
        "EvseStatusRecord": [{"EvseID": EVSE, "EvseStatus": "Occupied"}],
    }
    assert answer.code == "000"


async def test_statuses_are_read_by_id_and_the_unknown_is_not_found(operator: Operator) -> None:
    await operator.post(STATUS, status((EVSE, "Available")))
    answer = await operator.post(PULL_STATUS_BY_ID, {"ProviderID": "DE-ABC", "EvseID": ["DEABCE1", "DE*ABC*E9"]})
    assert answer.json()["EVSEStatusRecords"]["EvseStatusRecord"] == [
        {"EvseID": "DEABCE1", "EvseStatus": "Available"},
        {"EvseID": "DE*ABC*E9", "EvseStatus": "EvseNotFound"},
    ]


async def test_another_providers_name_is_not_authorized(hub: SandboxHub, operator: Operator) -> None:
    in_body = await operator.post(PULL_STATUS_BY_ID, {"ProviderID": "DE-XYZ", "EvseID": [EVSE]})
    in_path = await operator.post(
        PULL_STATUS_BY_ID.replace("DE-ABC", "DE-XYZ"), {"ProviderID": "DE-ABC", "EvseID": [EVSE]}
    )
    stranger = operator.with_client(hub.certificates.client("DEXYZ"))
    certificate = await stranger.post(PULL_STATUS_BY_ID, {"ProviderID": "DE-ABC", "EvseID": [EVSE]})
    assert [answer.code for answer in (in_body, in_path, certificate)] == ["017"] * 3
