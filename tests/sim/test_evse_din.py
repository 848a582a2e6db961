"""The EVSE-DIN board against its manual: frames, exceptions, what persists and what does not."""

import pytest

from roampost_sim.devices.evse_din import EvseDin, EvseDinPlan, Pilot, Vehicle
from roampost_sim.wire.crc import with_crc
from roampost_sim.wire.pdu import answer
from tests.sim.support import raw

READ_TEN = raw("03 03 E8 00 0A")


def board(now: list[float] | None = None, **plan: int) -> EvseDin:
    time = now or [0.0]
    return EvseDin(EvseDinPlan.model_validate({"line": "bus", "unit": 1, **plan}), lambda: time[0])


def reply(unit: EvseDin, pdu: str) -> bytes:
    return with_crc(bytes([unit.unit_id]) + answer(unit, raw(pdu)))


def write(unit: EvseDin, address: int, value: int) -> bytes:
    return answer(unit, b"\x10" + address.to_bytes(2) + b"\x00\x01\x02" + value.to_bytes(2))


def read(unit: EvseDin, address: int, count: int = 1) -> bytes:
    return answer(unit, b"\x03" + address.to_bytes(2) + count.to_bytes(2))


def test_idle_board_answers_the_captured_reply() -> None:
    unit = board(default_current_a=32, cable_a=5)
    printed = "01 03 14 00 20 00 00 00 01 00 05 00 00 00 12 00 01 00 00 00 00 00 00 21 C5"
    assert reply(unit, "03 03 E8 00 0A") == raw(printed)


def test_the_self_test_counts_down_from_power_up() -> None:
    now = [10.0]
    unit = board(now, self_test_s=30)
    now[0] = 22.0
    assert read(unit, 1009) == raw("03 02 00 12")
    now[0] = 100.0
    assert read(unit, 1009) == raw("03 02 00 00")


def test_charging_at_16_a_answers_the_printed_reply() -> None:
    unit = board(default_current_a=16, cable_a=32)
    unit.sense(Vehicle.READY)
    printed = "01 03 14 00 10 00 10 00 03 00 20 00 00 00 12 00 02 00 01 00 00 00 00 9C A0"
    assert reply(unit, "03 03 E8 00 0A") == raw(printed)


def test_reading_and_writing_the_set_point_answer_the_printed_replies() -> None:
    unit = board()
    assert reply(unit, "10 03 E8 00 01 02 00 20") == raw("01 10 03 E8 00 01 81 B9")
    assert reply(unit, "03 03 E8 00 01") == raw("01 03 02 00 20 B9 9C")


@pytest.mark.parametrize(
    ("pdu", "exception"),
    [
        ("04 03 E8 00 01", "84 01"),  # input registers: there are none
        ("06 03 E8 00 10", "86 01"),  # one register is written with function 16
        ("2B 0E 01 00", "AB 01"),
        ("03 03 E7 00 01", "83 02"),
        ("03 03 E8 00 0B", "83 02"),  # over the end of the status registers
        ("03 07 D0 00 12", "83 02"),  # across the gap at 2008
        ("03 03 E8 00 00", "83 03"),
        ("03 03 E8 00 7E", "83 03"),
        ("10 03 E8 00 01 02 00 51", "90 03"),  # 81 A
        ("10 03 E9 00 01 02 00 10", "90 02"),  # announced current is read only
        ("10 07 D1 00 01 02 00 F8", "90 03"),  # address 248
        ("10 03 E8 00 01 04 00 10", "90 03"),  # byte count and data differ
    ],
)
def test_what_is_refused_and_how(pdu: str, exception: str) -> None:
    assert answer(board(), raw(pdu)) == raw(exception)


def test_old_firmware_ends_at_1006() -> None:
    unit = board(firmware=15)
    assert answer(unit, raw("03 03 E8 00 07"))[:2] == raw("03 0E")
    assert answer(unit, raw("03 03 E8 00 08")) == raw("83 02")
    assert read(unit, 2005) == raw("83 02")


def test_bit_7_of_2005_makes_the_set_point_hundredths_of_an_ampere() -> None:
    unit = board(default_current_a=16)
    assert unit.set_point_ma == 16_000
    write(unit, 2005, 1 << 7)
    assert unit.set_point_ma == 160
    write(unit, 1000, 1250)
    assert unit.set_point_ma == 12_500
    unit.sense(Vehicle.CONNECTED)
    assert read(unit, 1001) == raw("03 02 00 0C")


def test_firmware_16_does_not_know_bit_7() -> None:
    unit = board(firmware=16)
    write(unit, 2005, 1 << 7 | 1 << 3)
    assert read(unit, 2005) == raw("03 02 00 08")


def test_only_a_power_cycle_brings_the_default_current_back() -> None:
    now = [0.0]
    unit = board(now, default_current_a=6)
    write(unit, 1000, 16)
    now[0] = 86_400.0
    unit.sense(Vehicle.READY)
    assert (unit.set_point_ma, unit.relay) == (16_000, True)
    unit.power_up()
    assert unit.set_point_ma == 6_000


def test_a_new_default_and_a_new_address_count_from_the_next_power_up() -> None:
    unit = board()
    write(unit, 2000, 0)
    write(unit, 2001, 7)
    assert (unit.set_point_ma, unit.unit_id) == (6_000, 1)
    unit.power_up()
    assert (unit.set_point_ma, unit.unit_id) == (0, 7)


@pytest.mark.parametrize(
    ("vehicle", "set_point_a", "relay", "pilot"),
    [
        (Vehicle.ABSENT, 16, False, Pilot.STEADY),
        (Vehicle.CONNECTED, 16, False, Pilot.PWM),
        (Vehicle.READY, 16, True, Pilot.PWM),
        (Vehicle.READY, 6, True, Pilot.PWM),
        (Vehicle.READY, 5, False, Pilot.STEADY),
        (Vehicle.READY, 0, False, Pilot.STEADY),
        (Vehicle.READY_WITH_VENTILATION, 16, False, Pilot.PWM),
        (Vehicle.FAILURE, 16, False, Pilot.STEADY),
    ],
)
def test_the_relay_closes_only_for_a_ready_car_and_enough_current(
    vehicle: Vehicle, set_point_a: int, relay: bool, pilot: Pilot
) -> None:
    unit = board(default_current_a=set_point_a)
    unit.sense(vehicle)
    assert (unit.relay, unit.pilot) == (relay, pilot)
    assert answer(unit, READ_TEN)[2 + 14 : 2 + 16] == bytes(
        [0, relay | (1 << 2 if vehicle is Vehicle.READY_WITH_VENTILATION else 0)]
    )


def test_state_d_charges_when_2005_allows_it() -> None:
    unit = board(config_bits=1 << 3)
    unit.sense(Vehicle.READY_WITH_VENTILATION)
    assert unit.relay


def test_a_missing_diode_blocks_and_is_told() -> None:
    unit = board()
    unit.sense(Vehicle.READY, diode_ok=False)
    assert (unit.relay, read(unit, 1007)) == (False, raw("03 02 00 02"))


def test_the_stop_command_holds_until_a_set_point_comes() -> None:
    unit = board(default_current_a=16)
    unit.sense(Vehicle.READY)
    write(unit, 1004, 1)
    assert not unit.relay
    write(unit, 1000, 10)
    assert unit.relay


def test_a_failed_rcd_check_blocks_until_it_is_cleared() -> None:
    now = [0.0]
    unit = board(now)
    unit.rcd_check_fails = True
    write(unit, 1004, 1 << 1)
    assert read(unit, 1007) == raw("03 02 00 10")
    now[0] = 2.0
    unit.sense(Vehicle.READY)
    assert (unit.relay, read(unit, 1007)) == (False, raw("03 02 00 20"))
    write(unit, 1004, 1 << 2)
    assert unit.relay


def test_a_disabled_board_switches_the_pilot_off() -> None:
    unit = board(config_bits=1 << 14)
    unit.sense(Vehicle.READY)
    assert (unit.pilot, unit.relay) == (Pilot.OFF, False)
