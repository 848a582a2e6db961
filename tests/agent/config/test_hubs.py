"""`[hubs.<name>]`: what the two protocols have in common, what each wants, and what a mistake in either is told as."""

import os
from pathlib import Path

import pytest

from roampost.config.advice import readable_for
from roampost.config.hubs import OicpHub, OioiHub
from roampost.config.load import ConfigError, load
from tests.agent.config.small_site import GOOD, TYPES, write

OIOI = """
[hubs.plugsurfing]
kind = "oioi"
url = "https://api.example/api/v4/request"
operator_id = "DE*ABC"
partner_identifier = "abc-charging"
api_key_file = "/etc/roampost/plugsurfing.apikey"
"""
CALLS = """
[hubs.plugsurfing.inbound]
api_key_file = "/etc/roampost/calls.apikey"

[inbound]
cert_file = "/etc/roampost/inbound.crt"
key_file = "/etc/roampost/inbound.key"
"""


def problems_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load(write(folder, text), TYPES)
    return [one.partition("roampost.toml: ")[2] for one in error.value.problems]


def test_both_stand_side_by_side_on_one_evse(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD + OIOI), TYPES)
    oicp, oioi = config.hubs["hubject"], config.hubs["plugsurfing"]
    assert (type(oicp), type(oioi)) == (OicpHub, OioiHub)
    assert config.evse_ids("hubject") == config.evse_ids("plugsurfing") == ("DE*ABC*E1*1",)
    assert (set(oicp.secrets), set(oioi.secrets)) == ({"key_file"}, {"api_key_file"})


def test_a_hub_that_may_call_posts_its_list_and_one_that_is_asked_pulls_it(tmp_path: Path) -> None:
    pulls = GOOD.replace('kind = "oicp"', 'kind = "oicp"\ncards_every_h = 6')
    hubs = load(write(tmp_path, pulls + OIOI + CALLS), TYPES).hubs
    told = {name: (hub.may_call, hub.has_cards, hub.pulls_cards_every_h, hub.owns_set) for name, hub in hubs.items()}
    assert told == {"hubject": (False, True, 6, False), "plugsurfing": (True, True, 0, False)}
    hubs = load(write(tmp_path, GOOD + OIOI), TYPES).hubs
    assert [(hub.may_call, hub.has_cards) for hub in hubs.values()] == [(False, False), (False, False)]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "oioi"', 'kind = "ocpi"', 'hubs.plugsurfing.kind = \'ocpi\': must be "oicp" or "oioi"'),
        ('kind = "oioi"', "", 'hubs.plugsurfing.kind is missing; it must be "oicp" or "oioi"'),
        ('partner_identifier = "abc-charging"', "", "hubs.plugsurfing.partner_identifier is missing"),
        (
            '"abc-charging"',
            '"abc\\ncharging"',
            "hubs.plugsurfing.partner_identifier: must be the identifier as the hub",
        ),
        ('"/etc/roampost/plugsurfing.apikey"', '"k3y"', "hubs.plugsurfing.api_key_file = 'k3y': must be an absolute"),
        ('operator_id = "DE*ABC"', 'operator_id = "DE*ABD"', "hubs.plugsurfing.operator_id = 'DE*ABD': EVSE DE*ABC*E1"),
        ('kind = "oioi"', 'kind = "oioi"\nkey_file = "/k"', "hubs.plugsurfing: cert_file and key_file belong together"),
        ('kind = "oioi"', 'kind = "oioi"\nowns_operator = true', "hubs.plugsurfing.owns_operator is not known"),
        ('kind = "oioi"', 'kind = "oioi"\nreservation_minutes = 0', "reservation_minutes = 0: must be from 1 to 120"),
        ("https:", "http:", "hubs.plugsurfing.url = 'http://api.example/api/v4/request': must be an address like"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in OIOI
    (problem,) = problems_of(tmp_path, GOOD + OIOI.replace(old, new, 1))
    assert told in problem


def test_a_key_that_was_written_in_place_of_its_file_is_not_repeated(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, GOOD + OIOI.replace("api_key_file", "api_key"))
    assert problems == [
        "hubs.plugsurfing.api_key_file is missing",
        'hubs.plugsurfing.api_key is not known; did you mean "api_key_file"?',
    ]
    assert not any("plugsurfing.apikey" in one for one in problems)


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "may"),
    [
        (0o600, 0, 0, False),
        (0o640, 0, 0, False),
        (0o640, 0, 990, True),
        (0o600, 0, 990, False),
        (0o400, 990, 0, True),
        (0o040, 990, 990, False),
        (0o604, 0, 0, True),
    ],
)
def test_whether_the_service_can_read_a_secret(mode: int, uid: int, gid: int, may: bool) -> None:
    found = os.stat_result((0o100000 | mode, 0, 0, 1, uid, gid, 0, 0, 0, 0))
    assert readable_for(found, 990, 990) is may
