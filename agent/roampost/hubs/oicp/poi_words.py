"""Our words for what is told about an EVSE, beside OICP's. A test holds that no word of ours is left without one."""

from typing import Literal

from roampost.domain.poi import (
    Access,
    Authentication,
    CalibrationLaw,
    ChargingMode,
    Days,
    Energy,
    Location,
    Payment,
    Plug,
    PowerType,
    Service,
)
from roampost.hubs.oicp import wire_poi

PLUG: dict[Plug, wire_poi.Plug] = {
    Plug.TYPE_1_CABLE: "Type 1 Connector (Cable Attached)",
    Plug.TYPE_2_OUTLET: "Type 2 Outlet",
    Plug.TYPE_2_CABLE: "Type 2 Connector (Cable Attached)",
    Plug.TYPE_3_OUTLET: "Type 3 Outlet",
    Plug.CCS_1_CABLE: "CCS Combo 1 Plug (Cable Attached)",
    Plug.CCS_2_CABLE: "CCS Combo 2 Plug (Cable Attached)",
    Plug.CHADEMO: "CHAdeMO",
    Plug.TESLA: "Tesla Connector",
    Plug.TYPE_E_OUTLET: "Type E French Standard",
    Plug.TYPE_F_OUTLET: "Type F Schuko",
    Plug.TYPE_G_OUTLET: "Type G British Standard",
    Plug.TYPE_J_OUTLET: "Type J Swiss Standard",
    Plug.NEMA_5_20: "NEMA 5-20",
    Plug.IEC_60309_1_PHASE: "IEC 60309 Single Phase",
    Plug.IEC_60309_3_PHASE: "IEC 60309 Three Phase",
    Plug.AVCON: "AVCON Connector",
    Plug.SMALL_PADDLE: "Small Paddle Inductive",
    Plug.LARGE_PADDLE: "Large Paddle Inductive",
}
POWER_TYPE: dict[PowerType, wire_poi.PowerType] = {
    PowerType.AC_1_PHASE: "AC_1_PHASE",
    PowerType.AC_3_PHASE: "AC_3_PHASE",
    PowerType.DC: "DC",
}
MODE: dict[ChargingMode, wire_poi.ChargingMode] = {
    ChargingMode.MODE_1: "Mode_1",
    ChargingMode.MODE_2: "Mode_2",
    ChargingMode.MODE_3: "Mode_3",
    ChargingMode.MODE_4: "Mode_4",
    ChargingMode.CHADEMO: "CHAdeMO",
}
ENERGY: dict[Energy, wire_poi.Energy] = {
    Energy.SOLAR: "Solar",
    Energy.WIND: "Wind",
    Energy.HYDRO: "HydroPower",
    Energy.GEOTHERMAL: "GeothermalEnergy",
    Energy.BIOMASS: "Biomass",
    Energy.COAL: "Coal",
    Energy.NUCLEAR: "NuclearEnergy",
    Energy.PETROLEUM: "Petroleum",
    Energy.NATURAL_GAS: "NaturalGas",
}
CALIBRATION_LAW: dict[CalibrationLaw, wire_poi.CalibrationLaw] = {
    CalibrationLaw.LOCAL: "Local",
    CalibrationLaw.EXTERNAL: "External",
    CalibrationLaw.NONE: "Not Available",
}
AUTHENTICATION: dict[Authentication, wire_poi.AuthenticationMode] = {
    Authentication.RFID_CLASSIC: "NFC RFID Classic",
    Authentication.RFID_DESFIRE: "NFC RFID DESFire",
    Authentication.PLUG_AND_CHARGE: "PnC",
    Authentication.REMOTE: "REMOTE",
    Authentication.DIRECT_PAYMENT: "Direct Payment",
    Authentication.NONE: "No Authentication Required",
}
PAYMENT: dict[Payment, wire_poi.PaymentOption] = {
    Payment.NO_PAYMENT: "No Payment",
    Payment.DIRECT: "Direct",
    Payment.CONTRACT: "Contract",
}
SERVICE: dict[Service, wire_poi.ValueAddedService] = {
    Service.RESERVATION: "Reservation",
    Service.DYNAMIC_PRICING: "DynamicPricing",
    Service.PARKING_SENSORS: "ParkingSensors",
    Service.MAXIMUM_POWER: "MaximumPowerCharging",
    Service.PREDICTED_USAGE: "PredictiveChargePointUsage",
    Service.CHARGING_PLANS: "ChargingPlans",
    Service.ROOF: "RoofProvided",
}
NO_SERVICE: wire_poi.ValueAddedService = "None"
ACCESS: dict[Access, wire_poi.Accessibility] = {
    Access.FREE: "Free publicly accessible",
    Access.PAYING: "Paying publicly accessible",
    Access.RESTRICTED: "Restricted access",
    Access.TEST: "Test Station",
}
LOCATION: dict[Location, wire_poi.AccessibilityLocation] = {
    Location.ON_STREET: "OnStreet",
    Location.PARKING_LOT: "ParkingLot",
    Location.PARKING_GARAGE: "ParkingGarage",
    Location.UNDERGROUND_GARAGE: "UndergroundParkingGarage",
}
DAYS: dict[Days, wire_poi.Day] = {
    Days.EVERYDAY: "Everyday",
    Days.WORKDAYS: "Workdays",
    Days.WEEKEND: "Weekend",
    Days.MONDAY: "Monday",
    Days.TUESDAY: "Tuesday",
    Days.WEDNESDAY: "Wednesday",
    Days.THURSDAY: "Thursday",
    Days.FRIDAY: "Friday",
    Days.SATURDAY: "Saturday",
    Days.SUNDAY: "Sunday",
}
LIVE_STATUS: dict[Literal["yes", "no", "auto"], Literal["true", "false", "auto"]] = {
    "yes": "true",
    "no": "false",
    "auto": "auto",
}
