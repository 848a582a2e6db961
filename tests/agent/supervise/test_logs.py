"""The log as journald and a person read it."""

import io
import logging
from collections.abc import Iterator

import pytest

from roampost.supervise.logs import LineFormatter, Repeats, setup
from tests.agent.supervise.hands import Hands


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What setup writes to; the root logger is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.mark.parametrize(
    ("level", "prefix"),
    [("critical", "<2>"), ("error", "<3>"), ("warning", "<4>"), ("info", "<6>"), ("debug", "<7>")],
)
def test_journald_is_told_the_priority(stream: io.StringIO, level: str, prefix: str) -> None:
    setup("debug", stream=stream, journal=True)
    getattr(logging.getLogger("roampost.bus"), level)("line %s is down", "rs485")
    assert stream.getvalue() == f"{prefix}bus: line rs485 is down\n"


def test_every_line_of_a_traceback_has_the_priority(stream: io.StringIO) -> None:
    setup("info", stream=stream, journal=True)
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("roampost.bus").exception("failed")
    lines = stream.getvalue().splitlines()
    assert lines[-1] == "<3>ValueError: no"
    assert all(line.startswith("<3>") for line in lines)


def test_a_traceback_does_not_steer_the_terminal(stream: io.StringIO) -> None:
    setup("info", stream=stream, journal=False)
    try:
        raise ValueError("the hub says \x1b[31mno")
    except ValueError:
        logging.getLogger("roampost.bus").exception("failed")
    assert stream.getvalue().endswith("ValueError: the hub says \\x1b[31mno\n")


def test_a_terminal_shows_time_and_level(stream: io.StringIO) -> None:
    setup("info", stream=stream, journal=False)
    logging.getLogger("roampost.bus").info("up")
    assert stream.getvalue()[8:] == " info     bus: up\n"


def test_whether_journald_listens_is_asked_of_systemd(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    setup("info", stream=stream)
    logging.getLogger("roampost.bus").info("up")
    assert stream.getvalue() == "<6>bus: up\n"


def test_text_from_outside_cannot_begin_a_line(stream: io.StringIO) -> None:
    setup("info", stream=stream, journal=True)
    logging.getLogger("roampost.hub").info("hub says %s", "no\n<0>kernel: panic\x1b[31m")
    assert stream.getvalue() == "<6>hub: hub says no\\x0a<0>kernel: panic\\x1b[31m\n"


def test_the_level_is_kept_and_libraries_are_quiet(stream: io.StringIO) -> None:
    setup("info", stream=stream, journal=True)
    logging.getLogger("roampost.bus").debug("no")
    logging.getLogger("httpx").info("HTTP Request: POST https://hub.example/")
    assert stream.getvalue() == ""


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("roampost.bus", logging.WARNING, __file__, 1, "%s", (text,), None)


def test_a_repeated_line_is_written_three_times_and_then_counted() -> None:
    hands = Hands()
    repeats = Repeats(mono_s=hands.mono_s)
    written = [repeats.filter(record("unit 3 is silent")) for _ in range(10)]
    assert written == [True] * 3 + [False] * 7
    hands.now_s += 60
    after = record("unit 3 is silent")
    assert repeats.filter(after)
    assert after.getMessage() == "unit 3 is silent (and 7 times more, not written)"


def test_a_line_that_came_back_once_is_written_as_it_is() -> None:
    hands = Hands()
    repeats = Repeats(mono_s=hands.mono_s)
    repeats.filter(record("up"))
    hands.now_s += 61
    after = record("up")
    assert repeats.filter(after)
    assert after.getMessage() == "up"


def test_other_lines_are_not_held_back() -> None:
    repeats = Repeats(mono_s=Hands().mono_s)
    assert all(repeats.filter(record(f"unit {unit} is silent")) for unit in range(1000))


def test_the_memory_of_repeats_is_bounded() -> None:
    repeats = Repeats(mono_s=Hands().mono_s, burst=1, remembered=2)
    assert [repeats.filter(record(text)) for text in ("a", "b", "a", "c", "b")] == [True, True, False, True, True]


def test_a_message_with_a_percent_sign_survives_the_count() -> None:
    hands = Hands()
    repeats = Repeats(mono_s=hands.mono_s, burst=1)
    for _ in range(2):
        repeats.filter(record("50 % full"))
    hands.now_s += 61
    after = record("50 % full")
    repeats.filter(after)
    assert LineFormatter(journal=True).format(after) == "<4>bus: 50 % full (and 1 times more, not written)"
