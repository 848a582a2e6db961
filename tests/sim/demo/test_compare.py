"""The judge must be able to fail: every way in which a record can be wrong is found, and a right one is not blamed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from roampost_sim.demo.compare import compare
from tests.sim.demo.records import (
    CHARGE,
    IDS,
    SESSION,
    Event,
    asked,
    at,
    changed,
    heard,
    judged,
    place_of,
    set_points,
    status,
    told,
    truth,
    walled,
    wanted,
    without,
)

CARD = {"oicp": "1 authorization", "oioi": " authorization"}


def replaced(entries: list[Event], name: str, other: Event) -> list[Event]:
    place = place_of(entries, name)
    return [*entries[:place], other, *entries[place + 1 :]]


def altered(hub: str, name: str, **more: Any) -> list[Event]:
    """heard(), with one message that says something else."""
    entries = heard(hub)
    return replaced(entries, name, changed(entries[place_of(entries, name)], **more))


def test_a_right_day_is_right(hub: str) -> None:
    verdict = judged(hub, heard(hub))
    assert verdict.problems == []
    assert all(row.arrival is not None and row.in_order for row in verdict.rows)
    late = {
        "oicp": [1.0, 1.1, 1.5, 1.6, 0.4, 0.2, 1.0, 2.0, 2.1, 0.4],
        "oioi": [1.0, 1.0, 1.5, 1.6, 0.4, 0.2, 1.0, 2.1, 0.4],
    }
    assert [round(row.late_s or 0, 1) for row in verdict.rows] == late[hub]


@pytest.mark.parametrize(
    ("name", "nth"),
    [("1 Available", 0), ("1 Occupied", 0), ("1 Start", 0), ("1 CDR", 0), ("1 Available", 1)],
)
def test_a_missing_message_is_found(hub: str, name: str, nth: int) -> None:
    verdict = judged(hub, without(heard(hub), place_of(heard(hub), name, nth)))
    assert verdict.problems == [f"EVSE {name}: is missing"]
    assert len(verdict.missing) == 1


def test_a_missing_end_is_found_where_there_is_one() -> None:
    verdict = judged("oicp", without(heard("oicp"), place_of(heard("oicp"), "1 End")))
    assert verdict.problems == ["EVSE 1 End: is missing"]


def test_an_end_is_not_missed_where_there_is_none() -> None:
    problems = judged("oioi", [*heard("oioi"), told("oioi", 13.9, "End")]).problems
    assert problems == ["EVSE 1 End: was not expected"]


def test_a_session_without_its_final_word_is_found(hub: str) -> None:
    """It goes on for ever at the hub: what came last is a word of the running charge."""
    entries = replaced(heard(hub), "1 CDR", told(hub, 14.1, "Progress", energy_wh=25))
    assert "EVSE 1 CDR: is missing" in judged(hub, entries).problems


def test_missing_evse_data_are_found(hub: str) -> None:
    verdict = compare(wanted(CHARGE, hub), {hub: heard(hub)}, IDS)
    assert verdict.problems == ["EVSE 1 EVSE data: is missing", "EVSE 2 EVSE data: is missing"]


def test_an_unasked_session_is_missing_as_a_whole(hub: str) -> None:
    verdict = judged(hub, without(heard(hub), place_of(heard(hub), CARD[hub])))
    assert "EVSE 1 authorization: is missing" in verdict.problems
    assert "EVSE 1 CDR: was not expected" in verdict.problems


@pytest.mark.parametrize(("kind", "t"), [("Occupied", 5.9), ("Start", 9.5), ("CDR", 14.5)])
def test_a_doubled_message_is_found(hub: str, kind: str, t: float) -> None:
    again = status(t, "1", kind) if kind == "Occupied" else told(hub, t, kind)
    (problem,) = judged(hub, [*heard(hub), again]).problems
    assert problem == f"EVSE 1 {kind}: came twice"


def test_a_card_that_is_asked_about_twice_is_found(hub: str) -> None:
    again = asked(hub, 7.6, hub_session="a0000000-0000-0000-0000-000000000000")
    (problem,) = judged(hub, [*heard(hub), again]).problems
    assert problem == {"oicp": "EVSE 1 authorization: was not expected", "oioi": "authorization: came twice"}[hub]


def test_a_message_whose_answer_was_lost_may_be_repeated(hub: str) -> None:
    entries = altered(hub, "1 CDR", delivered=False)
    refused = told(hub, 15.0, "CDR", code="400", http_status=200)
    assert judged(hub, [*entries, refused]).problems == []
    entries = replaced(entries, "1 Occupied", status(5.4, "1", "Occupied", delivered=False))
    assert judged(hub, [*entries, status(6.4, "1", "Occupied")]).problems == []


def test_messages_out_of_order_are_found(hub: str) -> None:
    entries = replaced(heard(hub), "1 Start", told(hub, 14.2, "Start"))
    (problem,) = judged(hub, entries).problems
    assert problem.endswith("came out of order")


def test_statuses_out_of_order_are_found(hub: str) -> None:
    entries = [one for one in heard(hub) if one["t"] not in (5.4, 16.4)]
    entries += [status(16.4, "1", "Available"), status(16.5, "1", "Occupied")]
    assert "EVSE 1 Occupied: came out of order" in judged(hub, entries).problems


def test_a_message_before_its_cause_is_not_its_message(hub: str) -> None:
    entries = [status(4.0, "1", "Occupied"), *(one for one in heard(hub) if one["t"] != 5.4)]
    assert set(judged(hub, entries).problems) == {"EVSE 1 Occupied: is missing", "EVSE 1 Occupied: was not expected"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"MeterValueEnd": 1.026, "energy_wh": 26}, "the meter at the end is told as 1026 Wh, the register"),
        ({"MeterValueStart": 0.999, "energy_wh": 26}, "the meter at the start is told as 999 Wh"),
        ({"MeterValueStart": None}, "has no meter value at the start"),
        ({"energy_wh": 24}, "tells 24 Wh, its own meter values differ by 25 Wh"),
        ({"session": "own-2"}, "has another session than the authorization"),
    ],
)
def test_a_record_that_is_not_true_is_found_by_all_that_it_tells(wrong: dict[str, Any], sentence: str) -> None:
    problems = judged("oicp", altered("oicp", "1 CDR", **wrong)).problems
    assert any(sentence in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"energy_wh": 27}, "tells 27 Wh, "),
        ({"energy_wh": None}, "has no energy"),
        ({"evse_id": IDS["2"]}, "is told of EVSE 2"),
        ({"user": "04…13"}, "tells 04…13 instead of "),
    ],
)
def test_a_record_that_is_not_true_is_found(hub: str, wrong: dict[str, Any], sentence: str) -> None:
    problems = judged(hub, altered(hub, "1 CDR", **wrong)).problems
    assert any(sentence in problem for problem in problems), problems


def test_where_no_meter_values_are_told_the_energy_is_held_against_the_registers() -> None:
    (problem,) = judged("oioi", altered("oioi", "1 CDR", energy_wh=27)).problems
    assert problem == "EVSE 1 CDR: tells 27 Wh, the registers differ by 25.200 Wh"


def test_a_card_that_is_told_in_place_of_its_contract_is_found() -> None:
    """The hub has named the contract with its yes."""
    (problem,) = judged("oioi", altered("oioi", "1 CDR", user="04…81")).problems
    assert problem == "EVSE 1 CDR: tells 04…81 instead of DE…-X"


def test_a_record_of_another_session_is_not_this_ones(hub: str) -> None:
    other = "a0000000-0000-0000-0000-000000000000"
    entries = altered(hub, "1 CDR", hub_session=other)
    assert judged(hub, entries).problems == ["EVSE 1 CDR: is missing", "EVSE 1 CDR: was not expected"]


TWICE = CHARGE + [
    one | {"t": one["t"] + 20} | ({"register_wh": 1025.2} if one["event"] == "plugged" else {}) for one in CHARGE[1:]
]


def heard_twice(hub: str, session: str) -> list[Event]:
    """The same charge again, under this session."""
    named = {"hub_session": session} | ({"session": "own-9"} if hub == "oicp" else {})
    later = [one | {"t": one["t"] + 20} for one in heard(hub)[2:]]
    return [*heard(hub), *(changed(one, **named) if "hub_session" in one["means"] else one for one in later)]


def test_two_charges_are_two_sessions(hub: str) -> None:
    assert judged(hub, heard_twice(hub, "a0000000-0000-0000-0000-000000000000"), TWICE).problems == []


def test_a_charge_under_the_session_of_another_is_found_where_the_agent_gives_the_id() -> None:
    assert set(judged("oioi", heard_twice("oioi", SESSION), TWICE).problems) == {
        "EVSE 1 Start: is missing",
        "EVSE 1 Start: came twice",
        "EVSE 1 CDR: is missing",
        "EVSE 1 CDR: came twice",
    }


def test_session_ids_are_compared_without_case() -> None:
    # The hub takes it for the same session; it is not word for word what the hub gave.
    assert judged("oicp", altered("oicp", "1 CDR", hub_session=SESSION.upper())).problems == [
        "EVSE 1 CDR: has another hub session than the authorization of its session"
    ]


def test_a_register_that_the_truth_does_not_tell_is_no_excuse(hub: str) -> None:
    day = [one for one in CHARGE if one["event"] != "unplugged"]
    verdict = judged(hub, without(heard(hub), place_of(heard(hub), "1 Available", 1)), day)
    assert any("record of truth does not tell" in problem for problem in verdict.problems)


@pytest.mark.parametrize(("t", "evse", "word"), [(11.0, "1", "Unknown"), (3.0, "2", "OutOfService")])
def test_a_status_that_nobody_expected_is_found(hub: str, t: float, evse: str, word: str) -> None:
    (problem,) = judged(hub, [*heard(hub), status(t, evse, word)]).problems
    assert problem == f"EVSE {evse} {word}: was not expected"


def test_an_error_that_nobody_expected_is_found(hub: str) -> None:
    (problem,) = judged(hub, [*heard(hub), told(hub, 13.0, "Error")]).problems
    assert problem == "EVSE 1 Error: was not expected"


def test_an_evse_that_is_not_ours_is_found(hub: str) -> None:
    (problem,) = judged(hub, [*heard(hub), changed(status(3.0, "1", "Available"), evse_id="DE*ABC*E9")]).problems
    assert problem == "EVSE DE*ABC*E9 Available: was not expected"


def test_a_push_of_several_statuses_is_one_of_each(hub: str) -> None:
    both = [{"evse_id": IDS[evse], "status": "Available"} for evse in ("1", "2")]
    together = changed(status(1.5, "1", "Available"), statuses=both, evse_id=None, status=None)
    assert judged(hub, [together, *heard(hub)[2:]]).problems == []


def test_what_the_hub_objects_to_is_wrong(hub: str) -> None:
    entries = altered(hub, "1 CDR", violations=["schema: end: must not be null"])
    assert judged(hub, entries).problems == ["the hub objects to CDR: schema: end: must not be null"]


def test_what_the_hub_does_not_even_understand_is_wrong(hub: str) -> None:
    """And is named by its operation."""
    strange = status(9.0, "1", "Occupied") | {"means": None, "code": "230", "violations": ["schema: no object"]}
    assert judged(hub, [*heard(hub), strange]).problems == ["the hub objects to its wire name: schema: no object"]


def test_what_the_hub_refused_has_not_arrived(hub: str) -> None:
    assert judged(hub, altered(hub, "1 CDR", code="022")).problems == ["EVSE 1 CDR: is missing"]


TRIPPED = [
    *CHARGE[:5],
    *truth(
        (12.0, "contact", {"contact": "rcd-1", "did": "trip", "closed": False, "active": True}),
        (12.1, "contactor_opened", at("1", 1023.0)),
        (16.0, "unplugged", at("1", 1025.2)),
    ),
]


def test_an_error_of_the_wrong_kind_is_found() -> None:
    entries = [*heard("oicp")[:7], told("oicp", 12.5, "Error", error="ConnectorError")]
    entries.append(status(12.6, "1", "OutOfService"))
    assert judged("oicp", entries, TRIPPED).problems == ["EVSE 1 Error: tells ConnectorError instead of CriticalError"]


def test_an_error_is_not_missed_where_there_is_no_word_for_it() -> None:
    assert judged("oioi", [*heard("oioi")[:6], status(12.6, "1", "OutOfService")], TRIPPED).problems == []


# Moments

WALLED = walled(CHARGE)


def moment(t: float) -> str:
    return datetime.fromtimestamp(t + 1_000_000, UTC).isoformat()


def dated(hub: str, end_t: float) -> list[Event]:
    """heard(), with date-times that are late by as much as an agent may be."""
    times = {"session_start": moment(7.2), "start": moment(9.9), "session_end": moment(end_t)}
    return [changed(one, **times) if one["means"]["what"] in ("start", "end", "cdr") else one for one in heard(hub)]


def test_moments_that_are_about_right_are_right(hub: str) -> None:
    assert judged(hub, dated(hub, 14.0), WALLED).problems == []


def test_moments_of_sending_are_found(hub: str) -> None:
    found = judged(hub, dated(hub, 12.0 + 31.0), WALLED).problems
    assert found == [
        f"EVSE 1 {kind}: session_end is told 31 s after it was"
        for kind in ("End", "CDR")
        if (hub, kind) != ("oioi", "End")
    ]


def test_a_message_without_its_moments_is_found(hub: str) -> None:
    assert "EVSE 1 Start: has no start" in judged(hub, heard(hub), WALLED).problems


# Outages


OUTAGE = truth((20.0, "hub_refused"), (40.0, "hub_cleared"))
RESTLESS = truth((0, "agent_started"), (22, "plugged", at("2")), (25, "unplugged", at("2")), (30, "plugged", at("2")))
BEFORE = [status(1.5, "1", "Available"), status(1.6, "2", "Available")]


def test_the_newest_status_is_enough_after_an_outage(hub: str) -> None:
    verdict = judged(hub, [*BEFORE, status(41.0, "2", "Occupied")], RESTLESS + OUTAGE)
    assert verdict.problems == []
    assert [row.arrival is not None for row in verdict.rows] == [True, True, True, True, False, False, True]


def test_a_status_that_was_overtaken_in_an_outage_must_not_arrive(hub: str) -> None:
    entries = [*BEFORE, status(41.0, "2", "Available"), status(41.1, "2", "Occupied")]
    (problem,) = judged(hub, entries, RESTLESS + OUTAGE).problems
    assert "was overtaken" in problem


# Set points


def test_current_with_a_session_is_right(hub: str) -> None:
    again = truth((9.0, "set_point_written", {"evse": "1", "current_ma": 32_000}))
    found = set_points(hub, CHARGE + again, heard(hub))
    assert (found.raised, found.problems) == (1, ())


def test_current_before_the_hubs_yes_is_found(hub: str) -> None:
    entries = replaced(heard(hub), CARD[hub], asked(hub, 7.9))
    assert "32 A was written and no hub had authorized it" in set_points(hub, CHARGE, entries).problems[0]


def test_current_after_the_end_is_found(hub: str) -> None:
    late = truth((14.0, "set_point_written", {"evse": "1", "current_ma": 6000}))
    assert "6 A was written" in set_points(hub, CHARGE + late, heard(hub)).problems[0]


def test_current_at_the_other_evse_is_found(hub: str) -> None:
    other = truth((9.0, "set_point_written", {"evse": "2", "current_ma": 6000}))
    assert "EVSE 2" in set_points(hub, CHARGE + other, heard(hub)).problems[0]


def test_current_that_never_ends_is_found(hub: str) -> None:
    day = [one for one in CHARGE if one.get("current_ma") != 0]
    assert set_points(hub, day, heard(hub)).problems == (
        "EVSE 1: the set point never went to 0 after 'the card ends the charge'",
    )


def test_the_time_from_a_trip_to_no_current_is_measured(hub: str) -> None:
    trip = {"contact": "rcd-1", "did": "trip", "closed": False, "active": True}
    day = [*CHARGE[:5], *truth((12.0, "contact", trip), (12.25, "set_point_written", {"evse": "1", "current_ma": 0}))]
    assert set_points(hub, day, heard(hub)).off_ms == (("EVSE 1 rcd-1 trips", 250),)
