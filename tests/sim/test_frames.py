"""The frames that the field's documents print, byte for byte."""

import pytest

from roampost_sim.wire.crc import crc_fits
from roampost_sim.wire.rtu import FRAME_GAP_S, Framer
from tests.sim.support import framed, raw

PRINTED = {
    "EVSE-DIN read 1000..1008, captured": "01 03 03 E8 00 09 05 BC",
    "EVSE-DIN reply of ten registers, captured": (
        "01 03 14 00 20 00 00 00 01 00 05 00 00 00 12 00 01 00 00 00 00 00 00 21 C5"
    ),
    "EVSE-DIN read 1000..1009": "01 03 03 E8 00 0A 45 BD",
    "EVSE-DIN set 32 A": "01 10 03 E8 00 01 02 00 20 83 A0",
    "EVSE-DIN set 32 A, reply": "01 10 03 E8 00 01 81 B9",
    "SDM import": "01 04 00 48 00 02 F1 DD",
    "SDM630 voltages, currents, powers": "01 04 00 00 00 12 70 07",
    "Waveshare read 8 inputs": "01 02 00 00 00 08 79 CC",
    "Waveshare relay 1 on": "01 05 00 00 FF 00 8C 3A",
}


@pytest.mark.parametrize("frame", PRINTED.values(), ids=PRINTED)
def test_the_crc_is_that_of_the_printed_frame(frame: str) -> None:
    assert crc_fits(raw(frame))


def test_one_wrong_bit_and_the_crc_does_not_fit() -> None:
    assert not crc_fits(raw("01 03 03 E8 00 0A 45 BC"))
    assert not crc_fits(b"\x01")


def test_a_request_that_comes_byte_by_byte_is_one_frame() -> None:
    framer, request = Framer(), raw(PRINTED["EVSE-DIN set 32 A"])
    found = [frame for place, byte in enumerate(request) for frame in framer.feed(bytes([byte]), place * 0.001)]
    assert found == [request]


def test_two_requests_in_one_piece_are_two_frames() -> None:
    read, write = raw(PRINTED["EVSE-DIN read 1000..1009"]), raw(PRINTED["EVSE-DIN set 32 A"])
    assert Framer().feed(read + write, 0.0) == [read, write]


def test_a_wrong_crc_is_dropped_and_the_next_request_is_heard() -> None:
    framer, good = Framer(), raw(PRINTED["SDM import"])
    assert framer.feed(good[:-1] + b"\x00", 0.0) == []
    assert framer.feed(good, 0.01) == [good]


def test_half_a_request_is_forgotten_after_a_gap() -> None:
    framer, good = Framer(), raw(PRINTED["SDM import"])
    assert framer.feed(good[:5], 0.0) == []
    assert framer.feed(good, FRAME_GAP_S * 1.5) == [good]


def test_a_function_of_unknown_length_ends_where_its_crc_says() -> None:
    request = framed("01 2B 0E 01 00")
    framer = Framer()
    assert framer.feed(request[:3], 0.0) == []
    assert framer.feed(request[3:], 0.0) == [request]
