"""[authorization] and the file of own cards: what is wrong is told, and never with a card number."""

from pathlib import Path

import pytest

from roampost.config.advice import advice
from roampost.config.authorization import Authorization, key_path, own_card_lines
from roampost.config.load import ConfigError, load
from roampost.config.model import Config
from tests.agent.config.small_site import TYPES, spoiled, write

LINE = f"hmac-sha256:{'ab' * 8}:{'cd' * 16}"


def config_with(folder: Path, section: str, *, hub: str = "") -> Config:
    text = spoiled(('operator_name = "ABC"', f'operator_name = "ABC"\n{hub}'))
    return load(write(folder, f"{text}\n[authorization]\n{section}\n"), TYPES)


def told(config: Config) -> list[str]:
    return [one for one in advice(config, TYPES) if "authorization" in one or "cards_every_h" in one or "own_" in one]


def test_without_the_section_only_a_hub_s_word_counts(tmp_path: Path) -> None:
    config = load(write(tmp_path, spoiled()), TYPES)
    assert config.authorization == Authorization()
    assert config.authorization.roaming_offline == "deny"
    assert told(config) == []


def test_the_key_lies_beside_the_database_unless_the_file_says_otherwise() -> None:
    database = Path("/var/lib/roampost/roampost.db")
    assert key_path(Authorization(), database) == Path("/var/lib/roampost/cards.key")
    assert key_path(Authorization(key_file=Path("/etc/k")), database) == Path("/etc/k")


def test_lines_are_read_with_their_remarks() -> None:
    cards, wrong = own_card_lines(f"# vans\n\n  {LINE}  # van 3\n{LINE}")
    assert [one.line for one in cards] == [3, 4]
    assert (cards[0].key_id, cards[0].digest) == ("ab" * 8, bytes.fromhex("cd" * 16))
    assert wrong == []


@pytest.mark.parametrize(
    "number", ["04A1B2C3", "04:a1:b2:c3", "044A2DAA856280", "04 A1 B2 C3", "04A1B2C3  # van", "04A1B2C3 van 3"]
)
def test_a_number_in_the_clear_is_a_mistake_that_says_how_to_hash_it(tmp_path: Path, number: str) -> None:
    own = tmp_path / "own"
    own.write_text(f"{LINE}\n{number}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        config_with(tmp_path, f'own_cards_file = "{own}"')
    (sentence,) = caught.value.problems
    assert f"own_cards_file = '{own}': line 2 is a card number in the clear" in sentence
    assert "`roampost cards hash`" in sentence
    assert number not in sentence


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"bearer of this note\n", "line 1 is none that `roampost cards hash` printed"),
        (LINE[:-1].encode(), "line 1 is none that"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_what_else_is_wrong_in_the_file(tmp_path: Path, data: bytes, sentence: str) -> None:
    own = tmp_path / "own"
    own.write_bytes(data)
    with pytest.raises(ConfigError, match=sentence):
        config_with(tmp_path, f'own_cards_file = "{own}"')


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('roaming_offline = "allow"', 'authorization.roaming_offline = \'allow\': must be "deny" or "list"'),
        ("list_max_age_h = 0", "authorization.list_max_age_h = 0: must be from 1 to 720"),
        ("offline_max_kwh = 20", "authorization.offline_max_kwh is not known; did you mean"),
    ],
)
def test_wrong_values_are_told(tmp_path: Path, line: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config_with(tmp_path, line)
    (found,) = caught.value.problems
    assert sentence in found


def test_a_file_that_is_not_there_is_advice_and_stops_nobody(tmp_path: Path) -> None:
    (found,) = told(config_with(tmp_path, f'own_cards_file = "{tmp_path / "none"}"'))
    assert "cannot be read: No such file or directory" in found


@pytest.mark.parametrize(
    ("section", "hub", "sentences"),
    [
        ('roaming_offline = "list"', "", ["no hub has cards_every_h"]),
        ('roaming_offline = "list"', "cards_every_h = 24", []),
        ("", "cards_every_h = 24", ['the list is never used with roaming_offline = "deny"']),
        ('roaming_offline = "list"\nlist_max_age_h = 12', "cards_every_h = 24", ["too old before the next one comes"]),
    ],
)
def test_what_does_not_do_what_it_looks_like_is_advice(
    tmp_path: Path, section: str, hub: str, sentences: list[str]
) -> None:
    found = told(config_with(tmp_path, section, hub=hub))
    assert len(found) == len(sentences)
    assert all(want in one for want, one in zip(sentences, found, strict=True))
