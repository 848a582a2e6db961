"""The lanes of one hub: take what is due, commit `sending`, send, commit the verdict.

One message in flight per lane. The sessions share max_parallel places; the other lanes have one each of their own, so
that neither a backlog of CDRs nor one of statuses keeps the other waiting. A hub is only ever called with a message,
and never faster than its limits allow. Progress notifications are not stored and go when nothing else wants to.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from roampost.domain.messages import EvseStatus, ProgressMessage
from roampost.hubs.base import Hub
from roampost.outbox.attempts import Attempts
from roampost.outbox.backoff import Backoff, Pace
from roampost.outbox.breaker import Breaker
from roampost.outbox.classes import CDR, STATUS, session_lane, tells_time
from roampost.outbox.drain import drain_s
from roampost.outbox.heard import Heard
from roampost.outbox.lanes import Lanes, Waiting
from roampost.outbox.limits import Limits
from roampost.outbox.progress import Progress
from roampost.store.changes import LiveRow, RowState
from roampost.store.store import Store

_STARTABLE = frozenset({RowState.QUEUED, RowState.HELD})
log = logging.getLogger(__name__)
_ENDLESS = float("inf")
_LOOK_MS = 1_000


@dataclass(frozen=True, slots=True)
class HubHealth:
    """For the status page. next_probe_s is None unless the hub cannot be reached.

    drain_s: until all that waits is delivered, from when the hub can be reached; None where nothing waits.
    """

    hub: str
    reachable: bool
    waiting: int
    held: int
    in_flight: int
    next_probe_s: float | None
    drain_s: float | None = None


class Dispatcher:
    """limits: whoever asks the hub itself spends there."""

    def __init__(
        self,
        hub: Hub,
        store: Store,
        *,
        now_mono_ms: Callable[[], int],
        now_wall_ms: Callable[[], int],
        rng: random.Random,
        clock_ready: Callable[[], bool],
        beat: Callable[[], None],
        max_parallel: int = 4,
        pace: Pace | None = None,
        rate_share: float = 1.0,
        progress_first_s: float = 60.0,
        progress_every_s: float = 300.0,
        heard: Heard | None = None,
    ) -> None:
        self._hub, self._store = hub, store
        self._now_ms, self._wall_ms = now_mono_ms, now_wall_ms
        self._clock_ready, self._beat = clock_ready, beat
        self._clock_was_ready = False
        self._places = max_parallel
        self._pace = pace or Pace()
        self._backoff = Backoff(rng, self._pace)
        self._started_ms = now_mono_ms()
        self._breaker = Breaker(self._backoff, now_ms=self._started_ms)
        self.limits = Limits(hub.limits, rate_share, now_mono_ms=now_mono_ms)
        self._lanes = self._no_lanes()
        self._progress = Progress(
            first_s=progress_first_s, every_s=progress_every_s, begun_ms=self._started_ms, boot=store.boot
        )
        self._attempts = self._trying(heard or Heard())
        self._early: list[LiveRow] | None = None
        self._in_flight: dict[str, asyncio.Task[None]] = {}
        self._held_up: dict[str, int] = {}  # lane: reachable time when its CDR was first seen held up
        self._looked_ms: int | None = None
        self._woken = asyncio.Event()
        self._failure: BaseException | None = None

    def _trying(self, heard: Heard) -> Attempts:
        return Attempts(
            self._hub,
            self._store,
            self._breaker,
            self.limits,
            self._progress,
            self._backoff,
            now_mono_ms=self._now_ms,
            now_wall_ms=self._wall_ms,
            heard=heard,
            gone=lambda row: self._lanes.forget(row, now_ms=self._now_ms()),
        )

    async def run(self) -> None:
        """Until cancelled; who wants the answers of what is in flight stops it before. Raises what the store raises."""
        leave = await self.start()
        try:
            while True:
                self._beat()
                self._woken.clear()
                wait_ms = self.turn()
                # Not wait_for: before Python 3.12 it swallows a cancellation that comes together with the event.
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(self._pace.turn_s, wait_ms / 1000)):
                        await self._woken.wait()
        finally:
            leave()
            await self.stop()

    def wake(self) -> None:
        """Look again now. Commits of the store do it by themselves."""
        self._woken.set()

    def heard(self) -> None:
        """The hub has answered somebody who asked it himself: what waits for it need not wait for a probe."""
        if self._breaker.heard(self._now_ms()):
            log.info("%s can be reached again", self._hub.name)
            self.wake()

    def offer(self, message: ProgressMessage) -> None:
        """How far a charge has come: sent if there is room for it, instead of what was offered before."""
        self._progress.offer(message)
        self.wake()

    @property
    def acknowledged(self) -> Mapping[str, EvseStatus]:
        """The status of each EVSE that the hub last said yes to in this run; absent: unknown."""
        return self._attempts.acknowledged.statuses

    def waiting_status(self, evse_id: str) -> bool:
        """Whether what the hub shows of this EVSE is about to change, or may be."""
        waiting = self._lanes.of(f"{STATUS}/{self._hub.name}")
        doubted = self._attempts.acknowledged.doubted(self._now_ms())
        return doubted or any(one.row.kind == STATUS and one.row.evse_id == evse_id for one in waiting)

    def health(self) -> HubHealth:
        probing = self._breaker.probing
        next_probe_s = max(0, self._breaker.free_at_ms - self._now_ms()) / 1000 if probing else None
        drain = drain_s(self._lanes.kinds, self.limits, self._attempts.latency, places=self._places)
        waiting, held, in_flight = len(self._lanes), self._lanes.states[RowState.HELD], len(self._in_flight)
        return HubHealth(
            self._hub.name, not probing, waiting, held, in_flight, next_probe_s, drain if waiting else None
        )

    # --- one turn ------------------------------------------------------------------------------------------------

    async def start(self) -> Callable[[], None]:
        """Learn what waits; what an earlier run left in flight has an unknown outcome. Returns the way out."""
        self._attempts.stopping, self._failure, self._early = False, None, []
        await self._store.recover_sending(self._hub.name)
        leave = self._store.subscribe(self._touched)
        rows = await self._store.live_rows(self._hub.name)
        self._lanes = self._no_lanes()
        self._clock_was_ready = self._clock_ready()
        # What was touched while the rows were read is at least as young as they are.
        early, self._early = self._early, None
        self._touched((*rows, *early))
        offline_due_ms = [waiting.due_ms for waiting in self._lanes if _waits_for_hub(waiting.row)]
        if offline_due_ms:
            self._breaker.start_offline(free_at_ms=min(offline_due_ms))
        if any(row.kind == "full_load" and row.unknown_outcome for row in rows):
            self._attempts.acknowledged.doubt(self._now_ms())
        await self._remember()
        return leave

    async def _remember(self) -> None:
        """What an earlier run has heard of sessions that still go on."""
        known = await self._store.known(self._hub.name)
        for session_id, hub_session_id in known.started.items():
            self._progress.started(session_id, hub_session_id)
        for one in known.hub_sessions:
            self._attempts.tell(one.session_id, one.hub_session_id, one.refused)

    def turn(self) -> float:
        """Start what is due; the milliseconds until something else is (endless if only a commit can change that)."""
        if self._failure is not None:
            raise self._failure
        if self._attempts.stopping:
            return _ENDLESS
        now_ms = self._now_ms()
        if self._clock_ready() != self._clock_was_ready:
            self._clock_was_ready = not self._clock_was_ready
            self._lanes.place_all(now_ms)
        self._lanes.mature(now_ms)
        self._let_cdrs_go(now_ms)
        if now_ms < self._breaker.free_at_ms:
            return self._breaker.free_at_ms - now_ms if len(self._lanes) else _ENDLESS
        if self._breaker.probing and self._in_flight:
            return _ENDLESS
        if self._breaker.probing and len(self._lanes):
            return self._probe(now_ms)
        return min(self._start_stored(now_ms), self._start_progress(now_ms))

    def _start_stored(self, now_ms: int) -> float:
        while True:
            head, wait_ms = self._most_urgent()
            if head is None:
                break
            self._start_row(head.row)
        due_ms = self._lanes.next_due_ms
        return wait_ms if due_ms is None else min(wait_ms, due_ms - now_ms)

    def _most_urgent(self) -> tuple[Waiting | None, float]:
        """Of all that may go now; and the milliseconds until a limit lets something else go."""
        found: list[Waiting] = []
        wait_ms = _ENDLESS
        for group in self._lanes.groups():
            head = self._lanes.first(group)
            if head is None or not self._has_place(head.row):
                continue
            token_ms = self.limits.wait_ms(head.row.kind)
            if token_ms > 0:
                wait_ms = min(wait_ms, token_ms)
            else:
                found.append(head)
        return min(found, key=lambda head: head.urgency, default=None), wait_ms

    def _probe(self, now_ms: int) -> float:
        """One message at a time, in turns, so that no single one can stand for all."""
        heads = [(self._due_ms(head), head) for head in self._lanes.heads()]
        due = [head for due_ms, head in heads if due_ms <= now_ms]
        free = [head for head in due if self.limits.wait_ms(head.row.kind) == 0]
        if free:
            self._start_row(min(free, key=lambda head: (head.seen_ms if head.row.offline else 0, *head.urgency)).row)
            return _ENDLESS
        tokens_ms = [float(self.limits.wait_ms(head.row.kind)) for head in due]
        return min([due_ms - now_ms for due_ms, _ in heads if due_ms > now_ms] + tokens_ms, default=_ENDLESS)

    def _start_progress(self, now_ms: int) -> float:
        """After all that is stored, and only in lanes in which nothing is left to be told before. They take half of the
        places at most: hubs pass them on to providers that may stay silent, and a record must find a place at once.

        To a hub that cannot be reached it goes where nothing that is stored could find out that it can again.
        """
        places = 1 if self._breaker.probing else max(1, self._places // 2)
        for message in self._progress.due(now_ms):
            lane = session_lane(message.session.session_id)
            if lane in self._lanes or lane in self._in_flight or self._sessions_in_flight() >= places:
                continue
            if not (message.occurred.trusted or self._clock_was_ready):
                continue
            if (token_ms := self.limits.wait_ms(message.kind)) > 0:
                return token_ms
            self.limits.spend(message.kind)
            self._progress.attempted(message.session.session_id, now_ms)
            self._start(lane, self._attempts.of_progress(message))
        due_ms = self._progress.next_due_ms(now_ms)
        return _ENDLESS if due_ms is None else due_ms - now_ms

    async def stop(self) -> None:
        """No new attempt until the next start; wait for the answers of those in flight, for pace.drain_s at most.

        What has none by then stays `sending`: outcome unknown. Cancelling cuts the wait short.
        """
        self._attempts.stopping = True
        tasks = list(self._in_flight.values())
        if tasks:
            _, unanswered = await asyncio.wait(tasks, timeout=self._pace.drain_s)
            for task in unanswered:
                task.cancel()
            await asyncio.gather(*unanswered, return_exceptions=True)

    async def settled(self) -> None:
        """Wait for the attempts in flight."""
        await asyncio.gather(*self._in_flight.values())

    def _no_lanes(self) -> Lanes:
        return Lanes(ceiling_ms=self._pace.ceiling_ms, due_ms=self._due_ms, group=self._group)

    def _group(self, row: LiveRow) -> str:
        """What waits for the same limit and the same places."""
        return f"{self.limits.name(row.kind)} {'' if row.session_id is None else 'session'}"

    def _due_ms(self, waiting: Waiting) -> int:
        row = waiting.row
        # A hub that was out of reach is tried when the breaker says so, and then by all at once.
        due_ms = waiting.seen_ms if _waits_for_hub(row) else waiting.due_ms
        if tells_time(row.kind) and not row.created_trusted and not self._clock_was_ready:
            since_ms = row.created_mono_ms if row.created_boot == self._store.boot else self._started_ms
            due_ms = max(due_ms, since_ms + round(1000 * self._pace.clock_wait_s))
        return due_ms

    def _has_place(self, row: LiveRow) -> bool:
        return row.session_id is None or self._sessions_in_flight() < self._places

    def _sessions_in_flight(self) -> int:
        return sum(lane.startswith(session_lane("")) for lane in self._in_flight)

    def _let_cdrs_go(self, now_ms: int) -> None:
        """The hub relays notifications to a third party that may stay silent; the money does not wait for that."""
        if self._looked_ms is not None and 0 <= now_ms - self._looked_ms < _LOOK_MS:
            return
        self._looked_ms = now_ms
        reachable_ms = self._breaker.reachable_ms(now_ms)
        self._held_up = {lane: self._held_up.get(lane, reachable_ms) for lane in self._lanes.held_up}
        for lane, since_ms in self._held_up.items():
            if reachable_ms - since_ms > 1000 * self._pace.cdr_wait_s and lane not in self._in_flight:
                self._start(lane, self._give_way(lane))

    # --- one lane ------------------------------------------------------------------------------------------------

    def _start_row(self, row: LiveRow) -> None:
        self.limits.spend(row.kind)
        self._start(row.lane, self._attempts.stored(row))

    def _start(self, lane: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"{self._hub.name} {lane}")
        self._in_flight[lane] = task
        self._lanes.hold(lane)
        task.add_done_callback(lambda done: self._ended(lane, done))

    def _ended(self, lane: str, task: asyncio.Task[None]) -> None:
        self._in_flight.pop(lane, None)
        self._lanes.release(lane, now_ms=self._now_ms())
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
        self.wake()

    async def _give_way(self, lane: str) -> None:
        why = f"not taken within {self._pace.cdr_wait_s:.0f} s; the charge detail record goes without it"
        await self._store.supersede_notifications(self._hub.name, lane, why)

    def _touched(self, rows: tuple[LiveRow, ...]) -> None:
        if self._early is not None:
            self._early += rows
            return
        ours = [row for row in rows if row.hub == self._hub.name]
        for row in ours:
            if row.session_id is not None and row.kind in ("end", CDR):
                self._progress.over(row.session_id)
        self._lanes.take_in(ours, now_ms=self._now_ms(), wall_ms=self._wall_ms())
        if any(row.state in _STARTABLE for row in ours):
            self.wake()


def _waits_for_hub(row: LiveRow) -> bool:
    """The breaker decides when it is tried. (What is held waits for a person first of all, and keeps its slow pace.)"""
    return row.offline and row.state is not RowState.HELD
