"""EVSE data and pricing in OICP's own spelling (operations v2.3 and v1.0): absent fields are left out, never null.

Lengths and patterns are the schemas' of OICP 2.3, which write `maximum` where a length is meant.
"""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from roampost.config import identifiers
from roampost.hubs.oicp.wire import OPERATOR_NAME_MAX, EvseID, OperatorID, Wire

ActionType = Literal["fullLoad", "update", "insert", "delete"]
OperatorName = Annotated[str, Field(min_length=1, max_length=OPERATOR_NAME_MAX)]
ProviderID = Annotated[str, Field(pattern=rf"^({identifiers.PROVIDER_ID.pattern}|\*)$")]
ProductID = Annotated[str, Field(min_length=1, max_length=50)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
HourMinute = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
ReferenceUnit = Literal["HOUR", "KILOWATT_HOUR", "MINUTE"]
Grams = Annotated[Decimal, Field(ge=0, le=99_999)]
Plug = Literal[
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
]
PowerType = Literal["AC_1_PHASE", "AC_3_PHASE", "DC"]
ChargingMode = Literal["Mode_1", "Mode_2", "Mode_3", "Mode_4", "CHAdeMO"]
Energy = Literal[
    "Solar",
    "Wind",
    "HydroPower",
    "GeothermalEnergy",
    "Biomass",
    "Coal",
    "NuclearEnergy",
    "Petroleum",
    "NaturalGas",
]
CalibrationLaw = Literal["Local", "External", "Not Available"]
AuthenticationMode = Literal[
    "NFC RFID Classic", "NFC RFID DESFire", "PnC", "REMOTE", "Direct Payment", "No Authentication Required"
]
PaymentOption = Literal["No Payment", "Direct", "Contract"]
ValueAddedService = Literal[
    "Reservation",
    "DynamicPricing",
    "ParkingSensors",
    "MaximumPowerCharging",
    "PredictiveChargePointUsage",
    "ChargingPlans",
    "RoofProvided",
    "None",
]
Accessibility = Literal["Free publicly accessible", "Restricted access", "Paying publicly accessible", "Test Station"]
AccessibilityLocation = Literal["OnStreet", "ParkingLot", "ParkingGarage", "UndergroundParkingGarage"]
Day = Literal[
    "Everyday",
    "Workdays",
    "Weekend",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
]
AdditionalReference = Literal["START FEE", "FIXED FEE", "PARKING FEE", "MINIMUM FEE", "MAXIMUM FEE"]


class _Wire(Wire, defer_build=True):
    """Built with the first record: most agents run for months without making one."""


class InfoText(_Wire):
    lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}(?:-[A-Z]{2,3}(?:-[a-zA-Z]{4})?)?(?:-x-[a-zA-Z0-9]{1,8})?$")]
    value: Annotated[str, Field(min_length=1, max_length=150)]


InfoTexts = Annotated[tuple[InfoText, ...], Field(min_length=1)]


class Address(_Wire):
    Country: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    City: Annotated[str, Field(min_length=1, max_length=50)]
    Street: Annotated[str, Field(min_length=2, max_length=100)]
    PostalCode: Annotated[str, Field(min_length=1, max_length=10)]
    HouseNum: Annotated[str, Field(min_length=1, max_length=10)]
    Floor: Annotated[str, Field(min_length=1, max_length=5)] | None
    Region: Annotated[str, Field(min_length=1, max_length=50)] | None
    ParkingFacility: bool | None
    ParkingSpot: Annotated[str, Field(min_length=1, max_length=5)] | None
    TimeZone: Annotated[str, Field(pattern=r"^UTC[+-][0-9]{2}:[0-9]{2}$")] | None


class Google(_Wire):
    """Latitude first, a space between."""

    Coordinates: Annotated[str, Field(pattern=r"^-?1?\d{1,2}\.\d{1,6} -?1?\d{1,2}\.\d{1,6}$")]


class GeoCoordinates(_Wire):
    """Exactly one of three forms; this one is what the hub gives back when it is asked."""

    Google: Google


class ChargingFacility(_Wire):
    PowerType: PowerType
    Power: Annotated[int, Field(ge=0, le=999)]
    Voltage: Annotated[int, Field(ge=0, le=999)] | None
    Amperage: Annotated[int, Field(ge=0, le=99)] | None
    ChargingModes: Annotated[tuple[ChargingMode, ...], Field(min_length=1)] | None


class EnergySource(_Wire):
    Energy: Energy
    Percentage: Annotated[int, Field(ge=0, le=99)] | None


class EnvironmentalImpact(_Wire):
    CO2Emission: Grams | None
    NuclearWaste: Grams | None


class Period(_Wire):
    begin: HourMinute
    end: HourMinute


class OpeningTimes(_Wire):
    Period: Annotated[tuple[Period, ...], Field(min_length=1)]
    on: Day


class EvseDataRecord(_Wire):
    EvseID: EvseID
    ChargingPoolID: Annotated[str, Field(pattern=r"^[A-Za-z]{2}\*?[A-Za-z0-9]{3}\*?P[A-Za-z0-9*]{1,30}$")] | None
    # The published examples write ChargingStationID; the prose document leads.
    ChargingStationId: Annotated[str, Field(min_length=1, max_length=50)] | None
    ChargingStationNames: InfoTexts
    HardwareManufacturer: Annotated[str, Field(min_length=1, max_length=50)] | None
    ChargingStationImage: Annotated[str, Field(min_length=1, max_length=200)] | None
    SubOperatorName: Annotated[str, Field(min_length=1, max_length=100)] | None
    Address: Address
    GeoChargingPointEntrance: GeoCoordinates | None
    GeoCoordinates: GeoCoordinates
    Plugs: Annotated[tuple[Plug, ...], Field(min_length=1)]
    DynamicPowerLevel: bool | None
    ChargingFacilities: Annotated[tuple[ChargingFacility, ...], Field(min_length=1)]
    RenewableEnergy: bool
    EnergySource: Annotated[tuple[EnergySource, ...], Field(min_length=1)] | None
    EnvironmentalImpact: EnvironmentalImpact | None
    CalibrationLawDataAvailability: CalibrationLaw
    AuthenticationModes: Annotated[tuple[AuthenticationMode, ...], Field(min_length=1)]
    MaxCapacity: Annotated[int, Field(ge=1)] | None
    PaymentOptions: Annotated[tuple[PaymentOption, ...], Field(min_length=1)]
    ValueAddedServices: Annotated[tuple[ValueAddedService, ...], Field(min_length=1)]
    Accessibility: Accessibility
    AccessibilityLocation: AccessibilityLocation | None
    HotlinePhoneNumber: Annotated[str, Field(pattern=r"^\+[0-9]{5,15}$")]
    AdditionalInfo: InfoTexts | None
    ChargingStationLocationReference: InfoTexts | None
    IsOpen24Hours: bool
    OpeningTimes: Annotated[tuple[OpeningTimes, ...], Field(min_length=1)] | None
    HubOperatorID: OperatorID | None
    ClearinghouseID: Annotated[str, Field(min_length=1, max_length=20)] | None
    IsHubjectCompatible: bool
    DynamicInfoAvailable: Literal["true", "false", "auto"]

    @model_validator(mode="after")
    def _words_that_exclude_each_other(self) -> Self:
        if "No Payment" in self.PaymentOptions and len(self.PaymentOptions) > 1:
            raise ValueError("No Payment stands alone")
        if "None" in self.ValueAddedServices and len(self.ValueAddedServices) > 1:
            raise ValueError("None stands alone")
        if self.IsOpen24Hours == (self.OpeningTimes is not None):
            raise ValueError("either open around the clock, or with opening times")
        return self


class OperatorEvseData(_Wire):
    OperatorID: OperatorID
    OperatorName: OperatorName
    # An empty list is allowed and, in a fullLoad, deletes everything that the operator has.
    EvseDataRecord: Annotated[tuple[EvseDataRecord, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        # Code 018 for the whole request.
        ids = [record.EvseID for record in self.EvseDataRecord]
        if len({identifiers.canonical(one) for one in ids}) < len(ids):
            raise ValueError("an EVSE is in it twice")
        return self


class PushEvseData(_Wire):
    ActionType: ActionType
    OperatorEvseData: OperatorEvseData


class ProductAvailabilityTimes(_Wire):
    Periods: Annotated[tuple[Period, ...], Field(min_length=1)]
    on: Day


class AdditionalReferences(_Wire):
    AdditionalReference: AdditionalReference
    AdditionalReferenceUnit: ReferenceUnit
    PricePerAdditionalReferenceUnit: Decimal


class PricingProductDataRecord(_Wire):
    """MaximumProductChargingPower is kilowatts; the schema says kWh. Times are mandatory, an empty list too."""

    ProductID: ProductID
    ReferenceUnit: ReferenceUnit
    ProductPriceCurrency: Currency
    PricePerReferenceUnit: Decimal
    MaximumProductChargingPower: Decimal
    IsValid24hours: bool
    ProductAvailabilityTimes: tuple[ProductAvailabilityTimes, ...]
    AdditionalReferences: Annotated[tuple[AdditionalReferences, ...], Field(min_length=1)] | None


class PricingProductData(_Wire):
    OperatorID: OperatorID
    OperatorName: OperatorName | None
    ProviderID: ProviderID
    PricingDefaultPrice: Decimal
    PricingDefaultPriceCurrency: Currency
    PricingDefaultReferenceUnit: ReferenceUnit
    PricingProductDataRecords: Annotated[tuple[PricingProductDataRecord, ...], Field(min_length=1)]


class PushPricingProductData(_Wire):
    ActionType: ActionType
    PricingProductData: PricingProductData


class EvsePricing(_Wire):
    EvseID: EvseID
    ProviderID: ProviderID
    EvseIDProductList: Annotated[tuple[ProductID, ...], Field(min_length=1)]


class PushEvsePricing(_Wire):
    ActionType: ActionType
    EVSEPricing: Annotated[tuple[EvsePricing, ...], Field(min_length=1)]
