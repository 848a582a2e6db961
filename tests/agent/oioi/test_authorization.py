"""The hub's word on a card: yes with a contract, a clear no, and everything else is no answer."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.hubs.base import Arrival, Authorization, Decision, Verdict
from roampost.hubs.oioi.authorization import decide, judge_late, of_another_card
from tests.agent.oioi.samples import result
from tests.agent.oioi.test_verdicts import DRIVER, NOW, TABLE, bodies

YES, NO, NO_ANSWER = Decision.YES, Decision.NO, Decision.NO_ANSWER
CONTRACT = "DE*8PS*9DC4AE*X"


def decided(status: int, body: bytes | None) -> Authorization:
    return decide("rp-0001", status, {}, body)


@pytest.mark.parametrize("code", [0, "0", "000", 11, "012"])
def test_a_yes_names_our_own_session_and_whose_card_it_is(code: object) -> None:
    assert decided(200, result(code, **{"evco-id": CONTRACT})) == Authorization(
        YES,
        "The hub authorizes the card.",
        hub_session_id="rp-0001",
        contract_id=CONTRACT,
        code=str(code).zfill(3),
    )


@pytest.mark.parametrize("evco_id", [None, "", 7, "two words"])
def test_a_yes_without_a_usable_contract_is_a_yes_all_the_same(evco_id: object) -> None:
    found = decided(200, result(0, **{"evco-id": evco_id}))
    assert (found.decision, found.contract_id) == (YES, None)


@pytest.mark.parametrize("code", sorted(TABLE))
def test_each_code_as_an_answer_to_the_question(code: str) -> None:
    """Only 14x and 19x are the hub's no; 100 in their place is no decision."""
    for dress in (code, int(code), str(int(code))):
        found = decided(200, result(dress))
        expected = YES if code.startswith("0") else NO if code in DRIVER else NO_ANSWER
        assert (found.decision, found.code, found.maybe_open) == (expected, code, False)
        assert found.text.endswith(".")


@pytest.mark.parametrize(
    ("code", "word"),
    [("191", "not known"), ("192", "locked"), ("193", "means of payment"), ("140", "not authorized"), ("145", "token")],
)
def test_a_no_says_why_in_words_that_a_person_understands(code: str, word: str) -> None:
    text = decided(200, result(code)).text
    assert word in text
    assert "the driver needs another medium" in text


@pytest.mark.parametrize(
    ("status", "code", "decision"),
    [
        (400, "191", NO),
        (404, "191", NO),
        (401, "192", NO),
        (403, "193", NO),
        (404, "140", NO),
        (401, "140", NO_ANSWER),
        (403, "145", NO_ANSWER),
        (429, "191", NO_ANSWER),
        (500, "191", NO_ANSWER),
        (302, "191", NO_ANSWER),
        (400, "000", NO_ANSWER),
        (500, "000", NO_ANSWER),
    ],
)
def test_a_code_with_another_status(status: int, code: str, decision: Decision) -> None:
    """With 401 and 403 a 14x may be about our own key."""
    assert decided(status, result(code)).decision is decision


@given(bodies, st.integers(100, 999))
def test_nothing_is_too_odd_for_a_decision(body: bytes | None, status: int) -> None:
    found = decided(status, body)
    assert found.decision is not YES or (200 <= status < 300 and found.hub_session_id == "rp-0001")
    assert not found.maybe_open


# --- another card of the same contract -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "ours", "decision"),
    [
        (CONTRACT, CONTRACT, YES),
        ("DE8PS9DC4AEX", CONTRACT, YES),
        ("de-8ps-9dc4ae-x", CONTRACT, YES),
        ("DE*8PS*9DC4AF*X", CONTRACT, NO),
        (None, CONTRACT, NO),
    ],
)
def test_a_card_of_the_sessions_contract_may_stop_it(theirs: str | None, ours: str, decision: Decision) -> None:
    found = of_another_card(decided(200, result(0, **{"evco-id": theirs})), "hub-1", ours)
    assert found.decision is decision
    assert found.hub_session_id == ("hub-1" if decision is YES else None)


@pytest.mark.parametrize(("code", "decision"), [("191", NO), ("100", NO_ANSWER)])
def test_what_is_no_yes_stays_what_it_is(code: str, decision: Decision) -> None:
    found = decided(200, result(code))
    assert of_another_card(found, "hub-1", CONTRACT) is found
    assert found.decision is decision


# --- asked late ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(TABLE))
def test_each_code_as_an_answer_to_a_late_question(code: str) -> None:
    answer = judge_late("rp-0001", 200, {}, result(code), now=NOW)
    expected = Verdict.REFUSED if code in DRIVER else TABLE[code]
    assert (answer.verdict, answer.code, answer.wants_data) == (expected, code, False)
    assert answer.hub_session_id == ("rp-0001" if expected is Verdict.DELIVERED else None)


def test_a_late_answer_that_cannot_be_read_is_asked_again() -> None:
    answer = judge_late("rp-0001", 200, {}, b"<html>", now=datetime.now(UTC))
    assert (answer.verdict, answer.arrival) == (Verdict.RETRY, Arrival.MAYBE)


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (404, "191", Verdict.REFUSED),
        (401, "192", Verdict.REFUSED),
        (401, "140", Verdict.HOLD),
        (503, "192", Verdict.RETRY),
        (404, None, Verdict.HOLD),
    ],
)
def test_only_a_clear_no_ends_a_late_session(status: int, code: str | None, verdict: Verdict) -> None:
    answer = judge_late("rp-0001", status, {"Retry-After": "30"}, result(code), now=NOW)
    assert (answer.verdict, answer.http_status) == (verdict, status)
    assert answer.retry_after_s == (30.0 if verdict is Verdict.RETRY else None)
