"""What is told of a session, in OICP's words: notifications and the charge detail record. Pure.

Only what OICP cannot do without may keep a record from being sent: optional extras that do not fit are left out.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TypedDict

from roampost.domain.messages import (
    Calibration,
    ChargeRecord,
    EndMessage,
    ErrorKind,
    ErrorMessage,
    ProgressMessage,
    SessionRef,
    SignedMoment,
    SignedValue,
    StartMessage,
)
from roampost.hubs.base import When
from roampost.hubs.dates import in_order
from roampost.hubs.exact import kwh
from roampost.hubs.oicp import wire

NotificationMessage = StartMessage | ProgressMessage | EndMessage | ErrorMessage
_ORDER: tuple[SignedMoment, ...] = ("start", "progress", "end")


class UnsayableError(Exception):
    """OICP has no form for this message, which was not sent"""


class _OfSession(TypedDict):
    SessionID: str
    CPOPartnerSessionID: str
    EMPPartnerSessionID: str | None
    EvseID: str
    Identification: wire.Identification


def notification(message: NotificationMessage, operator_id: str, when: When) -> wire.Wire:
    match message:
        case StartMessage():
            return _start(message, operator_id, when)
        case ProgressMessage():
            return _progress(message, operator_id, when)
        case EndMessage():
            return _end(message, operator_id, when)
        case ErrorMessage():
            return _error(message, operator_id)


def record(message: ChargeRecord, when: When) -> wire.ChargeDetailRecord:
    moments = (message.session_start, message.charging_start, message.charging_end, message.session_end)
    told = in_order(when, moments)
    return wire.ChargeDetailRecord(
        **_of_session(message.session),
        PartnerProductID=product_id(message.session),
        SessionStart=told[message.session_start],
        SessionEnd=told[message.session_end],
        ChargingStart=told[message.charging_start],
        ChargingEnd=told[message.charging_end],
        MeterValueStart=_kwh(message.meter_start_wh),
        MeterValueEnd=_kwh(message.meter_end_wh),
        MeterValueInBetween=_between(message.meters_between_wh),
        ConsumedEnergy=kwh(message.energy_wh),
        SignedMeteringValues=_signed(message.signed),
        CalibrationLawVerificationInfo=_calibration(message.calibration),
    )


def card(uid: str) -> wire.Identification:
    medium = wire.RfidMifareFamilyIdentification(UID=uid.upper())
    return wire.Identification(RFIDMifareFamilyIdentification=medium, RemoteIdentification=None)


def product_id(session: SessionRef) -> str | None:
    return _fitting(session.product_id, wire.PRODUCT_ID_MAX)


def _of_session(session: SessionRef) -> _OfSession:
    if session.hub_session_id is None:
        raise UnsayableError(
            "The hub has given no SessionID for this session, without which OICP takes nothing: it was allowed while"
            " the hub could not be asked, and its late authorization has to come first."
        )
    return _OfSession(
        SessionID=session.hub_session_id,
        CPOPartnerSessionID=session.session_id,
        EMPPartnerSessionID=_fitting(session.provider_session_id, wire.PARTNER_SESSION_MAX),
        EvseID=session.evse_id,
        Identification=_identification(session),
    )


def _identification(session: SessionRef) -> wire.Identification:
    if session.uid is not None:
        return card(session.uid)
    if session.contract_id is None:
        raise UnsayableError("The session names neither a card nor a contract, without which OICP takes nothing.")
    medium = wire.RemoteIdentification(EvcoID=session.contract_id)
    return wire.Identification(RFIDMifareFamilyIdentification=None, RemoteIdentification=medium)


def _start(message: StartMessage, operator_id: str, when: When) -> wire.NotificationStart:
    return wire.NotificationStart(
        **_of_session(message.session),
        OperatorID=operator_id,
        PartnerProductID=product_id(message.session),
        ChargingStart=when(message.charging_start),
        SessionStart=when(message.session_start),
        MeterValueStart=_kwh(message.meter_start_wh),
    )


def _progress(message: ProgressMessage, operator_id: str, when: When) -> wire.NotificationProgress:
    told = in_order(when, (message.session_start, message.charging_start, message.occurred))
    started, occurred = told[message.charging_start], told[message.occurred]
    return wire.NotificationProgress(
        **_of_session(message.session),
        OperatorID=operator_id,
        PartnerProductID=product_id(message.session),
        ChargingStart=started,
        EventOccurred=occurred,
        # OICP 2.3: EventOccurred − ChargingStart in milliseconds.
        ChargingDuration=(occurred - started) // timedelta(milliseconds=1),
        SessionStart=told[message.session_start],
        ConsumedEnergyProgress=_kwh(message.energy_wh),
        MeterValueStart=_kwh(message.meter_start_wh),
        MeterValueInBetween=_between(message.meters_between_wh),
    )


def _end(message: EndMessage, operator_id: str, when: When) -> wire.NotificationEnd:
    moments = (message.session_start, message.charging_start, message.charging_end, message.session_end)
    told = in_order(when, moments)
    ended = told[message.charging_end]
    return wire.NotificationEnd(
        **_of_session(message.session),
        OperatorID=operator_id,
        PartnerProductID=product_id(message.session),
        ChargingStart=None if message.charging_start is None else told[message.charging_start],
        ChargingEnd=ended,
        SessionStart=told[message.session_start],
        SessionEnd=None if message.session_end is None else told[message.session_end],
        ConsumedEnergy=_kwh(message.energy_wh),
        MeterValueStart=_kwh(message.meter_start_wh),
        MeterValueEnd=_kwh(message.meter_end_wh),
        MeterValueInBetween=_between(message.meters_between_wh),
        PenaltyTimeStart=None if message.penalty_start is None else max(ended, when(message.penalty_start)),
    )


def _error(message: ErrorMessage, operator_id: str) -> wire.NotificationError:
    return wire.NotificationError(
        **_of_session(message.session),
        OperatorID=operator_id,
        ErrorType="ConnectorError" if message.error is ErrorKind.CONNECTOR else "CriticalError",
        ErrorAdditionalInfo=message.text[: wire.ERROR_INFO_MAX] or None,
    )


def _kwh(energy_wh: int | None) -> Decimal | None:
    return None if energy_wh is None else kwh(energy_wh)


def _between(meters_wh: tuple[int, ...]) -> wire.MeterValuesBetween | None:
    return wire.MeterValuesBetween(meterValues=tuple(map(kwh, meters_wh))) if meters_wh else None


def _signed(values: tuple[SignedValue, ...]) -> tuple[wire.SignedMeteringValue, ...] | None:
    """In the schema's order, at most ten. A part of a signed text proves nothing, so a longer one is not sent."""
    fitting = [one for one in values if 1 <= len(one.text) <= wire.SIGNED_TEXT_MAX]
    start, progress, end = ([one for one in fitting if one.moment == moment] for moment in _ORDER)
    room = wire.SIGNED_VALUES_MAX - len(start[:1]) - len(end[-1:])
    kept = (*start[:1], *_spread(progress, room), *end[-1:])
    return tuple(map(_signed_value, kept)) or None


def _spread(values: Sequence[SignedValue], most: int) -> Sequence[SignedValue]:
    step = -(-len(values) // most)
    return values[:: max(1, step)]


def _signed_value(value: SignedValue) -> wire.SignedMeteringValue:
    match value.moment:
        case "start":
            return wire.SignedMeteringValue(SignedMeteringValue=value.text, MeteringStatus="Start")
        case "progress":
            return wire.SignedMeteringValue(SignedMeteringValue=value.text, MeteringStatus="Progress")
        case "end":
            return wire.SignedMeteringValue(SignedMeteringValue=value.text, MeteringStatus="End")


def _calibration(law: Calibration | None) -> wire.CalibrationLawVerificationInfo | None:
    if law is None or law == Calibration():
        return None
    return wire.CalibrationLawVerificationInfo(
        CalibrationLawCertificateID=law.certificate_id,
        PublicKey=law.public_key,
        MeteringSignatureUrl=law.signature_url,
        MeteringSignatureEncodingFormat=law.encoding,
        SignedMeteringValuesVerificationInstruction=law.instruction,
    )


def _fitting(text: str | None, longest: int) -> str | None:
    return text if text is not None and 1 <= len(text) <= longest else None
