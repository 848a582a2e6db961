"""Which reads cover a set of rows. Pure: derived from the rows, never kept by hand.

A block never exceeds the device's limit, never touches a forbidden range, and crosses at most `bridge` registers
that no row asks for: some devices answer exception 2 to a block over a gap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from roampost_drivers.device import Limits, Row

# Modbus application protocol 1.1b3, 6.1 and 6.2: at most 2000 bits in one read.
MAX_BITS: Final = 2000


@dataclass(frozen=True, slots=True)
class Block:
    """One read, and the rows that it answers."""

    fc: int
    address: int
    count: int
    rows: tuple[Row, ...]

    def words_of(self, row: Row, words: tuple[int, ...]) -> tuple[int, ...]:
        """The row's part of the block's answer."""
        start = row.address - self.address
        return words[start : start + row.size]


def derive(rows: Iterable[Row], limits: Limits) -> tuple[Block, ...]:
    """The fewest blocks, in order of function code and address, that cover every row."""
    ordered = sorted(set(rows), key=lambda row: (row.fc, row.address, row.size, row.name))
    found: list[Block] = []
    for _, same_function in groupby(ordered, key=lambda row: row.fc):
        block: Block | None = None
        for row in same_function:
            joined = block and _join(block, row, limits)
            if joined is None and block is not None:
                found.append(block)
            block = joined or Block(row.fc, row.address, row.size, (row,))
        if block is not None:
            found.append(block)
    return tuple(found)


def _join(block: Block, row: Row, limits: Limits) -> Block | None:
    """The block grown by the row, or None where the device would not answer that."""
    end = block.address + block.count
    new_end = max(end, row.address + row.size)
    limit = MAX_BITS if row.fc in (1, 2) else limits.max_registers
    crossed = row.address - end > limits.bridge
    touched = any(first < new_end and last >= block.address for first, last in limits.forbidden)
    if crossed or touched or new_end - block.address > limit:
        return None
    return Block(block.fc, block.address, new_end - block.address, (*block.rows, row))
