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


def evse_data(evse_id: str = EVSE, **more: Any) -> Body:
    """An EvseDataRecord with nothing left to wish; None as a value takes a field out."""
    told = {
        "EvseID": evse_id,
        "ChargingStationNames": [{"lang": "en", "value": "Mill Lane"}, {"lang": "de", "value": "Mühlgasse"}],
        "Address": {
            "Country": "DEU",
            "City": "Berlin",
            "Street": "Mühlgasse",
            "PostalCode": "10829",
            "HouseNum": "1a",
            "TimeZone": "UTC+01:00",
        },
        "GeoCoordinates": {"Google": {"Coordinates": "52.480495 13.356465"}},
        "Plugs": ["Type 2 Outlet"],
        "ChargingFacilities": [{"PowerType": "AC_3_PHASE", "Voltage": 230, "Amperage": 32, "Power": 22}],
        "RenewableEnergy": True,
        "CalibrationLawDataAvailability": "Not Available",
        "AuthenticationModes": ["NFC RFID Classic", "REMOTE"],
        "PaymentOptions": ["Contract"],
        "ValueAddedServices": ["None"],
        "Accessibility": "Free publicly accessible",
        "HotlinePhoneNumber": "+4930123456",
        "IsOpen24Hours": True,
        "IsHubjectCompatible": True,
        "DynamicInfoAvailable": "true",
    }
    return {name: value for name, value in (told | more).items() if value is not None}


def push_data(*records: Body, action: str = "fullLoad", **more: Any) -> Body:
    told = {"OperatorID": "DE*ABC", "OperatorName": "ABC", "EvseDataRecord": list(records)}
    return {"ActionType": action, "OperatorEvseData": told | more}


def product(product_id: str = "night", **more: Any) -> Body:
    return {
        "ProductID": product_id,
        "ReferenceUnit": "KILOWATT_HOUR",
        "ProductPriceCurrency": "EUR",
        "PricePerReferenceUnit": 0.39,
        "MaximumProductChargingPower": 22,
        "IsValid24hours": False,
        "ProductAvailabilityTimes": [{"Periods": [{"begin": "22:00", "end": "24:00"}], "on": "Everyday"}],
    } | more


def push_products(*records: Body, action: str = "fullLoad", **more: Any) -> Body:
    told = {
        "OperatorID": "DE*ABC",
        "ProviderID": "*",
        "PricingDefaultPrice": 0.5,
        "PricingDefaultPriceCurrency": "EUR",
        "PricingDefaultReferenceUnit": "KILOWATT_HOUR",
        "PricingProductDataRecords": list(records),
    }
    return {"ActionType": action, "PricingProductData": told | more}


def price(*products: str, evse_id: str = EVSE, provider_id: str = "*") -> Body:
    return {"EvseID": evse_id, "ProviderID": provider_id, "EvseIDProductList": list(products)}


def push_prices(*records: Body, action: str = "fullLoad") -> Body:
    return {"ActionType": action, "EVSEPricing": list(records)}


_FULL_RECORD = evse_data(
    ChargingPoolID="DE*ABC*P1",
    ChargingStationId="S1",
    HardwareManufacturer="Maker",
    ChargingStationImage="https://example.com/1.jpg",
    SubOperatorName="Sub",
    DynamicPowerLevel=True,
    EnergySource=[{"Energy": "Solar", "Percentage": 80}, {"Energy": "Wind"}],
    EnvironmentalImpact={"CO2Emission": 30.3, "NuclearWaste": 0},
    MaxCapacity=50,
    AccessibilityLocation="OnStreet",
    AdditionalInfo=[{"lang": "en", "value": "Behind the mill"}],
    ChargingStationLocationReference=[{"lang": "en-GB-Latn", "value": "Gate 2"}],
    GeoChargingPointEntrance={"DegreeMinuteSeconds": {"Longitude": "13°21'23.27''", "Latitude": "52° 28' 49.78''"}},
    IsOpen24Hours=False,
    OpeningTimes=[{"Period": [{"begin": "09:00", "end": "18:00"}], "on": "Workdays"}],
    HubOperatorID="DE*XYZ",
    ClearinghouseID="TEST",
)

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
    "PushEvseData": [
        push_data(evse_data(), _FULL_RECORD | {"EvseID": "+49*536*000*438"}),
        push_data(),
        push_data(
            evse_data(GeoCoordinates={"DecimalDegree": {"Longitude": "13.3", "Latitude": "-52.4"}}), action="delete"
        ),
    ],
    "PullAuthenticationData": [{"OperatorID": "DE*ABC"}],
    "PushPricingProductData": [
        push_products(
            product(),
            product(
                "day",
                AdditionalReferences=[
                    {
                        "AdditionalReference": "START FEE",
                        "AdditionalReferenceUnit": "MINUTE",
                        "PricePerAdditionalReferenceUnit": 1,
                    }
                ],
            ),
        ),
        push_products(action="fullLoad", ProviderID="DE-8EO", OperatorName="A name"),
    ],
    "PushEVSEPricing": [push_prices(price("night", "AC3")), push_prices()],
    "PullEvseData": [
        {"ProviderID": "DE-ABC", "GeoCoordinatesResponseFormat": "Google", "OperatorIds": ["DE*ABC"]},
        {"ProviderID": "DE-ABC", "GeoCoordinatesResponseFormat": "DecimalDegree"},
    ],
    "PullEvseStatusByOperatorID": [{"ProviderID": "DE-ABC", "OperatorID": ["DE*ABC"]}],
    "PullEvseStatusByID": [{"ProviderID": "DE-ABC", "EvseID": [EVSE] * 100}],
}
