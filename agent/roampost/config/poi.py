"""[poi], what drivers' apps are told about every EVSE of the station, and [evse.poi], what is different at one.

Nothing here is mandatory: an agent must not stop charging cars because a telephone number is missing. What a hub wants
is told by `roampost poi check`. `pois` puts both together with what the technical configuration knows.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from roampost.config.section import Section
from roampost.domain import poi as domain

if TYPE_CHECKING:
    from roampost.config.model import Config, Evse

_W_PER_KW = 1000
_WH_PER_KWH = 1000
Texts = Annotated[dict[str, str], Field(description="a text per language, { en = ... }, the most common one first")]
Kilo = Annotated[Decimal, Field(gt=0, lt=1000, max_digits=9)]


class Facility(Section):
    """What comes out of the plug. voltage_v: phase to neutral for AC."""

    power_type: domain.PowerType
    power_kw: Kilo
    voltage_v: int | None = Field(default=None, ge=1, le=2_000)
    current_a: int | None = Field(default=None, ge=1, le=2_000)
    modes: tuple[domain.ChargingMode, ...] = ()

    def value(self) -> domain.Facility:
        return domain.Facility(
            power_type=self.power_type,
            power_w=int(self.power_kw * _W_PER_KW),
            voltage_v=self.voltage_v,
            current_a=self.current_a,
            modes=self.modes,
        )


class Poi(Section, domain.Told):
    """Of the whole station, or of one EVSE."""

    names: Texts = Field(default={})
    info: Texts = Field(default={})
    directions: Texts = Field(default={})
    facilities: tuple[Facility, ...] = ()
    max_capacity_kwh: int | None = Field(default=None, ge=1, le=100_000, description="of a battery in the EVSE")


# Under [[evse]] a key replaces the station's; those of `address` one by one.
EvsePoi = Poi


def pois(config: "Config") -> dict[str, domain.EvsePoi]:
    """By EVSE id, in the file's order; empty without [poi]."""
    if config.poi is None:
        return {}
    return {one.id: _of_evse(config.poi, one, config.station.time_zone) for one in config.evse}


def _of_evse(station: Poi, evse: "Evse", time_zone: str) -> domain.EvsePoi:
    given: dict[str, Any] = _given(station)
    address = _given(station.address)
    if evse.poi is not None:
        given |= _given(evse.poi)
        address |= _given(evse.poi.address)
    facilities = tuple(one.value() for one in given.pop("facilities", ()))
    capacity_kwh = given.pop("max_capacity_kwh", None)
    texts = {name: _texts(given.pop(name, {})) for name in ("names", "info", "directions")}
    return domain.EvsePoi(
        **given | texts | {"address": domain.Address(**{"time_zone": time_zone} | address)},
        evse_id=evse.id,
        facilities=facilities or (_as_built(evse),),
        max_capacity_wh=None if capacity_kwh is None else capacity_kwh * _WH_PER_KWH,
    )


def _given(section: domain.Value | Section) -> dict[str, Any]:
    return {name: getattr(section, name) for name in section.model_fields_set}


def _texts(texts: dict[str, str]) -> tuple[domain.Text, ...]:
    return tuple(domain.Text(lang=lang, text=text) for lang, text in texts.items())


def _as_built(evse: "Evse") -> domain.Facility:
    """A charging controller drives a control pilot, which is mode 3.

    Two phases have no name in any standard: promised is what a car on one phase gets.
    """
    three = evse.phases == 3
    return domain.Facility(
        power_type=domain.PowerType.AC_3_PHASE if three else domain.PowerType.AC_1_PHASE,
        power_w=(3 if three else 1) * evse.voltage_v * evse.max_current_a,
        voltage_v=evse.voltage_v,
        current_a=evse.max_current_a,
        modes=(domain.ChargingMode.MODE_3,),
    )
