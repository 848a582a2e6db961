"""What comes out of the plug: power, plugs and where the energy is from agree with each other."""

from collections.abc import Iterator

from roampost.domain.poi import ChargingMode, Energy, EvsePoi, Facility, Plug, PowerType
from roampost.poi.finding import Finding, error, warning

_PHASES = {PowerType.AC_1_PHASE: 1, PowerType.AC_3_PHASE: 3}
_W_PER_KW = 1000
# Between the voltages of the world to neutral (100 to 277 V) and those between phases (from 346 V).
_LINE_TO_LINE_V = 300
# Hubs tell whole kilowatts, and nominal voltages differ by a few volts.
_TOLERANCE, _TOLERANCE_W = 0.05, 500
_DC_MODES = {ChargingMode.MODE_4, ChargingMode.CHADEMO}
_DC_PLUGS = {Plug.CCS_1_CABLE, Plug.CCS_2_CABLE, Plug.CHADEMO}
# Both are made for AC as well as for DC.
_ANY_PLUGS = {Plug.TESLA, Plug.SMALL_PADDLE, Plug.LARGE_PADDLE}
_ONE_PHASE_PLUGS = {
    Plug.TYPE_1_CABLE,
    Plug.TYPE_E_OUTLET,
    Plug.TYPE_F_OUTLET,
    Plug.TYPE_G_OUTLET,
    Plug.TYPE_J_OUTLET,
    Plug.NEMA_5_20,
    Plug.IEC_60309_1_PHASE,
    Plug.AVCON,
}
_NOT_RENEWABLE = {Energy.COAL, Energy.NUCLEAR, Energy.PETROLEUM, Energy.NATURAL_GAS}


def supply(poi: EvsePoi) -> Iterator[Finding]:
    for number, facility in enumerate(poi.facilities, start=1):
        yield from _facility(f"facilities[{number}]", facility)
    if poi.plugs and poi.facilities:
        yield from _plugs(set(poi.plugs), {one.power_type for one in poi.facilities})
    yield from _energy(poi)


def _facility(field: str, facility: Facility) -> Iterator[Finding]:
    if facility.power_w < 1:
        yield error(f"{field}.power_kw", f"It is {_kw(facility.power_w)}.", "Correct it.")
    for key, value in (("voltage_v", facility.voltage_v), ("current_a", facility.current_a)):
        if value is not None and value < 1:
            yield error(f"{field}.{key}", f"It is {value}.", "Correct it, or leave it out.")
    yield from _power(field, facility)
    direct = facility.power_type is PowerType.DC
    for mode in facility.modes:
        if (mode in _DC_MODES) is not direct:
            yield warning(
                f"{field}.modes",
                f"{mode} does not go with {facility.power_type}.",
                'AC with a control pilot is "mode_3", DC is "mode_4".',
            )


def _power(field: str, facility: Facility) -> Iterator[Finding]:
    volt, ampere = facility.voltage_v, facility.current_a
    phases = _PHASES.get(facility.power_type)
    if phases is not None and volt is not None and volt >= _LINE_TO_LINE_V:
        yield warning(
            f"{field}.voltage_v",
            f"{volt} V is the voltage between two phases.",
            f"Write the voltage from phase to neutral, about {round(volt / 3**0.5)} V: nominally 230 in Europe.",
        )
    elif volt is not None and ampere is not None:
        most_w = (phases or 1) * volt * ampere
        slack_w = max(_TOLERANCE * most_w, _TOLERANCE_W)
        too_little = phases is not None and facility.power_w < most_w - slack_w
        if too_little or facility.power_w > most_w + slack_w:
            product = f"{volt} V × {ampere} A = {_kw(most_w)}"
            yield warning(
                f"{field}.power_kw",
                f"{_kw(facility.power_w)} is not {product}."
                if phases is None
                else f"{_kw(facility.power_w)} is not {phases} × {product}.",
                "Power is phases × voltage to neutral × current; correct the one that is wrong.",
            )


def _kw(power_w: int) -> str:
    return f"{power_w / _W_PER_KW:g} kW"


def _plugs(plugs: set[Plug], types: set[PowerType]) -> Iterator[Finding]:
    has_ac, has_dc = bool(types - {PowerType.DC}), PowerType.DC in types
    ac_plugs, dc_plugs = plugs - _DC_PLUGS - _ANY_PLUGS, plugs & _DC_PLUGS
    advice = "Correct plugs, or power_type in facilities."
    if dc_plugs and not has_dc:
        yield warning("plugs", f"{_listed(dc_plugs)} gives DC, and no facility does.", advice)
    if ac_plugs and not has_ac:
        yield warning("plugs", f"{_listed(ac_plugs)} gives AC, and no facility does.", advice)
    if has_dc and not dc_plugs and not plugs & _ANY_PLUGS:
        yield warning("plugs", "A facility gives DC, and no plug does.", advice)
    if has_ac and not ac_plugs and not plugs & _ANY_PLUGS:
        yield warning("plugs", "A facility gives AC, and no plug does.", advice)
    if ac_plugs and ac_plugs <= _ONE_PHASE_PLUGS and PowerType.AC_3_PHASE in types:
        yield warning("plugs", f"{_listed(ac_plugs)} has one phase, and a facility three.", advice)


def _listed(plugs: set[Plug]) -> str:
    return ", ".join(sorted(plugs))


def _energy(poi: EvsePoi) -> Iterator[Finding]:
    shares = [one.percent for one in poi.energy_sources if one.percent is not None]
    if shares and (sum(shares) != 100 if len(shares) == len(poi.energy_sources) else sum(shares) > 100):
        yield warning("energy_sources", f"The shares make {sum(shares)} %.", "Together they are 100 %.")
    dirty = sorted({one.energy for one in poi.energy_sources if one.percent != 0} & _NOT_RENEWABLE)
    if poi.renewable and dirty:
        yield warning(
            "renewable",
            f"It is true, and energy_sources has {', '.join(dirty)}.",
            "It is true only where all of the energy is renewable.",
        )
