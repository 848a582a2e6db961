"""One unit on a line, as the roles see it: rows in, values out, with the pauses and time-outs of its device."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from roampost_drivers.blocks import Block
from roampost_drivers.codec import Value, decode
from roampost_drivers.device import Device, Row
from roampost_drivers.line.queue import Priority


class Line(Protocol):
    """What a role needs of a bus."""

    @property
    def now(self) -> Callable[[], float]: ...
    async def read(
        self, unit: int, function: int, address: int, count: int,
        *, priority: Priority, pause_s: float, timeout_s: float | None,
    ) -> tuple[int, ...]: ...  # fmt: skip
    async def write(
        self, unit: int, address: int, values: tuple[int, ...],
        *, function: int, priority: Priority, pause_s: float, timeout_s: float | None, urgent: bool,
    ) -> None: ...  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit number on a line, met with a device's habits."""

    line: Line
    number: int
    pause_s: float
    timeout_s: float

    @classmethod
    def of(cls, device: Device, line: Line, number: int) -> "Unit":
        return cls(line, number, device.link.pause_s, device.link.timeout_s)

    async def words(self, fc: int, address: int, count: int, priority: Priority) -> tuple[int, ...]:
        """Raw registers or bits."""
        return await self.line.read(
            self.number, fc, address, count, priority=priority, pause_s=self.pause_s, timeout_s=self.timeout_s
        )

    async def values(self, blocks: Iterable[Block], priority: Priority) -> dict[str, Value]:
        """The values of the blocks' rows, by name."""
        found: dict[str, Value] = {}
        for block in blocks:
            words = await self.words(block.fc, block.address, block.count, priority)
            for row in block.rows:
                part = block.words_of(row, words)
                found[row.name] = Decimal(part[0]) if row.type == "bit" else decode(row, part)
        return found

    async def write(
        self,
        row: Row,
        words: tuple[int, ...],
        function: int,
        *,
        priority: Priority = Priority.CONTROL,
        urgent: bool = False,
    ) -> None:
        """Write a row; first in the line's queue unless told otherwise."""
        await self.line.write(
            self.number, row.address, words, function=function, priority=priority,
            pause_s=self.pause_s, timeout_s=self.timeout_s, urgent=urgent,
        )  # fmt: skip
