"""`roampost readings`: what the devices say right now, for the person who stands before them with a screwdriver."""

import argparse
from collections.abc import Iterator

from roampost.cli import text
from roampost.cli.daemon import command
from roampost.cli.exits import CliError, Exit
from roampost.cli.settings import station_of
from roampost.control.client import NoDaemonError
from roampost.control.readings import (
    ControllerNow,
    DeviceNow,
    EvseReadings,
    FaultLineNow,
    LineNow,
    MeterNow,
    ReaderNow,
    Readings,
)

_TENTHS_BELOW_S = 10.0

_Row = tuple[str, str, str]


def run(args: argparse.Namespace) -> int:
    station = station_of(args.config)
    try:
        found = Readings.from_json(command(station.socket, "readings"))
    except NoDaemonError as error:
        raise CliError(Exit.NOT_THERE, f"{error}; start it first") from None
    except ValueError as error:
        raise CliError(Exit.FAILED, str(error)) from None
    text.say(text.as_json(found.to_json()) if args.json else "\n\n".join(_page(found)))
    return Exit.OK


def _page(found: Readings) -> Iterator[str]:
    for one in found.evses:
        yield f"{text.clean(one.evse_id)}\n{text.table(('device', 'age', 'says'), _evse(one))}"
    if found.readers:
        yield text.table(("reader", "says"), [_reader(one) for one in found.readers])
    heads = ("line", "requests", "time-outs", "foreign", "refused", "opened", "error")
    yield text.table(heads, [_line(one) for one in found.lines])


def _evse(one: EvseReadings) -> Iterator[_Row]:
    yield from _rows(one.controller.device, _controller(one.controller))
    if one.meter is not None:
        yield from _rows(one.meter.device, _meter(one.meter))
    for line in one.fault_lines:
        device = line.device
        yield f"{device.name} input {line.input}", _age(device.age_s), _fault_line(line)
    for device in {line.device.name: line.device for line in one.fault_lines}.values():
        yield from _error(device)


def _rows(device: DeviceNow, says: str) -> Iterator[_Row]:
    yield device.name, _age(device.age_s), says
    yield from _error(device)


def _error(device: DeviceNow) -> Iterator[_Row]:
    if device.last_error is not None:
        what = "reads again after" if device.answers else "cannot be read"
        yield device.name, _age(device.error_age_s), f"{what}: {device.last_error}"


def _controller(now: ControllerNow) -> str:
    says = now.says
    if says is None:
        return "nothing yet"
    closed = {None: None, True: "contactor closed", False: "contactor open"}[says.contactor_closed]
    parts = [
        f"pilot {says.pilot}",
        f"permitted {_amperes(says.permitted_ma)}",
        None if says.offered_ma is None else f"offered {_amperes(says.offered_ma)}",
        None if says.cable_limit_ma is None else f"cable {_amperes(says.cable_limit_ma)}",
        closed,
        f"faults: {', '.join(says.faults)}" if says.faults else "no faults",
    ]
    return ", ".join(part for part in parts if part is not None)


def _meter(now: MeterNow) -> str:
    if now.energy_wh is None:
        return "nothing yet"
    power = "" if now.power_w is None else f", {now.power_w} W"
    return f"{now.energy_wh} Wh{power}" + (f", not believed: {now.refused}" if now.refused else "")


def _fault_line(line: FaultLineNow) -> str:
    if line.contact is None:
        return f"{line.name}: {'nothing yet' if line.device.age_s is None else 'the module has no such input'}"
    wire = "energised" if line.energised else "not energised"
    return f"{line.name}: {line.contact}{', latched' if line.latched else ''} ({wire})"


def _reader(reader: ReaderNow) -> tuple[str, str]:
    return reader.name, "answers" if reader.error is None else reader.error


def _line(line: LineNow) -> tuple[object, ...]:
    return line.name, line.requests, line.timeouts, line.foreign, line.refused, line.opened, line.error


def _amperes(current_ma: int) -> str:
    return f"{current_ma / 1000:g} A"


def _age(age_s: float | None) -> str:
    if age_s is None:
        return "-"
    return f"{age_s:.1f} s" if age_s < _TENTHS_BELOW_S else text.age(int(age_s * 1000))
