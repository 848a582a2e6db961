"""What a real hub minds in EVSE data and pricing and its OpenAPI file does not: written from the prose, not our models.

`data_problems`, `products_problems` and `evse_pricing_problems` take the JSON text as sent.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

RECORD = {
    "EvseID!",
    "ChargingPoolID",
    "ChargingStationId",
    "ChargingStationNames!",
    "HardwareManufacturer",
    "ChargingStationImage",
    "SubOperatorName",
    "Address!",
    "GeoCoordinates!",
    "GeoChargingPointEntrance",
    "Plugs!",
    "DynamicPowerLevel",
    "ChargingFacilities!",
    "RenewableEnergy!",
    "EnergySource",
    "EnvironmentalImpact",
    "CalibrationLawDataAvailability!",
    "AuthenticationModes!",
    "MaxCapacity",
    "PaymentOptions!",
    "ValueAddedServices!",
    "Accessibility!",
    "AccessibilityLocation",
    "HotlinePhoneNumber!",
    "AdditionalInfo",
    "ChargingStationLocationReference",
    "IsOpen24Hours!",
    "OpeningTimes",
    "HubOperatorID",
    "ClearinghouseID",
    "IsHubjectCompatible!",
    "DynamicInfoAvailable!",
}
KEYS = {
    "Address": {
        "Country!",
        "City!",
        "Street!",
        "PostalCode!",
        "HouseNum!",
        "Floor",
        "Region",
        "ParkingFacility",
        "ParkingSpot",
        "TimeZone",
    },
    "GeoCoordinates": {"Google!"},
    "GeoChargingPointEntrance": {"Google!"},
    "Google": {"Coordinates!"},
    "ChargingStationNames": {"lang!", "value!"},
    "AdditionalInfo": {"lang!", "value!"},
    "ChargingStationLocationReference": {"lang!", "value!"},
    "ChargingFacilities": {"PowerType!", "Power!", "Voltage", "Amperage", "ChargingModes"},
    "EnergySource": {"Energy!", "Percentage"},
    "EnvironmentalImpact": {"CO2Emission", "NuclearWaste"},
    "OpeningTimes": {"Period!", "on!"},
    "ProductAvailabilityTimes": {"Periods!", "on!"},
    "Period": {"begin!", "end!"},
    "Periods": {"begin!", "end!"},
    "AdditionalReferences": {
        "AdditionalReference!",
        "AdditionalReferenceUnit!",
        "PricePerAdditionalReferenceUnit!",
    },
}
LONGEST = {
    "City": 50,
    "Street": 100,
    "PostalCode": 10,
    "HouseNum": 10,
    "Floor": 5,
    "Region": 50,
    "ParkingSpot": 5,
    "Country": 3,
    "ChargingStationId": 50,
    "HardwareManufacturer": 50,
    "ChargingStationImage": 200,
    "SubOperatorName": 100,
    "ClearinghouseID": 20,
    "value": 150,
    "OperatorName": 100,
    "ProductID": 50,
}
LIKE = {
    "Country": "[A-Z]{3}",
    "TimeZone": r"UTC[+-][01]\d:[0-5]\d",
    "ChargingPoolID": r"[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?P[A-Za-z0-9*]{1,30}",
    "HotlinePhoneNumber": r"\+[0-9]{5,15}",
    "begin": r"([01]\d|2[0-3]):[0-5]\d|24:00",
    "end": r"([01]\d|2[0-3]):[0-5]\d|24:00",
    "Coordinates": r"-?1?\d{1,2}\.\d{6} -?1?\d{1,2}\.\d{6}",
    "ProductPriceCurrency": "[A-Z]{3}",
    "PricingDefaultPriceCurrency": "[A-Z]{3}",
}
UNITS = {"ReferenceUnit", "AdditionalReferenceUnit", "PricingDefaultReferenceUnit"}


def data_problems(sent: bytes) -> list[str]:
    document = _read(sent)
    data = document["OperatorEvseData"]
    found = [*_keys("", document, {"ActionType!", "OperatorEvseData!"})]
    found += _keys("OperatorEvseData", data, {"OperatorID!", "OperatorName!", "EvseDataRecord!"})
    records: list[dict[str, Any]] = data["EvseDataRecord"]
    if not records:
        found.append("EvseDataRecord is empty, which would delete everything")
    ids = [one["EvseID"].replace("*", "").upper() for one in records]
    if len(set(ids)) < len(ids):
        found.append("an EvseID is there twice")
    for one in records:
        found += [*_keys("record", one, RECORD), *_walk("", one), *_rules(one)]
    return found


def products_problems(sent: bytes) -> list[str]:
    document = _read(sent)
    data = document["PricingProductData"]
    shape = {"OperatorID!", "OperatorName", "ProviderID!", "PricingDefaultPrice!", "PricingDefaultPriceCurrency!"}
    found = [*_keys("", document, {"ActionType!", "PricingProductData!"})]
    found += _keys("data", data, shape | {"PricingDefaultReferenceUnit!", "PricingProductDataRecords!"})
    product = {"ProductID!", "ReferenceUnit!", "ProductPriceCurrency!", "PricePerReferenceUnit!"}
    product |= {"MaximumProductChargingPower!", "IsValid24hours!", "ProductAvailabilityTimes!", "AdditionalReferences"}
    for one in data["PricingProductDataRecords"]:
        found += _keys("product", one, product)
        if one["IsValid24hours"] is bool(one["ProductAvailabilityTimes"]):
            found.append("around the clock and at times")
    return [*found, *_walk("", data)]


def evse_pricing_problems(sent: bytes) -> list[str]:
    document = _read(sent)
    found = [*_keys("", document, {"ActionType!", "EVSEPricing!"})]
    for one in document["EVSEPricing"]:
        found += _keys("EVSEPricing", one, {"EvseID!", "ProviderID!", "EvseIDProductList!"})
    return found


def _read(sent: bytes) -> Any:
    return json.loads(sent, parse_float=Decimal, parse_constant=str)


def _keys(place: str, value: dict[str, Any], shape: set[str]) -> Iterator[str]:
    known = {name.removesuffix("!") for name in shape}
    yield from (f"{place}.{name} is not known" for name in value.keys() - known)
    yield from (f"{place}.{name[:-1]} is missing" for name in shape if name.endswith("!") and name[:-1] not in value)


def _walk(name: str, value: object) -> Iterator[str]:
    """Every value in the document by the name that it stands under."""
    if value is None:
        yield f"{name} is null"
    elif isinstance(value, dict):
        yield from _keys(name, value, KEYS[name]) if name in KEYS else ()
        for key, item in value.items():
            yield from _walk(key, item)
    elif isinstance(value, list):
        if not value and name != "ProductAvailabilityTimes":
            yield f"{name} is an empty list"
        for item in value:
            yield from _walk(name, item)
    elif isinstance(value, str):
        yield from _text(name, value)


def _text(name: str, value: str) -> Iterator[str]:
    if not 1 <= len(value) <= LONGEST.get(name, 1_000) or (name == "Street" and len(value) < 2):
        yield f"{name} has {len(value)} characters"
    if name in LIKE and not re.fullmatch(LIKE[name], value):
        yield f"{name} is not like {LIKE[name]}"
    if name in UNITS and value not in ("HOUR", "KILOWATT_HOUR", "MINUTE"):
        yield f"{name} is no unit"


def _rules(record: dict[str, Any]) -> Iterator[str]:
    if "No Payment" in record["PaymentOptions"] and len(record["PaymentOptions"]) > 1:
        yield "No Payment is not alone"
    if "None" in record["ValueAddedServices"] and len(record["ValueAddedServices"]) > 1:
        yield "None is not alone"
    if record["IsOpen24Hours"] is ("OpeningTimes" in record):
        yield "open around the clock and at times, or neither"
    for one in record["ChargingFacilities"]:
        if type(one["Power"]) is not int or not 0 <= one["Power"] <= 999:
            yield "Power is not a whole number of kW"
