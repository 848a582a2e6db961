"""The messages of the workload, each as long as real ones are."""

from roampost.domain.messages import (
    ChargeRecord,
    EndMessage,
    ErrorKind,
    ErrorMessage,
    EvseDataMessage,
    EvseDataSetMessage,
    EvsePricingMessage,
    EvseStatus,
    FullLoadMessage,
    LateAuthorization,
    Message,
    PricingProductsMessage,
    SessionRef,
    SignedValue,
    StartMessage,
    StationDataMessage,
    StatusMessage,
)
from roampost.domain.stamp import Stamp


def session(name: str, hub_session_id: str | None, evse_id: str) -> SessionRef:
    return SessionRef(session_id=name, hub_session_id=hub_session_id, evse_id=evse_id, uid="04A1B2C3D4")


def late(ref: SessionRef, at: Stamp) -> LateAuthorization:
    return LateAuthorization(session=ref, session_start=at)


def start(ref: SessionRef, at: Stamp) -> StartMessage:
    return StartMessage(session=ref, session_start=at, charging_start=at.later(2), meter_start_wh=100)


def error(ref: SessionRef) -> ErrorMessage:
    return ErrorMessage(session=ref, error=ErrorKind.CRITICAL, text="the contactor does not close")


def end(ref: SessionRef, at: Stamp) -> EndMessage:
    return EndMessage(session=ref, session_start=at, session_end=at.later(9), charging_end=at.later(9))


def record(ref: SessionRef, at: Stamp, *, signed_values: int) -> ChargeRecord:
    signed = tuple(SignedValue(moment="end", text="5" * 2900) for _ in range(signed_values))
    return ChargeRecord(
        session=ref,
        session_start=at,
        session_end=at.later(9),
        charging_start=at,
        charging_end=at.later(8),
        meter_start_wh=100,
        meter_end_wh=350,
        energy_wh=250,
        signed=signed,
    )


def status(evse_id: str, *, occupied: bool) -> StatusMessage:
    return StatusMessage(evse_id=evse_id, status=EvseStatus.OCCUPIED if occupied else EvseStatus.AVAILABLE)


def of_the_site(evses: tuple[str, ...], evse_id: str) -> tuple[Message, ...]:
    """One of every kind that is about no session."""
    data = tuple(f'{{"evse_id": "{one}", "text": "{"x" * 1500}"}}' for one in evses)
    return (
        status(evse_id, occupied=False),
        FullLoadMessage(statuses=tuple(status(one, occupied=False) for one in evses)),
        EvseDataMessage(action="update", evse_id=evse_id, data=data[0]),
        EvseDataSetMessage(data=data),
        StationDataMessage(action="post", station_id="DE*ABC*S1", data=data),
        PricingProductsMessage(action="set", prices="{}"),
        EvsePricingMessage(action="set", pricing=data),
    )
