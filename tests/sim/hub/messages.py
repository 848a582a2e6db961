"""Right messages of the operator DE*ABC; a test changes what it wants wrong."""

from datetime import datetime, timedelta, timezone
from typing import Any

Body = dict[str, Any]
CARD = "044A2DAA856280"
OTHER_CARD = "0102030405060708090A"
BLOCKED_CARD = "DEADBEEF"
EVSE = "DE*ABC*E1"
GUID = "b2688855-7f00-0002-6d8e-48d883f6abb6"
CONTRACT = "DE-8EO-CAet5e4XY-3"
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))


def at(minutes: float) -> str:
    return (NOON + timedelta(minutes=minutes)).isoformat()


def card(uid: str = CARD) -> Body:
    return {"RFIDMifareFamilyIdentification": {"UID": uid}}


def status(*records: tuple[str, str], action: str = "update", **more: Any) -> Body:
    told = [{"EvseID": evse_id, "EvseStatus": word} for evse_id, word in records]
    return {"ActionType": action, "OperatorEvseStatus": {"OperatorID": "DE*ABC", "EvseStatusRecord": told} | more}


def authorize(uid: str = CARD, **more: Any) -> Body:
    return {"OperatorID": "DE*ABC", "EvseID": EVSE, "Identification": card(uid)} | more


def stop(session_id: str = GUID, uid: str = CARD) -> Body:
    return authorize(uid, SessionID=session_id)


def _notification(kind: str, session_id: str, more: Body) -> Body:
    return {"Type": kind, "SessionID": session_id, "EvseID": EVSE, "OperatorID": "DE*ABC"} | more


def start(session_id: str = GUID, **more: Any) -> Body:
    return _notification("Start", session_id, {"ChargingStart": at(1), "MeterValueStart": 10.123} | more)


def progress(session_id: str = GUID, **more: Any) -> Body:
    told = {"ChargingStart": at(1), "EventOccurred": at(20), "ConsumedEnergyProgress": 2.5}
    return _notification("Progress", session_id, told | more)


def end(session_id: str = GUID, **more: Any) -> Body:
    told = {"ChargingStart": at(1), "ChargingEnd": at(40), "ConsumedEnergy": 5.0}
    return _notification("End", session_id, told | more)


def error(session_id: str = GUID, **more: Any) -> Body:
    return _notification("Error", session_id, {"ErrorType": "CriticalError"} | more)


def cdr(session_id: str = GUID, **more: Any) -> Body:
    told = {
        "SessionID": session_id,
        "EvseID": EVSE,
        "Identification": card(),
        "SessionStart": at(0),
        "ChargingStart": at(1),
        "ChargingEnd": at(40),
        "SessionEnd": at(41),
        "MeterValueStart": 10.123,
        "MeterValueEnd": 15.123,
        "ConsumedEnergy": 5.0,
    }
    return told | more


VALID: dict[str, list[Body]] = {
    "PushEvseStatus": [
        status((EVSE, "Available")),
        status(action="fullLoad"),
        status(("+49*536*000*438", "Unknown"), OperatorName="A name"),
    ],
    "AuthorizeStart": [
        authorize(),
        authorize("DEADBEEF", CPOPartnerSessionID="x" * 250, PartnerProductID="AC3"),
        authorize(OTHER_CARD),
        {"OperatorID": "+49*536", "Identification": {"QRCodeIdentification": {"EvcoID": CONTRACT, "PIN": "1234"}}},
        {"OperatorID": "DEABC", "Identification": {"PlugAndChargeIdentification": {"EvcoID": "DE8EOAet5e43"}}},
    ],
    "AuthorizeStop": [stop()],
    "ChargingNotifications": [
        start(Identification=card(), SessionStart=at(0)),
        progress(MeterValueInBetween={"meterValues": [10.123, 20.541]}, ChargingDuration=1_140_000),
        end(SessionEnd=at(41), MeterValueEnd=15.123, PenaltyTimeStart=at(50)),
        end(ChargingEnd="2026-06-01T10:40:00Z"),
        error(ErrorType="ConnectorError", ErrorAdditionalInfo="x" * 250),
    ],
    "ChargeDetailRecord": [
        cdr(),
        cdr(Identification={"RemoteIdentification": {"EvcoID": CONTRACT}}, HubProviderID="DE*ICE"),
        cdr(Identification={"RFIDIdentification": {"UID": CARD, "RFID": "mifareDes"}}),
        cdr(SignedMeteringValues=[{"SignedMeteringValue": "a" * 3000, "MeteringStatus": "Start"}]),
        cdr(CalibrationLawVerificationInfo={"PublicKey": "abc"}),
    ],
}
