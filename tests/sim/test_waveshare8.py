"""The Waveshare module: printed replies, relays, and what is refused."""

import pytest

from roampost_sim.devices.waveshare8 import Waveshare8, Waveshare8Plan
from roampost_sim.wire.crc import with_crc
from roampost_sim.wire.pdu import answer
from tests.sim.support import framed, raw

READ_INPUTS = "02 00 00 00 08"


def module() -> Waveshare8:
    return Waveshare8(Waveshare8Plan(line="bus", unit=1))


def reply(unit: Waveshare8, pdu: str) -> bytes:
    return with_crc(b"\x01" + answer(unit, raw(pdu)))


def test_no_input_active_is_the_printed_reply() -> None:
    assert reply(module(), READ_INPUTS) == raw("01 02 01 00 A1 88")


def test_inputs_1_and_6_are_the_printed_reply() -> None:
    unit = module()
    unit.wire(1, lambda: True)
    unit.wire(3, lambda: False)
    unit.wire(6, lambda: True)
    assert reply(unit, READ_INPUTS) == raw("01 02 01 21 61 90")


def test_a_relay_is_switched_and_read_back() -> None:
    unit = module()
    assert reply(unit, "05 00 00 FF 00") == raw("01 05 00 00 FF 00 8C 3A")
    assert answer(unit, raw("01 00 00 00 08")) == raw("01 01 01")
    answer(unit, raw("05 00 00 00 00"))
    assert unit.relays == [False] * 8


def test_all_relays_at_once_and_some_at_once() -> None:
    unit = module()
    answer(unit, raw("05 00 FF FF 00"))
    assert unit.relays == [True] * 8
    assert framed("01" + answer(unit, raw("0F 00 02 00 03 01 02")).hex()) == framed("01 0F 00 02 00 03")
    assert unit.relays == [True, True, False, True, False, True, True, True]


@pytest.mark.parametrize(
    ("pdu", "exception"),
    [
        ("03 00 00 00 01", "83 01"),
        ("02 00 01 00 08", "82 02"),
        ("02 00 00 00 00", "82 03"),
        ("05 00 08 FF 00", "85 02"),
        ("05 00 00 00 01", "85 03"),
        ("0F 00 07 00 02 01 03", "8F 02"),
        ("0F 00 00 00 09 01 03", "8F 03"),
    ],
)
def test_what_is_refused_and_how(pdu: str, exception: str) -> None:
    unit = module()
    assert answer(unit, raw(pdu)) == raw(exception)
    assert unit.relays == [False] * 8
