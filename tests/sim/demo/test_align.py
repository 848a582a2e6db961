"""Two sequences side by side, for every short pair of them."""

from hypothesis import given
from hypothesis import strategies as st

from roampost_sim.demo.align import Came, Wanted, align

KEYS = st.lists(st.sampled_from("ABC"), max_size=6)


def pairs(wanted: str, came: str) -> dict[int, int]:
    return align([Wanted(key, 0.0) for key in wanted], [Came(key, 1.0) for key in came])


def test_what_is_missing_leaves_a_gap() -> None:
    assert pairs("ABC", "AC") == {0: 0, 2: 1}


def test_what_came_twice_is_taken_once_and_early() -> None:
    assert pairs("AB", "AAB") == {0: 0, 1: 2}


def test_what_came_before_its_cause_is_left() -> None:
    assert align([Wanted("A", 5.0)], [Came("A", 4.0), Came("A", 6.0)]) == {0: 1}


def test_the_heavier_one_gets_the_only_arrival() -> None:
    assert align([Wanted("A", 0.0, 1), Wanted("B", 0.0, 1), Wanted("A", 0.0, 9)], [Came("A", 1.0)]) == {2: 0}


@given(KEYS, KEYS)
def test_pairs_are_equal_and_never_cross(wanted: list[str], came: list[str]) -> None:
    found = pairs("".join(wanted), "".join(came))
    assert all(wanted[i] == came[j] for i, j in found.items())
    assert sorted(found.values()) == [found[i] for i in sorted(found)]
    assert len(set(found.values())) == len(found)


@given(KEYS)
def test_equal_sequences_are_matched_whole(keys: list[str]) -> None:
    assert pairs("".join(keys), "".join(keys)) == {place: place for place in range(len(keys))}
