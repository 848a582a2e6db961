"""Our messages to OICP requests: values in, (path below the hub's base URL, JSON body) out.

Raises UnsayableError or pydantic.ValidationError for a message that OICP has no words for (a card with an odd UID,
say). EVSE data and prices have models of their own, which are loaded when such a message is sent.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never
from urllib.parse import quote

from roampost.domain.messages import (
    ChargeRecord,
    EndMessage,
    ErrorMessage,
    EvseDataMessage,
    EvseDataSetMessage,
    EvsePricingMessage,
    EvseStatus,
    FullLoadMessage,
    LateAuthorization,
    PricingProductsMessage,
    ProgressMessage,
    SessionMessage,
    StartMessage,
    StatusMessage,
)
from roampost.hubs.base import When
from roampost.hubs.oicp import wire
from roampost.hubs.oicp.session_words import UnsayableError, card, notification, product_id, record

if TYPE_CHECKING:
    from roampost.hubs.oicp.wire_poi import ActionType

Request = tuple[str, bytes]

# "set" replaces what the operator has, from all of its sites.
_ACTIONS: "dict[str, ActionType]" = {"insert": "insert", "update": "update", "set": "fullLoad"}
NOTIFICATIONS_PATH = "/notificationmgmt/v11/charging-notifications"
STATUS: dict[EvseStatus, wire.EvseStatusName] = {
    EvseStatus.AVAILABLE: "Available",
    EvseStatus.RESERVED: "Reserved",
    EvseStatus.OCCUPIED: "Occupied",
    EvseStatus.OUT_OF_SERVICE: "OutOfService",
    EvseStatus.UNKNOWN: "Unknown",
}
_DataMessage = EvseDataMessage | EvseDataSetMessage | PricingProductsMessage | EvsePricingMessage
# All but a station's data: OICP knows EVSEs.
Sayable = StatusMessage | FullLoadMessage | SessionMessage | _DataMessage


@dataclass(frozen=True, slots=True)
class Operator:
    """In whose name we speak."""

    operator_id: str
    name: str | None = None


def request_for(message: Sayable, operator: Operator, when: When) -> Request:
    match message:
        case StatusMessage():
            return _statuses("update", (message,), operator)
        case FullLoadMessage():
            _refuse_empty(message.statuses)
            return _statuses("fullLoad", message.statuses, operator)
        case LateAuthorization():
            return _late_authorization(message, operator)
        case StartMessage() | ProgressMessage() | EndMessage() | ErrorMessage():
            return NOTIFICATIONS_PATH, wire.to_json(notification(message, operator.operator_id, when))
        case ChargeRecord():
            path = _path("/cdrmgmt/v22/operators/{}/charge-detail-record", operator)
            return path, wire.to_json(record(message, when))
        case EvseDataMessage() | EvseDataSetMessage() | PricingProductsMessage() | EvsePricingMessage():
            return _data(message, operator)
        case _:
            assert_never(message)


def authorize_start_request(
    operator: Operator, *, evse_id: str, uid: str, session_id: str, product: str | None = None
) -> Request:
    asked = wire.AuthorizeStart(
        OperatorID=operator.operator_id,
        CPOPartnerSessionID=session_id,
        EvseID=evse_id,
        Identification=card(uid),
        PartnerProductID=product,
    )
    return _path("/charging/v21/operators/{}/authorize/start", operator), wire.to_json(asked)


def authorize_stop_request(
    operator: Operator, *, evse_id: str, uid: str, session_id: str, hub_session_id: str
) -> Request:
    asked = wire.AuthorizeStop(
        OperatorID=operator.operator_id,
        SessionID=hub_session_id,
        CPOPartnerSessionID=session_id,
        EvseID=evse_id,
        Identification=card(uid),
    )
    return _path("/charging/v21/operators/{}/authorize/stop", operator), wire.to_json(asked)


def pull_cards_request(operator: Operator) -> Request:
    asked = wire.PullAuthenticationData(OperatorID=operator.operator_id)
    return _path("/authdata/v21/operators/{}/pull-request", operator), wire.to_json(asked)


def _path(template: str, operator: Operator) -> str:
    return template.format(quote(operator.operator_id, safe=""))


def _statuses(action: wire.StatusAction, statuses: tuple[StatusMessage, ...], operator: Operator) -> Request:
    records = tuple(wire.EvseStatusRecord(EvseID=one.evse_id, EvseStatus=STATUS[one.status]) for one in statuses)
    push = wire.PushEvseStatus(
        ActionType=action,
        OperatorEvseStatus=wire.OperatorEvseStatus(
            OperatorID=operator.operator_id, OperatorName=operator.name, EvseStatusRecord=records
        ),
    )
    return _path("/evsepush/v21/operators/{}/status-records", operator), wire.to_json(push)


def _late_authorization(message: LateAuthorization, operator: Operator) -> Request:
    session = message.session
    if session.uid is None:
        raise UnsayableError("OICP can ask late only about a card, and this session was started without one.")
    return authorize_start_request(
        operator,
        evse_id=session.evse_id,
        uid=session.uid,
        session_id=session.session_id,
        product=product_id(session),
    )


def _data(message: _DataMessage, operator: Operator) -> Request:
    from roampost.domain.poi import EvsePoi
    from roampost.domain.pricing import EvsePricing, PriceList
    from roampost.hubs.oicp import poi, pricing

    match message:
        case EvseDataMessage(data=text):
            return poi.data_request(operator, message.action, (EvsePoi.model_validate_json(text),))
        case EvseDataSetMessage():
            _refuse_empty(message.data)
            return poi.data_request(operator, "fullLoad", map(EvsePoi.model_validate_json, message.data))
        case PricingProductsMessage():
            prices = PriceList.model_validate_json(message.prices)
            return pricing.products_request(operator, _ACTIONS[message.action], prices)
        case EvsePricingMessage():
            _refuse_empty(message.pricing)
            told = map(EvsePricing.model_validate_json, message.pricing)
            return pricing.evse_pricing_request(operator, _ACTIONS[message.action], told)


def _refuse_empty(records: tuple[object, ...]) -> None:
    if not records:
        raise UnsayableError("An empty fullLoad would delete everything that the operator has at the hub: not sent.")
