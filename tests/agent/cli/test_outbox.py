"""`roampost outbox list` and `show` against a real database."""

import json
from pathlib import Path

import pytest

from roampost.store.store import Store
from tests.agent.cli.stopped_station import BOOT, EVSE_ID, NOON_MS, UID, Site, call, filled, site

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def stopped(tmp_path: Path) -> Site:
    return filled(tmp_path)


def test_the_list_says_what_waits_and_why(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:6] for line in lines[1:]] == [
        ["1", "hubject", "cdr", EVSE_ID, "parked", "1"],
        ["2", "hubject", "status", EVSE_ID, "queued", "0"],
    ]
    assert lines[2].endswith("waits for its turn")


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        ([], [1, 2]),
        (["--all"], [2, 1]),
        (["--kind", "cdr"], [1]),
        (["--state", "queued"], [2]),
        (["--state", "delivered"], []),
        (["--hub", "plugsurfing"], []),
        (["--limit", "1"], [1]),
        (["--all", "--kind", "status"], [2]),
    ],
)
def test_the_list_shows_what_is_asked_for(stopped: Site, capsys: Capture, words: list[str], seqs: list[int]) -> None:
    assert call(stopped, "outbox", "list", "--json", *words) == 0
    assert [one["seq"] for one in json.loads(capsys.readouterr().out)] == seqs


@pytest.mark.parametrize("number", ["abc", "0", "-1", "1.5", str(2**63), "9" * 5000])
def test_a_number_that_is_none_is_refused_in_words(stopped: Site, capsys: Capture, number: str) -> None:
    with pytest.raises(SystemExit):
        call(stopped, "outbox", "list", f"--limit={number}")
    assert f"must be a whole number from 1, not {number[:40]!r}" in capsys.readouterr().err


def test_an_empty_list_is_said(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    assert call(made, "migrate") == 0
    assert call(made, "outbox", "list") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Nothing waits."


def test_a_card_number_is_masked_unless_it_is_asked_for(stopped: Site, capsys: Capture) -> None:
    for words in (["list"], ["list", "--json"], ["show", "1"], ["show", "1", "--json"], ["export"]):
        assert call(stopped, "outbox", *words) == 0
    assert UID not in capsys.readouterr().out
    for words in (["show", "1"], ["show", "1", "--json"], ["export"]):
        assert call(stopped, "outbox", *words, "--show-uids") == 0
        assert UID in capsys.readouterr().out


def test_a_message_is_shown_with_its_attempts(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "show", "1") == 0
    out = capsys.readouterr().out
    assert f"what      cdr of {EVSE_ID} for hubject" in out
    assert '"energy_wh": 2500' in out
    assert "1    2026-09-21 16:13:20  reject   yes      400   200" in out
    assert call(stopped, "outbox", "show", "2") == 0
    assert "Not tried yet." in capsys.readouterr().out


def test_a_message_that_is_not_there(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "outbox", "show", "7") == 4
    assert capsys.readouterr().err == "there is no message 7\n"


def test_looking_does_not_need_the_lock_of_a_running_agent(stopped: Site) -> None:
    store = Store.open(stopped.database, now_wall_ms=lambda: NOON_MS, boot=BOOT)
    try:
        assert call(stopped, "outbox", "list") == 0
    finally:
        store.close()
