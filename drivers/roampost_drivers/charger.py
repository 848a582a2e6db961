"""A charging controller, made of a device file's [charger] section.

What a board is (firmware, unit of its set point) is learnt before it is believed: after every silence, because the
board may be another one now, and once a minute, because some masters change the unit while they run.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from roampost_drivers import codec
from roampost_drivers.blocks import Block, derive
from roampost_drivers.codec import Value
from roampost_drivers.device import ChargerTable, Device, Flag, Row
from roampost_drivers.errors import LineDown, NoAnswer, Nonsense, Refused, UnitResting
from roampost_drivers.line.queue import Priority
from roampost_drivers.line.unit import Line, Unit
from roampost_drivers.roles import ChargerReading, Pilot, WithoutAgent

LEARN_AGAIN_S: Final = 60.0
# A set point in the wrong unit is a hundred times too large: before one is written, the unit is looked up afresh.
PERMIT_TRUSTS_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Board:
    """What has been learnt: the reads that this firmware answers, and the set point's row in its present unit."""

    blocks: tuple[Block, ...]
    set_point: Row
    learnt_s: float


class ModbusCharger:
    """See roles.Charger; besides, `commission` for the setting up."""

    def __init__(self, device: Device, table: ChargerTable, unit: Unit, name: str) -> None:
        self._device = device
        self._table = table
        self._unit = unit
        self._name = name
        self._board: _Board | None = None
        self._set_point = device.named(table.set_point.row)
        self._fed_s = float("-inf")

    @property
    def name(self) -> str:
        return self._name

    @property
    def without_agent(self) -> WithoutAgent:
        alone = self._table.without_agent
        return WithoutAgent(alone.keeps_set_point, alone.default_set_point, alone.watchdog_s)

    async def poll(self) -> ChargerReading:
        """One look at the controller; raises DriverError."""
        try:
            await self._feed()
            board = await self._learn(Priority.STATE, LEARN_AGAIN_S)
            values = await self._unit.values(board.blocks, Priority.STATE)
            reading = self._reading(values, board)
        except (NoAnswer, UnitResting, LineDown, Refused, Nonsense):
            self._board = None
            raise
        if reading.offered_ma is not None and reading.offered_ma > reading.permitted_ma:
            self._board = None  # normal for a moment after lowering; else the unit of the set point has changed
        return reading

    async def permit(self, current_ma: int) -> None:
        """Permit up to the device's maximum; below its minimum, forbid. Confirmed by the next poll's read-back.

        To forbid needs no knowledge of the board and is tried at once; to permit waits until the unit of the set
        point is known, so it raises UnitResting while the unit rests.
        """
        point = self._table.set_point
        allowed_ma = 0 if current_ma < point.minimum_ma else min(current_ma, point.maximum_ma)
        try:
            if allowed_ma:
                await self._set(allowed_ma)
                await self._release(on=True)
            elif self._table.release is not None:
                await self._release(on=False)  # such devices refuse a set point of 0
            else:
                await self._set(0)
        except (NoAnswer, UnitResting, LineDown):
            self._board = None
            raise

    async def _set(self, allowed_ma: int) -> None:
        point = self._table.set_point
        row = self._set_point if point.written is None else self._device.named(point.written)
        if allowed_ma:
            board = await self._learn(Priority.CONTROL, PERMIT_TRUSTS_S)
            row = board.set_point if point.written is None else row
        words = codec.encode(row, Decimal(allowed_ma) / codec.IN_SMALL_UNIT[row.unit])
        await self._unit.write(row, words, point.function, urgent=True)

    async def _release(self, *, on: bool) -> None:
        release = self._table.release
        if release is not None:
            value = release.on if on else release.off
            await self._unit.write(self._device.named(release.row), (value,), release.function, urgent=True)

    async def _feed(self) -> None:
        """Keep the device from falling back, where it wants that."""
        food, now_s = self._table.keep_alive, self._unit.line.now()
        if food is not None and now_s - self._fed_s >= food.every_s:
            row = self._device.named(food.row)
            await self._unit.write(row, (food.value,), food.function, priority=Priority.WATCHDOG)
            self._fed_s = now_s

    async def is_commissioned(self) -> bool:
        """Does the device already hold the safe default that its file asks for? True where it asks for none."""
        safe = self._table.commissioning
        if safe is None:
            return True
        row = self._device.named(safe.row)
        return await self._unit.words(row.fc, row.address, row.size, Priority.METERS) == (safe.value,)

    async def commission(self) -> bool:
        """Write the safe default, only where it differs (such registers wear out); True when it was written."""
        safe = self._table.commissioning
        if safe is None or await self.is_commissioned():
            return False
        await self._unit.write(self._device.named(safe.row), (safe.value,), safe.function)
        if not await self.is_commissioned():
            raise Nonsense(f"{self._name}: the device did not keep {safe.row} = {safe.value}.")
        return True

    async def _learn(self, priority: Priority, at_most_s: float) -> _Board:
        now_s = self._unit.line.now()
        if self._board is None or now_s - self._board.learnt_s > at_most_s:
            firmware = await self._read_firmware(priority)
            finer = await self._is_finer(firmware, priority)
            scale = self._table.set_point.finer.scale if self._table.set_point.finer and finer else None
            row = self._set_point if scale is None else replace(self._set_point, scale=scale)
            self._board = _Board(derive(self._rows(firmware), self._device.limits), row, now_s)
        return self._board

    async def _read_firmware(self, priority: Priority) -> int | None:
        """Read among the rows that every firmware has: an answer of unlike length to all others of the device."""
        if self._table.firmware is None:
            return None
        values = await self._unit.values(derive(self._rows(0), self._device.limits), priority)
        return codec.bits(values[self._table.firmware])

    async def _is_finer(self, firmware: int | None, priority: Priority) -> bool:
        finer = self._table.set_point.finer
        if finer is None:
            return False
        row = self._device.named(finer.row)
        if firmware is not None and firmware < row.since_firmware:
            return False
        values = await self._unit.values(derive([row], self._device.limits), priority)
        return _is_set(values, Flag(finer.row, finer.bit)) is True

    def _rows(self, firmware: int | None) -> list[Row]:
        table = self._table
        names = {table.pilot.row, table.set_point.row, table.offered, table.cable_limit, table.firmware, *table.also}
        names |= {part.row for part in (table.contactor, table.faults, table.release) if part}
        rows = [row for row in self._device.row if row.name in names]
        return [row for row in rows if firmware is None or row.since_firmware <= firmware]

    def _reading(self, values: dict[str, Value], board: _Board) -> ChargerReading:
        table = self._table
        return ChargerReading(
            pilot=self._pilot(values[table.pilot.row]),
            permitted_ma=self._permitted_ma(values, board),
            offered_ma=self._current_ma(values, table.offered),
            cable_limit_ma=self._current_ma(values, table.cable_limit),
            contactor_closed=_is_set(values, table.contactor) if table.contactor else None,
            faults=self._faults(values),
            taken_s=self._unit.line.now(),
        )

    def _pilot(self, value: Value) -> Pilot:
        text = codec.plain(value)
        key = text[:1] if self._table.pilot.match == "first" else text
        if key not in self._table.pilot.states:
            raise Nonsense(f'{self._name}: {self._table.pilot.row} = "{text}" is no pilot state of this device.')
        return self._table.pilot.states[key]

    def _permitted_ma(self, values: dict[str, Value], board: _Board) -> int:
        release, value = self._table.release, values[self._set_point.name]
        if release is not None and codec.plain(values[release.row]) != str(release.on):
            return 0
        if not isinstance(value, Decimal):
            raise Nonsense(f"{self._name}: the set point cannot be read back.")
        in_unit = value / self._set_point.scale * board.set_point.scale
        permitted_ma = codec.whole(board.set_point, in_unit)
        if permitted_ma is None or not 0 <= permitted_ma <= self._table.set_point.maximum_ma:
            raise Nonsense(f"{self._name}: a set point of {in_unit} {board.set_point.unit} cannot be.")
        return permitted_ma

    def _current_ma(self, values: dict[str, Value], name: str | None) -> int | None:
        if name is None or name not in values:
            return None
        return codec.whole(self._device.named(name), values[name])

    def _faults(self, values: dict[str, Value]) -> frozenset[str]:
        faults = self._table.faults
        if faults is None or faults.row not in values:
            return frozenset()
        value = values[faults.row]
        names = {name for bit, name in faults.bits.items() if codec.bits(value) >> int(bit) & 1}
        by_value = faults.values.get(codec.plain(value))
        return frozenset(names | {by_value} if by_value else names)


def _is_set(values: dict[str, Value], flag: Flag) -> bool | None:
    """None where this firmware has no such row, or the device gives no value."""
    value = values.get(flag.row)
    return bool(int(value) >> flag.bit & 1) if isinstance(value, Decimal) else None


def build_charger(device: Device, bus: Line, unit: int, name: str) -> ModbusCharger:
    """A charger of that make at that unit number; ValueError where the device is no charger."""
    if device.charger is None:
        raise ValueError(f"{device.key} is no charger: its file has no section [charger]")
    return ModbusCharger(device, device.charger, Unit.of(device, bus, unit), name)
