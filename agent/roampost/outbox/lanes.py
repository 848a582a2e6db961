"""The unfinished rows of one hub in memory, by lane: rebuilt from the store at start, then kept by what commits touch.

Parked rows are not here: they hold up nobody. Times are monotonic milliseconds; a stored wall time is turned into
one when its row is taken in, so that a wall clock that jumps later changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from roampost.outbox.classes import CDR, STATUS
from roampost.store.changes import LiveRow, RowState


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row and when it is due; seen_ms: when this state of it was learnt."""

    row: LiveRow
    due_ms: int
    seen_ms: int


class Lanes:
    def __init__(self, *, ceiling_ms: int) -> None:
        self._ceiling_ms = ceiling_ms
        self._lanes: dict[str, dict[int, Waiting]] = {}

    def __len__(self) -> int:
        return sum(len(lane) for lane in self._lanes.values())

    def __iter__(self) -> Iterator[Waiting]:
        return (waiting for lane in self._lanes.values() for waiting in lane.values())

    def take_in(self, rows: Iterable[LiveRow], *, now_ms: int, wall_ms: int) -> None:
        """Each row replaces what was known of it; a row that is finished or parked leaves."""
        for row in rows:
            if row.state.finished or row.state is RowState.PARKED:
                self.forget(row)
                continue
            wait_ms = row.next_attempt_ms - wall_ms
            due_ms = now_ms + (wait_ms if 0 < wait_ms <= self._ceiling_ms else 0)
            self._lanes.setdefault(row.lane, {})[row.seq] = Waiting(row, due_ms, now_ms)

    def forget(self, row: LiveRow) -> None:
        lane = self._lanes.get(row.lane, {})
        lane.pop(row.seq, None)
        if not lane:
            self._lanes.pop(row.lane, None)

    def heads(self, due_ms: Callable[[Waiting], int]) -> Iterator[Waiting]:
        """The row of each lane that goes next: the first one of a session; of the statuses, the first one due."""
        for rows in self._lanes.values():
            waiting = rows.values()
            if any(one.row.state is RowState.SENDING for one in waiting):
                continue
            if next(iter(waiting)).row.kind == STATUS:
                yield min(waiting, key=lambda one: (due_ms(one), one.row.seq))
            else:
                yield rows[min(rows)]

    def holds_up_cdr(self, head: Waiting) -> bool:
        """head is a notification that was tried in vain, and the CDR of its session waits behind it."""
        if head.row.kind in (CDR, STATUS) or head.row.attempts == 0:
            return False
        return any(one.row.kind == CDR for one in self._lanes[head.row.lane].values())
