"""What a device file may not say although its shape is right. Pure; every problem is one sentence.

All problems are found in one run: a person with a manual on the knees wants the whole list.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from roampost_drivers.blocks import derive
from roampost_drivers.codec import IN_SMALL_UNIT, encode
from roampost_drivers.device import ChargerTable, Device, InputsTable, Link, MeterTable, Row, SetPoint

_SHAPED: Final = ("bit", "u16", "s16", "u32", "s32", "u64", "s64")


def problems(device: Device) -> Iterator[str]:
    """Every mistake of meaning, each naming key, value and what is allowed."""
    if not (device.charger or device.meter or device.inputs or device.reader):
        yield "the file has none of the sections [charger], [meter], [inputs], [reader]: it describes no role"
    yield from _link(device.link)
    yield from _limits(device)
    yield from _rows(device)
    if device.charger:
        yield from _charger(device, device.charger)
    if device.meter:
        yield from _meter(device, device.meter)
    if device.inputs:
        yield from _inputs(device.inputs)


def _within(key: str, value: int, low: int, high: int) -> Iterator[str]:
    if not low <= value <= high:
        yield f"{key} = {value}: must be between {low} and {high}"


def _link(link: Link) -> Iterator[str]:
    if not link.transports:
        yield 'link.transports is empty: name at least one of "rtu", "tcp", "serial"'
    yield from _within("link.unit", link.unit, 0, 255)
    yield from _within("link.baud", link.baud, 300, 1_000_000)
    yield from _within("link.tcp_port", link.tcp_port, 1, 65535)
    yield from _within("link.pause_ms", link.pause_ms, 0, 5000)
    yield from _within("link.timeout_ms", link.timeout_ms, 20, 5000)


def _limits(device: Device) -> Iterator[str]:
    yield from _within("limits.max_registers", device.limits.max_registers, 1, 125)
    yield from _within("limits.bridge", device.limits.bridge, 0, 124)
    for first, last in device.limits.forbidden:
        if first > last:
            yield f"limits.forbidden [{first}, {last}]: the first address must not be above the last"


def _rows(device: Device) -> Iterator[str]:
    seen: set[str] = set()
    for row in device.row:
        if row.name in seen:
            yield f'row "{row.name}" is there twice: names must differ'
        seen.add(row.name)
        yield from (f'row "{row.name}": {problem}' for problem in _row(device, row))


def _row(device: Device, row: Row) -> Iterator[str]:
    yield from _within("address", row.address, 0, 65536 - row.size)
    if (row.type == "str") != (row.length is not None):
        yield 'length (in registers) belongs to type "str" and only there'
    if (row.type == "bit") != (row.fc in (1, 2)):
        yield f'fc = {row.fc} with type "{row.type}": fc 1 and 2 read type "bit", fc 3 and 4 read all others'
    elif row.fc in (3, 4) and not 1 <= row.size <= device.limits.max_registers:
        yield f"takes {row.size} registers, one read has at most {device.limits.max_registers} (limits.max_registers)"
    if row.type not in _SHAPED and (row.shift or row.mask is not None):
        yield f'shift and mask belong to whole numbers, not to type "{row.type}"'
    if row.scale <= 0:
        yield f"scale = {row.scale}: must be above 0"
    yield from _within("shift", row.shift, 0, 63)
    for first, last in device.limits.forbidden:
        if first < row.address + row.size and last >= row.address:
            yield f"lies in the forbidden range [{first}, {last}] of limits.forbidden"


def _known(device: Device, key: str, name: str | None, units: tuple[str, ...] = ()) -> Iterator[str]:
    """The name must be a row's; where units are given, in one of them."""
    if name is None:
        return
    names = [row.name for row in device.row]
    if name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"the rows are: {', '.join(names) or 'none'}"
        yield f'{key} = "{name}": there is no such row; {hint}'
    elif units and device.named(name).unit not in units:
        yield f'{key} = "{name}": that row\'s unit is "{device.named(name).unit}", allowed here: {" ".join(units)}'


def _charger(device: Device, table: ChargerTable) -> Iterator[str]:
    yield from _known(device, "charger.pilot.row", table.pilot.row)
    if not table.pilot.states:
        yield 'charger.pilot.states is empty: say which value is which pilot state, as in 1 = "A"'
    yield from _set_point(device, table)
    yield from _written(device, table)
    yield from _known(device, "charger.offered", table.offered, ("A", "mA"))
    yield from _known(device, "charger.cable_limit", table.cable_limit, ("A", "mA"))
    yield from _known(device, "charger.firmware", table.firmware)
    for index, name in enumerate(table.also):
        yield from _known(device, f"charger.also[{index}]", name)
    if table.contactor:
        yield from _known(device, "charger.contactor.row", table.contactor.row)
        yield from _within("charger.contactor.bit", table.contactor.bit, 0, 63)
    if table.faults:
        yield from _known(device, "charger.faults.row", table.faults.row)
        yield from _bit_numbers(tuple(table.faults.bits))


def _written(device: Device, table: ChargerTable) -> Iterator[str]:
    """What is written beside the set point: one register or coil each."""
    told: list[tuple[str, str, tuple[int, ...]]] = []
    if table.release:
        told.append(("release", table.release.row, (table.release.on, table.release.off)))
    if table.keep_alive:
        told.append(("keep_alive", table.keep_alive.row, (table.keep_alive.value,)))
    if table.commissioning:
        told.append(("commissioning", table.commissioning.row, (table.commissioning.value,)))
    for key, name, words in told:
        missing = list(_known(device, f"charger.{key}.row", name))
        yield from missing
        if not missing and device.named(name).size != 1:
            yield f'charger.{key}.row = "{name}": that row has {device.named(name).size} registers, one can be written'
        for word in words:
            yield from _within(f"charger.{key}: value", word, 0, 65535)
    if table.keep_alive and not 0 < table.keep_alive.every_s <= 3600:
        yield f"charger.keep_alive.every_s = {table.keep_alive.every_s}: must be above 0 and at most 3600"


def _set_point(device: Device, table: ChargerTable) -> Iterator[str]:
    point = table.set_point
    yield from _known(device, "charger.set_point.row", point.row, ("A", "mA"))
    yield from _known(device, "charger.set_point.written", point.written, ("A", "mA"))
    if point.finer and point.written:
        yield "charger.set_point: finer and written exclude each other, the scale would be told for one row only"
    if not 0 < point.minimum_ma <= point.maximum_ma <= 1_000_000:
        yield f"charger.set_point.minimum_ma = {point.minimum_ma}: must be above 0 and not above maximum_ma"
    else:
        yield from _largest(device, point)
    if point.finer:
        yield from _known(device, "charger.set_point.finer.row", point.finer.row)
        yield from _within("charger.set_point.finer.bit", point.finer.bit, 0, 63)
        if point.finer.scale <= 0:
            yield f"charger.set_point.finer.scale = {point.finer.scale}: must be above 0"


def _largest(device: Device, point: SetPoint) -> Iterator[str]:
    """The row that is written must hold the largest set point, in each of its scales, and nothing beside it."""
    row = next((row for row in device.row if row.name == (point.written or point.row)), None)
    if row is None or row.unit not in ("A", "mA") or row.scale <= 0:
        return  # told already
    if row.shift or row.mask is not None:
        yield f'charger.set_point: row "{row.name}" is written, so it can have neither shift nor mask'
    finer = () if point.finer is None or point.finer.scale <= 0 else (point.finer.scale,)
    for scale in (row.scale, *finer):
        try:
            encode(row, point.maximum_ma / IN_SMALL_UNIT[row.unit], scale)
        except OverflowError:
            yield f'charger.set_point.maximum_ma = {point.maximum_ma}: row "{row.name}" ({row.type}) cannot hold it'


def _bit_numbers(keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        if not (key.isdecimal() and int(key) < 64):
            yield f'charger.faults.bits "{key}": a bit is a number from 0 to 63'


def _meter(device: Device, table: MeterTable) -> Iterator[str]:
    bad = [
        *_known(device, "meter.energy", table.energy, ("Wh", "kWh")),
        *_known(device, "meter.power", table.power, ("W", "kW", "mW")),
    ]
    for index, name in enumerate(table.also):
        bad += _known(device, f"meter.also[{index}]", name)
    yield from bad
    yield from _within("meter.rated_power_w", table.rated_power_w, 1, 10_000_000)
    yield from _within("meter.step_wh", table.step_wh, 1, 10_000)
    if not bad:
        yield from _confirm_counts(device, table)


def _confirm_counts(device: Device, table: MeterTable) -> Iterator[str]:
    energy = device.named(table.energy)
    names = {name for name in (table.energy, table.power, *table.also) if name}
    taken = {block.count for block in derive((device.named(name) for name in names), device.limits)}
    if not table.confirm_counts:
        yield "meter.confirm_counts is empty: give one length or more for the second read of a billing value"
    for count in table.confirm_counts:
        if count in taken:
            yield f"meter.confirm_counts: {count} is the length of another read of this meter; a length must be unlike"
        last = energy.address + count - 1
        if not energy.size <= count <= device.limits.max_registers or last > 65535:
            yield f"meter.confirm_counts: {count} must be between {energy.size} and {device.limits.max_registers}"
        if any(a <= last and b >= energy.address for a, b in device.limits.forbidden):
            yield f"meter.confirm_counts: {count} registers from {energy.address} touch a forbidden range"


def _inputs(table: InputsTable) -> Iterator[str]:
    yield from _within("inputs.address", table.address, 0, 65535)
    yield from _within("inputs.count", table.count, 1, min(2000, 65536 - table.address))
