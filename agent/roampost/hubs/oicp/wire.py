"""What we send, in OICP's own spelling: mandatory and known fields only, absent ones are left out, never null.

Field names are those of the prose document (OICP 2.3, CPO), which leads where the published files disagree.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from roampost.config import identifiers
from roampost.hubs.exact import exact_json

SESSION_ID = r"^[A-Za-z0-9]{8}(-[A-Za-z0-9]{4}){3}-[A-Za-z0-9]{12}$"
UID = r"^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$"
OPERATOR_NAME_MAX = 100
ERROR_INFO_MAX = 250
PARTNER_SESSION_MAX = 250
PRODUCT_ID_MAX = 50
SIGNED_VALUES_MAX = 10
SIGNED_TEXT_MAX = 3000


def _iso(moment: datetime) -> str:
    # Time-of-day tariffs depend on the charge point's own offset, so it is never converted to UTC.
    return moment.isoformat(timespec="seconds")


OperatorID = Annotated[str, Field(pattern=f"^({identifiers.OPERATOR_ID.pattern})$")]
EvseID = Annotated[str, Field(pattern=f"^({identifiers.EVSE_ID.pattern})$")]
ProviderID = Annotated[str, Field(pattern=f"^({identifiers.PROVIDER_ID.pattern})$")]
EvcoID = Annotated[str, Field(pattern=f"^({identifiers.CONTRACT_ID.pattern})$")]
SessionID = Annotated[str, Field(pattern=SESSION_ID)]
PartnerSessionID = Annotated[str, Field(min_length=1, max_length=PARTNER_SESSION_MAX)]
ProductID = Annotated[str, Field(min_length=1, max_length=PRODUCT_ID_MAX)]
Moment = Annotated[AwareDatetime, PlainSerializer(_iso, return_type=str)]
StatusAction = Literal["update", "fullLoad"]
EvseStatusName = Literal["Available", "Reserved", "Occupied", "OutOfService", "Unknown"]


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RfidMifareFamilyIdentification(Wire):
    UID: Annotated[str, Field(pattern=UID)]


class RemoteIdentification(Wire):
    EvcoID: EvcoID


class Identification(Wire):
    """Exactly one medium: a card, or the contract of a session that was started from afar."""

    RFIDMifareFamilyIdentification: RfidMifareFamilyIdentification | None
    RemoteIdentification: RemoteIdentification | None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.RFIDMifareFamilyIdentification is None) == (self.RemoteIdentification is None):
            raise ValueError("exactly one medium")
        return self


class EvseStatusRecord(Wire):
    EvseID: EvseID
    EvseStatus: EvseStatusName


class OperatorEvseStatus(Wire):
    OperatorID: OperatorID
    OperatorName: Annotated[str, Field(min_length=1, max_length=OPERATOR_NAME_MAX)] | None
    # An empty list is allowed and, in a fullLoad, deletes everything that the operator has.
    EvseStatusRecord: Annotated[tuple[EvseStatusRecord, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        # Code 018 for the whole request.
        ids = {identifiers.canonical(record.EvseID) for record in self.EvseStatusRecord}
        if len(ids) < len(self.EvseStatusRecord):
            raise ValueError("an EVSE is in it twice")
        return self


class PushEvseStatus(Wire):
    """fullLoad replaces what all sites of the operator have pushed; whether this one may is decided elsewhere."""

    ActionType: StatusAction
    OperatorEvseStatus: OperatorEvseStatus

    @model_validator(mode="after")
    def _one_change_a_push(self) -> Self:
        # Bundles make the hub date several changes alike.
        if self.ActionType == "update" and len(self.OperatorEvseStatus.EvseStatusRecord) != 1:
            raise ValueError("an update is one record")
        return self


class _Authorize(Wire):
    OperatorID: OperatorID
    CPOPartnerSessionID: PartnerSessionID
    EvseID: EvseID
    Identification: Identification


class AuthorizeStart(_Authorize):
    PartnerProductID: ProductID | None


class AuthorizeStop(_Authorize):
    SessionID: SessionID


class MeterValuesBetween(Wire):
    """An object around the list, in lower case."""

    meterValues: Annotated[tuple[Decimal, ...], Field(min_length=1)]  # noqa: N815 # as it is on the wire


class _OfSession(Wire):
    SessionID: SessionID
    CPOPartnerSessionID: PartnerSessionID
    EMPPartnerSessionID: PartnerSessionID | None
    EvseID: EvseID
    Identification: Identification


class _Notification(_OfSession):
    # Without it the live hub answers HTTP 500, code 001, although the prose calls it optional.
    OperatorID: OperatorID


class _OfProduct(Wire):
    """In all but errors."""

    PartnerProductID: ProductID | None


class NotificationStart(_Notification, _OfProduct):
    Type: Literal["Start"] = "Start"
    ChargingStart: Moment
    SessionStart: Moment
    MeterValueStart: Decimal | None


class NotificationProgress(_Notification, _OfProduct):
    """ChargingDuration in milliseconds."""

    Type: Literal["Progress"] = "Progress"
    ChargingStart: Moment
    EventOccurred: Moment
    ChargingDuration: Annotated[int, Field(ge=0)]
    SessionStart: Moment
    ConsumedEnergyProgress: Decimal | None
    MeterValueStart: Decimal | None
    MeterValueInBetween: MeterValuesBetween | None


class NotificationEnd(_Notification, _OfProduct):
    Type: Literal["End"] = "End"
    ChargingStart: Moment | None
    ChargingEnd: Moment
    SessionStart: Moment
    SessionEnd: Moment | None
    ConsumedEnergy: Decimal | None
    MeterValueStart: Decimal | None
    MeterValueEnd: Decimal | None
    MeterValueInBetween: MeterValuesBetween | None
    PenaltyTimeStart: Moment | None


class NotificationError(_Notification):
    Type: Literal["Error"] = "Error"
    ErrorType: Literal["ConnectorError", "CriticalError"]
    ErrorAdditionalInfo: Annotated[str, Field(min_length=1, max_length=ERROR_INFO_MAX)] | None


class SignedMeteringValue(Wire):
    SignedMeteringValue: Annotated[str, Field(min_length=1, max_length=SIGNED_TEXT_MAX)]
    MeteringStatus: Literal["Start", "Progress", "End"]


class CalibrationLawVerificationInfo(Wire):
    CalibrationLawCertificateID: Annotated[str, Field(max_length=100)] | None
    PublicKey: Annotated[str, Field(max_length=1000)] | None
    MeteringSignatureUrl: Annotated[str, Field(max_length=200)] | None
    MeteringSignatureEncodingFormat: Annotated[str, Field(max_length=50)] | None
    SignedMeteringValuesVerificationInstruction: Annotated[str, Field(max_length=400)] | None


class ChargeDetailRecord(_OfSession, _OfProduct):
    """A reservation's has no meter values."""

    SessionStart: Moment
    SessionEnd: Moment
    ChargingStart: Moment
    ChargingEnd: Moment
    MeterValueStart: Decimal | None
    MeterValueEnd: Decimal | None
    MeterValueInBetween: MeterValuesBetween | None
    ConsumedEnergy: Decimal
    SignedMeteringValues: (
        Annotated[tuple[SignedMeteringValue, ...], Field(min_length=1, max_length=SIGNED_VALUES_MAX)] | None
    )
    CalibrationLawVerificationInfo: CalibrationLawVerificationInfo | None


class PullAuthenticationData(Wire):
    OperatorID: OperatorID


class PullEvseData(Wire):
    ProviderID: ProviderID
    # One of three forms; it is the one that we push.
    GeoCoordinatesResponseFormat: Literal["Google"] = "Google"
    OperatorIds: Annotated[tuple[OperatorID, ...], Field(min_length=1)]


class PullEvseStatus(Wire):
    ProviderID: ProviderID
    OperatorID: Annotated[tuple[OperatorID, ...], Field(min_length=1)]


def to_json(outgoing: Wire) -> bytes:
    return exact_json(outgoing.model_dump(exclude_none=True))
