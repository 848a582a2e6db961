"""From what happened to what the hub should hear."""

import pytest

from roampost_sim.demo.expect import JudgeError
from roampost_sim.demo.message import Need
from roampost_sim.demo.outage import outages
from tests.sim.demo.records import CHARGE, UNKNOWN, at, card, contact, known_to, said, truth, wanted


def test_a_charge_is_told_from_the_question_to_the_record() -> None:
    assert said(CHARGE, "oicp") == [
        "1 Available", "2 Available", "1 Occupied", "1 authorization", "1 Start", "1 End", "1 CDR", "1 Available",
    ]  # fmt: skip
    assert said(CHARGE, "oioi") == [
        "1 Available", "2 Available", "1 Occupied", "1 authorization", "1 Start", "1 CDR", "1 Available",
    ]  # fmt: skip


def test_the_record_bills_the_registers_at_the_first_contact_and_after_the_last(hub: str) -> None:
    (cdr,) = [one for one in wanted(CHARGE, hub) if one.message == "CDR"]
    assert (cdr.start_wh, cdr.end_wh) == (1000.0, 1025.2)


def test_a_register_that_the_meter_had_no_time_to_show_is_not_believed(hub: str) -> None:
    early = [one for one in CHARGE if one["event"] != "unplugged"] + truth((13.2, "unplugged", at("1", 1024.0)))
    (cdr,) = [one for one in wanted(early, hub) if one.message == "CDR"]
    assert cdr.end_wh is None


def test_the_register_at_the_end_is_read_before_the_next_charge(hub: str) -> None:
    later = truth((20.0, "plugged", at("1", 1025.2)), (25.0, "contactor_closed", at("1", 1025.2)))
    (cdr,) = [one for one in wanted(CHARGE + later, hub) if one.message == "CDR"]
    assert cdr.end_wh == 1025.2


def test_a_card_that_no_provider_knows_is_asked_for_and_opens_nothing(hub: str) -> None:
    day = truth(
        (0, "agent_started"), (1, "plugged", at("2")), (2, "card_held", card(UNKNOWN)), (3, "unplugged", at("2"))
    )
    assert said(day, hub) == ["1 Available", "2 Available", "2 Occupied", "2 authorization", "2 Available"]
    assert [one.code for one in wanted(day, hub) if one.message == "authorization"] == [
        {"oicp": "102", "oioi": "191"}[hub]
    ]


def test_a_card_is_for_the_car_that_was_plugged_in_last(hub: str) -> None:
    day = truth((0, "agent_started"), (1, "plugged", at("2")), (2, "plugged", at("1")), (3, "card_held", card()))
    assert said(day, hub)[-1] == "1 authorization"


def test_a_session_without_energy_has_an_end_and_no_record(hub: str) -> None:
    day = truth((0, "agent_started"), (1, "plugged", at("1")), (2, "card_held", card()), (4, "unplugged", at("1")))
    assert said(day, hub)[3:] == known_to(hub, ["1 authorization", "1 End", "1 Available"])


def test_a_charge_that_pauses_starts_once(hub: str) -> None:
    again = truth((9, "contactor_opened", at("1")), (10, "contactor_closed", at("1")))
    assert said(CHARGE + again, hub).count("1 Start") == 1


def test_a_trip_ends_the_session_and_the_service_until_it_is_reset(hub: str) -> None:
    day = [*CHARGE[:5], *truth((10, "contact", contact("rcd-1", "trip")))]
    assert said(day, hub)[5:] == known_to(hub, ["1 Error", "1 End", "1 CDR", "1 OutOfService"])
    assert said(day + truth((20, "contact", contact("rcd-1", "reset"))), hub)[-1] == "1 Occupied"


def test_a_trip_that_concerns_both_takes_both_out_of_service(hub: str) -> None:
    day = truth((0, "agent_started"), (1, "contact", contact("emergency-stop", "trip")))
    assert said(day, hub)[2:] == ["1 OutOfService", "2 OutOfService"]


def test_a_latched_fault_is_not_released_by_the_reset(hub: str) -> None:
    day = truth(
        (0, "agent_started"), (1, "contact", contact("rcd-1", "trip")), (9, "contact", contact("rcd-1", "reset"))
    )
    assert wanted(day, hub, frozenset({"rcd-1"}))[-1].message == "OutOfService"
    assert wanted(day, hub)[-1].message == "Available"


def test_a_broken_wire_is_a_fault_and_an_open_door_is_none(hub: str) -> None:
    broken = {"contact": "rcd-1", "did": "break_wire", "closed": False, "active": False}
    day = truth((0, "agent_started"), (1, "contact", contact("door", "trip")), (2, "contact", broken))
    assert said(day, hub)[2:] == ["1 OutOfService"]


def test_a_card_at_a_reader_that_is_pulled_out_is_read_by_nobody(hub: str) -> None:
    day = truth((0, "agent_started"), (1, "plugged", at("1")), (2, "line_unplugged", {"line": "front"}))
    later = truth((3, "card_held", card()), (4, "line_replugged", {"line": "front"}), (5, "card_held", card()))
    assert [one.t for one in wanted(day + later, hub) if one.message == "authorization"] == [5]


def test_a_restart_tells_the_statuses_anew_and_the_session_goes_on(hub: str) -> None:
    kill = truth((9.0, "agent_killed"), (11.0, "agent_started"))
    assert said(CHARGE + kill, hub) == [*said(CHARGE, hub)[:5], "1 Occupied", "2 Available", *said(CHARGE, hub)[5:]]


# Outages

FROM_TO = truth((20.0, "hub_refused"), (40.0, "hub_cleared"))


def test_only_the_newest_status_of_an_outage_must_arrive(hub: str) -> None:
    day = truth((0, "agent_started"), (22, "plugged", at("2")), (25, "unplugged", at("2")), (30, "plugged", at("2")))
    needs = [one.need for one in wanted(day + FROM_TO, hub) if one.evse == "2" and one.is_status]
    assert needs == [Need.MUST, Need.NOT, Need.NOT, Need.MUST]


@pytest.mark.parametrize(("first", "second"), [(19.0, 25.0), (35.0, 39.0), (36.0, 41.0)])
def test_around_the_edges_of_an_outage_a_status_may_arrive_or_not(hub: str, first: float, second: float) -> None:
    day = truth((0, "agent_started"), (first, "plugged", at("2")), (second, "unplugged", at("2")))
    assert [one.need for one in wanted(day + FROM_TO, hub) if one.evse == "2" and one.is_status] == [
        Need.MUST,
        Need.MAY,
        Need.MUST,
    ]


@pytest.mark.parametrize(("first", "second"), [(10.0, 25.0), (30.0, 50.0), (41.0, 42.0)])
def test_what_had_its_time_must_arrive(hub: str, first: float, second: float) -> None:
    day = truth((0, "agent_started"), (first, "plugged", at("2")), (second, "unplugged", at("2")))
    assert {one.need for one in wanted(day + FROM_TO, hub)} == {Need.MUST}


def test_messages_of_a_session_are_never_left_out(hub: str) -> None:
    outage = truth((6.0 + 1.5, "hub_refused"), (60.0, "hub_cleared"))
    assert {one.need for one in wanted(CHARGE + outage, hub) if not one.is_status} == {Need.MUST}


def test_a_card_in_an_outage_is_asked_of_nobody(hub: str) -> None:
    day = truth((0, "agent_started"), (1, "plugged", at("1")), (30, "card_held", card()))
    assert "1 authorization" not in said(day + FROM_TO, hub)


def test_an_outage_without_end_lasts() -> None:
    assert outages(FROM_TO[:1], "oicp") == [(20.0, float("inf"))]


# What the judge has no rule for is said


def test_a_card_without_a_car_has_no_rule(hub: str) -> None:
    with pytest.raises(JudgeError, match="no car waits"):
        wanted(truth((0, "agent_started"), (1, "card_held", card())), hub)


def test_what_people_do_while_the_agent_is_down_has_no_rule(hub: str) -> None:
    day = truth((0, "agent_started"), (1, "agent_killed"), (2, "plugged", at("1")))
    with pytest.raises(JudgeError, match="'plugged' while the agent does not run"):
        wanted(day, hub)
