"""The hub cannot be reached, and who may charge all the same; what becomes of it when the hub is back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.field import CARD, Entry
from tests.system.processes import until
from tests.system.settled import settled, the_only, unowed
from tests.system.sites import OWN_CARD, Manner, Site, at_rest

pytestmark = [pytest.mark.system, pytest.mark.timeout(100)]
HASTY = (str(Path(__file__).with_name("hasty_lists_agent.py")),)
MANNER = Manner(
    hub={"backoff_max_s": 10},
    lists=True,
    tables='[authorization]\nroaming_offline = "list"\nown_cards_file = "{folder}/own.cards"\n',
    program=HASTY,
)
CHARGED = "start over cdr"
UNKNOWN_CARD = "04FFEEDDCCBBAA"


def charge(site: Site, uid: str = CARD) -> None:
    site.plug("1")
    site.tap(uid)
    site.reaches("1", "charging")
    site.flows("1")


def leave(site: Site) -> None:
    site.unplug("1")
    site.reaches("1", "available")


def cut_off(site: Site) -> None:
    """The hub cannot be reached; its list is there."""
    site.hub.fault("refuse")


@pytest.mark.parametrize("over", [False, True], ids=["still charging", "over before the hub is back"])
def test_a_card_on_the_list_charges_and_the_hub_hears_of_all_of_it_later(site: Site, over: bool) -> None:
    cut_off(site)
    charge(site)
    if over:
        leave(site)
    site.hub.clear()
    if not over:
        until(lambda: site.heard(what="start", taken=True), "the start at the hub")
        assert site.state("1") == "charging"
        leave(site)
    account = the_only(site)
    assert (account.types, account.body["decided_by"]) == (site.hub.hears(CHARGED), "list")
    words = [one["what"] for one in site.heard() if one["what"] != "status"]
    assert words == ["authorize", *account.types.split()], "the hub is asked first"


def test_a_card_that_is_on_no_list_does_not_charge_while_the_hub_is_away(site: Site) -> None:
    cut_off(site)
    site.plug("1")
    site.tap(UNKNOWN_CARD)
    until(lambda: "the card is not on it" in str(site.evse("1")["why"]), "the refusal")
    assert site.state("1") == "plugged"
    leave(site)
    site.hub.clear()
    assert settled(site) == []


def test_a_session_that_the_hub_does_not_take_later_is_stopped_and_listed(site: Site) -> None:
    before = {one["session_id"] for one in unbilled(site)}
    cut_off(site)
    charge(site)
    site.hub.card(CARD, "unknown")
    site.hub.clear()
    site.reaches("1", "finishing")
    assert site.evse("1")["why"].startswith("the hub did not take the session")
    leave(site)
    until(lambda: at_rest(site), "the session to be closed")
    assert site.sessions() == []
    (lost,) = [one for one in unbilled(site) if one["session_id"] not in before]
    assert (lost["record"], lost["decided_by"], lost["state"]) == ("refused", "list", "closed")
    assert lost["energy_wh"] >= 1
    kinds = site.rows(f"select kind, state from outbox where session_id = '{lost['session_id']}' order by seq")
    owed = site.hub.hears(CHARGED).replace("over", "end").split()
    assert kinds == [(kind, "refused") for kind in ("late_authorization", *owed)]
    assert [hub.heard(session=lost["session_id"], what="cdr") for hub in site.hubs] == [[] for _ in site.hubs]


def unbilled(site: Site) -> list[Entry]:
    words = [sys.executable, "-m", "roampost", "sessions", "--unbilled", "--json", "--config", str(site.config)]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found: list[Entry] = json.loads(said)
    return found


def test_one_of_the_operators_own_cards_charges_without_any_hub(site: Site) -> None:
    charge(site, OWN_CARD)
    leave(site)
    account = unowed(site)
    assert account.why == "no vehicle; one of the operator's own cards, no hub is owed a record"
    assert account.body["decided_by"] == "operator"
    assert [site.heard(hub, what="authorize") for hub in site.hubs] == [[] for _ in site.hubs]
