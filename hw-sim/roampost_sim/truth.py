"""What is true at the hardware right now, as JSON: for `ask`."""

from typing import Any

from roampost_sim.commands import Ask
from roampost_sim.errors import CommandError
from roampost_sim.station import Station
from roampost_sim.wire.unit import READ_HOLDING, RefusalError, Unit
from roampost_sim.world.outlet import Outlet


def truth(station: Station) -> dict[str, Any]:
    return {
        "t": station.clock.now(),
        "evses": {name: _evse(outlet) for name, outlet in station.outlets.items()},
        "contacts": {
            name: {"closed": contact.closed, "active": contact.active, "wire_broken": contact.wire_broken}
            for name, contact in station.contacts.items()
        },
        "readers": {
            name: [card.uid.hex().upper() for card in port.reader.cards] for name, port in station.readers.items()
        },
        "ports": {name: _port(station, name) for name in station.ports},
    }


def _evse(outlet: Outlet) -> dict[str, Any]:
    car, meter = outlet.car, outlet.meter
    return {
        "pilot": outlet.pilot,
        "set_point_ma": outlet.controller.set_point_ma,
        "announced_ma": outlet.announced_ma,
        "contactor_closed": outlet.contactor_closed,
        "power_w": car.power_w if car else 0.0,
        "energy_wh": round(meter.energy_wh, 3) if meter else None,
        "register_wh": meter.register_wh if meter else None,
        "car": {"taken_wh": round(car.taken_wh, 3), "full": car.full, "paused": car.paused} if car else None,
    }


def _port(station: Station, name: str) -> dict[str, Any]:
    port = station.ports[name]
    faults = (station.readers.get(name) or station.lines[name]).faults
    return {
        "plugged": port.plugged,
        "address": port.address,
        "faults": [{"fault": fault, "unit": unit} for fault, unit in faults.active()],
    }


def registers(station: Station, ask: Ask) -> dict[str, Any]:
    """The values that the unit would answer on its line, or the exception code."""
    unit = _unit(station, ask)
    try:
        if ask.function >= READ_HOLDING:
            return {"registers": list(unit.read_registers(ask.function, ask.address, ask.count))}
        return {"bits": list(unit.read_bits(ask.function, ask.address, ask.count))}
    except RefusalError as refusal:
        return {"exception": refusal.code}


def _unit(station: Station, ask: Ask) -> Unit:
    line = station.lines.get(ask.line or "")
    if line is None:
        raise CommandError(f"there is no line '{ask.line}'; known are {', '.join(station.lines)}")
    found = [unit for unit in line.units if unit.unit_id == ask.unit]
    if not found:
        raise CommandError(f"line '{ask.line}' has no unit {ask.unit}")
    return found[0]
