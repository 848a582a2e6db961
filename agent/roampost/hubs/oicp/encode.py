"""Our messages to OICP requests: values in, (path below the hub's base URL, JSON body) out.

Raises pydantic.ValidationError for a message that OICP has no words for (a card with an odd UID, say).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never
from urllib.parse import quote

from roampost.domain.messages import (
    ChargeRecord,
    EndMessage,
    ErrorKind,
    ErrorMessage,
    EvseStatus,
    Message,
    SessionRef,
    StartMessage,
    StatusMessage,
)
from roampost.hubs.base import When
from roampost.hubs.oicp import wire

Request = tuple[str, bytes]

NOTIFICATIONS_PATH = "/notificationmgmt/v11/charging-notifications"
STATUS: dict[EvseStatus, wire.EvseStatusName] = {
    EvseStatus.AVAILABLE: "Available",
    EvseStatus.RESERVED: "Reserved",
    EvseStatus.OCCUPIED: "Occupied",
    EvseStatus.OUT_OF_SERVICE: "OutOfService",
    EvseStatus.UNKNOWN: "Unknown",
}


@dataclass(frozen=True, slots=True)
class Operator:
    """In whose name we speak."""

    operator_id: str
    name: str | None = None


def request_for(message: Message, operator: Operator, when: When) -> Request:
    match message:
        case StatusMessage():
            return _status(message, operator)
        case StartMessage():
            return NOTIFICATIONS_PATH, wire.to_json(_start(message, operator, when))
        case EndMessage():
            return NOTIFICATIONS_PATH, wire.to_json(_end(message, operator, when))
        case ErrorMessage():
            return NOTIFICATIONS_PATH, wire.to_json(_error(message, operator))
        case ChargeRecord():
            path = _path("/cdrmgmt/v22/operators/{}/charge-detail-record", operator)
            return path, wire.to_json(_record(message, when))
        case _:
            assert_never(message)


def authorize_start_request(operator: Operator, *, evse_id: str, uid: str, session_id: str) -> Request:
    asked = wire.AuthorizeStart(
        OperatorID=operator.operator_id,
        CPOPartnerSessionID=session_id,
        EvseID=evse_id,
        Identification=_card(uid),
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
        Identification=_card(uid),
    )
    return _path("/charging/v21/operators/{}/authorize/stop", operator), wire.to_json(asked)


def _path(template: str, operator: Operator) -> str:
    return template.format(quote(operator.operator_id, safe=""))


def _card(uid: str) -> wire.Identification:
    return wire.Identification(RFIDMifareFamilyIdentification=wire.RfidMifareFamilyIdentification(UID=uid.upper()))


def _kwh(energy_wh: int | None) -> Decimal | None:
    return None if energy_wh is None else wire.kwh(energy_wh)


def _status(message: StatusMessage, operator: Operator) -> Request:
    record = wire.EvseStatusRecord(EvseID=message.evse_id, EvseStatus=STATUS[message.status])
    push = wire.PushEvseStatus(
        OperatorEvseStatus=wire.OperatorEvseStatus(
            OperatorID=operator.operator_id, OperatorName=operator.name, EvseStatusRecord=(record,)
        )
    )
    return _path("/evsepush/v21/operators/{}/status-records", operator), wire.to_json(push)


def _start(message: StartMessage, operator: Operator, when: When) -> wire.NotificationStart:
    session: SessionRef = message.session
    return wire.NotificationStart(
        SessionID=session.hub_session_id,
        CPOPartnerSessionID=session.session_id,
        EvseID=session.evse_id,
        Identification=_card(session.uid),
        OperatorID=operator.operator_id,
        ChargingStart=when(message.charging_start),
        SessionStart=when(message.session_start),
        MeterValueStart=_kwh(message.meter_start_wh),
    )


def _end(message: EndMessage, operator: Operator, when: When) -> wire.NotificationEnd:
    session = message.session
    return wire.NotificationEnd(
        SessionID=session.hub_session_id,
        CPOPartnerSessionID=session.session_id,
        EvseID=session.evse_id,
        Identification=_card(session.uid),
        OperatorID=operator.operator_id,
        ChargingStart=None if message.charging_start is None else when(message.charging_start),
        ChargingEnd=when(message.charging_end),
        SessionStart=when(message.session_start),
        SessionEnd=when(message.session_end),
        ConsumedEnergy=_kwh(message.energy_wh),
        MeterValueStart=_kwh(message.meter_start_wh),
        MeterValueEnd=_kwh(message.meter_end_wh),
    )


def _error(message: ErrorMessage, operator: Operator) -> wire.NotificationError:
    session = message.session
    return wire.NotificationError(
        SessionID=session.hub_session_id,
        CPOPartnerSessionID=session.session_id,
        EvseID=session.evse_id,
        Identification=_card(session.uid),
        OperatorID=operator.operator_id,
        ErrorType="ConnectorError" if message.error is ErrorKind.CONNECTOR else "CriticalError",
        ErrorAdditionalInfo=message.text[: wire.ERROR_INFO_MAX] or None,
    )


def _record(message: ChargeRecord, when: When) -> wire.ChargeDetailRecord:
    session = message.session
    return wire.ChargeDetailRecord(
        SessionID=session.hub_session_id,
        CPOPartnerSessionID=session.session_id,
        EvseID=session.evse_id,
        Identification=_card(session.uid),
        SessionStart=when(message.session_start),
        SessionEnd=when(message.session_end),
        ChargingStart=when(message.charging_start),
        ChargingEnd=when(message.charging_end),
        MeterValueStart=wire.kwh(message.meter_start_wh),
        MeterValueEnd=wire.kwh(message.meter_end_wh),
        ConsumedEnergy=wire.kwh(message.energy_wh),
    )
