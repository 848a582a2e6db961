"""What we send is what OICP wants: by the hub's schema, by a stricter overlay, and byte for byte for one of each."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from roampost.domain.messages import (
    EvseDataSetMessage,
    EvsePricingMessage,
    EvseStatus,
    FullLoadMessage,
    StatusMessage,
)
from roampost.hubs.oicp.encode import (
    Operator,
    Sayable,
    authorize_start_request,
    authorize_stop_request,
    pull_cards_request,
    request_for,
)
from roampost.hubs.oicp.session_words import UnsayableError
from tests.agent.oicp import samples
from tests.agent.oicp.openapi import needs_openapi, own_schema_errors, schema_errors, unknown_keys
from tests.agent.oicp.overlay import problems
from tests.agent.oicp.samples import said
from tests.agent.poi.makers import SPARSE, WHOLE

SCHEMA = {
    "status": "eRoamingPushEvseStatus",
    "full_load": "eRoamingPushEvseStatus",
    "late_authorization": "eRoamingAuthorizeStart",
    "start": "eRoamingChargingNotificationStart",
    "progress": "eRoamingChargingNotificationProgress",
    "end": "eRoamingChargingNotificationEnd",
    "error": "eRoamingChargingNotificationError",
    "cdr": "eRoamingChargeDetailRecord",
}
plenty = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@plenty
@given(samples.messages, samples.operators, samples.offsets)
def test_every_message_passes_the_overlay(message: Sayable, operator: Operator, offset: timedelta) -> None:
    _, body = request_for(message, operator, samples.when_at(offset))
    assert problems(SCHEMA[message.kind], body) == []


@needs_openapi
@plenty
@given(samples.messages, samples.operators, samples.offsets)
def test_every_message_passes_the_hubs_schema_of_its_type(
    message: Sayable, operator: Operator, offset: timedelta
) -> None:
    _, body = request_for(message, operator, samples.when_at(offset))
    assert schema_errors(SCHEMA[message.kind], body) == []
    assert unknown_keys(SCHEMA[message.kind], body) == set()


@plenty
@given(samples.operators, samples.evse_ids, samples.uids, samples.session_ids, samples.hub_session_ids)
def test_questions_on_a_card_pass_the_overlay(
    operator: Operator, evse_id: str, uid: str, session_id: str, hub_session_id: str
) -> None:
    _, start = authorize_start_request(operator, evse_id=evse_id, uid=uid, session_id=session_id)
    assert problems("eRoamingAuthorizeStart", start) == []
    _, stop = authorize_stop_request(
        operator, evse_id=evse_id, uid=uid, session_id=session_id, hub_session_id=hub_session_id
    )
    assert problems("eRoamingAuthorizeStop", stop) == []


@needs_openapi
def test_questions_on_a_card_pass_the_hubs_schema() -> None:
    asked = {"evse_id": "DE*ABC*E1", "uid": samples.UID, "session_id": "rp-1"}
    _, start = authorize_start_request(samples.OPERATOR, **asked)
    _, stop = authorize_stop_request(samples.OPERATOR, **asked, hub_session_id=samples.HUB_SESSION)
    assert schema_errors("eRoamingAuthorizeStart", start) == []
    assert schema_errors("eRoamingAuthorizeStop", stop) == []
    assert unknown_keys("eRoamingAuthorizeStart", start) | unknown_keys("eRoamingAuthorizeStop", stop) == set()


def test_a_status_is_one_update_and_names_the_operator() -> None:
    path, body = request_for(samples.STATUS, samples.OPERATOR, samples.BERLIN)
    assert path == "/evsepush/v21/operators/DE%2AABC/status-records"
    assert json.loads(body) == {
        "ActionType": "update",
        "OperatorEvseStatus": {
            "OperatorID": "DE*ABC",
            "OperatorName": "Stadtwerke Köln",
            "EvseStatusRecord": [{"EvseID": "DE*ABC*E840*1", "EvseStatus": "Occupied"}],
        },
    }


@pytest.mark.parametrize(
    ("status", "spelt"),
    [
        (EvseStatus.AVAILABLE, "Available"),
        (EvseStatus.RESERVED, "Reserved"),
        (EvseStatus.OCCUPIED, "Occupied"),
        (EvseStatus.OUT_OF_SERVICE, "OutOfService"),
        (EvseStatus.UNKNOWN, "Unknown"),
    ],
)
def test_each_status_in_the_hubs_spelling(status: EvseStatus, spelt: str) -> None:
    message = StatusMessage(evse_id="DE*ABC*E1", status=status)
    _, body = request_for(message, Operator("DE*ABC"), samples.BERLIN)
    pushed = json.loads(body)["OperatorEvseStatus"]
    assert pushed == {"OperatorID": "DE*ABC", "EvseStatusRecord": [{"EvseID": "DE*ABC*E1", "EvseStatus": spelt}]}


def test_a_full_load_has_every_status() -> None:
    path, _ = request_for(samples.FULL_LOAD, samples.OPERATOR, samples.BERLIN)
    found = said(samples.FULL_LOAD)
    assert path == "/evsepush/v21/operators/DE%2AABC/status-records"
    assert found["ActionType"] == "fullLoad"
    assert found["OperatorEvseStatus"]["EvseStatusRecord"] == [
        {"EvseID": "DE*ABC*E840*1", "EvseStatus": "Occupied"},
        {"EvseID": "DE*ABC*E840*2", "EvseStatus": "Available"},
    ]


def test_a_full_load_with_an_evse_twice_is_refused() -> None:
    twice = samples.STATUS.model_copy(update={"evse_id": "DEABCE8401"})
    with pytest.raises(ValidationError, match="twice"):
        said(FullLoadMessage(statuses=(samples.STATUS, twice)))


@pytest.mark.parametrize(
    "message", [FullLoadMessage(statuses=()), EvseDataSetMessage(data=()), EvsePricingMessage(action="set", pricing=())]
)
def test_what_would_wipe_the_operator_is_never_sent(message: Sayable) -> None:
    with pytest.raises(UnsayableError, match="delete everything"):
        request_for(message, samples.OPERATOR, samples.BERLIN)


def test_a_late_authorization_asks_as_the_card_would_have() -> None:
    session = samples.OFFLINE.model_copy(update={"product_id": "AC3"})
    path, body = request_for(samples.LATE.model_copy(update={"session": session}), samples.OPERATOR, samples.BERLIN)
    assert path == "/charging/v21/operators/DE%2AABC/authorize/start"
    assert json.loads(body) == {
        "OperatorID": "DE*ABC",
        "CPOPartnerSessionID": "rp-0001",
        "EvseID": "DE*ABC*E840*1",
        "Identification": {"RFIDMifareFamilyIdentification": {"UID": "044A2DAA856280"}},
        "PartnerProductID": "AC3",
    }


def test_nobodys_session_is_not_told() -> None:
    nobody = samples.SESSION.model_copy(update={"uid": None})
    with pytest.raises(UnsayableError, match="neither a card nor a contract"):
        said(samples.CDR.model_copy(update={"session": nobody}))
    with pytest.raises(UnsayableError, match="about a card"):
        said(samples.LATE.model_copy(update={"session": samples.REMOTE}))


def test_evse_data_is_stored_by_its_value_and_told_in_the_hubs_words() -> None:
    path, _ = request_for(samples.DATA, samples.OPERATOR, samples.BERLIN)
    found = said(samples.DATA)
    assert path == "/evsepush/v23/operators/DE%2AABC/data-records"
    assert found["ActionType"] == "update"
    assert found["OperatorEvseData"]["EvseDataRecord"][0]["EvseID"] == WHOLE.evse_id
    whole_set = said(samples.DATA_SET)
    assert whole_set["ActionType"] == "fullLoad"
    assert [one["EvseID"] for one in whole_set["OperatorEvseData"]["EvseDataRecord"]] == [
        WHOLE.evse_id,
        SPARSE.evse_id,
    ]


def test_a_deletion_says_the_whole_record() -> None:
    deletion = said(samples.DATA.model_copy(update={"action": "delete"}))
    assert deletion["ActionType"] == "delete"
    assert deletion | {"ActionType": "update"} == said(samples.DATA)


@pytest.mark.parametrize("action", ["insert", "update"])
def test_prices_replace_the_operators_set_only_when_told_to(action: str) -> None:
    for message in (samples.PRODUCTS, samples.EVSE_PRICING):
        assert said(message)["ActionType"] == "fullLoad"
        assert said(message.model_copy(update={"action": action}))["ActionType"] == action


def test_evse_data_of_a_zone_that_this_system_does_not_know_is_refused() -> None:
    address = WHOLE.address.model_copy(update={"time_zone": "Europe/Nowhere"})
    with pytest.raises(ValidationError, match="TimeZone"):
        said(samples.DATA.model_copy(update={"data": WHOLE.model_copy(update={"address": address}).model_dump_json()}))


def test_prices_have_paths_of_their_own() -> None:
    for message, last in ((samples.PRODUCTS, "pricing-products"), (samples.EVSE_PRICING, "evse-pricing")):
        path, _ = request_for(message, samples.OPERATOR, samples.BERLIN)
        assert path == f"/dynamicpricing/v10/operators/DE%2AABC/{last}"
        assert said(message)["ActionType"] == "fullLoad"


@needs_openapi
@pytest.mark.parametrize(
    ("message", "schema"),
    [
        (samples.DATA, "eRoamingPushEvseData"),
        (samples.DATA_SET, "eRoamingPushEvseData"),
        (samples.PRODUCTS, "eRoamingPushPricingProductData"),
        (samples.EVSE_PRICING, "eRoamingPushEVSEPricing"),
    ],
)
def test_data_and_prices_pass_the_hubs_schema(message: Sayable, schema: str) -> None:
    assert schema_errors(schema, request_for(message, samples.OPERATOR, samples.BERLIN)[1]) == []


def test_asking_for_the_list_of_cards() -> None:
    path, body = pull_cards_request(samples.OPERATOR)
    assert path == "/authdata/v21/operators/DE%2AABC/pull-request"
    assert json.loads(body) == {"OperatorID": "DE*ABC"}
    assert problems("eRoamingPullAuthenticationData", body) == []
    assert own_schema_errors("pull-authentication-data.json", body) == []


def test_a_din_operator_is_percent_encoded_in_the_path() -> None:
    path, _ = request_for(samples.CDR, Operator("+49*536"), samples.BERLIN)
    assert path == "/cdrmgmt/v22/operators/%2B49%2A536/charge-detail-record"


@pytest.mark.parametrize("uid", ["", "044A2D", "044A2DAA85628", "044A2DAA8562801", "ZZZZZZZZ", "044A2DAA\n"])
def test_a_card_that_oicp_has_no_form_for_is_refused(uid: str) -> None:
    with pytest.raises(ValidationError):
        authorize_start_request(samples.OPERATOR, evse_id="DE*ABC*E1", uid=uid, session_id="rp-1")


def test_a_session_without_the_hubs_id_is_refused() -> None:
    session = samples.SESSION.model_copy(update={"hub_session_id": ""})
    with pytest.raises(ValidationError):
        request_for(samples.CDR.model_copy(update={"session": session}), samples.OPERATOR, samples.BERLIN)


def test_a_naive_date_time_is_never_sent() -> None:
    with pytest.raises(ValidationError):
        request_for(samples.CDR, samples.OPERATOR, lambda _: datetime(2026, 1, 1))  # noqa: DTZ001  # the fault
