"""A day with two hubs: each hears what is its own, and the judge finds what was told to the wrong one."""

import pytest

from roampost_sim.demo.compare import Verdict, compare, told_first
from roampost_sim.demo.expect import JudgeError, expected
from roampost_sim.demo.message import Expected, Need
from roampost_sim.demo.outage import outages
from roampost_sim.demo.protocols import Hub
from roampost_sim.demo.setpoints import check
from roampost_sim.demo.table import summary, table
from tests.sim.demo.records import (
    ANNA,
    CARDS,
    CHARGE,
    CHARGED,
    DATA,
    IDS,
    STATION,
    Event,
    asked,
    at,
    called,
    heard,
    name_of,
    place_of,
    status,
    told,
    truth,
    without,
)

Records = dict[str, list[Event]]
OTHER = {"oicp": "oioi", "oioi": "oicp"}
NO = {"oicp": "102", "oioi": "191"}


def wanted_of(events: list[Event], records: Records, *knowing: str) -> list[Expected]:
    """knowing: the hubs that know the card; all, when none is given."""
    hubs = [Hub(name, CARDS if name in (knowing or ("oicp", "oioi")) else {}) for name in ("oicp", "oioi")]
    return expected(events, STATION, hubs, was_first=told_first(records, IDS))


def judged(records: Records, *knowing: str, events: list[Event] = CHARGE) -> Verdict:
    """With the EVSE data of the beginning."""
    whole = {name: [*DATA[name], *entries] for name, entries in records.items()}
    return compare(wanted_of(events, whole, *knowing), whole, IDS)


def statuses(hub: str) -> list[Event]:
    return [one for one in heard(hub) if one["means"]["what"] == "status"]


def charge_at(hub: str) -> Records:
    """CHARGE with a card that only this hub knows: the other one is asked, says no, and hears the statuses."""
    other = OTHER[hub]
    mine, others = heard(hub), [*statuses(other), asked(other, 7.2, code=NO[other])]
    return {"oicp": mine, "oioi": others} if hub == "oicp" else {"oicp": others, "oioi": mine}


def plain(text: str, _colour: str) -> str:
    return text


# What should be


def test_statuses_and_data_are_for_both_and_a_session_is_for_its_hub(hub: str) -> None:
    told_to_other = [one.message for one in wanted_of(CHARGE, {}, hub) if one.hub == OTHER[hub]]
    assert told_to_other == [
        "EVSE data", "EVSE data", "Available", "Available", "Occupied", "authorization", "Available",
    ]  # fmt: skip


def test_a_right_day_is_right(hub: str) -> None:
    assert judged(charge_at(hub), hub).problems == []


def test_a_reservation_keeps_the_place_from_the_same_contract_at_another_hub() -> None:
    """Drivers are known to their hub alone."""
    day = truth(
        (0, "agent_started"),
        (1, "app_reserved", {"evse": "2", "contract": ANNA, "minutes": 15, "hub": "oioi"}),
        (2, "plugged", at("2")),
        (3, "app_started", {"evse": "2", "contract": ANNA, "hub": "oicp"}),
        (4, "app_cancelled", {"evse": "2", "hub": "oicp"}),
    )
    assert [(one.hub, one.code) for one in wanted_of(day, {}) if one.is_call] == [
        ("oioi", "000"),
        ("oicp", "601"),
        ("oicp", "400"),
    ]


def test_a_hub_cannot_stop_what_another_one_has_started() -> None:
    day = truth(
        (0, "agent_started"),
        (2, "plugged", at("2")),
        (3, "app_started", {"evse": "2", "contract": ANNA, "hub": "oioi"}),
        (4, "app_stopped", {"evse": "2", "hub": "oicp"}),
        (5, "app_stopped", {"evse": "2", "hub": "oioi"}),
    )
    assert [one.code for one in wanted_of(day, {}) if one.is_call] == ["011", "400", "000"]


# The judge can say no


def test_a_message_at_the_wrong_hub_is_missing_at_the_right_one(hub: str) -> None:
    records, other = charge_at(hub), OTHER[hub]
    records[hub] = without(records[hub], place_of(records[hub], "1 CDR"))
    records[other].append(told(other, 14.1, "CDR"))
    assert judged(records, hub).problems == [
        f"{hub}: EVSE 1 CDR: is missing",
        f"{other}: EVSE 1 CDR: was not expected",
    ]


def test_a_session_that_is_told_to_both_is_found(hub: str) -> None:
    records, other = charge_at(hub), OTHER[hub]
    records[other] += [told(other, 9.1, "Start"), told(other, 14.2, "CDR")]
    assert judged(records, hub).problems == [
        f"{other}: EVSE 1 Start: was not expected",
        f"{other}: EVSE 1 CDR: was not expected",
    ]


def test_a_hub_that_is_not_asked_about_a_card_is_missing_the_question(hub: str) -> None:
    records, other = charge_at(hub), OTHER[hub]
    records[other] = statuses(other)
    assert judged(records, hub).problems == [f"{other}: EVSE 1 authorization: is missing"]


def test_a_status_that_only_one_hub_hears_is_missing_at_the_other(hub: str) -> None:
    records = charge_at("oicp")
    records[hub] = without(records[hub], place_of(records[hub], "1 Occupied"))
    assert judged(records, "oicp").problems == [f"{hub}: EVSE 1 Occupied: is missing"]


def test_an_app_that_is_answered_by_way_of_another_hub_is_found(hub: str) -> None:
    day = truth((0, "agent_started"), (3, "app_stopped", {"evse": "2", "hub": hub}))
    start = [status(1.5, "1", "Available"), status(1.6, "2", "Available")]
    records = {name: list(start) for name in ("oicp", "oioi")}
    code = {"oicp": "182", "oioi": "400"}[hub]
    records[OTHER[hub]].append(called(OTHER[hub], 3.0, "remote_stop", "2", CHARGED, code))
    assert set(judged(records, events=day).problems) == {
        f"{hub}: EVSE 2 remote stop: is missing",
        f"{OTHER[hub]}: EVSE 2 remote stop: was not expected",
    }


def test_what_a_hub_objects_to_is_told_with_its_name(hub: str) -> None:
    records = charge_at(hub)
    records[hub][0] |= {"violations": ["rate: too many"]}
    assert judged(records, hub).problems == [f"{hub}: the hub objects to Available: rate: too many"]


# A card that both know: one session, first yes wins

LOST = {"oicp": [told("oicp", 7.6, "End", energy_wh=None, MeterValueStart=None, MeterValueEnd=None)], "oioi": []}


def both_know(first: str) -> Records:
    """Both say yes; the one that came second is closed in its way: OICP with End, OIOI needs nothing."""
    second = OTHER[first]
    late = [*statuses(second), asked(second, 7.4), *LOST[second]]
    return {first: heard(first), second: late}


@pytest.mark.parametrize("first", ["oicp", "oioi"])
def test_a_card_that_both_know_opens_one_session(first: str) -> None:
    verdict = judged(both_know(first))
    assert verdict.problems == []
    yes = {row.expected.hub: row.expected.lost for row in verdict.rows if row.expected.message == "authorization"}
    assert yes == {first: False, OTHER[first]: True}


def test_a_session_without_energy_that_both_said_yes_to_has_no_rule() -> None:
    """No hub is told of it, so that nobody knows whose it was."""
    day = [one for one in CHARGE if one["event"] != "contactor_closed"]
    with pytest.raises(JudgeError, match="several hubs said yes"):
        wanted_of(day, {})
    assert wanted_of(day, {}, "oioi")


def test_a_second_yes_that_is_not_closed_is_found() -> None:
    records = both_know("oioi")
    records["oicp"] = without(records["oicp"], place_of(records["oicp"], "1 End"))
    assert judged(records).problems == ["oicp: EVSE 1 End: is missing"]


@pytest.mark.parametrize("first", ["oicp", "oioi"])
def test_a_session_that_goes_on_at_the_second_hub_is_found(first: str) -> None:
    records, second = both_know(first), OTHER[first]
    records[second] += [told(second, 9.5, "Start"), told(second, 14.3, "CDR")]
    assert {
        f"{second}: EVSE 1 Start: was not expected",
        f"{second}: EVSE 1 CDR: was not expected",
    } <= set(judged(records).problems)


def test_the_second_yes_permits_nothing() -> None:
    """Current flows after the second hub's yes and before the first one's, which came later than it was told."""
    records = both_know("oioi")
    place = next(place for place, one in enumerate(records["oioi"]) if name_of(one) == " authorization")
    records["oioi"][place] = asked("oioi", 7.9)
    (problem,) = check(CHARGE, judged(records)).problems
    assert problem == "EVSE 1: a set point of 32 A was written and no hub had authorized it"


# An outage of one hub

APART = truth(
    (0, "agent_started"),
    (20, "hub_refused", {"hub": "oicp"}),
    (22, "plugged", at("2")),
    (25, "unplugged", at("2")),
    (30, "plugged", at("2")),
    (40, "hub_cleared", {"hub": "oicp"}),
)
BEFORE = [status(1.5, "1", "Available"), status(1.6, "2", "Available")]
IN_TIME = [status(22.5, "2", "Occupied"), status(25.5, "2", "Available"), status(30.5, "2", "Occupied")]


def test_an_outage_is_of_the_hub_that_it_names() -> None:
    assert (outages(APART, "oicp"), outages(APART, "oioi")) == ([(20, 40)], [])
    needs = {hub: [one.need for one in wanted_of(APART, {}) if one.hub == hub and one.t > 20] for hub in NO}
    assert needs == {"oicp": [Need.NOT, Need.NOT, Need.MUST], "oioi": [Need.MUST] * 3}


def test_who_is_in_reach_hears_all_while_another_is_not() -> None:
    records = {"oicp": [*BEFORE, status(41.0, "2", "Occupied")], "oioi": [*BEFORE, *IN_TIME]}
    verdict = judged(records, events=APART)
    assert verdict.problems == []
    lines = list(summary(verdict, check(APART, verdict), plain))
    assert "While another hub was out of reach, oioi heard 3 statuses, the slowest after 0.50 s." in lines


def test_who_waits_for_another_hubs_network_is_found() -> None:
    late = [one | {"t": 40.5 + place / 10} for place, one in enumerate(IN_TIME)]
    records = {"oicp": [*BEFORE, status(41.0, "2", "Occupied")], "oioi": [*BEFORE, *late]}
    waited = "came only when another hub's network was back"
    assert judged(records, events=APART).problems == [
        f"oioi: EVSE 2 {word}: {waited}" for word in ("Occupied", "Available", "Occupied")
    ]


def test_a_card_is_asked_of_who_is_in_reach(hub: str) -> None:
    """And opens a session when that hub knows it."""
    day = truth((0, "agent_started"), (1, "plugged", at("1")), (20, "hub_refused", {"hub": hub}))
    day += truth((30, "card_held", {"reader": "front", "uid": next(iter(CARDS))}), (31, "contactor_closed", at("1")))
    found = [(one.hub, one.message) for one in wanted_of(day, {}) if one.t >= 30 and one.need is Need.MUST]
    assert found == [(OTHER[hub], "authorization"), (OTHER[hub], "Start")]


# What a person reads


def test_the_table_shows_one_hub_after_the_other() -> None:
    records = charge_at("oicp")
    records["oioi"].append(told("oioi", 9.1, "Start"))
    lines = list(table(judged(records, "oicp"), {"oicp": [], "oioi": []}, plain))
    heads = [place for place, line in enumerate(lines) if line.startswith(("oicp", "oioi"))]
    assert [lines[place].split()[0] for place in heads] == ["oicp", "oioi"]
    assert [" ".join(line.split()) for line in lines[heads[1] + 1 : heads[1] + 3]] == [
        "EVSE 1 station the agent starts yes yes 1.00 s",
        "EVSE 2 station the agent starts yes yes 1.00 s",
    ]
    assert " ".join(lines[-1].split()) == "EVSE 1 Start nothing was not expected NO -"
