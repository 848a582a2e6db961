"""From the configuration to what lets a card charge without a hub."""

import random
from pathlib import Path

import pytest

from roampost.access.cardkey import load_key
from roampost.access.offline import Offline, build_offline
from roampost.config.load import load
from roampost.hubs.base import CardList
from roampost.hubs.remote import Outcome
from tests.agent.cli.stopped_station import UID, site
from tests.agent.config.small_site import TYPES
from tests.agent.loop.rig import HandClock


class Provider:
    async def pull_cards(self) -> CardList:
        return CardList(frozenset({UID}))


def built(folder: Path, section: str = "", hub: str = "") -> Offline:
    config = site(folder).config
    text = config.read_text("utf-8").replace("[hubs.hubject]", f"[hubs.hubject]\n{hub}")
    config.write_text(f"{text}\n[authorization]\n{section}", "utf-8")
    return build_offline(load(config, TYPES), {"hubject": Provider()}, HandClock(), random.Random(1))


def test_what_is_not_configured_needs_no_key(tmp_path: Path) -> None:
    found = built(tmp_path)
    assert (found.own, found.lists) == (None, None)
    assert not found.holds(UID)
    assert found.listed("hubject", UID) is None
    assert not (tmp_path / "cards.key").exists()


def test_own_cards_are_known_under_the_key_beside_the_database(tmp_path: Path) -> None:
    own = tmp_path / "own"
    found = built(tmp_path, f'own_cards_file = "{own}"')
    key = load_key(tmp_path / "cards.key")
    own.write_text(f"hmac-sha256:{key.id}:{key.digest(UID).hex()}\n", "utf-8")
    assert found.holds(UID)
    assert found.lists is None


async def test_a_hub_with_an_interval_has_a_list(tmp_path: Path) -> None:
    found = built(tmp_path, 'roaming_offline = "list"', "cards_every_h = 24")
    assert found.lists is not None
    await found.lists.load()
    assert found.policy.use_lists
    assert [one.hub for one in found.lists.states()] == ["hubject"]
    assert found.listed("hubject", UID) is None


OIOI = """
[hubs.plugsurfing]
kind = "oioi"
url = "https://hub.example/api/v4/request"
operator_id = "DE*ABC"
partner_identifier = "1-1"
api_key_file = "/etc/roampost/oioi.key"
"""
INBOUND = """
[hubs.plugsurfing.inbound]
api_key_file = "/etc/roampost/oioi-in.key"

[inbound]
cert_file = "/etc/roampost/server.crt"
key_file = "/etc/roampost/server.key"
"""


async def test_a_hub_that_may_call_has_the_list_that_it_posts(tmp_path: Path) -> None:
    found = built(tmp_path, f'roaming_offline = "list"\n{OIOI}{INBOUND}', "cards_every_h = 24")
    assert found.lists is not None
    await found.lists.load()
    assert {one.hub for one in found.lists.states()} == {"hubject", "plugsurfing"}
    reply = await found.replace_cards("plugsurfing", frozenset({UID}))
    assert (reply.outcome, reply.new_cards) == (Outcome.DONE, 1)
    known = found.listed("plugsurfing", UID)
    assert known is not None
    assert known.held
    assert found.listed("hubject", UID) is None
    found.lists.close()


async def test_a_hub_that_may_not_call_has_none(tmp_path: Path) -> None:
    found = built(tmp_path, OIOI)
    assert found.lists is None
    assert (await found.replace_cards("plugsurfing", frozenset({UID}))).outcome is Outcome.FAILED
    assert not (tmp_path / "cards.key").exists()


def test_without_a_key_the_agent_runs_and_says_why_no_card_is_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cards.key").write_text("not a key")
    found = built(tmp_path, f'own_cards_file = "{tmp_path / "own"}"', "cards_every_h = 24")
    assert (found.own, found.lists) == (None, None)
    assert "no card is known without a hub" in caplog.text
