"""OICP's messages in words that are no protocol's own."""

from typing import Any

import pytest

from roampost_sim.hub.means import WHATS
from roampost_sim.hub.oicp.means import understood
from tests.sim.hub.oicp import messages
from tests.sim.hub.oicp.messages import EVSE, GUID, Body, at

SESSION = {"hub_session": GUID, "evse_id": EVSE}


@pytest.mark.parametrize(
    ("operation", "body", "told"),
    [
        ("PushEvseStatus", messages.status((EVSE, "Occupied")), {"evse_id": EVSE, "status": "Occupied"}),
        (
            "PushEvseStatus",
            messages.status((EVSE, "Available"), ("DE*ABC*E2", "OutOfService"), action="fullLoad"),
            {
                "statuses": [
                    {"evse_id": EVSE, "status": "Available"},
                    {"evse_id": "DE*ABC*E2", "status": "OutOfService"},
                ],
                "whole": True,
            },
        ),
        ("PushEvseData", messages.push_data(messages.evse_data(), action="delete"), {"deleted": True}),
        ("AuthorizeStart", messages.authorize(), {"evse_id": EVSE, "user": "04…80"}),
        (
            "ChargingNotifications",
            messages.start(CPOPartnerSessionID="ours"),
            SESSION | {"session": "ours", "start": at(1)},
        ),
        ("ChargingNotifications", messages.progress(), SESSION | {"start": at(1), "at": at(20), "energy_wh": 2500}),
        ("ChargingNotifications", messages.end(), SESSION | {"start": at(1), "end": at(40), "energy_wh": 5000}),
        ("ChargingNotifications", messages.error(), SESSION | {"error": "CriticalError"}),
        (
            "ChargeDetailRecord",
            messages.cdr(),
            {"start": at(1), "end": at(40), "session_start": at(0), "session_end": at(41), "energy_wh": 5000},
        ),
        ("ChargeDetailRecord", messages.cdr(), {"meter_start_wh": 10_123, "meter_end_wh": 15_123}),
        ("ChargingNotifications", messages.end(PenaltyTimeStart=at(50)), SESSION | {"penalty": at(50)}),
        ("PullAuthenticationData", {"OperatorID": "DE*ABC"}, {}),
    ],
)
def test_what_was_told_is_told(operation: str, body: Body, told: dict[str, Any]) -> None:
    meant = understood(operation, body)
    assert meant is not None
    assert meant["what"] in WHATS
    assert {name: meant.get(name) for name in told} == told


@pytest.mark.parametrize("kind", ["Start", "Progress", "End", "Error"])
def test_a_notification_is_called_by_its_kind(kind: str) -> None:
    assert understood("ChargingNotifications", {"Type": kind}) == {"what": kind.lower()}


def test_data_tell_their_evses() -> None:
    body = messages.push_data(messages.evse_data(), messages.evse_data("DE*ABC*E2"))
    assert understood("PushEvseData", body) == {"what": "evse_data", "evse_ids": [EVSE, "DE*ABC*E2"], "whole": True}


@pytest.mark.parametrize(
    ("operation", "body", "meant"),
    [
        (None, {}, None),
        ("ChargingNotifications", {"Type": ["Start"]}, None),
        ("PushEvseStatus", {"OperatorEvseStatus": [], "ActionType": {}}, {"what": "status", "statuses": []}),
        ("ChargeDetailRecord", {"EvseID": {}, "ConsumedEnergy": "5", "Identification": {"a": 1}}, {"what": "cdr"}),
        ("ChargeDetailRecord", {"ConsumedEnergy": True}, {"what": "cdr"}),
        ("PushEvseData", {"OperatorEvseData": {"EvseDataRecord": [7, {}]}}, {"what": "evse_data", "evse_ids": []}),
    ],
)
def test_what_is_wrong_is_not_understood(operation: str | None, body: Body, meant: Any) -> None:
    assert understood(operation, body) == meant
