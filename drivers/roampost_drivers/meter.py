"""An energy meter, made of a device file's [meter] section.

A billing value is read twice, and the second time in a length that no other read has. So an answer that comes later
than time-out and settle time together cannot pass for it: on RTU nothing but the length could tell.
"""

from itertools import cycle
from typing import Final

from roampost_drivers import codec
from roampost_drivers.blocks import derive
from roampost_drivers.device import Device, MeterTable
from roampost_drivers.errors import ForeignAnswer
from roampost_drivers.line.queue import Priority
from roampost_drivers.line.unit import Line, Unit
from roampost_drivers.roles import MeterReading

_S_PER_HOUR: Final = 3600


class ModbusMeter:
    """See roles.Meter."""

    def __init__(self, device: Device, table: MeterTable, unit: Unit, name: str) -> None:
        self._table = table
        self._unit = unit
        self._name = name
        self._energy = device.named(table.energy)
        self._power = None if table.power is None else device.named(table.power)
        names = {table.energy, table.power, *table.also}
        # The energy comes last: its age is the reading's.
        blocks = derive((row for row in device.row if row.name in names), device.limits)
        self._blocks = tuple(sorted(blocks, key=lambda block: self._energy in block.rows))
        self._confirm_counts = cycle(table.confirm_counts)

    @property
    def name(self) -> str:
        return self._name

    async def poll(self, *, confirm: bool = False) -> MeterReading:
        """Energy and power; raises DriverError, Nonsense for a value that cannot be."""
        values = await self._unit.values(self._blocks, Priority.METERS)
        energy_wh = codec.energy_wh(self._energy, values[self._table.energy])
        taken_s = self._unit.line.now()
        power_w = None if self._power is None else codec.whole(self._power, values[self._power.name])
        if confirm:
            energy_wh = await self._read_again(energy_wh, taken_s)
        return MeterReading(energy_wh, power_w, self._unit.line.now())

    async def _read_again(self, first_wh: int, first_s: float) -> int:
        row = self._energy
        words = await self._unit.words(row.fc, row.address, next(self._confirm_counts), Priority.METERS)
        second_wh = codec.energy_wh(row, codec.decode(row, words[: row.size]))
        hours = (self._unit.line.now() - first_s) / _S_PER_HOUR
        if not 0 <= second_wh - first_wh <= self._table.rated_power_w * hours + self._table.step_wh:
            raise ForeignAnswer(f"{self._name}: two reads of the energy disagree: {first_wh} Wh, then {second_wh} Wh.")
        return second_wh


def build_meter(device: Device, bus: Line, unit: int, name: str) -> ModbusMeter:
    """A meter of that make at that unit number; ValueError where the device is no meter."""
    if device.meter is None:
        raise ValueError(f"{device.key} is no meter: its file has no section [meter]")
    return ModbusMeter(device, device.meter, Unit.of(device, bus, unit), name)
