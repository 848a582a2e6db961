"""What apps ask by way of the hub: which answer is right, what the hub hears of it, and that the judge can say no."""

from datetime import UTC, datetime
from typing import Any

import pytest

from roampost_sim.demo.expect import JudgeError
from tests.sim.demo.records import (
    ANNA,
    APP_DAY,
    BEN,
    CHARGE,
    CHARGED,
    GOOD,
    RESERVED,
    Event,
    at,
    called,
    card,
    contact,
    data,
    heard,
    heard_of_apps,
    judged,
    of_anna,
    said,
    set_points,
    status,
    truth,
    wanted,
)


def starts(t: float, contract: str = ANNA) -> list[Event]:
    return truth((t, "app_started", {"evse": "2", "contract": contract}))


def reserves(t: float, contract: str = ANNA, minutes: int = 15) -> list[Event]:
    return truth((t, "app_reserved", {"evse": "2", "contract": contract, "minutes": minutes}))


def codes(events: list[Event]) -> list[str | None]:
    return [one.code for one in wanted(truth((0, "agent_started")) + events) if one.is_call]


def changed(place: int, **more: Any) -> list[Event]:
    entries = heard_of_apps()
    entries[place] = entries[place] | more
    return entries


def without(place: int) -> list[Event]:
    entries = heard_of_apps()
    return entries[:place] + entries[place + 1 :]


# What should be

PLUG = truth((1, "plugged", at("2")))
TRIP = truth((1, "contact", contact("rcd-2", "trip")))


def test_a_reservation_its_use_and_its_charge_are_told() -> None:
    assert said(APP_DAY) == [
        "1 Available", "2 Available", "2 reservation", "2 Reserved", "1 remote start", "2 remote start", "2 Occupied",
        "2 remote start", "2 CDR", "2 Start", "2 Progress", "2 remote stop", "2 End", "2 CDR", "2 Available",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (PLUG, "000"),
        ([], "510"),
        (PLUG + truth((2, "card_held", card(GOOD))), "602"),
        (reserves(1, BEN), "601"),
        (reserves(1, BEN) + truth((2, "plugged", at("2"))), "601"),
        (reserves(1), "510"),
        (PLUG + truth((2, "contact", contact("rcd-2", "trip"))), "700"),
    ],
)
def test_a_start_is_answered_as_the_evse_is(before: list[Event], code: str) -> None:
    assert codes(before + starts(5))[-1] == code


@pytest.mark.parametrize(
    ("before", "code"), [([], "000"), (PLUG, "602"), (reserves(1), "601"), (reserves(1, BEN), "601"), (TRIP, "700")]
)
def test_a_reservation_is_answered_as_the_evse_is(before: list[Event], code: str) -> None:
    assert codes(before + reserves(5))[-1] == code


def test_a_stop_without_a_charge_is_refused_and_so_is_a_second_one() -> None:
    stop = truth((5, "app_stopped", {"evse": "2"}), (6, "app_stopped", {"evse": "2"}))
    assert codes(PLUG + starts(2) + stop) == ["000", "000", "400"]


def test_a_cancelled_reservation_is_over_once() -> None:
    cancel = truth((5, "app_cancelled", {"evse": "2"}), (6, "app_cancelled", {"evse": "2"}))
    day = truth((0, "agent_started")) + reserves(2) + cancel
    assert said(day)[2:] == ["2 reservation", "2 Reserved", "2 cancellation", "2 CDR", "2 Available", "2 cancellation"]
    assert [one.code for one in wanted(day) if one.is_call] == ["000", "000", "400"]


def test_a_card_is_for_no_evse_that_is_reserved() -> None:
    day = truth((0, "agent_started"), (2, "plugged", at("1")), (3, "plugged", at("2")), (4, "card_held", card()))
    assert said(day)[-1] == "2 AuthorizeStart"
    assert said(day + reserves(1))[-1] == "1 AuthorizeStart"


def test_a_fault_at_a_reserved_evse_does_not_end_the_reservation() -> None:
    day = truth(
        (0, "agent_started"), (3, "contact", contact("rcd-2", "trip")), (9, "contact", contact("rcd-2", "reset"))
    )
    assert said(day + reserves(1))[2:] == ["2 reservation", "2 Reserved", "2 OutOfService", "2 Reserved"]


def test_a_restart_tells_that_it_is_reserved_still() -> None:
    day = truth((0, "agent_started"), (5, "agent_killed"), (8, "agent_started"))
    assert said(day + reserves(1))[-2:] == ["1 Available", "2 Reserved"]


def test_evse_data_are_told_once_and_not_by_a_restart() -> None:
    day = truth((0, "agent_started"), (5, "agent_killed"), (8, "agent_started"))
    assert [(one.evse, one.t) for one in wanted(day) if one.message == "EVSE data"] == [("1", 0), ("2", 0)]


def test_a_reservation_that_runs_out_has_no_rule() -> None:
    day = truth((0, "agent_started")) + reserves(1, minutes=1)
    assert said(day + truth((60, "plugged", at("2"))))
    with pytest.raises(JudgeError, match="runs out"):
        wanted(day + truth((61, "plugged", at("2"))))


def test_what_apps_ask_while_the_agent_is_down_has_no_rule() -> None:
    with pytest.raises(JudgeError, match="'app_reserved' while the agent does not run"):
        wanted(truth((0, "agent_started"), (1, "agent_killed")) + reserves(2))


# The judge can say no


def test_a_right_day_is_right() -> None:
    verdict = judged(heard_of_apps(), APP_DAY)
    assert verdict.problems == []
    assert all(row.arrival is not None and row.in_order for row in verdict.rows)
    assert len(verdict.rows) == 17


MESSAGES = {
    2: "2 reservation", 3: "2 Reserved", 4: "1 remote start", 6: "2 Occupied", 8: "2 CDR", 9: "2 Start",
    10: "2 Progress", 11: "2 remote stop", 12: "2 End", 13: "2 CDR", 14: "2 Available",
}  # fmt: skip


@pytest.mark.parametrize("place", [place for place in MESSAGES if place != 2])
def test_what_is_missing_is_found(place: int) -> None:
    assert judged(without(place), APP_DAY).problems == [f"EVSE {MESSAGES[place]}: is missing"]


def test_a_call_that_never_went_out_is_missing_with_all_that_follows() -> None:
    problems = judged(without(2), APP_DAY).problems
    assert "EVSE 2 reservation: is missing" in problems
    assert "EVSE 2 CDR: was not expected" in problems


@pytest.mark.parametrize("place", [8, 9, 12, 13])
def test_what_comes_twice_is_found(place: int) -> None:
    entries = heard_of_apps()
    again = entries[place] | {"t": entries[place]["t"] + 0.5}
    assert judged([*entries, again], APP_DAY).problems == [f"EVSE {MESSAGES[place]}: came twice"]


@pytest.mark.parametrize(
    ("place", "code", "sentence"),
    [
        (2, "602", "EVSE 2 reservation: was answered 602 instead of 000"),
        (4, "000", "EVSE 1 remote start: was answered 000 instead of 510"),
        (5, "602", "EVSE 2 remote start: was answered 602 instead of 601"),
        (11, "400", "EVSE 2 remote stop: was answered 400 instead of 000"),
    ],
)
def test_a_wrong_answer_is_found(place: int, code: str, sentence: str) -> None:
    assert judged(changed(place, code=code), APP_DAY).problems == [sentence]


def test_a_call_without_answer_is_found() -> None:
    silent = changed(4, code=None, http_status=None, reason="connection refused", violations=["answer: refused"])
    assert judged(silent, APP_DAY).problems == [
        "EVSE 1 remote start: was not answered: connection refused",
        "the hub objects to AuthorizeRemoteStart: answer: refused",
    ]


@pytest.mark.parametrize(
    ("place", "wrong", "sentence"),
    [
        (8, {"ConsumedEnergy": 0.001}, "tells 0.001 kWh of a reservation"),
        (8, {"ConsumedEnergy": None}, "tells None kWh of a reservation"),
        (8, {"EvcoID": "DE…-B"}, "tells DE…-B instead of DE…-A"),
        (9, {"EvcoID": None}, "tells None instead of DE…-A"),
        (9, {"EvcoID": None, "UID": "04…81"}, "tells 04…81 instead of DE…-A"),
        (10, {"ConsumedEnergyProgress": None}, "has no ConsumedEnergyProgress"),
        (10, {"ConsumedEnergyProgress": -0.001}, "tells -1 Wh, which is not between none and all of the charge"),
        (10, {"ConsumedEnergyProgress": 0.102}, "tells 102 Wh, which is not between none and all of the charge"),
        (10, {"MeterValueStart": 1.002}, "MeterValueStart is told as 1002 Wh"),
        (13, {"MeterValueEnd": 1.102, "ConsumedEnergy": 0.102}, "MeterValueEnd is told as 1102 Wh"),
    ],
)
def test_a_message_that_is_not_true_is_found(place: int, wrong: dict[str, Any], sentence: str) -> None:
    (problem,) = judged(changed(place, **wrong), APP_DAY).problems
    assert problem.startswith(f"EVSE {MESSAGES[place]}: {sentence}")


def test_a_record_under_the_charges_session_is_not_the_reservations() -> None:
    problems = judged(changed(8, SessionID=CHARGED), APP_DAY).problems
    assert "EVSE 2 CDR: is missing" in problems


def test_a_second_word_of_a_charge_within_five_minutes_is_found() -> None:
    again = of_anna(20.0, "Progress")
    assert judged([*heard_of_apps(), again], APP_DAY).problems == ["EVSE 2 Progress: came twice"]


def test_messages_for_a_start_that_was_refused_are_found() -> None:
    entries = [*heard_of_apps(), of_anna(9.0, "Start", session="e2")]
    assert judged(entries, APP_DAY).problems == ["EVSE 2 Start: was not expected"]


def test_a_status_that_hides_the_reservation_is_found() -> None:
    entries = [*without(3), status(2.1, "2", "Available")]
    assert set(judged(entries, APP_DAY).problems) == {"EVSE 2 Reserved: is missing", "EVSE 2 Available: came twice"}


def test_evse_data_that_come_again_are_found() -> None:
    (problem,) = judged([*heard(), data(9.0, "1")]).problems
    assert problem == "EVSE 1 EVSE data: came twice"


def test_evse_data_of_an_evse_that_is_not_ours_are_found() -> None:
    (problem,) = judged([*heard(), data(9.0, "1") | {"EvseIDs": ["DE*ABC*E9"]}]).problems
    assert problem == "EVSE DE*ABC*E9 EVSE data: was not expected"


# Moments: the wall clock of the day is 1 000 000 s ahead of the monotonic one

WALLED = [one | ({"wall_s": one["t"] + 1_000_000} if one["event"] == "agent_started" else {}) for one in APP_DAY]


def dated(**wrong: float) -> list[Event]:
    """heard_of_apps() with true date-times, but for those that are given: seconds of the day."""
    kept = {"SessionStart": 2.0, "ChargingStart": 2.0, "SessionEnd": 6.0}
    charged = {"SessionStart": 6.0, "ChargingStart": 7.3, "EventOccurred": 15.0, "SessionEnd": 24.0}
    moments = {RESERVED: kept, CHARGED: charged | wrong}
    found = {session: {name: _moment(t) for name, t in told.items()} for session, told in moments.items()}
    return [one | found.get(str(one.get("SessionID")), {}) for one in heard_of_apps()]


def _moment(t: float) -> str:
    return datetime.fromtimestamp(t + 1_000_000, UTC).isoformat()


def test_true_moments_are_right() -> None:
    assert judged(dated(), WALLED).problems == []


def test_a_word_of_long_ago_is_found() -> None:
    (problem,) = judged(dated(EventOccurred=6.5), WALLED).problems
    assert problem == "EVSE 2 Progress: EventOccurred is told 10 s before it was"


def test_a_reservation_without_its_times_is_found() -> None:
    entries = dated()
    del entries[8]["SessionEnd"]
    assert judged(entries, WALLED).problems == ["EVSE 2 CDR: has no SessionEnd"]


# Set points


def test_current_after_a_remote_start_is_right() -> None:
    found = set_points(APP_DAY, heard_of_apps())
    assert (found.raised, found.problems) == (1, ())


def test_current_before_the_remote_start_is_found() -> None:
    early = truth((4.0, "set_point_written", {"evse": "2", "current_ma": 6000}))
    (problem,) = set_points(APP_DAY + early, heard_of_apps()).problems
    assert problem == "EVSE 2: a set point of 6 A was written and no hub had authorized it"


def test_current_after_a_refused_start_is_found() -> None:
    wrong = truth((3.2, "set_point_written", {"evse": "1", "current_ma": 6000}))
    assert "EVSE 1" in set_points(APP_DAY + wrong, heard_of_apps()).problems[0]


def test_current_that_goes_on_after_the_remote_stop_is_found() -> None:
    day = [one for one in APP_DAY if one.get("current_ma") != 0]
    assert set_points(day, heard_of_apps()).problems == (
        "EVSE 2: the set point never went to 0 after 'the app ends the charge'",
    )


def test_calls_are_no_excuse_for_a_day_without_them() -> None:
    """A call that no deed of the truth explains."""
    entries = [*heard(), called(9.0, "AuthorizeRemoteStop", "1", RESERVED)]
    assert judged(entries, CHARGE).problems == ["EVSE 1 remote stop: was not expected"]
