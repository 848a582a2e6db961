"""A module of digital inputs, made of a device file's [inputs] section."""

from roampost_drivers.device import Device, InputsTable
from roampost_drivers.line.queue import Priority
from roampost_drivers.line.unit import Line, Unit
from roampost_drivers.roles import InputsReading


class ModbusInputs:
    """See roles.Inputs."""

    def __init__(self, table: InputsTable, unit: Unit, name: str) -> None:
        self._table = table
        self._unit = unit
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    async def poll(self) -> InputsReading:
        """All inputs in one read; raises DriverError."""
        table = self._table
        bits = await self._unit.words(table.fc, table.address, table.count, Priority.FAULTS)
        return InputsReading(tuple(bool(bit) for bit in bits), self._unit.line.now())


def build_inputs(device: Device, bus: Line, unit: int, name: str) -> ModbusInputs:
    """A module of that make at that unit number; ValueError where the device has no inputs."""
    if device.inputs is None:
        raise ValueError(f"{device.key} has no inputs: its file has no section [inputs]")
    return ModbusInputs(device.inputs, Unit.of(device, bus, unit), name)
