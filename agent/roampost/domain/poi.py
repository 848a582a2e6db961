"""What a driver's app is told about an EVSE: the point of interest, in nobody's protocol.

Everything but the EVSE's id may be unknown (None): what is missing is told by `roampost.poi`, before a hub refuses it.
The words are those of the configuration. Power in watts, energy in watt-hours, coordinates in WGS 84 decimal degrees.
"""

import hashlib
import json
import re
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Plug(StrEnum):
    """IEC 62196, IEC 60309, CEE 7 and the rest: a socket (outlet), or a cable of the station's own."""

    TYPE_1_CABLE = "type_1_cable"
    TYPE_2_OUTLET = "type_2_outlet"
    TYPE_2_CABLE = "type_2_cable"
    TYPE_3_OUTLET = "type_3_outlet"
    CCS_1_CABLE = "ccs_1_cable"
    CCS_2_CABLE = "ccs_2_cable"
    CHADEMO = "chademo"
    TESLA = "tesla"
    TYPE_E_OUTLET = "type_e_outlet"
    TYPE_F_OUTLET = "type_f_outlet"
    TYPE_G_OUTLET = "type_g_outlet"
    TYPE_J_OUTLET = "type_j_outlet"
    NEMA_5_20 = "nema_5_20"
    IEC_60309_1_PHASE = "iec_60309_1_phase"
    IEC_60309_3_PHASE = "iec_60309_3_phase"
    AVCON = "avcon"
    SMALL_PADDLE = "small_paddle"
    LARGE_PADDLE = "large_paddle"


class PowerType(StrEnum):
    AC_1_PHASE = "ac_1_phase"
    AC_3_PHASE = "ac_3_phase"
    DC = "dc"


class ChargingMode(StrEnum):
    """IEC 61851-1: mode 3 is AC with a control pilot, mode 4 is DC."""

    MODE_1 = "mode_1"
    MODE_2 = "mode_2"
    MODE_3 = "mode_3"
    MODE_4 = "mode_4"
    CHADEMO = "chademo"


class Energy(StrEnum):
    SOLAR = "solar"
    WIND = "wind"
    HYDRO = "hydro"
    GEOTHERMAL = "geothermal"
    BIOMASS = "biomass"
    COAL = "coal"
    NUCLEAR = "nuclear"
    PETROLEUM = "petroleum"
    NATURAL_GAS = "natural_gas"


class CalibrationLaw(StrEnum):
    """Where a driver finds the signed meter values: at the station, in the billing record, nowhere."""

    LOCAL = "local"
    EXTERNAL = "external"
    NONE = "none"


class Authentication(StrEnum):
    RFID_CLASSIC = "rfid_classic"
    RFID_DESFIRE = "rfid_desfire"
    PLUG_AND_CHARGE = "plug_and_charge"
    REMOTE = "remote"
    DIRECT_PAYMENT = "direct_payment"
    NONE = "none"


class Payment(StrEnum):
    """NO_PAYMENT (free of charge) stands alone."""

    NO_PAYMENT = "no_payment"
    DIRECT = "direct"
    CONTRACT = "contract"


class Service(StrEnum):
    RESERVATION = "reservation"
    DYNAMIC_PRICING = "dynamic_pricing"
    PARKING_SENSORS = "parking_sensors"
    MAXIMUM_POWER = "maximum_power"
    PREDICTED_USAGE = "predicted_usage"
    CHARGING_PLANS = "charging_plans"
    ROOF = "roof"


class Access(StrEnum):
    FREE = "free"
    PAYING = "paying"
    RESTRICTED = "restricted"
    TEST = "test"


class Location(StrEnum):
    ON_STREET = "on_street"
    PARKING_LOT = "parking_lot"
    PARKING_GARAGE = "parking_garage"
    UNDERGROUND_GARAGE = "underground_garage"


class Days(StrEnum):
    EVERYDAY = "everyday"
    WORKDAYS = "workdays"
    WEEKEND = "weekend"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Value(BaseModel):
    """Built when first used: an agent without EVSE data never pays for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, defer_build=True)


class Text(Value):
    """lang: ISO 639, such as en or de-AT."""

    lang: str
    text: str


class Address(Value):
    """country: ISO 3166-1 alpha-3. time_zone: a name of the IANA database."""

    country: str | None = None
    city: str | None = None
    street: str | None = None
    house_number: str | None = None
    postal_code: str | None = None
    region: str | None = None
    floor: str | None = None
    parking_facility: bool | None = None
    parking_spot: str | None = None
    time_zone: str | None = None


# Decimals keep the zeros that somebody wrote in "quotes": how exact a place is known is told by how many there are.
Degrees = Annotated[Decimal, Field(ge=-180, le=180, max_digits=20)]


class Coordinates(Value):
    latitude: Degrees
    longitude: Degrees


class Facility(Value):
    """voltage_v: phase to neutral for AC."""

    power_type: PowerType
    power_w: int
    voltage_v: int | None = None
    current_a: int | None = None
    modes: tuple[ChargingMode, ...] = ()


class EnergySource(Value):
    energy: Energy
    percent: int | None = Field(default=None, ge=0, le=100)


class Impact(Value):
    """What making the energy leaves behind."""

    co2_g_per_kwh: Decimal | None = Field(default=None, ge=0, le=99_999)
    nuclear_waste_g_per_kwh: Decimal | None = Field(default=None, ge=0, le=99_999)


def _hour_minute(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", text):
        raise ValueError('must be a time from "00:00" to "24:00"')
    return text


HourMinute = Annotated[str, AfterValidator(_hour_minute)]


class Opening(Value):
    """Local time; 24:00 is the end of a day."""

    on: Days
    begin: HourMinute
    end: HourMinute


class Told(Value):
    """What the configuration and a point of interest have in the same words."""

    station_id: str | None = None
    pool_id: str | None = None
    manufacturer: str | None = None
    image_url: str | None = None
    sub_operator: str | None = None
    hub_operator_id: str | None = None
    clearing_house_id: str | None = None
    address: Address = Address()
    coordinates: Coordinates | None = None
    entrance: Coordinates | None = None
    plugs: tuple[Plug, ...] | None = None
    dynamic_power: bool | None = None
    renewable: bool | None = None
    energy_sources: tuple[EnergySource, ...] = ()
    impact: Impact | None = None
    calibration_law: CalibrationLaw | None = None
    authentication: tuple[Authentication, ...] | None = None
    payment: tuple[Payment, ...] | None = None
    services: tuple[Service, ...] | None = Field(default=None, description="[] says that there are none")
    access: Access | None = None
    location: Location | None = None
    hotline: str | None = None
    open_24_hours: bool | None = None
    opening: tuple[Opening, ...] = ()
    roaming: bool = Field(default=True, description="may be started and stopped through a hub")
    live_status: Literal["yes", "no", "auto"] = Field(default="yes", description="whether its status is told, too")


class EvsePoi(Told):
    """One EVSE, whole. info and directions: one text per language, the first one is shown where none fits."""

    evse_id: str
    names: tuple[Text, ...] = ()
    info: tuple[Text, ...] = ()
    directions: tuple[Text, ...] = ()
    facilities: tuple[Facility, ...] = ()
    max_capacity_wh: int | None = None


def canonical(poi: Value) -> str:
    """The same value in the same bytes. Defaults are left out: a field that a later version adds changes nothing."""
    told = poi.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def fingerprint(poi: Value) -> str:
    """Changes exactly when something that is told changes."""
    return hashlib.sha256(canonical(poi).encode()).hexdigest()
