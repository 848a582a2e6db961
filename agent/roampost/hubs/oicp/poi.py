"""EVSE data to an OICP request: values in, (path below the hub's base URL, JSON body) out.

Raises pydantic.ValidationError for a record that is not complete or that OICP has no words for; `roampost.poi.check`
tells the same before, in words.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from roampost.domain import poi as domain
from roampost.hubs.oicp import wire, wire_poi
from roampost.hubs.oicp.encode import Operator, Request
from roampost.hubs.oicp.poi_words import (
    ACCESS,
    AUTHENTICATION,
    CALIBRATION_LAW,
    DAYS,
    ENERGY,
    LIVE_STATUS,
    LOCATION,
    MODE,
    NO_SERVICE,
    PAYMENT,
    PLUG,
    POWER_TYPE,
    SERVICE,
)

_W_PER_KW = 1000
_WH_PER_KWH = 1000
_MICRODEGREE = Decimal("0.000001")
# What the schema has no room for is left out: a DC amperage above it, 100 % of one source.
_MOST_VOLT, _MOST_AMPERE, _MOST_PERCENT = 999, 99, 99
# A zone's two halves of a year; any year would do.
_HALVES = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))


def data_request(operator: Operator, action: wire_poi.ActionType, pois: Iterable[domain.EvsePoi]) -> Request:
    """eRoamingPushEvseData v2.3. Never empty: as a fullLoad that would delete everything that the operator has."""
    push = wire_poi.PushEvseData(
        ActionType=action,
        OperatorEvseData=wire_poi.OperatorEvseData(
            OperatorID=operator.operator_id,
            OperatorName=operator.name,  # type: ignore[arg-type]  # mandatory here: the model refuses None
            EvseDataRecord=tuple(map(record, pois)),
        ),
    )
    return f"/evsepush/v23/operators/{quote(operator.operator_id, safe='')}/data-records", wire.to_json(push)


def record(poi: domain.EvsePoi) -> wire_poi.EvseDataRecord:
    # Validated from a mapping, because any of the mandatory values may be missing.
    return wire_poi.EvseDataRecord.model_validate(_identity(poi) | _place(poi) | _supply(poi) | _use(poi))


def _identity(poi: domain.EvsePoi) -> dict[str, object]:
    return {
        "EvseID": poi.evse_id,
        "ChargingPoolID": poi.pool_id,
        "ChargingStationId": poi.station_id,
        "ChargingStationNames": _texts(poi.names),
        "HardwareManufacturer": poi.manufacturer,
        "ChargingStationImage": poi.image_url,
        "SubOperatorName": poi.sub_operator,
        "HubOperatorID": poi.hub_operator_id,
        "ClearinghouseID": poi.clearing_house_id,
        "IsHubjectCompatible": poi.roaming,
        "DynamicInfoAvailable": LIVE_STATUS[poi.live_status],
    }


def _place(poi: domain.EvsePoi) -> dict[str, object]:
    return {
        "Address": _address(poi.address),
        "GeoCoordinates": _coordinates(poi.coordinates),
        "GeoChargingPointEntrance": _coordinates(poi.entrance),
        "ChargingStationLocationReference": _texts(poi.directions),
        "AdditionalInfo": _texts(poi.info),
        "Accessibility": poi.access and ACCESS[poi.access],
        "AccessibilityLocation": poi.location and LOCATION[poi.location],
        "IsOpen24Hours": poi.open_24_hours,
        "OpeningTimes": opening_times(poi.opening) or None,
        "HotlinePhoneNumber": poi.hotline,
    }


def _supply(poi: domain.EvsePoi) -> dict[str, object]:
    impact = poi.impact
    return {
        "Plugs": poi.plugs and tuple(PLUG[one] for one in poi.plugs),
        "ChargingFacilities": tuple(map(_facility, poi.facilities)),
        "DynamicPowerLevel": poi.dynamic_power,
        "MaxCapacity": poi.max_capacity_wh and round(poi.max_capacity_wh / _WH_PER_KWH),
        "RenewableEnergy": poi.renewable,
        "EnergySource": tuple(map(_source, poi.energy_sources)) or None,
        "EnvironmentalImpact": impact
        and {"CO2Emission": impact.co2_g_per_kwh, "NuclearWaste": impact.nuclear_waste_g_per_kwh},
    }


def _use(poi: domain.EvsePoi) -> dict[str, object]:
    return {
        "CalibrationLawDataAvailability": poi.calibration_law and CALIBRATION_LAW[poi.calibration_law],
        "AuthenticationModes": poi.authentication and tuple(AUTHENTICATION[one] for one in poi.authentication),
        "PaymentOptions": poi.payment and tuple(PAYMENT[one] for one in poi.payment),
        "ValueAddedServices": None
        if poi.services is None
        else tuple(SERVICE[one] for one in poi.services) or (NO_SERVICE,),
    }


def _texts(texts: tuple[domain.Text, ...]) -> tuple[dict[str, str], ...] | None:
    return tuple({"lang": one.lang, "value": one.text} for one in texts) or None


def _address(address: domain.Address) -> dict[str, object]:
    return {
        "Country": address.country,
        "City": address.city,
        "Street": address.street,
        "PostalCode": address.postal_code,
        "HouseNum": address.house_number,
        "Floor": address.floor,
        "Region": address.region,
        "ParkingFacility": address.parking_facility,
        "ParkingSpot": address.parking_spot,
        "TimeZone": None if address.time_zone is None else utc_offset(address.time_zone),
    }


def utc_offset(time_zone: str) -> str:
    """The zone's offset without daylight saving, such as UTC+01:00: the record has one for the whole year.

    What is no zone of this system stays as it is, and the record refuses it.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return time_zone
    offset = min(moment.astimezone(zone).utcoffset() or timedelta() for moment in _HALVES)
    minutes = round(offset.total_seconds() / 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _coordinates(place: domain.Coordinates | None) -> dict[str, object] | None:
    if place is None:
        return None
    return {"Google": {"Coordinates": f"{_degrees(place.latitude)} {_degrees(place.longitude)}"}}


def _degrees(value: Decimal) -> str:
    return format(value.quantize(_MICRODEGREE), "f")


def _facility(facility: domain.Facility) -> dict[str, object]:
    """Power is a whole number of kilowatts in OICP: 22.08 kW is 22."""
    volt, ampere = facility.voltage_v, facility.current_a
    return {
        "PowerType": POWER_TYPE[facility.power_type],
        "Power": round(facility.power_w / _W_PER_KW),
        "Voltage": volt if volt is None or volt <= _MOST_VOLT else None,
        "Amperage": ampere if ampere is None or ampere <= _MOST_AMPERE else None,
        "ChargingModes": tuple(MODE[one] for one in facility.modes) or None,
    }


def _source(source: domain.EnergySource) -> dict[str, object]:
    percent = source.percent
    return {
        "Energy": ENERGY[source.energy],
        "Percentage": percent if percent is None or percent <= _MOST_PERCENT else None,
    }


def opening_times(openings: tuple[domain.Opening, ...], periods: str = "Period") -> tuple[dict[str, object], ...]:
    """One entry per kind of day, its periods in order; `periods` is what they are called there."""
    days = dict.fromkeys(one.on for one in openings)
    return tuple(
        {
            "on": DAYS[day],
            periods: tuple({"begin": one.begin, "end": one.end} for one in openings if one.on is day),
        }
        for day in days
    )
