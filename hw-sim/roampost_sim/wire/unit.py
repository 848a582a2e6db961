"""What a Modbus unit offers. A device lists its function codes and overrides what they need."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

Value = TypeVar("Value")

ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3

READ_COILS = 0x01
READ_DISCRETE_INPUTS = 0x02
READ_HOLDING = 0x03
READ_INPUT = 0x04
WRITE_COIL = 0x05
WRITE_REGISTER = 0x06
WRITE_COILS = 0x0F
WRITE_REGISTERS = 0x10


class RefusalError(Exception):
    """The unit answers with exception {code}."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"The unit answers with exception {code}.")


class Unit:
    """One address on a line. A unit without power is silent."""

    functions: frozenset[int] = frozenset()

    def __init__(self, unit_id: int, turnaround_s: float) -> None:
        self.unit_id = unit_id
        self.turnaround_s = turnaround_s
        self.powered = True

    def read_bits(self, function: int, address: int, count: int) -> Sequence[bool]:
        raise RefusalError(ILLEGAL_FUNCTION)

    def read_registers(self, function: int, address: int, count: int) -> Sequence[int]:
        raise RefusalError(ILLEGAL_FUNCTION)

    def write_bits(self, address: int, values: Sequence[bool]) -> None:
        raise RefusalError(ILLEGAL_FUNCTION)

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        raise RefusalError(ILLEGAL_FUNCTION)


def block(table: Mapping[int, Value], address: int, count: int) -> list[Value]:
    """The values of a block; a block that leaves the table or crosses a gap is an illegal address."""
    try:
        return [table[one] for one in range(address, address + count)]
    except KeyError as gap:
        raise RefusalError(ILLEGAL_ADDRESS) from gap
