"""`roampost cards`: numbers go in, digests and yes or no come out, never a number."""

import io
import json
import stat
from pathlib import Path

import pytest

from roampost.access.cardfile import write_cards
from roampost.access.cardkey import CardKey, load_key, load_or_make_key
from roampost.access.cardlist import list_path
from roampost.clock import SystemClock
from tests.agent.cli.stopped_station import UID, Site, call, site

Capture = pytest.CaptureFixture[str]
OTHER = "044A2DAA856280"
OFFLINE = '\n[authorization]\nroaming_offline = "list"\n'


@pytest.fixture
def station(tmp_path: Path) -> Site:
    """Own cards, a pulled list, and a clock that is trusted."""
    made = site(tmp_path)
    text = made.config.read_text("utf-8").replace("[hubs.hubject]", "[hubs.hubject]\ncards_every_h = 24")
    own = f'own_cards_file = "{tmp_path / "own"}"\n[clock]\ntrust = "always"\n'
    made.config.write_text(text + OFFLINE + own, "utf-8")
    return made


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def pull(made: Site, *uids: str) -> CardKey:
    key = load_or_make_key(made.database.with_name("cards.key"))
    write_cards(list_path(made.database.parent, "hubject"), key, uids, SystemClock(trust="always").stamp())
    return key


def hash_own(made: Site, monkeypatch: pytest.MonkeyPatch, capsys: Capture, text: str) -> str:
    """The lines for these numbers, written to the file of own cards."""
    typed(monkeypatch, text)
    assert call(made, "cards", "hash") == 0
    lines = capsys.readouterr().out
    made.config.with_name("own").write_text(lines, "utf-8")
    return lines


def test_hash_prints_lines_without_numbers_that_the_agent_knows(
    station: Site, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    lines = hash_own(station, monkeypatch, capsys, f"# mine\n\n04:a1:b2:c3 van 3\n{OTHER}\n")
    first, second = lines.splitlines()
    key = load_key(station.database.with_name("cards.key"))
    assert first == f"hmac-sha256:{key.id}:{key.digest(UID).hex()}  # van 3"
    assert second == f"hmac-sha256:{key.id}:{key.digest(OTHER).hex()}"
    assert stat.S_IMODE(station.database.with_name("cards.key").stat().st_mode) == 0o600
    assert call(station, "cards", "check", UID) == 0
    assert "yes   line 1 of" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["04A1B2", "van 3", "04A1B2C3 044A2DAA856280"])
def test_hash_prints_nothing_when_a_line_is_wrong_and_does_not_show_it(
    station: Site, monkeypatch: pytest.MonkeyPatch, capsys: Capture, wrong: str
) -> None:
    typed(monkeypatch, f"{OTHER}\n{wrong}\n")
    assert call(station, "cards", "hash") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("line 2 ")
    assert wrong not in printed.err


def test_hash_tells_scripts_too(station: Site, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    typed(monkeypatch, UID)
    assert call(station, "cards", "hash", "--json") == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert line.startswith("hmac-sha256:")


def test_check_says_who_lets_a_card_charge_and_why(
    station: Site, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    hash_own(station, monkeypatch, capsys, UID)
    pull(station, OTHER)
    assert call(station, "cards", "check", OTHER) == 0
    out = capsys.readouterr().out
    head, _, own, listed = out.splitlines()
    assert head == "Card …80 may charge while no hub answers."
    assert own.split()[:3] == ["own", "cards", "no"]
    assert "list of hubject  yes   the card is on it; the list is" in listed
    assert OTHER not in out
    typed(monkeypatch, "04A1B2C4\n")
    assert call(station, "cards", "check", "-", "--json") == 0
    assert [one["allowed"] for one in json.loads(capsys.readouterr().out)] == [False, False]


def test_check_tells_why_nobody_lets_a_card_charge(station: Site, capsys: Capture) -> None:
    pull(station, UID)
    text = station.config.read_text("utf-8").replace('roaming_offline = "list"', 'roaming_offline = "deny"')
    station.config.write_text(text, "utf-8")
    assert call(station, "cards", "check", UID) == 0
    out = capsys.readouterr().out
    assert "may not charge" in out
    assert "not used, the policy is to deny" in out
    assert call(station, "cards", "check", "my card") == 2
    assert "my card" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spoil", "why"), [("damaged", "is damaged"), ("foreign", "another key"), ("none", "there is none yet")]
)
def test_status_tells_how_many_how_old_and_why_not(station: Site, capsys: Capture, spoil: str, why: str) -> None:
    pull(station, UID, OTHER)
    station.config.with_name("own").touch()
    assert call(station, "cards", "status") == 0
    _, own, listed = capsys.readouterr().out.splitlines()
    assert own.split()[:3] == ["own", "cards", "0"]
    assert listed.split()[:4] == ["list", "of", "hubject", "2"]
    assert listed.endswith("used while hubject does not answer")
    path = list_path(station.database.parent, "hubject")
    if spoil == "damaged":
        path.write_bytes(path.read_bytes()[:-1])
    elif spoil == "foreign":
        station.database.with_name("cards.key").unlink()
        load_or_make_key(station.database.with_name("cards.key"))
    else:
        path.unlink()
    assert call(station, "cards", "status") == 0
    assert why in capsys.readouterr().out.splitlines()[-1]
    assert call(station, "cards", "status", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["own"] == 0
    assert why in found["lists"][0]["trouble"]


def test_a_station_without_any_of_it_says_so(tmp_path: Path, capsys: Capture) -> None:
    assert call(site(tmp_path), "cards", "status") == 0
    assert capsys.readouterr().out == "Only a hub's word counts here.\n"


def test_without_a_key_the_commands_say_what_is_missing(station: Site, capsys: Capture) -> None:
    station.config.with_name("own").touch()
    assert call(station, "cards", "status") == 1
    told = capsys.readouterr().err
    assert "cards.key cannot be read: No such file" in told
    assert "`roampost cards hash` makes one" in told


def test_a_file_with_numbers_in_the_clear_is_put_right_by_hash(
    station: Site, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    station.config.with_name("own").write_text(f"{UID} van 3\n", "utf-8")
    assert call(station, "cards", "status") == 2
    assert "`roampost cards hash`" in capsys.readouterr().err
    hash_own(station, monkeypatch, capsys, station.config.with_name("own").read_text("utf-8"))
    pull(station)
    assert call(station, "cards", "status") == 0
    assert "own cards        1" in capsys.readouterr().out


def test_hash_needs_to_know_where_the_key_is(station: Site, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    typed(monkeypatch, UID)
    text = station.config.read_text("utf-8")
    station.config.write_text(text.replace("[clock]", "key_file = 1\n[clock]"), "utf-8")
    assert call(station, "cards", "hash") == 2
    assert "authorization.key_file = 1: must be" in capsys.readouterr().err
    station.config.write_text(text.replace(str(station.database), "/nowhere/at/all.db"), "utf-8")
    assert call(station, "cards", "hash") == 3
    assert "/nowhere/at does not exist" in capsys.readouterr().err
