"""The store: one SQLite file, one writer. Every method that writes returns a future and never blocks the loop."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from roampost.store import lane_jobs, sql, state_jobs
from roampost.store.aside import finish
from roampost.store.changes import Change, CommitReceipt, Known, LiveRow, Recovered, RowState, Sendable, Settled, Who
from roampost.store.damage import open_checked
from roampost.store.errors import StoreCannotOpen, StoreCorrupt, StoreDamaged
from roampost.store.lockfile import take_lock
from roampost.store.migrate import cannot_open, damaged, open_writer, shipped_migrations
from roampost.store.rows import read_recovered
from roampost.store.work import Job, Work
from roampost.store.writer import Writer

T = TypeVar("T")
Connect = Callable[[Path], sqlite3.Connection]
Mend = Callable[[Path, str], None]


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def open_connection(path: Path) -> sqlite3.Connection:
    return open_writer(path, shipped_migrations())


class Store:
    """Made by `Store.open`; ended by `close`. A damaged file ends it by itself (see `watch`)."""

    def __init__(self, writer: Writer, lock: int, *, now_wall_ms: Callable[[], int], boot: str) -> None:
        self.boot = boot
        self._writer = writer
        self._lock = lock
        self._now_wall_ms = now_wall_ms

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        now_wall_ms: Callable[[], int],
        boot: str,
        now_mono_ms: Callable[[], int] = _monotonic_ms,
        beat: Callable[[], None] = lambda: None,
        connect: Connect | None = None,
        mend: Mend | None = None,
    ) -> Self:
        """Lock, open and migrate; blocks. beat is called by the writer's thread at least every two seconds, except
        while a commit lasts. mend, called with the path and what is wrong with it, puts a store in the place of one
        that is damaged. Raises a StoreUnusable with one sentence."""
        lock = take_lock(path)
        start = partial(cls._start, path, lock, now_wall_ms=now_wall_ms, boot=boot, now_mono_ms=now_mono_ms, beat=beat)
        try:
            finish(path)
            try:
                return start(connect or (open_connection if mend is None else open_checked))
            except StoreDamaged as error:
                if mend is None:
                    raise
                mend(path, str(error))
                return start(connect or open_connection)
        except BaseException as error:
            os.close(lock)
            if isinstance(error, sqlite3.Error):
                raise cannot_open(path, error) from error
            if isinstance(error, OSError):
                raise StoreCannotOpen(f"{path} cannot be opened ({error.strerror}); check the folder") from error
            raise

    @classmethod
    def _start(
        cls,
        path: Path,
        lock: int,
        connect: Connect,
        *,
        now_wall_ms: Callable[[], int],
        boot: str,
        now_mono_ms: Callable[[], int],
        beat: Callable[[], None],
    ) -> Self:
        writer = Writer(partial(connect, path), now_mono_ms=now_mono_ms, beat=beat)
        writer.start()
        store = cls(writer, lock, now_wall_ms=now_wall_ms, boot=boot)
        try:
            store._call(store._see_boot).result()
        except BaseException as error:
            writer.stop()
            if isinstance(error, StoreCorrupt):
                raise damaged(path, str(error.__cause__ or error)) from error
            raise
        return store

    def close(self) -> None:
        """Write what waits, checkpoint, close; blocks. Safe to call twice."""
        if self._lock >= 0:
            self._writer.stop()
            os.close(self._lock)
            self._lock = -1

    # --- the state loop ------------------------------------------------------------------------------------------

    def recover(self) -> Recovered:
        """What the agent knew when it stopped; blocks (before the loops start)."""
        return self._call(lambda work: read_recovered(work.connection)).result()

    def submit(self, change: Change) -> asyncio.Future[CommitReceipt]:
        """Write it in order. StoreFailed: not on the disk yet, but kept, and written before anything submitted later.
        ChangeRefused: never written. Cancelling the future does not take the change back."""
        return asyncio.wrap_future(self._keep(partial(state_jobs.write_change, change=change, now_ms=self._now())))

    async def watch(self) -> None:
        """Return when the store is closed; raise when it ended by itself (StoreCorrupt: end the process)."""
        await asyncio.shield(asyncio.wrap_future(self._writer.ended))

    @property
    def stalled_since_ms(self) -> int | None:
        """Monotonic milliseconds since which the disk takes no writes; None when all is well."""
        return self._writer.stalled_since_ms

    # --- the lanes -----------------------------------------------------------------------------------------------

    def subscribe(self, listener: Callable[[tuple[LiveRow, ...]], None]) -> Callable[[], None]:
        """Call it on this event loop with every outbox row that a commit touched, before the commit's future is
        resolved. Returns the way out."""
        loop = asyncio.get_running_loop()

        def post(touched: tuple[LiveRow, ...]) -> None:
            loop.call_soon_threadsafe(listener, touched)

        self._writer.listeners.append(post)
        return partial(self._writer.listeners.remove, post)

    async def live_rows(self, hub: str) -> tuple[LiveRow, ...]:
        return await asyncio.wrap_future(self._call(partial(lane_jobs.live_rows, hub=hub)))

    async def known(self, hub: str) -> Known:
        """What a lane needs of the past when it starts."""
        return await asyncio.wrap_future(self._call(partial(lane_jobs.known, hub=hub)))

    async def memory(self, hub: str) -> dict[str, str]:
        """What the hub has said yes to, as the drafts' `remembers` named it."""
        return await asyncio.wrap_future(self._call(partial(lane_jobs.memory, hub=hub)))

    async def memory_waiting(self, hub: str) -> dict[str, str | None]:
        """What `memory` will say more once the hub has acknowledged what waits; None forgets the name."""
        return await asyncio.wrap_future(self._call(partial(lane_jobs.memory_waiting, hub=hub)))

    async def recover_sending(self, hub: str) -> None:
        """What an ended lane left in flight waits again, its outcome unknown. (Opening the store does it for all.)"""
        await asyncio.wrap_future(self._keep_patiently(partial(lane_jobs.recover_sending, hub=hub, now_ms=self._now())))

    async def mark_sending(self, seq: int) -> Sendable | None:
        """Committed before the first byte may leave; None if the row does not wait any more."""
        return await asyncio.wrap_future(self._call(partial(lane_jobs.mark_sending, seq=seq)))

    def unmark_sending(self, seq: int) -> asyncio.Future[None]:
        return asyncio.wrap_future(self._keep_patiently(partial(lane_jobs.unmark_sending, seq=seq)))

    def put_off(self, seq: int, *, due_ms: int) -> asyncio.Future[None]:
        """It cannot be said now: no attempt is counted, and none is made before due_ms."""
        job = partial(lane_jobs.put_off, seq=seq, now_ms=self._now(), due_ms=due_ms)
        return asyncio.wrap_future(self._keep_patiently(job))

    def settle(self, seq: int, settled: Settled) -> asyncio.Future[RowState]:
        """The verdict on a row in flight; the state that it has got (a refused session may be open by another yes)."""
        return asyncio.wrap_future(self._keep_patiently(partial(lane_jobs.settle, seq=seq, settled=settled)))

    def supersede_notifications(self, hub: str, lane: str, why: str) -> asyncio.Future[None]:
        job = partial(lane_jobs.supersede_notifications, hub=hub, lane=lane, why=why, now_ms=self._now())
        return asyncio.wrap_future(self._keep_patiently(job))

    # --- people --------------------------------------------------------------------------------------------------

    def requeue(self, seq: int, *, who: Who) -> asyncio.Future[None]:
        """Send again now; HandRefused says why not."""
        return asyncio.wrap_future(self._keep(partial(state_jobs.requeue, seq=seq, who=who, now_ms=self._now())))

    def discard(self, seq: int, reason: str, *, who: Who) -> asyncio.Future[None]:
        """Never send; HandRefused says why not (it may be on its way)."""
        job = partial(state_jobs.discard, seq=seq, reason=reason, who=who, now_ms=self._now())
        return asyncio.wrap_future(self._keep(job))

    async def prune(self, *, before_ms: int, cdrs_before_ms: int) -> None:
        """Delete what was finished before (CDRs, what was refused, sessions, audits: cdrs_before_ms), in small commits
        between which others get their turn. Only call it while the wall clock is trusted."""
        after: int | None = 0
        while after is not None:
            step = partial(lane_jobs.prune_step, after=after, before_ms=before_ms, cdrs_before_ms=cdrs_before_ms)
            after = await asyncio.wrap_future(self._call(step))
        sessions = partial(lane_jobs.prune_sessions, before_ms=cdrs_before_ms)
        while await asyncio.wrap_future(self._call(sessions)):
            pass
        rest = partial(lane_jobs.prune_rest, before_ms=cdrs_before_ms, boot=self.boot)
        await asyncio.wrap_future(self._call(rest))

    # --- jobs ----------------------------------------------------------------------------------------------------

    def _see_boot(self, work: Work) -> None:
        work.execute(sql.SEE_BOOT, (self.boot, self._now()))
        lane_jobs.recover_sending(work, None, now_ms=self._now())

    def _call(self, run: Callable[[Work], T]) -> Future[T]:
        """A job that is dropped when its caller goes before its turn."""
        return self._writer.put(Job(run))

    def _keep(self, run: Callable[[Work], T]) -> Future[T]:
        """A job that is written whatever becomes of its caller, who is told at once when the disk fails."""
        return self._writer.put(Job(run, impatient=True, kept=True))

    def _keep_patiently(self, run: Callable[[Work], T]) -> Future[T]:
        """A job that is written whatever becomes of its caller, who waits for the disk."""
        return self._writer.put(Job(run, kept=True))

    def _now(self) -> int:
        return self._now_wall_ms()
