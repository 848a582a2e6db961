"""Spellings of operators and EVSEs."""

import pytest

from roampost.config.identifiers import belongs_to, canonical, is_evse_id, is_operator_id


@pytest.mark.parametrize("text", ["DE*ABC*E1", "DEABCE1", "de*8ab*E840*6487", "+49*536*000*438", "49*536*1"])
def test_both_spellings_of_an_evse_are_known(text: str) -> None:
    assert is_evse_id(text)


@pytest.mark.parametrize(
    "text", ["", "DE*ABC", "DE*ABC*P1", "DE*ABC*E", "DE*ABC*E" + "1" * 31, "DE*ABC*E1\n", "D*ABC*E1"]
)
def test_what_is_no_evse_is_refused(text: str) -> None:
    assert not is_evse_id(text)


def test_operators_are_known_in_both_spellings() -> None:
    assert all(is_operator_id(one) for one in ("DE*ABC", "DEABC", "+49*536"))
    assert not any(is_operator_id(one) for one in ("", "DE", "DE*ABCD", "49536"))


def test_separators_and_case_do_not_make_another_evse() -> None:
    assert canonical("de*abc*E1*2") == canonical("DEABCE12")
    assert canonical("+49*536*000*438") == canonical("49*536*000*438") != canonical("49*536*0004*38")


@pytest.mark.parametrize(
    ("evse", "operator", "is_ours"),
    [
        ("DE*ABC*E1", "DEABC", True),
        ("DEABCE1", "de*abc", True),
        ("DE*ABD*E1", "DE*ABC", False),
        ("+49*536*1", "49*536", True),
        ("+49*5367*1", "+49*536", False),
    ],
)
def test_an_evse_belongs_to_the_operator_of_its_first_part(evse: str, operator: str, is_ours: bool) -> None:
    assert belongs_to(evse, operator) is is_ours
