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
    changed,
    contact,
    data,
    heard,
    heard_of_apps,
    judged,
    known_to,
    of_anna,
    place_of,
    said,
    set_points,
    status,
    truth,
    walled,
    wanted,
    without,
)


def starts(t: float, contract: str = ANNA) -> list[Event]:
    return truth((t, "app_started", {"evse": "2", "contract": contract}))


def reserves(t: float, contract: str = ANNA, minutes: int = 15) -> list[Event]:
    return truth((t, "app_reserved", {"evse": "2", "contract": contract, "minutes": minutes}))


def codes(hub: str, events: list[Event]) -> list[str | None]:
    return [one.code for one in wanted(truth((0, "agent_started")) + events, hub) if one.is_call]


def altered(hub: str, name: str, **more: Any) -> list[Event]:
    """heard_of_apps(), with one message that says something else."""
    entries = heard_of_apps(hub)
    place = place_of(entries, name)
    entries[place] = changed(entries[place], **more)
    return entries


def lacking(hub: str, name: str) -> list[Event]:
    return without(heard_of_apps(hub), place_of(heard_of_apps(hub), name))


# What should be

PLUG = truth((1, "plugged", at("2")))
TRIP = truth((1, "contact", contact("rcd-2", "trip")))


def test_a_reservation_its_use_and_its_charge_are_told(hub: str) -> None:
    assert said(APP_DAY, hub) == known_to(
        hub,
        [
            "1 Available", "2 Available", "2 reservation", "2 Reserved", "1 remote start", "2 remote start",
            "2 Occupied", "2 remote start", "2 CDR of nothing", "2 Start", "2 Progress", "2 remote stop", "2 End",
            "2 CDR", "2 Available",
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "oicp", "oioi"),
    [
        (PLUG, "000", "011"),
        ([], "510", "321"),
        (PLUG + truth((2, "card_held", card(GOOD))), "602", "320"),
        (reserves(1, BEN), "601", "320"),
        (reserves(1, BEN) + truth((2, "plugged", at("2"))), "601", "320"),
        (reserves(1), "510", "321"),
        (PLUG + truth((2, "contact", contact("rcd-2", "trip"))), "700", "310"),
    ],
)
def test_a_start_is_answered_as_the_evse_is(before: list[Event], oicp: str, oioi: str) -> None:
    assert [codes(hub, before + starts(5))[-1] for hub in ("oicp", "oioi")] == [oicp, oioi]


@pytest.mark.parametrize(
    ("before", "oicp", "oioi"),
    [
        ([], "000", "000"),
        (PLUG, "602", "323"),
        (reserves(1), "601", "323"),
        (reserves(1, BEN), "601", "323"),
        (TRIP, "700", "330"),
    ],
)
def test_a_reservation_is_answered_as_the_evse_is(before: list[Event], oicp: str, oioi: str) -> None:
    assert [codes(hub, before + reserves(5))[-1] for hub in ("oicp", "oioi")] == [oicp, oioi]


def test_a_stop_without_a_charge_is_refused_and_so_is_a_second_one() -> None:
    stop = truth((5, "app_stopped", {"evse": "2"}), (6, "app_stopped", {"evse": "2"}))
    assert codes("oicp", PLUG + starts(2) + stop) == ["000", "000", "400"]
    assert codes("oioi", PLUG + starts(2) + stop) == ["011", "000", "182"]


def test_a_cancelled_reservation_is_over_once(hub: str) -> None:
    cancel = truth((5, "app_cancelled", {"evse": "2"}), (6, "app_cancelled", {"evse": "2"}))
    day = truth((0, "agent_started")) + reserves(2) + cancel
    assert said(day, hub)[2:] == known_to(
        hub, ["2 reservation", "2 Reserved", "2 cancellation", "2 CDR of nothing", "2 Available", "2 cancellation"]
    )
    refused = {"oicp": "400", "oioi": "189"}[hub]
    assert [one.code for one in wanted(day, hub) if one.is_call] == ["000", "000", refused]


def test_a_card_is_for_no_evse_that_is_reserved(hub: str) -> None:
    day = truth((0, "agent_started"), (2, "plugged", at("1")), (3, "plugged", at("2")), (4, "card_held", card()))
    assert said(day, hub)[-1] == "2 authorization"
    assert said(day + reserves(1), hub)[-1] == "1 authorization"


def test_a_fault_at_a_reserved_evse_does_not_end_the_reservation(hub: str) -> None:
    day = truth(
        (0, "agent_started"), (3, "contact", contact("rcd-2", "trip")), (9, "contact", contact("rcd-2", "reset"))
    )
    assert said(day + reserves(1), hub)[2:] == ["2 reservation", "2 Reserved", "2 OutOfService", "2 Reserved"]


def test_a_restart_tells_that_it_is_reserved_still(hub: str) -> None:
    day = truth((0, "agent_started"), (5, "agent_killed"), (8, "agent_started"))
    assert said(day + reserves(1), hub)[-2:] == ["1 Available", "2 Reserved"]


def test_evse_data_are_told_once_and_not_by_a_restart(hub: str) -> None:
    day = truth((0, "agent_started"), (5, "agent_killed"), (8, "agent_started"))
    assert [(one.evse, one.t) for one in wanted(day, hub) if one.message == "EVSE data"] == [("1", 0), ("2", 0)]


def test_a_reservation_that_runs_out_has_no_rule(hub: str) -> None:
    day = truth((0, "agent_started")) + reserves(1, minutes=1)
    assert said(day + truth((60, "plugged", at("2"))), hub)
    with pytest.raises(JudgeError, match="runs out"):
        wanted(day + truth((61, "plugged", at("2"))), hub)


def test_what_apps_ask_while_the_agent_is_down_has_no_rule() -> None:
    with pytest.raises(JudgeError, match="'app_reserved' while the agent does not run"):
        wanted(truth((0, "agent_started"), (1, "agent_killed")) + reserves(2))


# The judge can say no


def test_a_right_day_is_right(hub: str) -> None:
    verdict = judged(hub, heard_of_apps(hub), APP_DAY)
    assert verdict.problems == []
    assert all(row.arrival is not None and row.in_order for row in verdict.rows)
    assert len(verdict.rows) == {"oicp": 17, "oioi": 15}[hub]


@pytest.mark.parametrize(
    "name",
    [
        "2 Reserved", "1 remote start", "2 Occupied", "2 Start", "2 Progress", "2 remote stop", "2 CDR",
    ],
)  # fmt: skip
def test_what_is_missing_is_found(hub: str, name: str) -> None:
    assert judged(hub, lacking(hub, name), APP_DAY).problems == [f"EVSE {name}: is missing"]


@pytest.mark.parametrize("name", ["2 CDR of nothing", "2 End"])
def test_what_only_some_hubs_hear_is_missing_there_and_wrong_elsewhere(name: str) -> None:
    word = name.removesuffix(" of nothing")
    assert judged("oicp", lacking("oicp", name), APP_DAY).problems == [f"EVSE {word}: is missing"]
    too_much = of_anna("oioi", 6.2, "CDR", RESERVED) if "nothing" in name else of_anna("oioi", 27.0, "End")
    assert judged("oioi", [*heard_of_apps("oioi"), too_much], APP_DAY).problems == [f"EVSE {word}: was not expected"]


def test_a_call_that_never_went_out_is_missing_with_all_that_follows() -> None:
    problems = judged("oicp", lacking("oicp", "2 reservation"), APP_DAY).problems
    assert "EVSE 2 reservation: is missing" in problems
    assert "EVSE 2 CDR: was not expected" in problems


def test_a_start_that_never_went_out_is_missing_with_all_that_follows(hub: str) -> None:
    place = place_of(heard_of_apps(hub), "2 remote start", 1)
    problems = judged(hub, without(heard_of_apps(hub), place), APP_DAY).problems
    assert "EVSE 2 remote start: is missing" in problems
    assert "EVSE 2 CDR: was not expected" in problems


def test_what_comes_twice_is_found(hub: str) -> None:
    for name in known_to(hub, ["2 CDR of nothing", "2 Start", "2 End", "2 CDR"]):
        entries = heard_of_apps(hub)
        once = entries[place_of(entries, name)]
        again = once | {"t": once["t"] + 0.5}
        word = name.removesuffix(" of nothing")
        assert judged(hub, [*entries, again], APP_DAY).problems == [f"EVSE {word}: came twice"]


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("2 reservation", "602", "602 instead of 000"),
        ("1 remote start", "000", "000 instead of EMPTY"),
        ("2 remote start", "602", "602 instead of KEPT"),
        ("2 remote stop", "400", "400 instead of 000"),
    ],
)
def test_a_wrong_answer_is_found(hub: str, name: str, code: str, sentence: str) -> None:
    right = {"oicp": ("510", "601"), "oioi": ("321", "320")}[hub]
    text = sentence.replace("EMPTY", right[0]).replace("KEPT", right[1])
    assert judged(hub, altered(hub, name, code=code), APP_DAY).problems == [f"EVSE {name}: was answered {text}"]


def test_a_call_without_answer_is_found(hub: str) -> None:
    silent = altered(hub, "1 remote start", code=None, http_status=None, violations=["answer: refused"])
    place = place_of(silent, "1 remote start")
    silent[place] |= {"reason": "connection refused"}
    assert judged(hub, silent, APP_DAY).problems == [
        "EVSE 1 remote start: was not answered: connection refused",
        "the hub objects to remote start: answer: refused",
    ]


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("2 CDR of nothing", {"energy_wh": 1}, "tells 1 Wh of a reservation"),
        ("2 CDR of nothing", {"energy_wh": None}, "tells None Wh of a reservation"),
        ("2 CDR of nothing", {"user": "DE…-B"}, "tells DE…-B instead of DE…-A"),
        ("2 Progress", {"MeterValueStart": 1.002}, "the meter at the start is told as 1002 Wh"),
        ("2 CDR", {"MeterValueEnd": 1.102, "energy_wh": 102}, "the meter at the end is told as 1102 Wh"),
    ],
)
def test_a_message_that_is_not_true_is_found_by_all_that_it_tells(
    name: str, wrong: dict[str, Any], sentence: str
) -> None:
    (problem,) = judged("oicp", altered("oicp", name, **wrong), APP_DAY).problems
    assert problem.startswith(f"EVSE {name.removesuffix(' of nothing')}: {sentence}")


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("2 Start", {"user": None}, "tells None instead of DE…-A"),
        ("2 Start", {"user": "04…81"}, "tells 04…81 instead of DE…-A"),
        ("2 Progress", {"energy_wh": None}, "has no energy"),
        ("2 Progress", {"energy_wh": -1}, "tells -1 Wh, which is not between none and all of the charge"),
        ("2 Progress", {"energy_wh": 102}, "tells 102 Wh, which is not between none and all of the charge"),
        ("2 CDR", {"energy_wh": 102}, "tells 102 Wh, "),
    ],
)
def test_a_message_that_is_not_true_is_found(hub: str, name: str, wrong: dict[str, Any], sentence: str) -> None:
    (problem,) = judged(hub, altered(hub, name, **wrong), APP_DAY).problems
    assert problem.startswith(f"EVSE {name}: {sentence}")


def test_a_record_under_the_charges_session_is_not_the_reservations() -> None:
    problems = judged("oicp", altered("oicp", "2 CDR of nothing", hub_session=CHARGED), APP_DAY).problems
    assert "EVSE 2 CDR: is missing" in problems


def test_a_second_word_of_a_charge_within_five_minutes_is_found(hub: str) -> None:
    again = of_anna(hub, 20.0, "Progress")
    assert judged(hub, [*heard_of_apps(hub), again], APP_DAY).problems == ["EVSE 2 Progress: came twice"]


def test_messages_for_a_start_that_was_refused_are_found(hub: str) -> None:
    entries = [*heard_of_apps(hub), of_anna(hub, 9.0, "Start", session="e2")]
    assert judged(hub, entries, APP_DAY).problems == ["EVSE 2 Start: was not expected"]


def test_a_status_that_hides_the_reservation_is_found(hub: str) -> None:
    entries = [*lacking(hub, "2 Reserved"), status(2.1, "2", "Available")]
    assert set(judged(hub, entries, APP_DAY).problems) == {
        "EVSE 2 Reserved: is missing",
        "EVSE 2 Available: came twice",
    }


def test_evse_data_that_come_again_are_found(hub: str) -> None:
    (problem,) = judged(hub, [*heard(hub), data(9.0, "1")]).problems
    assert problem == "EVSE 1 EVSE data: came twice"


def test_evse_data_of_an_evse_that_is_not_ours_are_found(hub: str) -> None:
    (problem,) = judged(hub, [*heard(hub), changed(data(9.0, "1"), evse_ids=["DE*ABC*E9"])]).problems
    assert problem == "EVSE DE*ABC*E9 EVSE data: was not expected"


def test_evse_data_that_are_taken_back_are_found(hub: str) -> None:
    (problem,) = judged(hub, [*heard(hub), changed(data(9.0, "1"), deleted=True)]).problems
    assert problem == "EVSE 1 EVSE data deleted: was not expected"


# Moments

WALLED = walled(APP_DAY)


def dated(hub: str, **wrong: float) -> list[Event]:
    """heard_of_apps() with true date-times, but for those that are given: seconds of the day."""
    kept = {"session_start": 2.0, "start": 2.0, "session_end": 6.0}
    charged = {"session_start": 6.0, "start": 7.3, "session_end": 24.0} | ({"at": 15.0} if hub == "oicp" else {})
    moments = {RESERVED: kept, CHARGED: charged | wrong}
    found = {session: {name: _moment(t) for name, t in told.items()} for session, told in moments.items()}
    return [changed(one, **found.get(str(one["means"].get("hub_session")), {})) for one in heard_of_apps(hub)]


def _moment(t: float) -> str:
    return datetime.fromtimestamp(t + 1_000_000, UTC).isoformat()


def test_true_moments_are_right(hub: str) -> None:
    assert judged(hub, dated(hub), WALLED).problems == []


def test_a_word_of_long_ago_is_found() -> None:
    (problem,) = judged("oicp", dated("oicp", at=6.5), WALLED).problems
    assert problem == "EVSE 2 Progress: at is told 10 s before it was"


def test_a_session_that_is_told_to_end_later_is_found(hub: str) -> None:
    problems = judged(hub, dated(hub, session_end=35.0), WALLED).problems
    assert problems[-1] == "EVSE 2 CDR: session_end is told 11 s after it was"


def test_a_reservation_without_its_times_is_found() -> None:
    entries = dated("oicp")
    place = place_of(entries, "2 CDR of nothing")
    entries[place] = changed(entries[place], session_end=None)
    assert judged("oicp", entries, WALLED).problems == ["EVSE 2 CDR: has no session_end"]


# Set points


def test_current_after_a_remote_start_is_right(hub: str) -> None:
    found = set_points(hub, APP_DAY, heard_of_apps(hub))
    assert (found.raised, found.problems) == (1, ())


def test_current_before_the_remote_start_is_found(hub: str) -> None:
    early = truth((4.0, "set_point_written", {"evse": "2", "current_ma": 6000}))
    (problem,) = set_points(hub, APP_DAY + early, heard_of_apps(hub)).problems
    assert problem == "EVSE 2: a set point of 6 A was written and no hub had authorized it"


def test_current_after_a_refused_start_is_found(hub: str) -> None:
    wrong = truth((3.2, "set_point_written", {"evse": "1", "current_ma": 6000}))
    assert "EVSE 1" in set_points(hub, APP_DAY + wrong, heard_of_apps(hub)).problems[0]


def test_current_that_goes_on_after_the_remote_stop_is_found(hub: str) -> None:
    day = [one for one in APP_DAY if one.get("current_ma") != 0]
    assert set_points(hub, day, heard_of_apps(hub)).problems == (
        "EVSE 2: the set point never went to 0 after 'the app ends the charge'",
    )


def test_calls_are_no_excuse_for_a_day_without_them(hub: str) -> None:
    """A call that no deed of the truth explains."""
    entries = [*heard(hub), called(hub, 9.0, "remote_stop", "1", RESERVED)]
    assert judged(hub, entries, CHARGE).problems == ["EVSE 1 remote stop: was not expected"]
