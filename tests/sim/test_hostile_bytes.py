"""Whatever comes over a wire, a device answers it or is silent; nothing breaks it."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost_sim.devices.evse_din import EvseDin, EvseDinPlan
from roampost_sim.devices.sdm630 import Sdm630, Sdm630Plan
from roampost_sim.devices.twn4 import LineSplitter, Twn4
from roampost_sim.devices.waveshare8 import Waveshare8, Waveshare8Plan
from roampost_sim.wire.crc import crc_fits, with_crc
from roampost_sim.wire.pdu import answer
from roampost_sim.wire.rtu import Framer
from roampost_sim.wire.unit import Unit
from roampost_sim.world.person import card_of


def units() -> list[Unit]:
    return [
        EvseDin(EvseDinPlan(line="bus", unit=1), lambda: 0.0),
        Sdm630(Sdm630Plan(line="bus", unit=1), lambda: 0.0),
        Waveshare8(Waveshare8Plan(line="bus", unit=1)),
    ]


FUNCTIONS = st.sampled_from([1, 2, 3, 4, 5, 6, 0x0F, 0x10, 0x2B, 0xFF]).map(lambda code: bytes([code]))


@pytest.mark.parametrize("unit", units(), ids=lambda unit: type(unit).__name__)
@given(function=FUNCTIONS, body=st.binary(max_size=12))
def test_every_request_has_a_reply_or_an_exception_of_1_to_3(unit: Unit, function: bytes, body: bytes) -> None:
    reply = answer(unit, function + body)
    refused = reply[0] == function[0] | 0x80 and len(reply) == 2 and reply[1] in (1, 2, 3)
    assert refused or (reply[0] == function[0] and function[0] in unit.functions)


@given(noise=st.binary(max_size=40), pieces=st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_only_whole_frames_with_a_right_crc_come_out_of_noise(noise: bytes, pieces: list[int]) -> None:
    framer, found, rest = Framer(), list[bytes](), noise
    for size in pieces:
        found += framer.feed(rest[:size], 0.0)
        rest = rest[size:]
    assert all(crc_fits(frame) for frame in found)


@given(noise=st.binary(max_size=40))
def test_after_a_silence_the_line_hears_again_whatever_was_before(noise: bytes) -> None:
    framer, request = Framer(), with_crc(bytes.fromhex("010303E80001"))
    framer.feed(noise, 0.0)
    assert framer.feed(request, 1.0) == [request]


@given(data=st.binary(max_size=60))
def test_the_reader_answers_every_line_in_hex(data: bytes) -> None:
    reader = Twn4([card_of("04D7A79A973780", 0x80)])
    for line in LineSplitter().feed(data + b"\r"):
        assert set(reader.answer(line)) <= set(string.hexdigits)
