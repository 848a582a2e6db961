"""Every field that can be told of an EVSE, as a table: its name in the configuration, whether hubs want it, an example.

What only some hubs insist on, each of them says itself. Completeness is the share of the optional fields that are
filled; fields that only some stations have (Need.RARE) count for nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from roampost.domain.poi import EvsePoi
from roampost.poi.finding import Finding, error


class Need(Enum):
    """MANDATORY: at every hub. INSISTED: at some of them."""

    MANDATORY = auto()
    INSISTED = auto()
    OPTIONAL = auto()
    RARE = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """example: TOML."""

    name: str
    need: Need
    example: str

    @property
    def advice(self) -> str:
        table, _, key = self.name.rpartition(".")
        place = f"poi.{table}" if table else "poi"
        return f"Write {key} = {self.example} under [{place}], or under [evse.{place}] for one EVSE."


_M, _I, _O, _R = Need
FIELDS = (
    Field("names", _M, '{ en = "Car park Hauptstrasse" }'),
    Field("station_id", _O, '"HAUPT-1"'),
    Field("pool_id", _O, '"DE*ABC*P1"'),
    Field("manufacturer", _O, '"ABC Charging"'),
    Field("image_url", _O, '"https://www.example.org/station.jpg"'),
    Field("sub_operator", _R, '"Stadtwerke"'),
    Field("hub_operator_id", _R, '"DE*ABC"'),
    Field("clearing_house_id", _R, '"CH-1"'),
    Field("address.country", _M, '"DEU"'),
    Field("address.city", _M, '"Berlin"'),
    Field("address.street", _M, '"Hauptstraße"'),
    Field("address.house_number", _M, '"1a"'),
    Field("address.postal_code", _M, '"10829"'),
    Field("address.region", _O, '"Berlin"'),
    Field("address.floor", _O, '"-1"'),
    Field("address.parking_facility", _O, "true"),
    Field("address.parking_spot", _O, '"E36"'),
    Field("address.time_zone", _O, '"Europe/Berlin"'),
    Field("coordinates", _M, "{ latitude = 52.480495, longitude = 13.356465 }"),
    Field("entrance", _O, "{ latitude = 52.480512, longitude = 13.356623 }"),
    Field("directions", _O, '{ en = "Behind the barrier on the left" }'),
    Field("info", _O, '{ en = "Two hours are free" }'),
    Field("plugs", _M, '["type_2_outlet"]'),
    Field("facilities", _M, '[{ power_type = "ac_3_phase", power_kw = 22.08, voltage_v = 230, current_a = 32 }]'),
    Field("dynamic_power", _O, "true"),
    Field("max_capacity_kwh", _R, "100"),
    Field("renewable", _I, "true"),
    Field("energy_sources", _O, '[{ energy = "solar", percent = 40 }, { energy = "wind", percent = 60 }]'),
    Field("impact.co2_g_per_kwh", _O, "30.5"),
    Field("impact.nuclear_waste_g_per_kwh", _O, "0.0"),
    Field("calibration_law", _I, '"local"'),
    Field("authentication", _I, '["rfid_classic", "remote"]'),
    Field("payment", _I, '["contract"]'),
    Field("services", _I, '["roof"]'),
    Field("access", _I, '"free"'),
    Field("location", _O, '"parking_lot"'),
    Field("hotline", _M, '"+49301234567"'),
    Field("open_24_hours", _M, "true"),
    Field("opening", _R, '[{ on = "workdays", begin = "06:00", end = "22:00" }]'),
    Field("roaming", _M, "true"),
    Field("live_status", _M, '"yes"'),
)
BY_NAME = {one.name: one for one in FIELDS}
OPTIONAL = tuple(one for one in FIELDS if one.need is Need.OPTIONAL)
_OTHER_UNIT: dict[str, Callable[[EvsePoi], object]] = {
    "max_capacity_kwh": lambda poi: None if poi.max_capacity_wh is None else poi.max_capacity_wh / 1000,
}


def value_of(poi: EvsePoi, field: Field) -> object:
    """None where it, or the table that it is in, is not given."""
    if field.name in _OTHER_UNIT:
        return _OTHER_UNIT[field.name](poi)
    value: object = poi
    for part in field.name.split("."):
        value = None if value is None else getattr(value, part)
    return value


def is_filled(poi: EvsePoi, field: Field) -> bool:
    value = value_of(poi, field)
    if field.name == "services":  # an empty list says that there are none
        return value is not None
    return value not in (None, "", ())


def missing(field: Field, who: str = "hubs") -> Finding:
    """who: refuses an EVSE without it."""
    return error(field.name, f"It is missing, and {who} refuse an EVSE without it.", field.advice)


def completeness_percent(poi: EvsePoi) -> int:
    """Rounded down: 100 is all of them."""
    return 100 * sum(is_filled(poi, one) for one in OPTIONAL) // len(OPTIONAL)
