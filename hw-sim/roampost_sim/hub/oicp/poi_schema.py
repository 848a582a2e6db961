"""The shape of an EvseDataRecord as an operator pushes it and as it is pulled again, and of the push around it.

deltaType and lastUpdate are said by the hub when its data are pulled, never by an operator.
"""

from roampost_sim.hub.oicp.shapes import DAYS, PERIODS, PUSH_ACTION
from roampost_sim.hub.shapes import (
    EVSE_ID,
    MOMENT,
    OPERATOR_ID,
    YES_NO,
    Schema,
    closed,
    listed,
    one_of,
    several_of,
    text,
    whole,
    whole_number,
)

_LANGUAGE = whole(r"[a-z]{2,3}(?:-[A-Z]{2,3}(?:-[a-zA-Z]{4})?)?(?:-x-[a-zA-Z0-9]{1,8})?")
_TEXTS = listed(closed({"lang": _LANGUAGE, "value": text(150)}), 50, 1)
_DEGREES = r"-?1?[0-9]{1,2}\.[0-9]{1,6}"
_MINUTES = whole(r"-?1?[0-9]{1,2}° ?[0-9]{1,2}' ?[0-9]{1,2}\.[0-9]+''")
_POSITION = closed(
    {},
    {
        "Google": closed({"Coordinates": whole(rf"{_DEGREES}\s*,?\s*{_DEGREES}")}),
        "DecimalDegree": closed({"Longitude": whole(_DEGREES), "Latitude": whole(_DEGREES)}),
        "DegreeMinuteSeconds": closed({"Longitude": _MINUTES, "Latitude": _MINUTES}),
    },
) | {"minProperties": 1, "maxProperties": 1}
_ADDRESS = closed(
    {
        "Country": whole("[A-Z]{3}"),
        "City": text(50),
        "Street": text(100) | {"minLength": 2},
        "PostalCode": text(10),
        "HouseNum": text(10),
    },
    {
        "Floor": text(5),
        "Region": text(50),
        "ParkingFacility": YES_NO,
        "ParkingSpot": text(5),
        "TimeZone": whole("UTC[+-][0-9]{2}:[0-9]{2}"),
    },
)
_FACILITY = closed(
    {"PowerType": one_of("AC_1_PHASE", "AC_3_PHASE", "DC"), "Power": whole_number(999)},
    {
        "Voltage": whole_number(999),
        "Amperage": whole_number(99),
        "ChargingModes": several_of("Mode_1", "Mode_2", "Mode_3", "Mode_4", "CHAdeMO"),
    },
)
_SOURCES = one_of(
    *("Solar", "Wind", "HydroPower", "GeothermalEnergy", "Biomass", "Coal", "NuclearEnergy", "Petroleum", "NaturalGas"),
)
_GRAMS = {"type": "number", "minimum": 0, "maximum": 99_999}
PLUGS = (
    "Small Paddle Inductive",
    "Large Paddle Inductive",
    "AVCON Connector",
    "Tesla Connector",
    "NEMA 5-20",
    "Type E French Standard",
    "Type F Schuko",
    "Type G British Standard",
    "Type J Swiss Standard",
    "Type 1 Connector (Cable Attached)",
    "Type 2 Outlet",
    "Type 2 Connector (Cable Attached)",
    "Type 3 Outlet",
    "IEC 60309 Single Phase",
    "IEC 60309 Three Phase",
    "CCS Combo 2 Plug (Cable Attached)",
    "CCS Combo 1 Plug (Cable Attached)",
    "CHAdeMO",
)
_MODES = ("NFC RFID Classic", "NFC RFID DESFire", "PnC", "REMOTE", "Direct Payment", "No Authentication Required")
_SERVICES = (
    *("Reservation", "DynamicPricing", "ParkingSensors", "MaximumPowerCharging", "PredictiveChargePointUsage"),
    *("ChargingPlans", "RoofProvided", "None"),
)
_MANDATORY: Schema = {
    "EvseID": EVSE_ID,
    "ChargingStationNames": _TEXTS,
    "Address": _ADDRESS,
    "GeoCoordinates": _POSITION,
    "Plugs": several_of(*PLUGS),
    "ChargingFacilities": listed(_FACILITY, 20, 1),
    "RenewableEnergy": YES_NO,
    "CalibrationLawDataAvailability": one_of("Local", "External", "Not Available"),
    "AuthenticationModes": several_of(*_MODES),
    "PaymentOptions": several_of("No Payment", "Direct", "Contract"),
    "ValueAddedServices": several_of(*_SERVICES),
    "Accessibility": one_of(
        *("Free publicly accessible", "Restricted access", "Paying publicly accessible", "Test Station")
    ),
    "HotlinePhoneNumber": whole(r"\+[0-9]{5,15}"),
    "IsOpen24Hours": YES_NO,
    "IsHubjectCompatible": YES_NO,
    "DynamicInfoAvailable": one_of("true", "false", "auto"),
}
_OPTIONAL: Schema = {
    "ChargingPoolID": whole(r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?P[A-Za-z0-9*]{1,30}"),
    "ChargingStationId": text(50),
    "HardwareManufacturer": text(50),
    "ChargingStationImage": text(200),
    "SubOperatorName": text(100),
    "DynamicPowerLevel": YES_NO,
    "EnergySource": listed(closed({"Energy": _SOURCES}, {"Percentage": whole_number(99)}), 9, 1),
    "EnvironmentalImpact": closed({}, {"CO2Emission": _GRAMS, "NuclearWaste": _GRAMS}),
    "MaxCapacity": whole_number(1_000_000),
    "AccessibilityLocation": one_of("OnStreet", "ParkingLot", "ParkingGarage", "UndergroundParkingGarage"),
    "AdditionalInfo": _TEXTS,
    "ChargingStationLocationReference": _TEXTS,
    "GeoChargingPointEntrance": _POSITION,
    "OpeningTimes": listed(closed({"Period": PERIODS, "on": DAYS}), 20, 1),
    "HubOperatorID": OPERATOR_ID,
    "ClearinghouseID": text(20),
}
RECORD = closed(_MANDATORY, _OPTIONAL)
SAID_BY_THE_HUB: Schema = {
    "deltaType": one_of("insert", "update", "delete"),
    "lastUpdate": MOMENT,
    "OperatorID": OPERATOR_ID,
    "OperatorName": text(100),
}
PULLED_RECORD = closed(_MANDATORY | {"OperatorID": OPERATOR_ID}, _OPTIONAL | SAID_BY_THE_HUB)
PUSH_DATA = closed(
    {
        "ActionType": PUSH_ACTION,
        "OperatorEvseData": closed(
            {"OperatorID": OPERATOR_ID, "OperatorName": text(100), "EvseDataRecord": listed(RECORD, 10_000)}
        ),
    }
)
