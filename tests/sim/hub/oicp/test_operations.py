"""Each operation over real TLS: what the hub says yes to, what it refuses and with which code."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from roampost_sim.hub.oicp import HubSettings, SandboxHub
from tests.sim.hub.conftest import HandClock
from tests.sim.hub.oicp.messages import (
    BLOCKED_CARD,
    CARD,
    CONTRACT,
    EVSE,
    GUID,
    OTHER_CARD,
    at,
    authorize,
    card,
    cdr,
    end,
    error,
    progress,
    start,
    status,
    stop,
)
from tests.sim.hub.operator import CDR, NOTIFY, START, STATUS, STOP, Operator


async def opened(operator: Operator, **more: Any) -> str:
    answer = await operator.post(START, authorize(**more))
    assert answer.json()["AuthorizationStatus"] == "Authorized"
    return str(answer.json()["SessionID"])


# Status.


async def test_a_status_is_kept_with_its_time_of_arrival(hub: SandboxHub, operator: Operator, clock: HandClock) -> None:
    answer = await operator.post(STATUS, status((EVSE, "Occupied")))
    assert (answer.status, answer.json()["Result"], answer.code) == (200, True, "000")
    UUID(answer.headers["Process-ID"])
    held = hub.statuses["DEABCE1"]
    assert (held.evse_id, held.status, held.arrived_t) == (EVSE, "Occupied", clock.t)


async def test_an_id_without_separators_is_the_same_evse(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(STATUS, status((EVSE, "Occupied")))
    await operator.post(STATUS, status(("DEABCE1", "Available")))
    assert [held.status for held in hub.statuses.values()] == ["Available"]


async def test_a_full_load_replaces_all_of_the_operator(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(STATUS, status(("DE*ABC*E1", "Occupied"), action="insert"))
    await operator.post(STATUS, status(("DE*ABC*E2", "Available"), ("DE*ABC*E3", "Reserved"), action="fullLoad"))
    assert sorted(hub.statuses) == ["DEABCE2", "DEABCE3"]
    await operator.post(STATUS, status(("DE*ABC*E3", "Reserved"), action="delete"))
    assert sorted(hub.statuses) == ["DEABCE2"]
    await operator.post(STATUS, status(action="fullLoad"))
    assert hub.statuses == {}
    assert hub.violations == []


@pytest.mark.parametrize(
    "records",
    [[("DE*XYZ*E1", "Available")], [(EVSE, "Available"), ("DEABCE1", "Occupied")]],
    ids=["foreign", "twice"],
)
async def test_an_inconsistent_evse_id_is_refused(
    hub: SandboxHub, operator: Operator, records: list[tuple[str, str]]
) -> None:
    answer = await operator.post(STATUS, status(*records))
    assert (answer.status, answer.json()["Result"], answer.code) == (200, False, "018")
    assert hub.statuses == {}


async def test_changes_in_a_bundle_are_taken_and_recorded(hub: SandboxHub, operator: Operator) -> None:
    answer = await operator.post(STATUS, status((EVSE, "Available"), ("DE*ABC*E2", "Available")))
    assert answer.code == "000"
    assert hub.violations == ["bundle: changes are pushed one at a time"]


async def test_a_wrong_shape_is_answered_in_the_live_hubs_form(operator: Operator) -> None:
    answer = await operator.post(STATUS, status(("DE*ABC*1", "Available")))
    assert answer.status == 400
    body = answer.json()
    assert (body["extendedInfo"], body["message"]) == (None, "Error parsing/validating JSON.")
    (wrong,) = body["validationErrors"]
    assert wrong["fieldReference"] == "operatorEvseStatus.evseStatusRecord[0].evseID"
    assert wrong["errorMessage"].startswith("must match")


# Authorization.


async def test_a_known_card_opens_a_session(hub: SandboxHub, operator: Operator, clock: HandClock) -> None:
    answer = await operator.post(START, authorize(CPOPartnerSessionID="ours-1"))
    body = answer.json()
    assert (answer.status, answer.code, body["AuthorizationStatus"]) == (200, "000", "Authorized")
    assert (body["ProviderID"], body["CPOPartnerSessionID"]) == ("DE-8EO", "ours-1")
    assert body["AuthorizationStopIdentifications"] == [card(OTHER_CARD)]
    session = hub.sessions[str(UUID(body["SessionID"]))]
    assert (session.uid, session.evse_id, session.partner_id, session.opened_t) == (CARD, EVSE, "ours-1", clock.t)


async def test_each_yes_is_a_session_of_its_own(hub: SandboxHub, operator: Operator) -> None:
    assert await opened(operator) != await opened(operator)
    assert len(hub.sessions) == 2


@pytest.mark.parametrize(
    ("identification", "code"),
    [
        (card("11223344"), "102"),
        (card(BLOCKED_CARD), "200"),
        ({"QRCodeIdentification": {"EvcoID": "DE-8EO-C00000000-X", "PIN": "1234"}}, "101"),
        ({"PlugAndChargeIdentification": {"EvcoID": "DE-8EO-C00000000-X"}}, "105"),
    ],
    ids=["unknown card", "blocked card", "QR code", "plug and charge"],
)
async def test_who_is_not_known_is_not_authorized(
    hub: SandboxHub, operator: Operator, identification: dict[str, Any], code: str
) -> None:
    answer = await operator.post(START, authorize(Identification=identification, CPOPartnerSessionID="ours"))
    body = answer.json()
    assert (answer.status, body["AuthorizationStatus"], answer.code) == (200, "NotAuthorized", code)
    assert (body["CPOPartnerSessionID"], "SessionID" in body) == ("ours", False)
    assert (hub.sessions, hub.violations) == ({}, [])


async def test_a_contract_is_authorized_like_a_card(operator: Operator) -> None:
    await opened(operator, Identification={"QRCodeIdentification": {"EvcoID": CONTRACT, "PIN": "1234"}})


async def test_a_foreign_evse_is_not_authorized(hub: SandboxHub, operator: Operator) -> None:
    answer = await operator.post(START, authorize(EvseID="DE*XYZ*E1"))
    assert (answer.json()["AuthorizationStatus"], answer.code, hub.sessions) == ("NotAuthorized", "018", {})


@pytest.mark.parametrize("uid", [CARD, OTHER_CARD])
async def test_the_starter_and_the_named_media_may_stop(operator: Operator, uid: str) -> None:
    session_id = await opened(operator)
    answer = await operator.post(STOP, stop(session_id, uid))
    assert (answer.json()["AuthorizationStatus"], answer.code) == ("Authorized", "000")
    assert answer.json()["SessionID"] == session_id


async def test_another_card_may_not_stop_and_no_card_stops_what_is_not_open(operator: Operator) -> None:
    session_id = await opened(operator)
    other = await operator.post(STOP, stop(session_id, "11223344"))
    nothing = await operator.post(STOP, stop(GUID))
    assert (other.json()["AuthorizationStatus"], other.code) == ("NotAuthorized", "102")
    assert (nothing.json()["AuthorizationStatus"], nothing.code) == ("NotAuthorized", "400")


# Sessions.


async def test_a_session_lives_from_yes_to_record(hub: SandboxHub, operator: Operator) -> None:
    session_id = await opened(operator, CPOPartnerSessionID="ours")
    for body in (start(session_id), progress(session_id), error(session_id), end(session_id)):
        answer = await operator.post(NOTIFY, body)
        assert (answer.code, answer.json()["SessionID"]) == ("000", session_id)
    answer = await operator.post(CDR, cdr(session_id, CPOPartnerSessionID="ours"))
    assert (answer.code, answer.json()["CPOPartnerSessionID"]) == ("000", "ours")
    session = hub.sessions[session_id]
    assert (session.types, session.closed) == (["Start", "Progress", "Error", "End"], True)
    assert session.cdr == cdr(session_id, CPOPartnerSessionID="ours")
    assert hub.violations == []


@pytest.mark.parametrize("body", [start(), progress(), end(), error()], ids=lambda body: str(body["Type"]))
async def test_nothing_is_told_of_an_unknown_session(operator: Operator, body: dict[str, Any]) -> None:
    answer = await operator.post(NOTIFY, body)
    assert (answer.status, answer.json()["Result"], answer.code) == (200, False, "400")


async def test_one_record_closes_the_session(hub: SandboxHub, operator: Operator) -> None:
    session_id = await opened(operator)
    assert (await operator.post(CDR, cdr(session_id))).code == "000"
    again = await operator.post(CDR, cdr(session_id))
    assert (again.status, again.code) == (200, "400")
    assert hub.violations == []  # the same record again: the first answer may have been lost
    other = await operator.post(CDR, cdr(session_id, ConsumedEnergy=4.0, MeterValueEnd=14.123))
    late = await operator.post(NOTIFY, end(session_id))
    assert (other.code, late.code) == ("400", "400")
    assert hub.violations == ["refused 400: Session is invalid"] * 2
    assert hub.sessions[session_id].cdr == cdr(session_id)


async def test_a_record_of_an_unknown_session_is_refused(operator: Operator) -> None:
    assert (await operator.post(CDR, cdr())).code == "400"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ConsumedEnergy": 5000}, "022"),
        ({"ConsumedEnergy": -5}, "022"),
        ({"ChargingEnd": at(0)}, "022"),
        ({"MeterValueEnd": 1.0}, "022"),
        ({"SessionEnd": at(61)}, "022"),
        ({"EvseID": "DE*XYZ*E1"}, "018"),
    ],
    ids=["watt-hours", "negative", "end first", "meter back", "future", "foreign"],
)
async def test_a_wrong_record_is_refused_and_the_session_stays_open(
    hub: SandboxHub, operator: Operator, changes: dict[str, Any], code: str
) -> None:
    session_id = await opened(operator)
    answer = await operator.post(CDR, cdr(session_id, **changes))
    assert (answer.status, answer.json()["Result"], answer.code) == (200, False, code)
    assert not hub.sessions[session_id].closed
    assert (await operator.post(CDR, cdr(session_id))).code == "000"


async def test_progress_is_due_every_five_minutes(hub: SandboxHub, operator: Operator, clock: HandClock) -> None:
    session_id = await opened(operator)
    await operator.post(NOTIFY, start(session_id))
    assert (await operator.post(NOTIFY, progress(session_id))).code == "000"
    clock.t += 299.9
    later = progress(session_id, EventOccurred=at(25), ConsumedEnergyProgress=3.0)
    assert (await operator.post(NOTIFY, later)).code == "022"
    clock.t += 0.1
    assert (await operator.post(NOTIFY, later)).code == "000"
    assert hub.violations == ["refused 022: Progress is due every 300 s at most"]


async def test_a_foreign_evse_is_not_notified(operator: Operator) -> None:
    session_id = await opened(operator)
    assert (await operator.post(NOTIFY, start(session_id, EvseID="DE*XYZ*E1"))).code == "018"


async def test_what_comes_out_of_order_is_taken_and_recorded(hub: SandboxHub, operator: Operator) -> None:
    session_id = await opened(operator)
    await operator.post(NOTIFY, end(session_id))
    assert (await operator.post(NOTIFY, start(session_id))).code == "000"
    assert "order: Start after End" in hub.violations


@pytest.mark.parametrize(
    ("changes", "violation"),
    [
        ({"EvseID": "DE*ABC*E2"}, "mismatch: EvseID DE*ABC*E2"),
        ({"Identification": card("11223344")}, "mismatch: Identification"),
        ({"CPOPartnerSessionID": "theirs"}, "mismatch: CPOPartnerSessionID"),
        ({"ConsumedEnergy": 4.999}, "mismatch: ConsumedEnergy"),
        ({"EMPPartnerSessionID": "theirs"}, "mismatch: EMPPartnerSessionID"),
        ({"MeterValueInBetween": {"meterValues": [12.0, 11.0]}}, "mismatch: MeterValueInBetween"),
        ({"MeterValueInBetween": {"meterValues": [15.124]}}, "mismatch: MeterValueInBetween"),
    ],
)
async def test_a_record_that_does_not_fit_its_session_is_recorded(
    hub: SandboxHub, operator: Operator, changes: dict[str, Any], violation: str
) -> None:
    session_id = await opened(operator, CPOPartnerSessionID="ours")
    assert (await operator.post(CDR, cdr(session_id, **changes))).code == "000"
    (found,) = hub.violations
    assert found.startswith(violation)


async def test_meter_values_in_between_rise_from_start_to_end(hub: SandboxHub, operator: Operator) -> None:
    session_id = await opened(operator)
    between = {"MeterValueInBetween": {"meterValues": [10.123, 12.5, 15.123]}}
    assert (await operator.post(CDR, cdr(session_id, **between))).code == "000"
    assert hub.violations == []


async def test_a_session_that_was_opened_by_a_card_is_told_of_by_no_other_medium(
    hub: SandboxHub, operator: Operator
) -> None:
    session_id = await opened(operator)
    remote = {"RemoteIdentification": {"EvcoID": CONTRACT}}
    assert (await operator.post(NOTIFY, start(session_id, Identification=remote))).code == "000"
    assert hub.violations == ["mismatch: Identification is not the medium that was authorized"]


async def test_a_session_may_have_begun_before_its_late_authorization(hub: SandboxHub, operator: Operator) -> None:
    session_id = await opened(operator)
    began = {"ChargingStart": at(-600)}
    for body in (start(session_id, **began), progress(session_id, **began), end(session_id, **began)):
        assert (await operator.post(NOTIFY, body)).code == "000"
    assert hub.violations == []


async def test_a_notification_from_the_future_is_recorded(hub: SandboxHub, operator: Operator) -> None:
    session_id = await opened(operator)
    await operator.post(NOTIFY, start(session_id, ChargingStart=at(61)))
    assert hub.violations == [f"future: ChargingStart {at(61)}"]


# Partners.


@pytest.mark.parametrize("written", ["DE%2AABC", "DE*ABC", "DEABC"])
async def test_the_operator_in_the_path_may_be_written_in_three_ways(operator: Operator, written: str) -> None:
    operator.operator_id = written
    assert (await operator.post(STATUS, status((EVSE, "Available")))).code == "000"


async def test_another_operator_in_the_path_is_not_authorized(hub: SandboxHub, operator: Operator) -> None:
    operator.operator_id = "DE*XYZ"
    answer = await operator.post(CDR, cdr())
    assert (answer.status, answer.json()["StatusCode"]["Code"]) == (401, "017")
    assert hub.violations == ["refused 017: Not authorized"]


async def test_another_operator_in_the_body_is_not_authorized(operator: Operator) -> None:
    answer = await operator.post(START, authorize(OperatorID="DE*XYZ"))
    assert (answer.status, answer.code) == (401, "017")


async def test_a_certificate_of_another_operator_is_not_authorized(hub: SandboxHub, operator: Operator) -> None:
    other = operator.with_client(hub.certificates.client("DEXYZ"))
    answer = await other.post(STATUS, status((EVSE, "Available")))
    assert (answer.status, answer.code) == (401, "017")


async def test_an_operator_that_the_hub_does_not_know_is_not_found(hub: SandboxHub, operator: Operator) -> None:
    other = operator.with_client(hub.certificates.client("DEXYZ"))
    other.operator_id = "DE*XYZ"
    answer = await other.post(START, authorize(OperatorID="DE*XYZ"))
    assert (answer.status, answer.code) == (404, "300")


async def test_a_path_without_an_operator_finds_no_partner(operator: Operator) -> None:
    operator.operator_id = ""
    assert (await operator.post(CDR, cdr())).code == "300"


async def test_a_notification_without_operator_confuses_the_live_hub(operator: Operator) -> None:
    body = {name: value for name, value in start().items() if name != "OperatorID"}
    answer = await operator.post(NOTIFY, body)
    assert (answer.status, answer.code) == (500, "001")


async def test_a_german_din_operator_is_served(settings: HubSettings) -> None:
    async with SandboxHub(replace(settings, operators=("+49*536",))) as hub:
        operator = Operator(hub, "%2B49%2A536")
        body = status(("+49*536*000*438", "Available"), OperatorID="+49*536")
        assert (await operator.post(STATUS, body)).code == "000"
        assert list(hub.statuses) == ["49536000438"]


# Requests that are none.


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "one JSON object"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": 1e999}', "1e999 is no number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "limit"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(operator: Operator, body: bytes, message: str) -> None:
    answer = await operator.send("POST", NOTIFY, body)
    assert answer.status == 400
    assert message in answer.json()["validationErrors"][0]["errorMessage"]


async def test_wrong_path_method_and_content_type_are_refused(hub: SandboxHub, operator: Operator) -> None:
    assert (await operator.send("POST", "/evsepush/v21/operators/DE*ABC", b"{}")).status == 404
    assert (await operator.send("GET", NOTIFY, b"")).status == 405
    assert (await operator.send("POST", NOTIFY, b"{}", "text/plain")).status == 415
    assert [violation.partition(":")[0] for violation in hub.violations] == ["path", "method", "content-type"]


async def test_half_a_character_comes_back_as_it_was_told(hub: SandboxHub, operator: Operator) -> None:
    answer = await operator.post(START, authorize(CPOPartnerSessionID="\ud800"))
    assert answer.json()["CPOPartnerSessionID"] == "\ud800"
    await hub.wait_for(lambda: len(hub.record) == 1)
