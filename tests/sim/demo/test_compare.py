"""The judge must be able to fail: every way in which a record can be wrong is found, and a right one is not blamed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sim.demo.records import CHARGE, SESSION, Event, asked, at, heard, judged, set_points, status, told, truth


def without(entries: list[Event], place: int) -> list[Event]:
    return entries[:place] + entries[place + 1 :]


def test_a_right_day_is_right() -> None:
    verdict = judged(heard())
    assert verdict.problems == []
    assert all(row.arrival is not None and row.in_order for row in verdict.rows)
    assert [round(row.late_s or 0, 1) for row in verdict.rows] == [1.0, 1.1, 1.5, 1.6, 0.4, 0.2, 1.0, 2.0, 2.1, 0.4]


@pytest.mark.parametrize(
    ("place", "what"),
    [(0, "1 Available"), (2, "1 Occupied"), (4, "1 Start"), (5, "1 End"), (6, "1 CDR"), (7, "1 Available")],
)
def test_a_missing_message_is_found(place: int, what: str) -> None:
    verdict = judged(without(heard(), place))
    assert verdict.problems == [f"EVSE {what}: is missing"]
    assert len(verdict.missing) == 1


def test_an_unasked_session_is_missing_as_a_whole() -> None:
    verdict = judged(without(heard(), 3))
    assert "EVSE 1 AuthorizeStart: is missing" in verdict.problems
    assert "EVSE 1 CDR: was not expected" in verdict.problems


@pytest.mark.parametrize("again", [status(5.9, "1", "Occupied"), told(9.5, "Start"), told(14.5, "CDR")])
def test_a_doubled_message_is_found(again: Event) -> None:
    (problem,) = judged([*heard(), again]).problems
    assert problem.endswith("came twice")


def test_a_message_whose_answer_was_lost_may_be_repeated() -> None:
    entries = heard()
    entries[6] = told(14.1, "CDR", delivered=False)
    refused = told(15.0, "CDR", code="400", http_status=200)
    assert judged([*entries, refused]).problems == []
    entries[2] = status(5.4, "1", "Occupied", delivered=False)
    assert judged([*entries, status(6.4, "1", "Occupied")]).problems == []


def test_messages_out_of_order_are_found() -> None:
    entries = heard()
    entries[5], entries[6] = told(14.2, "End"), told(14.1, "CDR")
    (problem,) = judged(entries).problems
    assert problem.endswith("came out of order")


def test_statuses_out_of_order_are_found() -> None:
    entries = [*without(without(heard(), 7), 2), status(16.4, "1", "Available"), status(16.5, "1", "Occupied")]
    assert "EVSE 1 Occupied: came out of order" in judged(entries).problems


def test_a_message_before_its_cause_is_not_its_message() -> None:
    entries = [status(4.0, "1", "Occupied"), *without(heard(), 2)]
    assert set(judged(entries).problems) == {"EVSE 1 Occupied: is missing", "EVSE 1 Occupied: was not expected"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"MeterValueEnd": 1.026, "ConsumedEnergy": 0.026}, "MeterValueEnd is told as 1026 Wh, the register"),
        ({"MeterValueStart": 0.999, "ConsumedEnergy": 0.026}, "MeterValueStart is told as 999 Wh"),
        ({"ConsumedEnergy": 0.024}, "tells 24 Wh, its own meter values differ by 25 Wh"),
        ({"ConsumedEnergy": None}, "has no ConsumedEnergy"),
        ({"CPOPartnerSessionID": "own-2"}, "has another CPOPartnerSessionID than the authorization"),
        ({"EvseID": "DE*ABC*E1*2"}, "is told of EVSE 2"),
        ({"UID": "04…13"}, "tells 04…13 instead of 04…81"),
    ],
)  # fmt: skip
def test_a_record_that_is_not_true_is_found(wrong: dict[str, Any], sentence: str) -> None:
    entries = heard()
    entries[6] = told(14.1, "CDR", **wrong)
    assert any(sentence in problem for problem in judged(entries).problems), judged(entries).problems


def test_a_record_of_another_session_is_not_this_ones() -> None:
    entries = heard()
    entries[6] = told(14.1, "CDR", SessionID="a0000000-0000-0000-0000-000000000000")
    assert judged(entries).problems == ["EVSE 1 CDR: is missing", "EVSE 1 CDR: was not expected"]


def test_session_ids_are_compared_without_case() -> None:
    entries = heard()
    entries[6] = told(14.1, "CDR", SessionID=SESSION.upper())
    # The hub takes it for the same session; it is not word for word what the hub gave.
    assert judged(entries).problems == ["EVSE 1 CDR: has another SessionID than the authorization of its session"]


def test_a_register_that_the_truth_does_not_tell_is_no_excuse() -> None:
    day = [one for one in CHARGE if one["event"] != "unplugged"]
    verdict = judged(without(heard(), 7), day)
    assert any("record of truth does not tell" in problem for problem in verdict.problems)


@pytest.mark.parametrize("stray", [status(11.0, "1", "Unknown"), status(3.0, "2", "OutOfService"), told(13.0, "Error")])
def test_something_that_nobody_expected_is_found(stray: Event) -> None:
    (problem,) = judged([*heard(), stray]).problems
    assert problem.endswith("was not expected")


def test_an_evse_that_is_not_ours_is_found() -> None:
    record = {"EvseID": "DE*ABC*E9", "EvseStatus": "Available"}
    (problem,) = judged([*heard(), status(3.0, "1", "Available") | record | {"EvseStatusRecord": [record]}]).problems
    assert problem == "EVSE DE*ABC*E9 Available: was not expected"


def test_what_the_hub_objects_to_is_wrong() -> None:
    entries = heard()
    entries[5]["violations"] = ["schema: chargingEnd: must not be null"]
    assert judged(entries).problems == ["the hub objects to End: schema: chargingEnd: must not be null"]


def test_what_the_hub_refused_has_not_arrived() -> None:
    entries = heard()
    entries[6] = told(14.1, "CDR", code="022")
    assert judged(entries).problems == ["EVSE 1 CDR: is missing"]


def test_an_error_of_the_wrong_kind_is_found() -> None:
    trip = {"contact": "rcd-1", "did": "trip", "closed": False, "active": True}
    day = [*CHARGE[:5], *truth((12.0, "contact", trip), (12.1, "contactor_opened", at("1", 1023.0)))]
    day += truth((16.0, "unplugged", at("1", 1025.2)))
    entries = [*heard()[:7], told(12.5, "Error", ErrorType="ConnectorError"), status(12.6, "1", "OutOfService")]
    assert judged(entries, day).problems == ["EVSE 1 Error: tells ConnectorError instead of CriticalError"]


# Moments: the wall clock of the day is 1 000 000 s ahead of the monotonic one

WALLED = [one | ({"wall_s": one["t"] + 1_000_000} if one["event"] == "agent_started" else {}) for one in CHARGE]


def moment(t: float) -> str:
    return datetime.fromtimestamp(t + 1_000_000, UTC).isoformat()


def dated(end_t: float) -> list[Event]:
    """heard(), with date-times that are late by as much as an agent may be."""
    times = {"SessionStart": moment(7.2), "ChargingStart": moment(9.9), "SessionEnd": moment(end_t)}
    return [
        one | times if one["operation"] in ("ChargingNotifications", "ChargeDetailRecord") else one for one in heard()
    ]


def test_moments_that_are_about_right_are_right() -> None:
    assert judged(dated(14.0), WALLED).problems == []


def test_moments_of_sending_are_found() -> None:
    assert judged(dated(12.0 + 31.0), WALLED).problems == [
        "EVSE 1 End: SessionEnd is told 31 s after it was",
        "EVSE 1 CDR: SessionEnd is told 31 s after it was",
    ]


def test_a_message_without_its_moments_is_found() -> None:
    assert "EVSE 1 Start: has no ChargingStart" in judged(heard(), WALLED).problems


# Outages


OUTAGE = truth((20.0, "hub_refused"), (40.0, "hub_cleared"))
RESTLESS = truth((0, "agent_started"), (22, "plugged", at("2")), (25, "unplugged", at("2")), (30, "plugged", at("2")))
BEFORE = [status(1.5, "1", "Available"), status(1.6, "2", "Available")]


def test_the_newest_status_is_enough_after_an_outage() -> None:
    verdict = judged([*BEFORE, status(41.0, "2", "Occupied")], RESTLESS + OUTAGE)
    assert verdict.problems == []
    assert [row.arrival is not None for row in verdict.rows] == [True, True, True, True, False, False, True]


def test_a_status_that_was_overtaken_in_an_outage_must_not_arrive() -> None:
    entries = [*BEFORE, status(41.0, "2", "Available"), status(41.1, "2", "Occupied")]
    (problem,) = judged(entries, RESTLESS + OUTAGE).problems
    assert "was overtaken" in problem


# Set points


def test_current_with_a_session_is_right() -> None:
    again = truth((9.0, "set_point_written", {"evse": "1", "current_ma": 32_000}))
    found = set_points(CHARGE + again, heard())
    assert (found.raised, found.problems) == (1, ())


def test_current_before_the_hubs_yes_is_found() -> None:
    entries = heard()
    entries[3] = asked(7.9)
    assert "32 A was written and no hub had authorized it" in set_points(CHARGE, entries).problems[0]


def test_current_after_the_end_is_found() -> None:
    late = truth((14.0, "set_point_written", {"evse": "1", "current_ma": 6000}))
    assert "6 A was written" in set_points(CHARGE + late, heard()).problems[0]


def test_current_at_the_other_evse_is_found() -> None:
    other = truth((9.0, "set_point_written", {"evse": "2", "current_ma": 6000}))
    assert "EVSE 2" in set_points(CHARGE + other, heard()).problems[0]


def test_current_that_never_ends_is_found() -> None:
    day = [one for one in CHARGE if one.get("current_ma") != 0]
    assert set_points(day, heard()).problems == (
        "EVSE 1: the set point never went to 0 after 'the card ends the charge'",
    )


def test_the_time_from_a_trip_to_no_current_is_measured() -> None:
    trip = {"contact": "rcd-1", "did": "trip", "closed": False, "active": True}
    day = [*CHARGE[:5], *truth((12.0, "contact", trip), (12.25, "set_point_written", {"evse": "1", "current_ma": 0}))]
    assert set_points(day, heard()).off_ms == (("EVSE 1 rcd-1 trips", 250),)
