"""The TWN4's Simple Protocol, line by line as the vendor's document has it."""

import pytest

from roampost_sim.devices.twn4 import LONGEST_LINE, Card, LineSplitter, Twn4
from roampost_sim.world.person import Person, card_of

CARD = Card(bytes.fromhex("66CF4DC2"), atqa=0x0304, sak=0x20)


def test_nothing_there() -> None:
    assert Twn4().answer("050010") == "0000"


def test_a_card_gives_the_printed_lines() -> None:
    reader = Twn4([CARD])
    assert reader.answer("050010") == "000180200466CF4DC2"
    assert reader.answer("1204") == "00010403"
    assert reader.answer("1205") == "000120"


def test_a_card_left_there_is_found_again_and_again() -> None:
    reader = Twn4([CARD])
    assert {reader.answer("050010") for _ in range(3)} == {"000180200466CF4DC2"}


def test_seven_bytes_and_forty_bits() -> None:
    assert Twn4([card_of("04D7A79A973780", 0x80)]).answer("050010") == "000180380704D7A79A973780"
    assert Twn4([Card(bytes.fromhex("0102030405"), tag_type=0x40)]).answer("050010") == "00014028050102030405"


def test_several_cards_are_listed_with_their_lengths() -> None:
    reader = Twn4([card_of("04D7A79A973780", 0x80), CARD])
    assert reader.answer("1208FF") == "0001020D" + "0704D7A79A973780" + "0466CF4DC2"


def test_the_reader_sees_only_the_tag_types_that_were_set() -> None:
    reader = Twn4([CARD])
    assert reader.answer("0502FFFFFFFF00000000") == "00"
    assert (reader.answer("050010"), reader.answer("1204")) == ("0000", "00000000")
    assert reader.answer("0502FFFFFFFF01000000") == "00"  # bit 0 of the second mask is type 80h
    assert reader.answer("050010") == "000180200466CF4DC2"
    reader.answer("05020000000000000000")
    reader.power_up()
    assert reader.answer("050010") == "000180200466CF4DC2"


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("9999", "01"),
        ("0500", "02"),
        ("05001000", "03"),
        ("05", "05"),
        ("05001", "05"),
        ("hello", "05"),
        ("05 00 10", "05"),
        ("", "05"),
    ],
)
def test_wrong_commands_have_their_error_codes(line: str, reply: str) -> None:
    assert Twn4([CARD]).answer(line) == reply


def test_lines_end_with_cr_wherever_the_bytes_are_cut() -> None:
    splitter = LineSplitter()
    assert [splitter.feed(bytes([byte])) for byte in b"05\r\n1204\r"].count([]) == 7
    assert splitter.feed(b"0500") == []
    assert splitter.feed(b"10\r1205\r12") == ["050010", "1205"]


def test_a_line_that_never_ends_is_dropped() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"0" * (LONGEST_LINE + 1)) == []
    assert splitter.feed(b"1204\r") == ["1204"]


def test_two_people_hold_equal_cards_and_one_goes() -> None:
    reader = Twn4()
    first, second = Person(CARD, reader), Person(CARD, reader)
    first.hold()
    second.hold()
    assert (first.take_away(), first.take_away()) == (True, False)
    assert reader.cards == [CARD]
