"""One task owns a line. Everybody else puts a question into its queue and waits.

A transaction belongs to the owner: a caller that is cancelled never frees the line early. After a time-out or a
foreign byte the line is held until it has been silent for the link's settle time. Any error of the port closes it;
it is opened again by its name, for ever. One turn of the owner is bounded: a transaction, its drain, or half a second.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from itertools import count
from math import ceil
from typing import Final

from roampost_drivers.errors import DriverError, ForeignAnswer, LineDown, NoAnswer, Refused, UnitResting
from roampost_drivers.line.links import Link, RtuLink, TcpLink
from roampost_drivers.line.question import READS, Question
from roampost_drivers.line.queue import Job, Priority, Queue
from roampost_drivers.line.units import RESTS_S, Units
from roampost_drivers.line.wire import Wire

__all__ = ["Bus", "Counters", "LineHealth", "Priority", "RtuLink", "TcpLink", "UnitHealth"]

log = logging.getLogger(__name__)

TURN_S: Final = 0.5
REOPEN_S: Final = 0.5
# A line that babbles is not waited for longer than this.
DRAIN_BOUND_S: Final = 1.0
OPEN_BOUND_S: Final = 5.0
# A TCP peer that lost its power says nothing; after so many silent questions in a row the connection is made anew.
TCP_GIVES_UP_AFTER: Final = 3


@dataclass(frozen=True, slots=True)
class UnitHealth:
    """One unit, now: seconds since its last answer, failures in a row, seconds that it is still left alone."""

    answer_age_s: float | None
    failures: int
    resting_s: float


@dataclass(frozen=True, slots=True)
class Counters:
    """What happened on the line since the start."""

    requests: int = 0
    timeouts: int = 0
    foreign: int = 0
    refused: int = 0
    opened: int = 0


@dataclass(frozen=True, slots=True)
class LineHealth:
    """The line, now; `fault` is None while it is open, else one sentence."""

    line_up: bool
    fault: str | None
    units: Mapping[int, UnitHealth]
    counters: Counters


class Bus:
    """The owner of one line; `run` must be running for anything to be answered."""

    def __init__(
        self,
        link: Link,
        *,
        now: Callable[[], float] = time.monotonic,
        beat: Callable[[], None] = lambda: None,
        reopen_s: float = REOPEN_S,
        rests_s: tuple[float, ...] = RESTS_S,
    ) -> None:
        self.now = now
        self._link = link
        self._beat = beat
        self._reopen_s = min(reopen_s, 1.0)
        self._queue = Queue()
        self._units = Units(rests_s)
        self._turns = count()
        self._wake = asyncio.Event()
        self._wire: Wire | None = None
        self._fault: str | None = f"{link} has not been opened yet."
        self._counters = Counters()
        self._unanswered = 0

    async def read(
        self,
        unit: int,
        function: int,
        address: int,
        count: int,
        *,
        priority: Priority = Priority.STATE,
        pause_s: float = 0.0,
        timeout_s: float | None = None,
    ) -> tuple[int, ...]:
        """Read `count` registers (function 3, 4) or bits (1, 2; as 0 and 1).

        `pause_s` is the rest that the unit wants since its own last traffic. `timeout_s` is the device's time to
        think (the link's where none is given); the time that the frames take on the wire comes on top. Raises
        DriverError; UnitResting and LineDown at once.
        """
        if function not in READS or count < 1 or not 0 <= address <= 0x10000 - count:
            raise ValueError(f"function {function} cannot read {count} from {address}")
        question = Question(unit, function, address, count)
        return await self._put(question, priority, pause_s, timeout_s, urgent=False)

    async def write(
        self,
        unit: int,
        address: int,
        values: tuple[int, ...],
        *,
        function: int = 16,
        priority: Priority = Priority.CONTROL,
        pause_s: float = 0.0,
        timeout_s: float | None = None,
        urgent: bool = False,
    ) -> None:
        """Write registers (function 16), one register (6) or one coil (5); `urgent` ignores that a unit rests."""
        if function not in (5, 6, 16) or not values or (function != 16 and len(values) != 1):
            raise ValueError(f"function {function} cannot write {len(values)} values")
        question = Question(unit, function, address, len(values), values)
        await self._put(question, priority, pause_s, timeout_s, urgent=urgent)

    @property
    def health(self) -> LineHealth:
        """How the line and its units are, now."""
        now_s = self.now()
        units = {
            unit: UnitHealth(
                None if state.answered_s is None else now_s - state.answered_s,
                state.failures,
                max(0.0, state.rests_until_s - now_s),
            )
            for unit, state in self._units.states.items()
        }
        return LineHealth(self._is_up, self._fault, units, self._counters)

    @property
    def _is_up(self) -> bool:
        return self._wire is not None and not self._wire.lost

    async def run(self) -> None:
        """Own the line until cancelled."""
        try:
            while True:
                try:
                    await self._own()
                except LineDown as error:
                    self._down(error)
                await asyncio.sleep(self._reopen_s)
        finally:
            self._fail_all(LineDown(f"The owner of {self._link} has stopped."))

    async def _put(
        self, question: Question, priority: Priority, pause_s: float, timeout_s: float | None, *, urgent: bool
    ) -> tuple[int, ...]:
        if not self._is_up:
            raise LineDown(self._fault or f"{self._link} was lost.")
        if not urgent and not self._units.admit(question.unit, self.now()):
            raise UnitResting(f"Unit {question.unit} on {self._link} did not answer lately and is left alone.")
        answer: asyncio.Future[tuple[int, ...]] = asyncio.get_running_loop().create_future()
        patience_s = self._link.timeout_s if timeout_s is None else timeout_s
        bound_s = patience_s + question.characters * self._link.character_s
        self._queue.put(Job(priority, next(self._turns), question, answer, pause_s, bound_s, self.now(), urgent))
        self._wake.set()
        return await answer

    async def _own(self) -> None:
        """Open the line and serve it; raises LineDown, always."""
        self._beat()
        obstacle = self._link.obstacle()
        if obstacle:
            raise LineDown(obstacle)
        wire = Wire(self._link, self.now, self._wake.set)
        try:
            await self._bounded(wire.open(), OPEN_BOUND_S)
            log.info("%s is open.", self._link)
            self._count(opened=1)
            self._units.forget_rests()
            self._unanswered = 0
            self._wire, self._fault = wire, None
            await self._serve(wire)
        finally:
            self._wire = None
            wire.close()

    async def _serve(self, wire: Wire) -> None:
        while not wire.lost:
            self._beat()
            self._wake.clear()
            job, wait_s = self._queue.take(self._wait_of, self.now())
            if job is not None:
                await self._bounded(self._transact(wire, job), job.timeout_s + 2 * DRAIN_BOUND_S + TURN_S)
            else:
                await self._idle(TURN_S if wait_s is None else min(wait_s, TURN_S))
        raise LineDown(f"{self._link} was lost.")

    async def _transact(self, wire: Wire, job: Job) -> None:
        unit, began_s = job.question.unit, self.now()
        try:
            if not await wire.silence(self._link.gap_s, DRAIN_BOUND_S):
                raise ForeignAnswer(f"{self._link} is never silent; is another master on the line?")
            self._count(requests=1)
            words = await wire.ask(job.question, job.timeout_s)
        except Refused as error:
            self._count(refused=1)
            self._heard(unit)
            _fail(job, error)
        except (NoAnswer, ForeignAnswer) as error:
            await self._unheard(wire, job, error, began_s)
        except DriverError as error:
            _fail(job, error)
            raise
        except BaseException:
            # Cancelled, or a bug, which is the supervisor's: the caller must not wait for ever.
            _fail(job, LineDown(f"The owner of {self._link} has stopped."))
            raise
        else:
            self._heard(unit)
            if not job.answer.done():
                job.answer.set_result(words)

    def _heard(self, unit: int) -> None:
        self._unanswered = 0
        self._units.answered(unit, self.now())

    async def _unheard(self, wire: Wire, job: Job, error: DriverError, began_s: float) -> None:
        """Tell the caller, hold the line until it is silent, and let the unit rest."""
        silent, unit = isinstance(error, NoAnswer), job.question.unit
        self._count(timeouts=int(silent), foreign=int(not silent))
        cost_s = self.now() - began_s + self._link.settle_s
        self._units.failed(unit, self.now(), cost_s, silent=silent)
        _fail(job, error)
        if self._units[unit].rests_until_s > self.now():
            for other in self._queue.drop(lambda waiting: waiting.question.unit == unit and not waiting.urgent):
                _fail(other, UnitResting(f"Unit {unit} on {self._link} did not answer and is left alone."))
        await wire.silence(self._link.settle_s, DRAIN_BOUND_S)
        self._unanswered += silent
        if isinstance(self._link, TcpLink) and self._unanswered >= TCP_GIVES_UP_AFTER:
            raise LineDown(f"{self._link} does not answer; it is connected anew.")

    def _wait_of(self, job: Job) -> float:
        """Seconds until the job's unit has had its pause."""
        traffic_s = self._units[job.question.unit].traffic_s
        return 0.0 if traffic_s is None else traffic_s + job.pause_s - self.now()

    async def _idle(self, at_most_s: float) -> None:
        # Not wait_for: at its time limit that raises, twice a second, for ever.
        handle = asyncio.get_running_loop().call_later(at_most_s, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            handle.cancel()

    async def _bounded(self, work: Coroutine[None, None, None], bound_s: float) -> None:
        """Await the work and go on beating: a slow peer is no hung owner. LineDown at the bound."""
        task = asyncio.create_task(work)
        try:
            for _ in range(ceil(bound_s / TURN_S)):
                await asyncio.wait((task,), timeout=TURN_S)
                self._beat()
                if task.done():
                    return task.result()
            raise LineDown(f"{self._link} hangs; it is opened anew.")
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait((task,))

    def _down(self, error: LineDown) -> None:
        if str(error) != self._fault:
            log.warning("%s", error)
        self._fault = str(error)
        self._fail_all(error)

    def _fail_all(self, error: LineDown) -> None:
        for job in self._queue.drop(lambda _: True):
            _fail(job, error)

    def _count(
        self, *, requests: int = 0, timeouts: int = 0, foreign: int = 0, refused: int = 0, opened: int = 0
    ) -> None:
        old = self._counters
        self._counters = replace(
            old,
            requests=old.requests + requests,
            timeouts=old.timeouts + timeouts,
            foreign=old.foreign + foreign,
            refused=old.refused + refused,
            opened=old.opened + opened,
        )


def _fail(job: Job, error: DriverError) -> None:
    if not job.answer.done():
        job.answer.set_exception(error)
