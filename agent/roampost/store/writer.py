"""The writer thread: owns the one read-write connection, commits in the order of submission, in groups.

A job that fails alone is rolled back alone (savepoint). A commit that fails is tried again with everything that was
in it, in the same order, until the disk takes it or the store is closed. A future is resolved after the fsync.
"""

import logging
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, TypeVar

from roampost.store import sql
from roampost.store.changes import LiveRow
from roampost.store.errors import ChangeRefused, StoreClosed, StoreCorrupt, StoreError, StoreFailed
from roampost.store.work import Job, Work, sorted_error

T = TypeVar("T")
Listener = Callable[[tuple[LiveRow, ...]], object]
log = logging.getLogger(__name__)

_TURN_S = 1.0  # an idle writer still tells the watchdog that it lives
_GROUP = 200  # jobs in one commit: bounds the wait of the first one
_RETRY_FIRST_S, _RETRY_MAX_S = 0.05, 2.0


class Writer:
    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        *,
        now_mono_ms: Callable[[], int],
        beat: Callable[[], None],
    ) -> None:
        self.stalled_since_ms: int | None = None
        self.ended: Future[None] = Future()
        self.listeners: list[Listener] = []
        self._connect = connect
        self._now_mono_ms = now_mono_ms
        self._beat = beat
        self._waiting: SimpleQueue[Job[Any] | None] = SimpleQueue()
        self._group: deque[Job[Any]] = deque()
        self._gate = Lock()
        self._stopping = Event()
        self._thread = Thread(target=self._live, name="roampost-store", daemon=True)
        self._opened: Future[None] = Future()

    def start(self) -> None:
        """Open the database; raises what opening it raises."""
        self._thread.start()
        self._opened.result()

    def put(self, job: Job[T]) -> Future[T]:
        """Never blocks. A job whose future is cancelled before its turn is not run."""
        with self._gate:
            if self.ended.done():
                job.fail(self.ended.exception() or StoreClosed("the store is closed"))
            else:
                self._waiting.put(job)
        return job.future

    def stop(self) -> None:
        """Write what waits (once more, if the disk is in trouble), checkpoint, close. Blocks until then."""
        self._stopping.set()
        self._waiting.put(None)
        self._thread.join()

    # --- on the thread -----------------------------------------------------------------------------------------

    def _live(self) -> None:
        try:
            connection = self._connect()
        except BaseException as error:  # noqa: BLE001 - the thread's boundary: start() raises it
            self._end(StoreClosed("the store was never opened"))
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        try:
            self._serve(connection)
            self._end(None)
        except StoreError as error:
            self._end(error)
        except Exception as error:
            log.exception("the store's writer ended by a bug")
            self._end(error)
        finally:
            connection.close()

    def _serve(self, connection: sqlite3.Connection) -> None:
        while self._wait_for_work():
            self._beat()
            if self._group:
                try:
                    self._commit(connection)
                except StoreFailed:
                    self._insist(connection)
        _checkpoint(connection)

    def _insist(self, connection: sqlite3.Connection) -> None:
        """Try the same group again until the disk takes it; StoreFailed when the store is closed before."""
        # Imported by the first disk that fails: half a megabyte that a healthy station never needs.
        from tenacity import Retrying, retry_if_exception_type, sleep_using_event, stop_when_event_set, wait_exponential

        wait = wait_exponential(multiplier=_RETRY_FIRST_S, max=_RETRY_MAX_S)
        sleep = sleep_using_event(self._stopping)
        sleep(_RETRY_FIRST_S)
        Retrying(
            retry=retry_if_exception_type(StoreFailed),
            wait=wait,
            sleep=sleep,
            stop=stop_when_event_set(self._stopping),
            reraise=True,
        )(self._commit, connection)

    def _wait_for_work(self) -> bool:
        """Move what waits into the group; False when the store is to be closed and nothing is left."""
        with suppress(Empty):
            self._admit(self._waiting.get(timeout=_TURN_S))
        self._admit_waiting()
        return bool(self._group) or not self._stopping.is_set()

    def _admit_waiting(self) -> None:
        with suppress(Empty):
            while len(self._group) < _GROUP:
                self._admit(self._waiting.get_nowait())

    def _admit(self, job: Job[Any] | None) -> None:
        if job is not None and job.admit():
            self._group.append(job)

    def _commit(self, connection: sqlite3.Connection) -> None:
        self._beat()
        self._admit_waiting()
        try:
            done = self._transact(connection)
        except sqlite3.Error as error:
            failure = sorted_error(error)
            _roll_back(connection)
            self._tell_of(failure)
            raise failure from error
        self._finish(done)

    def _transact(self, connection: sqlite3.Connection) -> list[tuple[Job[Any], Work, Any]]:
        connection.execute(sql.BEGIN)
        done = [(job, *_run(job, connection)) for job in self._group]
        connection.execute(sql.COMMIT)
        return done

    def _tell_of(self, failure: StoreError) -> None:
        if self.stalled_since_ms is None:
            self.stalled_since_ms = self._now_mono_ms()
            log.error("%s", failure)
        for job in self._group:
            if job.impatient:
                job.fail(failure)

    def _finish(self, done: list[tuple[Job[Any], Work, Any]]) -> None:
        if self.stalled_since_ms is not None:
            log.warning("the store takes writes again")
            self.stalled_since_ms = None
        self._group.clear()
        touched = tuple(row for _, work, _ in done for row in work.touched)
        for listener in tuple(self.listeners) if touched else ():
            with suppress(RuntimeError):  # the listener's event loop has ended
                listener(touched)
        for job, _, outcome in done:
            if isinstance(outcome, Exception):
                job.fail(outcome)
            elif not job.future.done():
                job.future.set_result(outcome)

    def _end(self, error: Exception | None) -> None:
        with self._gate:
            if error is None:
                self.ended.set_result(None)
            else:
                self.ended.set_exception(error)
        reason = error or StoreClosed("the store is closed")
        for job in self._group:
            job.fail(reason)
        with suppress(Empty):
            while True:
                left = self._waiting.get_nowait()
                if left is not None:
                    left.fail(reason)


def _run(job: Job[Any], connection: sqlite3.Connection) -> tuple[Work, Any]:
    """Run one job inside the group's transaction; its own error is its outcome, the disk's error is raised."""
    work = Work(connection)
    connection.execute(sql.SAVE)
    try:
        outcome = job.run(work)
    except sqlite3.Error as error:
        outcome = sorted_error(error)
        if isinstance(outcome, StoreFailed | StoreCorrupt):
            raise
    except StoreError as error:
        outcome = error
    except Exception as error:
        log.exception("a change for the store could not be written because of a bug")
        outcome = ChangeRefused(f"the change could not be written ({error})")
    if isinstance(outcome, Exception):
        connection.execute(sql.UNSAVE)
        work.touched.clear()
    connection.execute(sql.RELEASE)
    return work, outcome


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        with suppress(sqlite3.Error):  # a full disk has rolled back by itself
            connection.execute(sql.ROLLBACK)


def _checkpoint(connection: sqlite3.Connection) -> None:
    try:
        connection.execute(sql.CHECKPOINT).fetchall()
    except sqlite3.Error as error:
        log.warning("the store was closed without a checkpoint (%s); nothing is lost", error)
