"""PushEvseData over real TLS: whose data the hub keeps, what it refuses, and what hangs on them."""

from dataclasses import replace
from typing import Any

import pytest

from roampost_sim.hub.oicp import HubSettings, SandboxHub
from tests.sim.hub.oicp.messages import EVSE, at, authorize, cdr, evse_data, push_data, status
from tests.sim.hub.operator import CDR, DATA, START, STATUS, Operator

OTHER = "DE*ABC*E2"
SIGNED = [{"SignedMeteringValue": "<signed>", "MeteringStatus": word} for word in ("Start", "Progress", "End")]


async def test_records_are_inserted_updated_and_deleted(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(DATA, push_data(evse_data(), action="insert"))
    await operator.post(DATA, push_data(evse_data("DEABCE1", IsOpen24Hours=True, MaxCapacity=2), action="update"))
    await operator.post(DATA, push_data(evse_data(OTHER), action="insert"))
    assert {key: held.record.get("MaxCapacity") for key, held in hub.state.evse_data.items()} == {
        "DEABCE1": 2,
        "DEABCE2": None,
    }
    answer = await operator.post(DATA, push_data(evse_data(), action="delete"))
    assert (answer.code, list(hub.state.evse_data)) == ("000", ["DEABCE2"])
    assert hub.violations == []


async def test_a_full_load_replaces_all_of_the_operator(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(DATA, push_data(evse_data(), evse_data(OTHER)))
    await operator.post(DATA, push_data(evse_data("DE*ABC*E3")))
    assert list(hub.state.evse_data) == ["DEABCE3"]
    assert (await operator.post(DATA, push_data())).code == "000"
    assert hub.state.evse_data == {}


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([evse_data("DE*XYZ*E1")], "018"),
        ([evse_data(), evse_data("DEABCE1")], "018"),
        ([evse_data(PaymentOptions=["No Payment", "Contract"])], "022"),
    ],
    ids=["foreign", "twice", "contradiction"],
)
async def test_a_push_with_a_wrong_record_changes_nothing(
    hub: SandboxHub, operator: Operator, records: list[dict[str, Any]], code: str
) -> None:
    await operator.post(DATA, push_data(evse_data(OTHER)))
    answer = await operator.post(DATA, push_data(*records))
    assert (answer.status, answer.json()["Result"], answer.code) == (200, False, code)
    assert list(hub.state.evse_data) == ["DEABCE2"]


async def test_a_wrong_shape_is_answered_in_the_live_hubs_form(operator: Operator) -> None:
    answer = await operator.post(DATA, push_data(evse_data(HotlinePhoneNumber="030/1234")))
    assert answer.status == 400
    (wrong,) = answer.json()["validationErrors"]
    assert wrong["fieldReference"] == "operatorEvseData.evseDataRecord[0].hotlinePhoneNumber"


async def test_what_lowers_the_score_is_taken_and_recorded(hub: SandboxHub, operator: Operator) -> None:
    answer = await operator.post(DATA, push_data(evse_data(Plugs=["CHAdeMO"])))
    assert answer.code == "000"
    assert hub.violations == [f"data: {EVSE}: a DC plug without a DC facility"]


async def test_an_action_that_does_not_fit_what_the_hub_holds_is_recorded(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(DATA, push_data(evse_data(), action="update"))
    await operator.post(DATA, push_data(evse_data(), action="insert"))  # the same again: an answer may have been lost
    await operator.post(DATA, push_data(evse_data(MaxCapacity=3), action="insert"))
    assert hub.violations == [
        f"data: update of {EVSE}, of which the hub has no data",
        f"data: insert of {EVSE}, of which the hub has data",
    ]


async def test_pushes_of_one_operator_that_overlap_are_a_violation(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("slow", requests=1, delay_ms=60_000)
    first = operator.begin(DATA, push_data(evse_data()))
    await hub.wait_for(lambda: len(hub.pending) == 1)
    await operator.post(STATUS, status((EVSE, "Available")))
    assert hub.violations == []
    await operator.post(DATA, push_data(evse_data()))
    await hub.wait_for(lambda: len(hub.record) == 2)
    (violation,) = hub.violations
    assert violation.startswith("overlap: PushEvseData of DE*ABC")
    await first.give_up()


async def test_the_record_tells_which_evses_were_pushed(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(DATA, push_data(evse_data(), evse_data(OTHER)))
    await hub.wait_for(lambda: bool(hub.record))
    assert hub.record[0].told == {"ActionType": "fullLoad", "EvseIDs": [EVSE, OTHER]}


async def test_where_data_are_needed_a_status_without_them_is_refused(settings: HubSettings) -> None:
    async with SandboxHub(replace(settings, needs_data=True)) as hub:
        operator = Operator(hub)
        answer = await operator.post(STATUS, status((EVSE, "Available")))
        assert (answer.json()["Result"], answer.code, hub.statuses) == (False, "603", {})
        await operator.post(DATA, push_data(evse_data("DEABCE1")))
        assert (await operator.post(STATUS, status((EVSE, "Available")))).code == "000"


@pytest.mark.parametrize(
    ("availability", "signed", "code"),
    [("External", {}, "022"), ("External", {"SignedMeteringValues": SIGNED}, "000"), ("Local", {}, "000")],
)
async def test_calibration_data_that_are_external_belong_into_the_record(
    operator: Operator, availability: str, signed: dict[str, Any], code: str
) -> None:
    await operator.post(DATA, push_data(evse_data(CalibrationLawDataAvailability=availability)))
    session_id = (await operator.post(START, authorize())).json()["SessionID"]
    assert (await operator.post(CDR, cdr(session_id, **signed))).code == code


async def test_a_late_authorization_may_be_younger_than_its_charging(hub: SandboxHub, operator: Operator) -> None:
    session_id = (await operator.post(START, authorize())).json()["SessionID"]
    early = {"SessionStart": at(-600), "ChargingStart": at(-590)}
    assert (await operator.post(CDR, cdr(session_id, **early))).code == "000"
    assert hub.violations == []
