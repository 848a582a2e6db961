"""The unfinished rows of one hub in memory, by lane: rebuilt from the store at start, then kept by what commits touch.

Parked rows are not here: they hold up nobody. (A parked late authorization is: nothing of its session can go without
it.) Times are monotonic milliseconds; a stored wall time is turned into one when its row is taken in, so that a wall
clock that jumps later changes nothing. What a commit touches costs its own lane's work, never that of all lanes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from roampost.outbox.classes import CDR, EVSE_DATA, LATE_AUTHORIZATION, PRIORITY, STATION_DATA
from roampost.outbox.turns import Key, Turns
from roampost.store.changes import LiveRow, RowState

# Each is about one EVSE or one station, and nothing of another one waits for it.
_APART = frozenset({EVSE_DATA, STATION_DATA})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row and when it is due; seen_ms: when this state of it was learnt."""

    row: LiveRow
    due_ms: int
    seen_ms: int

    @property
    def urgency(self) -> Key:
        return PRIORITY.get(self.row.kind, max(PRIORITY.values())), self.row.seq


class Lanes:
    """due_ms says when a row may go; group puts kinds together that wait for the same thing."""

    def __init__(
        self, *, ceiling_ms: int, due_ms: Callable[[Waiting], int], group: Callable[[LiveRow], str] = lambda row: ""
    ) -> None:
        self.kinds: Counter[str] = Counter()
        self.states: Counter[RowState] = Counter()
        self.held_up: dict[str, None] = {}  # lanes whose CDR waits behind a notification that was tried in vain
        self._ceiling_ms = ceiling_ms
        self._due_ms = due_ms
        self._group = group
        self._lanes: dict[str, dict[int, Waiting]] = {}
        self._busy: set[str] = set()
        self._groups: dict[str, str] = {}
        self._ready: dict[str, Turns] = {}
        self._later = Turns()

    def __len__(self) -> int:
        return self.kinds.total()

    def __iter__(self) -> Iterator[Waiting]:
        return (waiting for lane in self._lanes.values() for waiting in lane.values())

    def __contains__(self, lane: str) -> bool:
        return lane in self._lanes

    def of(self, lane: str) -> Iterator[Waiting]:
        return iter(self._lanes.get(lane, {}).values())

    def take_in(self, rows: Iterable[LiveRow], *, now_ms: int, wall_ms: int) -> None:
        """Each row replaces what was known of it; a row that is finished or parked leaves."""
        touched: dict[str, None] = {}
        for row in rows:
            touched[row.lane] = None
            self._take_out(row)
            if not row.state.finished and (row.state is not RowState.PARKED or row.kind == LATE_AUTHORIZATION):
                wait_ms = row.next_attempt_ms - wall_ms
                due_ms = now_ms + (wait_ms if 0 < wait_ms <= self._ceiling_ms else 0)
                self._lanes.setdefault(row.lane, {})[row.seq] = Waiting(row, due_ms, now_ms)
                self.kinds[row.kind] += 1
                self.states[row.state] += 1
        for lane in touched:
            self._place(lane, now_ms)

    def forget(self, row: LiveRow, *, now_ms: int) -> None:
        self._take_out(row)
        self._place(row.lane, now_ms)

    def hold(self, lane: str) -> None:
        """Something of it is in flight."""
        self._busy.add(lane)
        self._unplace(lane)

    def release(self, lane: str, *, now_ms: int) -> None:
        self._busy.discard(lane)
        self._place(lane, now_ms)

    def place_all(self, now_ms: int) -> None:
        """What due_ms says has changed."""
        for lane in self._lanes:
            self._place(lane, now_ms)

    # --- what is due ---------------------------------------------------------------------------------------------

    def mature(self, now_ms: int) -> None:
        """What was to come later and is due now."""
        while (first := self._later.first()) is not None and first[0][0] <= now_ms:
            self._place(first[1], now_ms)

    @property
    def next_due_ms(self) -> int | None:
        """Of what is not due yet."""
        first = self._later.first()
        return None if first is None else first[0][0]

    def groups(self) -> tuple[str, ...]:
        """Those in which something is due."""
        return tuple(name for name, turns in self._ready.items() if len(turns))

    def first(self, group: str) -> Waiting | None:
        """The most urgent of the due lanes' heads."""
        first = self._ready[group].first()
        return None if first is None else self._lanes[first[1]][first[0][-1]]

    def heads(self) -> Iterator[Waiting]:
        """The row of each idle lane that goes next, due or not. Looks at every lane."""
        heads = (self._head(rows) for lane, rows in self._lanes.items() if lane not in self._busy)
        return (head for head in heads if head is not None)

    # -------------------------------------------------------------------------------------------------------------

    def _take_out(self, row: LiveRow) -> None:
        lane = self._lanes.get(row.lane, {})
        gone = lane.pop(row.seq, None)
        if gone is not None:
            self.kinds[row.kind] -= 1
            self.states[gone.row.state] -= 1
        if not lane:
            self._lanes.pop(row.lane, None)

    def _place(self, lane: str, now_ms: int) -> None:
        """Among the due ones, or among those that come later, or nowhere."""
        if lane in self._busy:
            return
        self._unplace(lane)
        head = self._head(self._lanes.get(lane, {}))
        if head is not None and self._holds_up_cdr(head):
            self.held_up[lane] = None
        else:
            self.held_up.pop(lane, None)
        if head is None:
            return
        due_ms = self._due_ms(head)
        if due_ms > now_ms:
            self._later.put(lane, (due_ms,))
            return
        group = self._groups[lane] = self._group(head.row)
        self._ready.setdefault(group, Turns()).put(lane, head.urgency)

    def _unplace(self, lane: str) -> None:
        self._later.drop(lane)
        group = self._groups.pop(lane, None)
        if group is not None:
            self._ready[group].drop(lane)

    def _head(self, rows: dict[int, Waiting]) -> Waiting | None:
        """The row that goes next: the first one; of statuses and of what drivers are told, the first one due: what the
        hub cannot take of one EVSE or station holds up no other. None: nothing may go."""
        if not rows or any(one.row.state is RowState.SENDING for one in rows.values()):
            return None
        first = rows[min(rows)]
        if first.row.lane.startswith("status/"):
            return min(rows.values(), key=self._turn)
        if first.row.kind in _APART:
            in_order = (rows[seq] for seq in sorted(rows))
            return min(takewhile(lambda one: one.row.kind in _APART, in_order), key=self._turn)
        return None if first.row.state is RowState.PARKED else first

    def _turn(self, one: Waiting) -> Key:
        return self._due_ms(one), one.row.seq

    def _holds_up_cdr(self, head: Waiting) -> bool:
        """head is a notification that was tried in vain, and the CDR of its session waits behind it."""
        if head.row.session_id is None or head.row.kind in (CDR, LATE_AUTHORIZATION) or head.row.attempts == 0:
            return False
        return any(one.row.kind == CDR for one in self._lanes[head.row.lane].values())
