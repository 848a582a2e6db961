"""The lanes of one hub: take what is due, commit `sending`, send, commit the verdict.

One message in flight per lane. The sessions share max_parallel places; the status lane has one of its own, so that
neither a backlog of CDRs nor one of statuses keeps the other waiting. A hub is only ever called with a message.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from roampost.domain.messages import MESSAGE
from roampost.hubs.base import Answer, Arrival, Hub, Verdict
from roampost.outbox.backoff import Backoff, Pace
from roampost.outbox.breaker import Breaker
from roampost.outbox.classes import PRIORITY, STATUS, tells_time
from roampost.outbox.lanes import Lanes, Waiting
from roampost.outbox.verdicts import is_offline, settle
from roampost.store.changes import LiveRow, RowState
from roampost.store.lane_jobs import Sendable
from roampost.store.store import Store

log = logging.getLogger(__name__)
_STARTABLE = frozenset({RowState.QUEUED, RowState.HELD})


@dataclass(frozen=True, slots=True)
class HubHealth:
    """For the status page. next_probe_s is None unless the hub cannot be reached."""

    hub: str
    reachable: bool
    waiting: int
    held: int
    in_flight: int
    next_probe_s: float | None


class Dispatcher:
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
    ) -> None:
        self._hub, self._store = hub, store
        self._now_ms, self._wall_ms = now_mono_ms, now_wall_ms
        self._clock_ready, self._beat = clock_ready, beat
        self._places = max_parallel
        self._pace = pace or Pace()
        self._backoff = Backoff(rng, self._pace)
        self._started_ms = now_mono_ms()
        self._breaker = Breaker(self._backoff, now_ms=self._started_ms)
        self._lanes = Lanes(ceiling_ms=self._pace.ceiling_ms)
        self._early: list[LiveRow] | None = None
        self._in_flight: dict[str, asyncio.Task[None]] = {}
        self._held_up: dict[str, int] = {}  # lane: reachable time when its CDR was first seen held up
        self._woken = asyncio.Event()
        self._stopping = False
        self._failure: BaseException | None = None

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

    def health(self) -> HubHealth:
        held = sum(waiting.row.state is RowState.HELD for waiting in self._lanes)
        probing = self._breaker.probing
        next_probe_s = max(0, self._breaker.free_at_ms - self._now_ms()) / 1000 if probing else None
        return HubHealth(self._hub.name, not probing, len(self._lanes), held, len(self._in_flight), next_probe_s)

    # --- one turn ------------------------------------------------------------------------------------------------

    async def start(self) -> Callable[[], None]:
        """Learn what waits; what an earlier run left in flight has an unknown outcome. Returns the way out."""
        self._stopping, self._failure, self._early = False, None, []
        await self._store.recover_sending(self._hub.name)
        leave = self._store.subscribe(self._touched)
        rows = await self._store.live_rows(self._hub.name)
        self._lanes = Lanes(ceiling_ms=self._pace.ceiling_ms)
        # What was touched while the rows were read is at least as young as they are.
        early, self._early = self._early, None
        self._touched((*rows, *early))
        offline_due_ms = [waiting.due_ms for waiting in self._lanes if _waits_for_hub(waiting.row)]
        if offline_due_ms:
            self._breaker.start_offline(free_at_ms=min(offline_due_ms))
        return leave

    def turn(self) -> float:
        """Start what is due; the milliseconds until something else is (endless if only a commit can change that)."""
        if self._failure is not None:
            raise self._failure
        if self._stopping:
            return float("inf")
        now_ms = self._now_ms()
        heads = [head for head in self._lanes.heads(self._due_ms) if head.row.lane not in self._in_flight]
        self._let_cdrs_go(heads, now_ms)
        if now_ms < self._breaker.free_at_ms:
            return self._breaker.free_at_ms - now_ms if heads else float("inf")
        due = [head for head in heads if self._due_ms(head) <= now_ms]
        for head in sorted(due, key=self._urgency):
            if self._has_place(head.row):
                self._start(head.row.lane, self._attempt(head.row))
        later = [self._due_ms(head) - now_ms for head in heads if self._due_ms(head) > now_ms]
        return min(later, default=float("inf"))

    async def stop(self) -> None:
        """No new attempt until the next start; wait for the answers of those in flight, for pace.drain_s at most.

        What has none by then stays `sending`: outcome unknown. Cancelling cuts the wait short.
        """
        self._stopping = True
        tasks = list(self._in_flight.values())
        if tasks:
            _, unanswered = await asyncio.wait(tasks, timeout=self._pace.drain_s)
            for task in unanswered:
                task.cancel()
            await asyncio.gather(*unanswered, return_exceptions=True)

    async def settled(self) -> None:
        """Wait for the attempts in flight."""
        await asyncio.gather(*self._in_flight.values())

    def _due_ms(self, waiting: Waiting) -> int:
        row = waiting.row
        # A hub that was out of reach is tried when the breaker says so, and then by all at once.
        due_ms = waiting.seen_ms if _waits_for_hub(row) else waiting.due_ms
        if tells_time(row.kind) and not row.created_trusted and not self._clock_ready():
            since_ms = row.created_mono_ms if row.created_boot == self._store.boot else self._started_ms
            due_ms = max(due_ms, since_ms + round(1000 * self._pace.clock_wait_s))
        return due_ms

    def _urgency(self, head: Waiting) -> tuple[int, int, int]:
        """CDRs first. For an unreachable hub in turns, so that no single message can stand for all."""
        turn = head.seen_ms if self._breaker.probing and head.row.offline else 0
        return turn, PRIORITY.get(head.row.kind, max(PRIORITY.values())), head.row.seq

    def _has_place(self, row: LiveRow) -> bool:
        if self._breaker.probing:
            return not self._in_flight
        if row.kind == STATUS:
            return True
        return sum(not lane.startswith(STATUS) for lane in self._in_flight) < self._places

    def _let_cdrs_go(self, heads: list[Waiting], now_ms: int) -> None:
        """The hub relays notifications to a third party that may stay silent; the money does not wait for that."""
        held_up = [head.row.lane for head in heads if self._lanes.holds_up_cdr(head)]
        reachable_ms = self._breaker.reachable_ms(now_ms)
        kept = {*held_up, *self._in_flight}
        self._held_up = {lane: since for lane, since in self._held_up.items() if lane in kept}
        for lane in held_up:
            if reachable_ms - self._held_up.setdefault(lane, reachable_ms) > 1000 * self._pace.cdr_wait_s:
                self._start(lane, self._give_way(lane))
        heads[:] = [head for head in heads if head.row.lane not in self._in_flight]

    # --- one lane ------------------------------------------------------------------------------------------------

    def _start(self, lane: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"{self._hub.name} {lane}")
        self._in_flight[lane] = task
        task.add_done_callback(lambda done: self._ended(lane, done))

    def _ended(self, lane: str, task: asyncio.Task[None]) -> None:
        self._in_flight.pop(lane, None)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
        self.wake()

    async def _give_way(self, lane: str) -> None:
        why = f"not taken within {self._pace.cdr_wait_s:.0f} s; the charge detail record goes without it"
        await self._store.supersede_notifications(self._hub.name, lane, why)

    async def _attempt(self, row: LiveRow) -> None:
        sendable = await self._marked(row)
        if sendable is None:
            return
        step = self._breaker.step
        answer = await self._answer(sendable)
        was_offline = self._breaker.probing
        self._breaker.answered(answer, step=step, now_ms=self._now_ms())
        self._report(sendable.row, answer, was_offline=was_offline)
        verdict = settle(
            sendable.row, answer, now_ms=self._wall_ms(), backoff=self._backoff, probe_s=self._breaker.probe_s
        )
        await self._store.settle(row.seq, verdict)

    async def _marked(self, row: LiveRow) -> Sendable | None:
        try:
            sendable = await self._store.mark_sending(row.seq)
        except asyncio.CancelledError:
            self._store.unmark_sending(row.seq)  # nothing left; the writer does it, or finds nothing to do
            raise
        if sendable is None:
            self._lanes.forget(row)
        elif self._stopping:
            await self._store.unmark_sending(row.seq)
            return None
        return sendable

    async def _answer(self, sendable: Sendable) -> Answer:
        try:
            message = MESSAGE.validate_json(sendable.body)
        except ValidationError:
            return Answer(Verdict.REJECT, Arrival.NO, "this version of Roampost cannot read the message it stored")
        try:
            return await self._hub.deliver(message, maybe_arrived=sendable.row.unknown_outcome)
        except Exception:
            log.exception("message %d to %s: sending it met a bug", sendable.row.seq, self._hub.name)
            return Answer(Verdict.RETRY, Arrival.MAYBE, "sending met an error inside Roampost; see the log")

    def _report(self, row: LiveRow, answer: Answer, *, was_offline: bool) -> None:
        """Once per outage; and every answer that asks for a person."""
        if is_offline(answer) and not was_offline:
            log.warning("%s cannot be reached: %s", self._hub.name, answer.text)
        elif was_offline and not self._breaker.probing:
            log.info("%s can be reached again", self._hub.name)
        if answer.verdict in (Verdict.HOLD, Verdict.REJECT):
            code = f" (code {answer.code})" if answer.code else ""
            log.warning("%s: %s %d: %s%s: %s", self._hub.name, row.kind, row.seq, answer.verdict, code, answer.text)

    def _touched(self, rows: tuple[LiveRow, ...]) -> None:
        if self._early is not None:
            self._early += rows
            return
        ours = [row for row in rows if row.hub == self._hub.name]
        self._lanes.take_in(ours, now_ms=self._now_ms(), wall_ms=self._wall_ms())
        if any(row.state in _STARTABLE for row in ours):
            self.wake()


def _waits_for_hub(row: LiveRow) -> bool:
    """The breaker decides when it is tried. (What is held waits for a person first of all, and keeps its slow pace.)"""
    return row.offline and row.state is not RowState.HELD
