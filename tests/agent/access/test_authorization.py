"""Who may charge without a hub's yes: every rule of the policy, and how they rank."""

from collections.abc import Mapping

import pytest

from roampost.access.authorization import Listed, Policy, Word, decide, list_says_no, own_grant
from roampost.config.authorization import Authorization as Settings
from roampost.evse.event import Decider, Grant
from roampost.hubs.base import Decision
from tests.agent.evse.makers import card

HOUR_S = 3_600.0
DENY = Policy.of(Settings())
LIST = Policy.of(Settings(roaming_offline="list"))
FRESH = Listed(held=True, age_s=HOUR_S)
SILENT = Word("hubject", Decision.NO_ANSWER, "hubject cannot be reached")
ALSO_SILENT = Word("second", Decision.NO_ANSWER, "second cannot be reached")
NO = Word("second", Decision.NO, "unknown card")


def outcome(*words: Word, policy: Policy = LIST, lists: Mapping[str, Listed] | None = None) -> Grant | str:
    known = {"hubject": FRESH} if lists is None else lists
    return decide(card(), words, known.get, policy)


def test_the_default_denies_and_bounds_what_a_list_may_give_away() -> None:
    assert not DENY.use_lists
    assert (LIST.list_max_age_s, LIST.offline_max_wh, LIST.offline_max_s) == (48 * HOUR_S, 20_000, 14_400)
    assert (LIST.own_max_wh, LIST.own_max_s) == (None, None)


def test_an_own_card_owes_no_hub_anything() -> None:
    policy = Policy.of(Settings(own_max_wh=5_000, own_max_s=7_200))
    assert own_grant(card(), policy) == Grant(
        None, None, card(), decided_by=Decider.OPERATOR, cap_wh=5_000, cap_s=7_200
    )


def test_the_list_of_a_silent_hub_speaks_for_it_within_limits() -> None:
    assert outcome(SILENT) == Grant("hubject", None, card(), decided_by=Decider.LIST, cap_wh=20_000, cap_s=14_400)


def test_without_the_policy_the_list_says_nothing() -> None:
    assert outcome(SILENT, policy=DENY) == "hubject cannot be reached"


def test_a_clear_no_is_the_last_word_on_that_hub_s_own_list() -> None:
    lists = {"second": FRESH}
    found = outcome(SILENT, NO, lists=lists)
    assert found == "hubject cannot be reached; unknown card; hubject's list: there is none"
    assert outcome(NO, lists=lists) == "unknown card"


@pytest.mark.parametrize("words", [(SILENT, NO), (NO, SILENT)])
def test_a_clear_no_of_one_hub_says_nothing_of_another_hub_s_contracts(words: tuple[Word, Word]) -> None:
    found = outcome(*words)
    assert isinstance(found, Grant)
    assert (found.hub, found.decided_by) == ("hubject", Decider.LIST)


def test_of_two_lists_that_say_yes_the_first_hub_s_counts() -> None:
    found = outcome(SILENT, ALSO_SILENT, lists={"hubject": FRESH, "second": FRESH})
    assert isinstance(found, Grant)
    assert found.hub == "hubject"


def test_a_list_speaks_only_for_its_own_hub() -> None:
    found = outcome(SILENT, ALSO_SILENT, lists={"second": FRESH})
    assert isinstance(found, Grant)
    assert found.hub == "second"


@pytest.mark.parametrize(
    ("lists", "why"),
    [
        ({}, "there is none"),
        ({"hubject": Listed(False, HOUR_S)}, "the card is not on it"),
        ({"hubject": Listed(True, 48 * HOUR_S + 1)}, "is older than 48 h"),
        ({"hubject": Listed(True, None)}, "its age is unknown, because the clock was set by nobody"),
    ],
)
def test_a_list_that_does_not_say_yes_says_why(lists: Mapping[str, Listed], why: str) -> None:
    assert outcome(SILENT, lists=lists) == f"hubject cannot be reached; hubject's list: {why}"


def test_a_list_of_exactly_the_greatest_age_counts() -> None:
    assert list_says_no(Listed(True, 48 * HOUR_S), LIST) is None
    assert list_says_no(Listed(True, 48 * HOUR_S), DENY) == "not used, the policy is to deny"
