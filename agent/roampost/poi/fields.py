"""Every field that can be told of an EVSE, as a table: its name in the configuration, whether hubs want it, an example.

Mandatory and lengths are those of OICP 2.3, the strictest of the hubs. Completeness is the share of the optional fields
that are filled; fields that only some stations have (Need.RARE) count for nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from roampost.domain.poi import EvsePoi


class Need(Enum):
    MANDATORY = auto()
    OPTIONAL = auto()
    RARE = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """example: TOML. lengths: fewest and most characters of a text."""

    name: str
    need: Need
    example: str
    lengths: tuple[int, int] | None = None

    @property
    def advice(self) -> str:
        table, _, key = self.name.rpartition(".")
        place = f"poi.{table}" if table else "poi"
        return f"Write {key} = {self.example} under [{place}], or under [evse.{place}] for one EVSE."


def _row(name: str, need: Need, example: str, most: int = 0, fewest: int = 1) -> Field:
    return Field(name, need, example, (fewest, most) if most else None)


_M, _O, _R = Need.MANDATORY, Need.OPTIONAL, Need.RARE
FIELDS = (
    _row("names", _M, '{ en = "Car park Hauptstrasse" }'),
    _row("station_id", _O, '"HAUPT-1"', 50),
    _row("pool_id", _O, '"DE*ABC*P1"'),
    _row("manufacturer", _O, '"ABC Charging"', 50),
    _row("image_url", _O, '"https://www.example.org/station.jpg"', 200),
    _row("sub_operator", _R, '"Stadtwerke"', 100),
    _row("hub_operator_id", _R, '"DE*ABC"'),
    _row("clearing_house_id", _R, '"CH-1"', 20),
    _row("address.country", _M, '"DEU"'),
    _row("address.city", _M, '"Berlin"', 50),
    _row("address.street", _M, '"Hauptstraße"', 100, 2),
    _row("address.house_number", _M, '"1a"', 10),
    _row("address.postal_code", _M, '"10829"', 10),
    _row("address.region", _O, '"Berlin"', 50),
    _row("address.floor", _O, '"-1"', 5),
    _row("address.parking_facility", _O, "true"),
    _row("address.parking_spot", _O, '"E36"', 5),
    _row("address.time_zone", _O, '"Europe/Berlin"'),
    _row("coordinates", _M, "{ latitude = 52.480495, longitude = 13.356465 }"),
    _row("entrance", _O, "{ latitude = 52.480512, longitude = 13.356623 }"),
    _row("directions", _O, '{ en = "Behind the barrier on the left" }'),
    _row("info", _O, '{ en = "Two hours are free" }'),
    _row("plugs", _M, '["type_2_outlet"]'),
    _row("facilities", _M, '[{ power_type = "ac_3_phase", power_kw = 22.08, voltage_v = 230, current_a = 32 }]'),
    _row("dynamic_power", _O, "true"),
    _row("max_capacity_kwh", _R, "100"),
    _row("renewable", _M, "true"),
    _row("energy_sources", _O, '[{ energy = "solar", percent = 40 }, { energy = "wind", percent = 60 }]'),
    _row("impact.co2_g_per_kwh", _O, "30.5"),
    _row("impact.nuclear_waste_g_per_kwh", _O, "0.0"),
    _row("calibration_law", _M, '"local"'),
    _row("authentication", _M, '["rfid_classic", "remote"]'),
    _row("payment", _M, '["contract"]'),
    _row("services", _M, '["roof"]'),
    _row("access", _M, '"free"'),
    _row("location", _O, '"parking_lot"'),
    _row("hotline", _M, '"+49301234567"'),
    _row("open_24_hours", _M, "true"),
    _row("opening", _R, '[{ on = "workdays", begin = "06:00", end = "22:00" }]'),
    _row("roaming", _M, "true"),
    _row("live_status", _M, '"yes"'),
)
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


def completeness_percent(poi: EvsePoi) -> int:
    """Rounded down: 100 is all of them."""
    return 100 * sum(is_filled(poi, one) for one in OPTIONAL) // len(OPTIONAL)
