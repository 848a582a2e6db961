"""What the live hub refuses in a charge detail record with code 022. Pure: the clock is an argument."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

MOST_KWH = 1000


def refusals(body: dict[str, Any], now: datetime | None) -> list[str]:
    """One sentence for each rule that the record breaks; now=None leaves out the rule about the future."""
    return [*_energy(body), *_times(body, now), *_signed(body)]


def _energy(body: dict[str, Any]) -> Iterator[str]:
    energy_kwh = body["ConsumedEnergy"]
    if energy_kwh > MOST_KWH:
        yield f"ConsumedEnergy {energy_kwh} is more than {MOST_KWH} kWh: watt-hours?"
    if energy_kwh < 0:
        yield f"ConsumedEnergy {energy_kwh} is negative"
    if "MeterValueStart" in body and "MeterValueEnd" in body and body["MeterValueEnd"] < body["MeterValueStart"]:
        yield "MeterValueEnd is less than MeterValueStart"


def _times(body: dict[str, Any], now: datetime | None) -> Iterator[str]:
    # SessionStart ≤ ChargingStart ≤ ChargingEnd ≤ SessionEnd ≤ now.
    names = ("SessionStart", "ChargingStart", "ChargingEnd", "SessionEnd")
    moments = [datetime.fromisoformat(body[name]) for name in names]
    for i in range(3):
        if moments[i + 1] < moments[i]:
            yield f"{names[i + 1]} is before {names[i]}"
    if now is not None and moments[3] > now:
        yield f"SessionEnd {body['SessionEnd']} is in the future"


def _signed(body: dict[str, Any]) -> Iterator[str]:
    order = {"Start": 0, "Progress": 1, "End": 2}
    ranks = [order[value["MeteringStatus"]] for value in body.get("SignedMeteringValues", [])]
    if ranks != sorted(ranks):
        yield "SignedMeteringValues are not in the order Start, Progress, End"
    if ranks.count(0) > 1 or ranks.count(2) > 1:
        yield "SignedMeteringValues hold more than one Start or End"


def unsigned(body: dict[str, Any], evse_data: dict[str, Any] | None) -> Iterator[str]:
    """Calibration law data that are given outside of the station are given with the record, says the EVSE's data."""
    external = evse_data is not None and evse_data["CalibrationLawDataAvailability"] == "External"
    if external and not body.get("SignedMeteringValues"):
        yield "no SignedMeteringValues, and the EVSE's CalibrationLawDataAvailability is External"
