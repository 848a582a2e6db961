"""What an EvseDataRecord of the right shape can still have wrong. Pure.

A contradiction is refused (022); what only lowers the score that the hub gives an operator every month is recorded.
"""

from collections.abc import Iterator
from typing import Any

from roampost_sim.hub.oicp.geo import position

# Line to neutral. A power is a whole number of kW, so half of one is lost by rounding; 5 % covers 220 to 240 V.
_SPREAD = 0.05
_ROUNDING_KW = 0.5
_PHASES = {"AC_1_PHASE": 1, "AC_3_PHASE": 3, "DC": 1}
_DC_PLUGS = {"CHAdeMO", "CCS Combo 1 Plug (Cable Attached)", "CCS Combo 2 Plug (Cable Attached)"}
_ONE_PHASE_PLUGS = {
    "Type E French Standard",
    "Type F Schuko",
    "Type G British Standard",
    "Type J Swiss Standard",
    "IEC 60309 Single Phase",
    "NEMA 5-20",
}


def contradictions(record: dict[str, Any]) -> Iterator[str]:
    """One sentence for each reason to refuse the record."""
    if "No Payment" in record["PaymentOptions"] and len(record["PaymentOptions"]) > 1:
        yield "No Payment stands beside another payment option"
    if not record["IsOpen24Hours"] and "OpeningTimes" not in record:
        yield "OpeningTimes are missing, and IsOpen24Hours is false"
    for name in ("GeoCoordinates", "GeoChargingPointEntrance"):
        if name in record:
            latitude, longitude = position(record[name])
            if abs(latitude) > 90 or abs(longitude) > 180:
                yield f"{name} are no place on earth"


def doubts(record: dict[str, Any]) -> Iterator[str]:
    """One sentence for each thing that costs correctness."""
    plugs = set(record["Plugs"])
    kinds = {facility["PowerType"] for facility in record["ChargingFacilities"]}
    if plugs & _DC_PLUGS and "DC" not in kinds:
        yield "a DC plug without a DC facility"
    if "DC" in kinds and not plugs & (_DC_PLUGS | {"Tesla Connector"}):
        yield "a DC facility without a DC plug"
    if "AC_3_PHASE" in kinds and plugs <= _ONE_PHASE_PLUGS:
        yield "three phases at a plug that has one"
    for facility in record["ChargingFacilities"]:
        yield from _power(facility)
    if "AdditionalInfo" in record and not record["AdditionalInfo"][0]["lang"].startswith("en"):
        yield "AdditionalInfo does not begin in English"


def _power(facility: dict[str, Any]) -> Iterator[str]:
    kind, volts, amperes = facility["PowerType"], facility.get("Voltage"), facility.get("Amperage")
    if kind == "AC_3_PHASE" and volts is not None and volts > 300:
        yield f"{volts} V is between lines; line to neutral is asked for"
    elif volts and amperes:
        told_kw, reckoned_kw = facility["Power"], _PHASES[kind] * volts * amperes / 1000
        if abs(told_kw - reckoned_kw) > _ROUNDING_KW + _SPREAD * reckoned_kw:
            yield f"{told_kw} kW is not {_PHASES[kind]} × {volts} V × {amperes} A"
