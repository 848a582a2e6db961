"""What a commit touches costs its own lane's work: counted, with four thousand lanes."""

from dataclasses import dataclass, field, replace

import pytest

from roampost.outbox.lanes import Lanes, Waiting
from roampost.outbox.turns import Turns
from roampost.store.changes import LiveRow, RowState

ROW = LiveRow(1, "hub", "session/s1", "start", "E1", "s1", RowState.QUEUED, 0, False, False, 0, None, "b", 0, True)


def row(seq: int, kind: str = "start", session: str | None = None, **changes: object) -> LiveRow:
    session = session or f"s{seq}"
    lane = "status/hub" if kind == "status" else f"session/{session}"
    made = replace(ROW, seq=seq, kind=kind, lane=lane, session_id=None if kind == "status" else session)
    return replace(made, **changes)  # type: ignore[arg-type] # fields by name


@dataclass
class Counting:
    """Counts how often a row is looked at for when it is due."""

    looks: int = 0
    lanes: Lanes = field(init=False)

    def __post_init__(self) -> None:
        self.lanes = Lanes(ceiling_ms=10_000_000, due_ms=self.due_ms, group=lambda row: row.kind)

    def due_ms(self, waiting: Waiting) -> int:
        self.looks += 1
        return waiting.due_ms

    def take_in(self, *rows: LiveRow, now_ms: int = 0) -> None:
        self.lanes.take_in(rows, now_ms=now_ms, wall_ms=0)

    def next(self, group: str = "start") -> int | None:
        found = self.lanes.first(group) if group in self.lanes.groups() else None
        return None if found is None else found.row.seq


def test_four_thousand_lanes_are_drained_with_a_few_looks_at_each() -> None:
    made = Counting()
    made.take_in(*(row(seq) for seq in range(1, 4001)))
    for seq in range(1, 4001):
        assert made.next() == seq
        sent = row(seq)
        made.lanes.hold(sent.lane)
        made.take_in(replace(sent, state=RowState.SENDING, attempts=1))
        made.take_in(replace(sent, state=RowState.DELIVERED, attempts=1))
        made.lanes.release(sent.lane, now_ms=0)
    assert len(made.lanes) == 0
    assert made.looks <= 2 * 4000


def test_lanes_that_come_later_are_not_looked_at_before() -> None:
    made = Counting()
    made.take_in(*(row(seq, next_attempt_ms=1000 * seq) for seq in range(1, 4001)))
    looks = made.looks
    for now_ms in range(0, 999, 10):
        made.lanes.mature(now_ms)
    assert (made.looks, made.next(), made.lanes.next_due_ms) == (looks, None, 1000)
    made.lanes.mature(3000)
    assert made.looks == looks + 3
    assert (made.next(), made.lanes.next_due_ms) == (1, 4000)


def test_the_first_row_of_a_session_goes_whatever_is_behind_it() -> None:
    made = Counting()
    made.take_in(row(2, "cdr", "s1"), row(1, "start", "s1", next_attempt_ms=500))
    assert made.lanes.groups() == ()
    made.lanes.mature(500)
    assert (made.next("start"), made.next("cdr")) == (1, None)
    made.take_in(row(1, "start", "s1", state=RowState.DELIVERED))
    assert (made.next("start"), made.next("cdr")) == (None, 2)


def test_the_first_due_status_goes_past_one_that_waits() -> None:
    made = Counting()
    made.take_in(row(1, "status", next_attempt_ms=500), row(2, "status"))
    assert made.next("status") == 2
    made.take_in(row(2, "status", state=RowState.DELIVERED))
    assert made.next("status") is None
    made.lanes.mature(500)
    assert made.next("status") == 1


def test_nothing_goes_past_a_late_authorization_not_even_past_a_parked_one() -> None:
    made = Counting()
    made.take_in(row(1, "late_authorization", "s1", attempts=9), row(2, "end", "s1"), row(3, "cdr", "s1"))
    assert made.lanes.groups() == ("late_authorization",)
    made.take_in(row(1, "late_authorization", "s1", state=RowState.PARKED))
    assert made.lanes.groups() == ()
    assert len(made.lanes) == 3
    assert made.lanes.held_up == {}
    made.take_in(row(1, "late_authorization", "s1", state=RowState.DISCARDED))
    assert made.lanes.groups() == ("end",)


def test_a_lane_in_flight_is_not_among_the_due_ones_until_it_is_released() -> None:
    made = Counting()
    made.take_in(row(1), row(2))
    made.lanes.hold("session/s1")
    made.take_in(row(3, session="s1"))
    assert made.next() == 2
    made.lanes.release("session/s1", now_ms=0)
    assert made.next() == 1
    assert [head.row.seq for head in made.lanes.heads()] == [1, 2]


def test_a_notification_that_was_tried_in_vain_holds_up_its_cdr() -> None:
    made = Counting()
    made.take_in(row(1, "end", "s1", attempts=1))
    assert made.lanes.held_up == {}
    made.take_in(row(2, "cdr", "s1"), row(3, "end", "s2"), row(4, "cdr", "s2"))
    assert list(made.lanes.held_up) == ["session/s1"]
    made.take_in(row(1, "end", "s1", state=RowState.DELIVERED))
    assert made.lanes.held_up == {}


@pytest.mark.parametrize("lanes", [1, 500])
def test_a_queue_that_is_put_in_again_and_again_stays_small(lanes: int) -> None:
    turns = Turns()
    for number in range(20_000):
        turns.put(f"lane {number % lanes}", (20_000 - number,))
    assert len(turns) == lanes
    assert turns.first() == ((1,), f"lane {19_999 % lanes}")
    assert len(turns._heap) <= 2 * lanes + 65
