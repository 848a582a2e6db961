"""A Modbus request PDU in, the unit's reply PDU out. No line, no waiting.

Order of refusal as in the Modbus application protocol: function, then quantity, then address, then value.
"""

import struct
from collections.abc import Callable, Sequence

from roampost_sim.wire.unit import (
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    READ_COILS,
    READ_DISCRETE_INPUTS,
    READ_HOLDING,
    READ_INPUT,
    WRITE_COIL,
    WRITE_COILS,
    WRITE_REGISTER,
    WRITE_REGISTERS,
    RefusalError,
    Unit,
)

MOST_BITS_READ, MOST_BITS_WRITTEN = 2000, 1968
MOST_REGISTERS_READ, MOST_REGISTERS_WRITTEN = 125, 123
COIL_VALUES = {0x0000: False, 0xFF00: True}


def answer(unit: Unit, pdu: bytes) -> bytes:
    """The unit's reply PDU; an exception reply for what it refuses."""
    function, body = pdu[0], pdu[1:]
    try:
        handler = HANDLERS.get(function)
        if handler is None or function not in unit.functions:
            raise RefusalError(ILLEGAL_FUNCTION)
        return bytes([function]) + handler(unit, function, body)
    except RefusalError as refusal:
        return bytes([function | 0x80, refusal.code])


def _two_words(body: bytes) -> tuple[int, int]:
    if len(body) != 4:
        raise RefusalError(ILLEGAL_VALUE)
    address, second = struct.unpack(">HH", body)
    return address, second


def _demand(condition: bool) -> None:
    if not condition:
        raise RefusalError(ILLEGAL_VALUE)


def _read_bits(unit: Unit, function: int, body: bytes) -> bytes:
    address, count = _two_words(body)
    _demand(1 <= count <= MOST_BITS_READ)
    data = pack_bits(unit.read_bits(function, address, count))
    return bytes([len(data)]) + data


def _read_registers(unit: Unit, function: int, body: bytes) -> bytes:
    address, count = _two_words(body)
    _demand(1 <= count <= MOST_REGISTERS_READ)
    values = unit.read_registers(function, address, count)
    return bytes([2 * count]) + struct.pack(f">{count}H", *values)


def _write_coil(unit: Unit, _function: int, body: bytes) -> bytes:
    address, value = _two_words(body)
    _demand(value in COIL_VALUES)
    unit.write_bits(address, [COIL_VALUES[value]])
    return body


def _write_register(unit: Unit, _function: int, body: bytes) -> bytes:
    address, value = _two_words(body)
    unit.write_registers(address, [value])
    return body


def _block(body: bytes, most: int, bytes_for: Callable[[int], int]) -> tuple[int, int, bytes]:
    _demand(len(body) >= 5)
    address, count = struct.unpack(">HH", body[:4])
    data = body[5:]
    _demand(1 <= count <= most and body[4] == len(data) == bytes_for(count))
    return address, count, data


def _write_coils(unit: Unit, _function: int, body: bytes) -> bytes:
    address, count, data = _block(body, MOST_BITS_WRITTEN, lambda bits: (bits + 7) // 8)
    unit.write_bits(address, unpack_bits(data, count))
    return body[:4]


def _write_registers(unit: Unit, _function: int, body: bytes) -> bytes:
    address, count, data = _block(body, MOST_REGISTERS_WRITTEN, lambda registers: 2 * registers)
    unit.write_registers(address, struct.unpack(f">{count}H", data))
    return body[:4]


def pack_bits(bits: Sequence[bool]) -> bytes:
    """The first bit is bit 0 of the first byte."""
    packed = sum(1 << place for place, bit in enumerate(bits) if bit)
    return packed.to_bytes((len(bits) + 7) // 8, "little")


def unpack_bits(data: bytes, count: int) -> list[bool]:
    packed = int.from_bytes(data, "little")
    return [bool(packed >> place & 1) for place in range(count)]


HANDLERS: dict[int, Callable[[Unit, int, bytes], bytes]] = {
    READ_COILS: _read_bits,
    READ_DISCRETE_INPUTS: _read_bits,
    READ_HOLDING: _read_registers,
    READ_INPUT: _read_registers,
    WRITE_COIL: _write_coil,
    WRITE_REGISTER: _write_register,
    WRITE_COILS: _write_coils,
    WRITE_REGISTERS: _write_registers,
}
