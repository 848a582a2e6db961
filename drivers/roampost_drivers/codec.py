"""Registers to values and back, by the rows of a device file. Pure: words in, exact numbers out.

Numbers are Decimal because a float carries 12345.678 kWh only nearly; what has no value is None, never 0.
"""

import struct
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Final

from roampost_drivers.device import Row, Unit
from roampost_drivers.errors import Nonsense

Value = Decimal | str | None

_FLOATS: Final = {"f32": ">f", "f64": ">d"}
# 10^12 Wh is a power station's year: no charge point's meter gets there, a garbled float easily does.
_ENERGY_LIMIT_WH: Final = 10**12
IN_SMALL_UNIT: Final[dict[Unit, Decimal]] = {
    "A": Decimal(1000), "mA": Decimal(1), "kWh": Decimal(1000), "Wh": Decimal(1),
    "kW": Decimal(1000), "W": Decimal(1), "mW": Decimal("0.001"),
}  # fmt: skip


def decode(row: Row, words: tuple[int, ...]) -> Value:
    """The value of a row in the row's unit; None where the device says that it has none.

    Raises Nonsense for a float that is not a number and for a text that is not ASCII.
    """
    raw = b"".join(word.to_bytes(2, "big") for word in _ordered(row, words))
    if row.type == "str":
        return _text(row, raw)
    if row.type in _FLOATS:
        return _float(row, raw)
    number = int.from_bytes(raw, "big", signed=row.type.startswith("s"))
    if number in row.absent:
        return None
    return Decimal(_masked(row, number)) * row.scale


def encode(row: Row, value: Decimal, scale: Decimal | None = None) -> tuple[int, ...]:
    """The words that set the row to `value` (in its unit), rounded down to what the device can express."""
    raw = value / (row.scale if scale is None else scale)
    if row.type in _FLOATS:
        data = struct.pack(_FLOATS[row.type], raw)
    else:
        whole = int(raw.to_integral_value(ROUND_FLOOR))
        data = whole.to_bytes(2 * row.size, "big", signed=row.type.startswith("s"))
    words = struct.unpack(f">{row.size}H", data)
    return _ordered(row, words)


def energy_wh(row: Row, value: Value) -> int:
    """Whole watt-hours, rounded half to even; Nonsense for what cannot be an import register."""
    if not isinstance(value, Decimal):
        raise Nonsense(f"{row.name}: the meter gives no value.")
    energy = _whole(value * IN_SMALL_UNIT[row.unit])
    if not 0 <= energy < _ENERGY_LIMIT_WH:
        raise Nonsense(f"{row.name}: {value} {row.unit} cannot be an import register; is it the right meter type?")
    return energy


def whole(row: Row, value: Value) -> int | None:
    """Whole W or mA of a row in (k)W or (m)A; None where the device gives no value."""
    return _whole(value * IN_SMALL_UNIT[row.unit]) if isinstance(value, Decimal) else None


def plain(value: Value) -> str:
    """The value as it is written in a device file's maps: "3", "C2"."""
    return value if isinstance(value, str) else "" if value is None else f"{value.normalize():f}"


def bits(value: Value) -> int:
    """The bits of a status word; none are set where the device gives no value."""
    return int(value) if isinstance(value, Decimal) else 0


def _ordered(row: Row, words: tuple[int, ...]) -> tuple[int, ...]:
    return words[::-1] if row.words == "LWF" and row.type != "str" else words


def _masked(row: Row, number: int) -> int:
    shifted = number >> row.shift
    return shifted if row.mask is None else shifted & row.mask


def _float(row: Row, raw: bytes) -> Value:
    number = Decimal(struct.unpack(_FLOATS[row.type], raw)[0])
    if number.is_finite():
        return None if number in row.absent else number * row.scale
    if number.is_nan() and "nan" in row.absent:
        return None
    raise Nonsense(f"{row.name}: the register holds no number ({raw.hex()}).")


def _text(row: Row, raw: bytes) -> str:
    try:
        return raw.decode("ascii").strip("\0 ")
    except UnicodeDecodeError as error:
        raise Nonsense(f"{row.name}: the registers hold no text ({raw.hex()}).") from error


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))
