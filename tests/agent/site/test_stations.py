"""Stations are told when they differ from what the hub has acknowledged, and what gives an EVSE away goes first."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.domain.messages import StationDataMessage
from roampost.site.pushes import Push, Wanted
from roampost.site.stations import plan_stations, post_again

A, B, C, D = (f"DE*ABC*E{number}" for number in range(1, 5))


def evse(evse_id: str, station: str | None = None, **more: str) -> str:
    told = {"evse_id": evse_id, **more} | ({} if station is None else {"station_id": station})
    return json.dumps(told, sort_keys=True, separators=(",", ":"))


def wanted(unsaid: Mapping[str, str | None] | None = None, /, **stations: str) -> Wanted:
    """Stations by the letters of their EVSEs; unsaid: EVSEs, and the station of each."""
    ids = dict(zip("ABCD", (A, B, C, D), strict=True))
    data = {ids[one]: evse(ids[one], name) for name, letters in stations.items() for one in letters}
    return Wanted(data or None, {evse_id: evse(evse_id, name) for evse_id, name in (unsaid or {}).items()})


def messages(pushes: list[Push]) -> list[StationDataMessage]:
    return [one.message for one in pushes if isinstance(one.message, StationDataMessage)]


def told(pushes: list[Push]) -> list[tuple[str, str]]:
    return [(one.action, one.station_id) for one in messages(pushes)]


def remembered(pushes: list[Push]) -> dict[str, str | None]:
    return dict(pair for push in pushes for pair in push.remembers)


def acknowledged(pushes: list[Push], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the store remembers when the hub has said yes to all of them."""
    memory: dict[str, str | None] = {**(known or {}), **remembered(pushes)}
    return {name: value for name, value in memory.items() if value is not None}


def known(**stations: str) -> dict[str, str]:
    return acknowledged(plan_stations(wanted(**stations), {}))


def test_a_hub_that_knows_nothing_gets_every_station_and_then_nothing_more() -> None:
    pushes = plan_stations(wanted(S1="BA", S2="C"), {})
    assert messages(pushes) == [
        StationDataMessage(action="post", station_id="S1", data=(evse(A, "S1"), evse(B, "S1"))),
        StationDataMessage(action="post", station_id="S2", data=(evse(C, "S2"),)),
    ]
    assert plan_stations(wanted(S2="C", S1="AB"), acknowledged(pushes)) == []


@pytest.mark.parametrize("station", [None, ""])
def test_an_evse_without_a_station_is_one_under_its_own_id(station: str | None) -> None:
    data = {one: evse(one, station) for one in (A, B)}
    assert told(plan_stations(Wanted(data), {})) == [("post", A), ("post", B)]


def test_without_a_description_nothing_is_told_and_nothing_is_deleted() -> None:
    assert plan_stations(Wanted(None), known(S1="A")) == []
    assert plan_stations(Wanted({}, {A: evse(A, "S1")}), known(S1="A", S2="B")) == []


def test_what_has_changed_is_posted_with_what_the_hub_has() -> None:
    (push,) = plan_stations(Wanted({A: evse(A, "S1", hotline="+49")}), known(S1="A"))
    assert push.message == StationDataMessage(
        action="post", station_id="S1", data=(evse(A, "S1", hotline="+49"),), before=(evse(A, "S1"),)
    )


def test_an_evse_that_is_added_changes_its_station() -> None:
    (push,) = plan_stations(wanted(S1="AB"), known(S1="A"))
    assert push.message == StationDataMessage(
        action="post", station_id="S1", data=(evse(A, "S1"), evse(B, "S1")), before=(evse(A, "S1"),)
    )


def test_a_station_that_left_is_deleted_in_the_words_in_which_it_was_told() -> None:
    was = known(S1="A", S2="BC")
    pushes = plan_stations(wanted(S1="A"), was)
    both = (evse(B, "S2"), evse(C, "S2"))
    assert messages(pushes) == [StationDataMessage(action="delete", station_id="S2", data=both, before=both)]
    assert acknowledged(pushes, was) == known(S1="A")


@pytest.mark.parametrize(
    ("before", "after", "order"),
    [
        ({"S1": "A"}, {"S2": "A"}, [("delete", "S1"), ("post", "S2")]),
        ({"S1": "AB", "S2": "C"}, {"S1": "A", "S2": "BC"}, [("post", "S1"), ("post", "S2")]),
        ({"S2": "AB", "S1": "C"}, {"S1": "BC", "S2": "A"}, [("post", "S2"), ("post", "S1")]),
        (
            {"S1": "AB", "S2": "C", "S3": "D"},
            {"S3": "CD", "S2": "B", "S1": "A"},
            [("post", "S1"), ("post", "S2"), ("post", "S3")],
        ),
        ({"S1": "A", "S2": "B"}, {"S1": "B", "S2": "A"}, [("post", "S1"), ("post", "S2")]),
        ({"S1": "AB"}, {"S2": "A", "S1": "B"}, [("post", "S1"), ("post", "S2")]),
    ],
)
def test_who_gives_an_evse_away_goes_before_who_takes_it(
    before: dict[str, str], after: dict[str, str], order: list[tuple[str, str]]
) -> None:
    was = known(**before)
    pushes = plan_stations(wanted(**after), was)
    assert told(pushes) == order
    assert plan_stations(wanted(**after), acknowledged(pushes, was)) == []


# --- EVSEs whose data the hub would refuse --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "has",
    [
        pytest.param({}, id="new"),
        pytest.param({"S1": "A"}, id="without it"),
        pytest.param({"S1": "AB"}, id="with it"),
    ],
)
def test_a_station_with_an_evse_that_would_be_refused_stays_as_it_is(has: dict[str, str]) -> None:
    assert told(plan_stations(wanted({B: "S1"}, S1="A", S2="C"), known(**has))) == [("post", "S2")]


def test_a_station_that_has_an_evse_which_would_be_refused_elsewhere_stays_as_it_is() -> None:
    assert plan_stations(wanted({B: "S2"}, S3="C"), known(S1="AB", S3="C")) == []


# --- what waits -----------------------------------------------------------------------------------------------------


def test_what_waits_is_followed_by_what_is_wanted_now() -> None:
    was = known(S1="A", S2="B")
    deleting = remembered(plan_stations(wanted(S1="A"), was))
    assert told(plan_stations(wanted(S1="A", S2="B"), was, waiting=deleting)) == [("post", "S2")]
    growing = remembered(plan_stations(wanted(S1="AC", S2="B"), was))
    (again,) = messages(plan_stations(wanted(S1="A", S2="B"), was, waiting=growing))
    assert again.data == again.before == (evse(A, "S1"),)


def test_a_post_that_waits_is_followed_by_a_deletion_when_its_station_leaves() -> None:
    waiting = remembered(plan_stations(wanted(S2="B"), {}))
    (push,) = plan_stations(wanted(S1="A"), known(S1="A"), waiting=waiting)
    assert push.message == StationDataMessage(action="delete", station_id="S2", data=(evse(B, "S2"),))


def test_a_deletion_names_what_the_hub_has_and_not_what_it_never_took() -> None:
    was = known(S1="A", S2="B")
    waiting = remembered(plan_stations(wanted(S1="A", S2="BC"), was))
    (push,) = messages(plan_stations(wanted(S1="A"), was, waiting=waiting))
    assert push.data == push.before == (evse(B, "S2"),)


# --- what the hub says that it does not know ------------------------------------------------------------------------


def test_a_station_that_the_hub_has_lost_is_posted_as_new() -> None:
    (push,) = post_again(wanted(S1="AB", S2="C"), known(S1="AB", S2="C"), {}, ["deabcE2"])
    assert push.message == StationDataMessage(action="post", station_id="S1", data=(evse(A, "S1"), evse(B, "S1")))
    assert post_again(wanted(S1="A"), known(S1="A"), {}, [D]) == []


def test_two_evses_of_a_station_post_it_once() -> None:
    assert told(post_again(wanted(S1="AB"), known(S1="AB"), {}, [A, B])) == [("post", "S1")]


def test_an_evse_that_the_hub_has_never_had_is_no_sign_that_its_station_is_lost() -> None:
    """Else a change of the connectors, which a hub may not take, would pass as a new station."""
    was, now = known(S1="A"), wanted(S1="AB")
    (push,) = messages(post_again(now, was, {}, [B]))
    assert push.before == (evse(A, "S1"),)
    assert post_again(now, was, remembered(plan_stations(now, was)), [B]) == []


def test_a_first_post_that_waits_is_left_to_its_own_pace() -> None:
    now = wanted(S1="A")
    assert post_again(now, {}, remembered(plan_stations(now, {})), [A]) == []
    assert told(post_again(now, {}, {}, [A])) == [("post", "S1")]


def test_a_station_with_an_evse_that_would_be_refused_is_not_posted_again() -> None:
    assert post_again(wanted({B: "S1"}, S1="A"), known(S1="AB"), {}, [A]) == []


# --- all there is ---------------------------------------------------------------------------------------------------

SITES = st.dictionaries(st.sampled_from("ABCD"), st.sampled_from(["S1", "S2", "S3", "S4"]), min_size=1)


def site(stations: Mapping[str, str]) -> Wanted:
    ids = dict(zip("ABCD", (A, B, C, D), strict=True))
    return Wanted({ids[letter]: evse(ids[letter], name) for letter, name in stations.items()})


@given(SITES, SITES)
def test_from_any_site_to_any_other_in_one_go(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    was = acknowledged(plan_stations(site(before), {}))
    pushes = plan_stations(site(after), was)
    stations = [name for _, name in told(pushes)]
    assert len(stations) == len(set(stations))
    assert acknowledged(pushes, was) == acknowledged(plan_stations(site(after), {}))
    assert plan_stations(site(after), acknowledged(pushes, was)) == []


@given(SITES, SITES)
def test_what_waits_and_what_is_told_now_end_where_they_should(
    before: Mapping[str, str], between: Mapping[str, str]
) -> None:
    """The configuration is changed, and changed back before the hub has answered."""
    was = acknowledged(plan_stations(site(before), {}))
    waits = plan_stations(site(between), was)
    back = plan_stations(site(before), was, waiting=remembered(waits))
    assert acknowledged(back, acknowledged(waits, was)) == was


@given(SITES, SITES)
def test_an_evse_has_left_its_station_before_another_takes_it_unless_they_swap(
    before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    held = {name: set(value) for name, value in _evses(plan_stations(site(before), {})).items()}
    for message in messages(plan_stations(site(after), acknowledged(plan_stations(site(before), {})))):
        takes = set(message.data) if message.action == "post" else set()
        others = {_id(one) for name, data in held.items() if name != message.station_id for one in data}
        if not _swaps(before, after):
            assert not {_id(one) for one in takes} & others
        held[message.station_id] = takes


def _evses(pushes: list[Push]) -> dict[str, tuple[str, ...]]:
    return {one.station_id: one.data for one in messages(pushes)}


def _id(text: str) -> str:
    return str(json.loads(text)["evse_id"])


def _swaps(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether following EVSEs from station to station leads back to where it began."""
    moves = {(before[one], after[one]) for one in before.keys() & after.keys() if before[one] != after[one]}
    reach = set(moves)
    for _ in range(4):
        reach |= {(here, further) for here, there in reach for start, further in moves if start == there}
    return any(here == there for here, there in reach)
