"""A value as a person reads it: in the configuration's words, lists with commas, units where there are any."""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum

from roampost.domain.poi import Coordinates, EnergySource, EvsePoi, Facility, Opening, Text
from roampost.poi.fields import Field, value_of


def shown(poi: EvsePoi, field: Field) -> str:
    return _text(value_of(poi, field))


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case tuple():
            return "; ".join(map(_text, value)) or "none"
        case Enum():
            return str(value.value)
        case Text():
            return f"{value.lang}: {value.text}"
        case Coordinates():
            return f"{value.latitude}, {value.longitude}"
        case Opening():
            return f"{value.on} {value.begin} to {value.end}"
        case EnergySource():
            return value.energy if value.percent is None else f"{value.energy} {value.percent} %"
        case Facility():
            return _facility(value)
        case _:
            return str(value)


def _facility(facility: Facility) -> str:
    parts: Mapping[str, object] = {
        "kW": Decimal(facility.power_w) / 1000,
        "V": facility.voltage_v,
        "A": facility.current_a,
    }
    numbers = [f"{value} {unit}" for unit, value in parts.items() if value is not None]
    return ", ".join([facility.power_type, *numbers, *facility.modes])
