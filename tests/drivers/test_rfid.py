"""RFID: cards become taps once, and no byte that a wire can carry brings a reader down."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost_drivers.devicefile import Catalog
from roampost_drivers.errors import LineDown, NoAnswer, Nonsense, Refused
from roampost_drivers.rfid.debounce import Debounce
from roampost_drivers.rfid.reader import Twn4Reader, build_reader, masked
from roampost_drivers.rfid.serial_line import MAX_LINE, SerialLine, SerialLink
from roampost_drivers.rfid.twn4 import SEARCH_TAG, Tag, parse_search, why_useless
from roampost_drivers.roles import TagReader, Tap
from tests.drivers.lines import until
from tests.drivers.slaves import Pty
from tests.drivers.transcripts import Playback

NO_CARD = b"0000\r"


def card(uid: str, kind: int = 0x80) -> bytes:
    """The answer to SearchTag while that card is there."""
    size = len(uid) // 2
    return f"0001{kind:02X}{8 * size:02X}{size:02X}{uid}\r".encode()


class ScriptedReader:
    """A TWN4 on a pty that answers each request with the next of its answers, and then with the last for ever."""

    def __init__(self, *answers: bytes) -> None:
        self.pty = Pty()
        self.answers = list(answers)
        self.asked = 0
        self.strange = b""
        asyncio.get_running_loop().add_reader(self.pty.master, self._readable)

    def _readable(self) -> None:
        for line in os.read(self.pty.master, 4096).split(b"\r")[:-1]:
            if line != SEARCH_TAG:
                self.strange = line
            self.asked += 1
            self.pty.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


@asynccontextmanager
async def plugged(*answers: bytes) -> AsyncIterator[ScriptedReader]:
    reader = ScriptedReader(*answers)
    try:
        yield reader
    finally:
        reader.pty.vanish()
        assert reader.strange == b""


def swift(port: str, *, accept_random: bool = False, now: Callable[[], float] | None = None) -> Twn4Reader:
    link = SerialLink(port, timeout_s=0.05)
    clock = now or Ticks()
    return Twn4Reader(link, "door", now=clock, poll_s=0.001, reopen_s=0.01, accept_random=accept_random)


class Ticks:
    """A clock that goes on by ten seconds at each look: nothing is ever debounced."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 10.0
        return self.now_s


async def first_uids(reader: Twn4Reader, count: int) -> list[str]:
    uids: list[str] = []
    async with asyncio.timeout(20), aclosing(reader.taps()) as taps:
        async for tap in taps:
            uids.append(tap.uid)
            if len(uids) == count:
                break
    return uids


@pytest.mark.parametrize(
    ("line", "tag"),
    [
        (b"0000", None),
        (b"000180200466CF4DC2", Tag(0x80, 32, bytes.fromhex("66CF4DC2"))),
        (b"00018038 0704D7A79A973780", Tag(0x80, 56, bytes.fromhex("04D7A79A973780"))),
        (b"000140280501234567 89", Tag(0x40, 40, bytes.fromhex("0123456789"))),
        (b"\n000180200466cf4dc2", Tag(0x80, 32, bytes.fromhex("66CF4DC2"))),
    ],
)
def test_answers_as_the_protocol_prints_them(line: bytes, tag: Tag | None) -> None:
    assert parse_search(line) == tag


@pytest.mark.parametrize(
    "line",
    [b"", b"0", b"00", b"0001", b"00018020", b"000180200466CF4D", b"000180200466CF4DC2AA", b"000180080466CF4DC2"],
)
def test_an_answer_that_is_cut_or_contradicts_itself_is_nonsense(line: bytes) -> None:
    with pytest.raises(Nonsense):
        parse_search(line)


def test_the_readers_error_byte_is_put_into_words() -> None:
    with pytest.raises(Refused, match=r"unknown function \(01\); does it run the Simple Protocol app"):
        parse_search(b"01")


@given(st.binary(max_size=MAX_LINE) | st.text("0123456789abcdefABCDEF", max_size=60).map(str.encode))
def test_no_bytes_bring_the_parser_down(line: bytes) -> None:
    try:
        tag = parse_search(line)
    except (Nonsense, Refused):
        return
    assert tag is None or len(tag.uid) * 8 - 7 <= tag.bits <= len(tag.uid) * 8


@given(st.sampled_from((4, 7, 10)).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_every_uid_of_a_legal_length_survives_in_its_order(uid: bytes) -> None:
    tag = parse_search(card(uid.hex())[:-1])
    assert tag is not None
    assert tag.uid == uid
    assert (why_useless(tag, accept_random=True) is None) == (len(uid) != 4 or uid[0] != 0x88)


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        (Tag(0x40, 40, bytes(5)), "40 bits"),
        (Tag(0x49, 26, bytes(4)), "26 bits"),
        (Tag(0x82, 64, bytes(8)), "64 bits"),
        (Tag(0x80, 32, bytes.fromhex("08A1B2C3")), "random"),
        (Tag(0x80, 32, bytes.fromhex("8804D7A7")), "first half"),
    ],
)
def test_a_uid_that_identifies_nobody_is_told_why(tag: Tag, reason: str) -> None:
    assert reason in (why_useless(tag) or "")


def sights(*seen: tuple[float, str | None]) -> list[float]:
    """When taps are reported, for cards seen at those times."""
    debounce = Debounce()
    return [at_s for at_s, uid in seen if uid is not None and debounce.is_tap(uid, at_s)]


def test_a_card_that_is_held_is_one_tap() -> None:
    assert sights(*((tenth / 10, "A") for tenth in range(100))) == [0.0]


def test_a_card_that_flickers_is_one_tap() -> None:
    assert sights((0, "A"), (1.9, "A"), (3.8, "A")) == [0]


def test_a_card_that_comes_again_after_two_seconds_is_a_new_tap() -> None:
    assert sights((0, "A"), (0.5, "A"), (2.5, "A")) == [0, 2.5]


def test_another_card_is_a_tap_but_never_within_two_seconds() -> None:
    assert sights((0, "A"), (0.5, "B"), (1.9, "B"), (2.0, "B"), (3.0, "B")) == [0, 2.0]


@given(st.lists(st.tuples(st.floats(0, 60), st.sampled_from((None, "A", "B")))))
def test_two_taps_are_never_closer_than_two_seconds(seen: list[tuple[float, str | None]]) -> None:
    at_s = sights(*sorted(seen, key=lambda sight: sight[0]))
    assert all(later - earlier >= 2.0 for earlier, later in pairwise(at_s))


async def test_a_card_is_read_as_its_transcript_says() -> None:
    device = Playback("twn4-card")
    reader = build_reader(Catalog.load().device("twn4"), device.pty.port, "door", now=Ticks())
    assert await first_uids(reader, 1) == ["66CF4DC2"]
    assert reader.fault is None
    assert device.done()
    device.pty.vanish()


async def test_a_reader_without_its_app_is_a_fault_in_words() -> None:
    device = Playback("twn4-refused")
    reader = swift(device.pty.port)
    task = asyncio.create_task(first_uids(reader, 1))
    await until(lambda: "does it run the Simple Protocol app" in (reader.fault or ""))
    task.cancel()
    device.pty.vanish()


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\xff\xfe\x00\r",
        b"0001802004",
        card("04D7A79A973780")[:9] + b"\r",
        b"A" * 5000 + b"\r",
        b"\r\r\r\r" * 50,
        card("0123456789", kind=0x40),
        card("08A1B2C3"),
    ],
)
async def test_after_rubbish_the_next_card_is_read(rubbish: bytes) -> None:
    async with plugged(NO_CARD, rubbish, rubbish, card("04D7A79A973780")) as device:
        reader = swift(device.pty.port)
        assert await first_uids(reader, 2) == 2 * ["04D7A79A973780"]
        assert reader.fault is None


async def test_random_uids_pass_where_the_site_wants_them() -> None:
    async with plugged(card("08A1B2C3")) as device:
        assert await first_uids(swift(device.pty.port, accept_random=True), 1) == ["08A1B2C3"]


async def test_a_dropped_card_is_noted_once_and_masked(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "roampost_drivers.rfid.reader")
    async with plugged(*20 * [card("08A1B2C3")], card("04D7A79A973780")) as device:
        await first_uids(swift(device.pty.port), 1)
    assert [record.getMessage() for record in caplog.records if "not used" in record.getMessage()] == [
        "door: card …C3 is not used: it is random (08...): phones and passports show another one at each tap."
    ]
    assert masked("04D7A79A973780") == "…80"


async def test_a_silent_reader_is_a_fault_until_it_answers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "roampost_drivers.rfid.reader")
    async with plugged(b"") as device:
        reader = swift(device.pty.port)
        task = asyncio.create_task(first_uids(reader, 1))
        await until(lambda: reader.fault == f"{device.pty.port} does not answer.")
        device.answers = [card("04D7A79A973780")]
        assert await task == ["04D7A79A973780"]
        assert reader.fault is None
    told = [record.getMessage() for record in caplog.records]
    assert told == [f"door: {device.pty.port} does not answer.", "door answers."]


async def test_a_reader_that_comes_back_under_another_tty_is_found_by_its_name(tmp_path: Path) -> None:
    name = tmp_path / "by-id"
    async with plugged(card("04D7A79A973780")) as first, plugged(card("0102030405060A")) as second:
        reader = swift(str(name))
        async with asyncio.timeout(20), aclosing(reader.taps()) as taps:
            task = asyncio.create_task(until_uid(taps, "04D7A79A973780"))
            await until(lambda: reader.fault == f"{name} is not there; is the reader plugged in?")
            name.symlink_to(first.pty.port)
            await task
            task = asyncio.create_task(until_uid(taps, "0102030405060A"))
            name.unlink()
            first.pty.vanish()
            await until(lambda: reader.fault is not None)
            name.symlink_to(second.pty.port)
            await task
            assert reader.fault is None


async def until_uid(taps: AsyncIterator[Tap], uid: str) -> None:
    async for tap in taps:
        if tap.uid == uid:
            return


async def test_a_port_has_one_owner() -> None:
    async with plugged(NO_CARD) as device:
        link = SerialLink(device.pty.port)
        with closing(SerialLine(link)), pytest.raises(LineDown, match="is in use; has another program opened it"):
            SerialLine(link)


async def test_a_line_is_bounded_in_length() -> None:
    async with plugged(b"B" * 3000 + b"\r" + NO_CARD) as device:
        with closing(SerialLine(SerialLink(device.pty.port, timeout_s=20.0))) as line:
            assert await line.ask(SEARCH_TAG) == b"0000"
            device.pty.write(b"B" * 3000)
            await until(lambda: line._too_long)
            assert len(line._buffer) <= MAX_LINE


async def test_a_flood_of_lines_is_bounded_in_number() -> None:
    async with plugged(NO_CARD) as device:
        with closing(SerialLine(SerialLink(device.pty.port, timeout_s=20.0))) as line:
            device.pty.write(b"AA\r" * 1000 + b"BB\r")
            await until(line._lines.full)
            assert await line.ask(SEARCH_TAG) in (b"AA", b"BB", b"0000")
            assert line._lines.qsize() <= 16


async def test_a_reader_is_what_the_agent_expects() -> None:
    reader: TagReader = build_reader(Catalog.load().device("twn4"), "/nowhere", "door")
    assert reader.name == "door"
    assert reader.fault == "/nowhere has not been opened yet."


def test_a_device_without_a_reader_section_is_no_reader() -> None:
    with pytest.raises(ValueError, match="sdm630 is no reader"):
        build_reader(Catalog.load().device("sdm630"), "/nowhere", "door")


async def test_what_came_before_the_question_is_no_answer() -> None:
    async with plugged(b"") as device:
        with closing(SerialLine(SerialLink(device.pty.port, timeout_s=0.05))) as line:
            with pytest.raises(NoAnswer):
                await line.ask(SEARCH_TAG)
            device.pty.write(card("04D7A79A973780"))
            await until(lambda: not line._lines.empty())
            device.answers = [NO_CARD]
            assert await line.ask(SEARCH_TAG) == b"0000"
