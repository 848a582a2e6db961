"""The SDM630 against its table: addresses, word order, float32 as it really rounds, the display step."""

import struct

import pytest

from roampost_sim.devices.sdm630 import Sdm630, Sdm630Plan
from roampost_sim.wire.crc import with_crc
from roampost_sim.wire.pdu import answer
from tests.sim.support import raw


def meter(now: list[float] | None = None, **plan: float) -> Sdm630:
    time = now or [0.0]
    given = {"line": "bus", "unit": 1, "display_step_s": 0, **plan}
    return Sdm630(Sdm630Plan.model_validate(given), lambda: time[0])


def value(unit: Sdm630, address: int) -> float:
    reply = answer(unit, b"\x04" + address.to_bytes(2) + b"\x00\x02")
    number: float = struct.unpack(">f", reply[2:])[0]
    return number


def test_import_of_12345_678_kwh_is_the_printed_reply() -> None:
    unit = meter(energy_wh=12_345_678.0)
    assert with_crc(b"\x01" + answer(unit, raw("04 00 48 00 02"))) == raw("01 04 04 46 40 E6 B6 24 CE")


def test_the_register_says_what_a_float32_can_say() -> None:
    unit = meter(energy_wh=12_345_678.0)
    assert unit.register_wh == 12_345_677.734
    unit.integrate(0.1, 1)
    assert unit.register_wh == 12_345_677.734  # the next float is 0.98 Wh further
    unit.integrate(0.9, 1)
    assert unit.register_wh == 12_345_678.711


def test_one_block_gives_voltages_currents_and_powers_of_all_phases() -> None:
    unit = meter()
    unit.flow(11_040.0, 3)
    reply = answer(unit, raw("04 00 00 00 12"))
    assert struct.unpack(">9f", reply[2:]) == (230.0,) * 3 + (16.0,) * 3 + (3680.0,) * 3
    assert value(unit, 0x34) == 11_040.0
    assert (value(unit, 0x46), value(unit, 0x3E)) == (50.0, 1.0)


def test_one_phase_charges_on_the_first_phase_only() -> None:
    unit = meter(energy_wh=3000.0)
    unit.flow(3680.0, 1)
    unit.integrate(500.0, 1)
    assert [value(unit, address) for address in (0x0C, 0x0E, 0x10)] == [3680.0, 0.0, 0.0]
    assert [value(unit, address) for address in (0x15A, 0x15C, 0x15E)] == [1.5, 1.0, 1.0]
    assert (value(unit, 0x48), value(unit, 0x156), value(unit, 0x4A)) == (3.5, 3.5, 0.0)


def test_the_serial_number_is_a_holding_register() -> None:
    assert answer(meter(serial=21_234_567), raw("03 FC 00 00 02")) == raw("03 04 01 44 03 87")


@pytest.mark.parametrize(
    ("pdu", "exception"),
    [
        ("03 00 48 00 02", "83 02"),  # measured values are input registers
        ("06 FC 00 00 01", "86 01"),
        ("04 00 01 00 02", "84 02"),  # in the middle of a value
        ("04 00 48 00 01", "84 03"),  # half a value
        ("04 00 10 00 04", "84 02"),  # over the end of a block
        ("04 00 48 00 7E", "84 03"),
    ],
)
def test_what_is_refused_and_how(pdu: str, exception: str) -> None:
    assert answer(meter(), raw(pdu)) == raw(exception)


def test_values_stand_still_for_a_display_step() -> None:
    now = [10.0]
    unit = meter(now, display_step_s=0.5)
    unit.integrate(100.0, 1)
    now[0] = 10.49
    assert unit.register_wh == 0.0
    now[0] = 10.5
    assert unit.register_wh == pytest.approx(100.0)
