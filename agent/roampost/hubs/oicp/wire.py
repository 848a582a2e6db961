"""What we send, in OICP's own spelling: mandatory and known fields only, absent ones are left out, never null.

Field names are those of the prose document (OICP 2.3, CPO), which leads where the published files disagree.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from roampost.config import identifiers

SESSION_ID = r"^[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}$"
UID = r"^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$"
OPERATOR_NAME_MAX = 100
ERROR_INFO_MAX = 250


def _iso(moment: datetime) -> str:
    # Time-of-day tariffs depend on the charge point's own offset, so it is never converted to UTC.
    return moment.isoformat(timespec="seconds")


OperatorID = Annotated[str, Field(pattern=f"^({identifiers.OPERATOR_ID.pattern})$")]
EvseID = Annotated[str, Field(pattern=f"^({identifiers.EVSE_ID.pattern})$")]
SessionID = Annotated[str, Field(pattern=SESSION_ID)]
PartnerSessionID = Annotated[str, Field(min_length=1, max_length=250)]
Moment = Annotated[AwareDatetime, PlainSerializer(_iso, return_type=str)]
EvseStatusName = Literal["Available", "Reserved", "Occupied", "OutOfService", "Unknown"]


def kwh(energy_wh: int) -> Decimal:
    """Kilowatt-hours with exactly three places."""
    return Decimal(energy_wh).scaleb(-3)


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RfidMifareFamilyIdentification(Wire):
    UID: Annotated[str, Field(pattern=UID)]


class Identification(Wire):
    """Exactly one medium; ours is always a card."""

    RFIDMifareFamilyIdentification: RfidMifareFamilyIdentification


class EvseStatusRecord(Wire):
    EvseID: EvseID
    EvseStatus: EvseStatusName


class OperatorEvseStatus(Wire):
    OperatorID: OperatorID
    OperatorName: Annotated[str, Field(min_length=1, max_length=OPERATOR_NAME_MAX)] | None
    # One change a push: bundles make the hub date several changes alike.
    EvseStatusRecord: Annotated[tuple[EvseStatusRecord, ...], Field(min_length=1, max_length=1)]


class PushEvseStatus(Wire):
    # Never fullLoad: it wipes what the operator's other sites have pushed.
    ActionType: Literal["update"] = "update"
    OperatorEvseStatus: OperatorEvseStatus


class AuthorizeStart(Wire):
    OperatorID: OperatorID
    CPOPartnerSessionID: PartnerSessionID
    EvseID: EvseID
    Identification: Identification


class AuthorizeStop(AuthorizeStart):
    SessionID: SessionID


class _OfSession(Wire):
    SessionID: SessionID
    CPOPartnerSessionID: PartnerSessionID
    EvseID: EvseID
    Identification: Identification


class _Notification(_OfSession):
    # Without it the live hub answers HTTP 500, code 001, although the prose calls it optional.
    OperatorID: OperatorID


class NotificationStart(_Notification):
    Type: Literal["Start"] = "Start"
    ChargingStart: Moment
    SessionStart: Moment
    MeterValueStart: Decimal | None


class NotificationEnd(_Notification):
    Type: Literal["End"] = "End"
    ChargingStart: Moment | None
    ChargingEnd: Moment
    SessionStart: Moment
    SessionEnd: Moment
    ConsumedEnergy: Decimal | None
    MeterValueStart: Decimal | None
    MeterValueEnd: Decimal | None


class NotificationError(_Notification):
    Type: Literal["Error"] = "Error"
    ErrorType: Literal["ConnectorError", "CriticalError"]
    ErrorAdditionalInfo: Annotated[str, Field(min_length=1, max_length=ERROR_INFO_MAX)] | None


class ChargeDetailRecord(_OfSession):
    SessionStart: Moment
    SessionEnd: Moment
    ChargingStart: Moment
    ChargingEnd: Moment
    MeterValueStart: Decimal
    MeterValueEnd: Decimal
    ConsumedEnergy: Decimal


def to_json(outgoing: Wire) -> bytes:
    return _json(outgoing.model_dump(exclude_none=True)).encode("ascii")


def _json(value: object) -> str:
    # json.dumps writes no Decimal, and a float would lose the third place of 30.500.
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key)}:{_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ",".join(map(_json, value)) + "]"
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value)
