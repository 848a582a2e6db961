"""Tasks that live as long as the process: a bug in one of them must not cancel the control of a contactor.

A task that fails is restarted with a growing pause; a critical one (the store, the state loop) ends the process,
which systemd restarts. Built on a TaskGroup: nothing is left running when the block is left.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from types import TracebackType
from typing import Self

from roampost.supervise.watchdog import Beat

_LOG = logging.getLogger(__name__)
_FIRST_PAUSE_S = 1.0
_LAST_PAUSE_S = 30.0
# Failures closer together than this are one burst: one traceback, a growing pause.
_STEADY_S = 60.0

Run = Callable[[], Awaitable[None]]


class PlainError(Exception):
    """A person can correct it, and its sentence says how: no traceback is logged with it."""


class CriticalTaskError(Exception):
    """A task that the process cannot live without has failed."""


class TaskPhase(StrEnum):
    RUNNING = "running"
    RESTING = "resting"  # failed, waits for its restart
    ENDED = "ended"  # came to its own end
    DONE = "done"  # so did one that has but one thing to do
    FAILED = "failed"  # critical, and failed


@dataclass(frozen=True, slots=True)
class TaskState:
    """What `status` shows. since_s is the monotonic second in which the phase began."""

    name: str
    critical: bool
    phase: TaskPhase
    since_s: float
    restarts: int = 0
    last_error: str | None = None


class _Task:
    """One supervised task and its burst of failures."""

    def __init__(
        self, name: str, run: Run, critical: bool, once: bool, beat: Beat | None, mono_s: Callable[[], float]
    ) -> None:
        self.run = run
        self.once = once
        self.beat = beat
        self._mono_s = mono_s
        self._failures = 0
        self.state = TaskState(name, critical, TaskPhase.RUNNING, mono_s())

    def enter(self, phase: TaskPhase, *, restarts: int | None = None) -> None:
        count = self.state.restarts if restarts is None else restarts
        self.state = replace(self.state, phase=phase, since_s=self._mono_s(), restarts=count)

    def failed(self, error: BaseException) -> float:
        """Log and count; returns the pause before the restart."""
        if self._mono_s() - self.state.since_s >= _STEADY_S:
            self._failures = 0
        text = sentence(error)
        known = isinstance(error, PlainError) or (self._failures > 0 and text == self.state.last_error)
        self._failures += 1
        pause_s = min(_FIRST_PAUSE_S * 2.0 ** min(self._failures - 1, 10), _LAST_PAUSE_S)
        _LOG.error("%s failed: %s", self.state.name, text, exc_info=None if known else error)
        self.state = replace(self.state, last_error=text)
        return pause_s


class Supervisor:
    """Used as `async with Supervisor() as tasks: tasks.start(...); await stop.wait()`. Leaving it cancels all tasks.

    Raises CriticalTaskError (from its cause) when a critical task failed.
    """

    def __init__(
        self,
        *,
        mono_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        cancel_again_s: float = 2.0,
    ) -> None:
        self._cancel_again_s = cancel_again_s
        self._mono_s = mono_s
        self._sleep = sleep
        self._group = asyncio.TaskGroup()
        self._tasks: dict[str, _Task] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._cancel_all()
        except asyncio.CancelledError as again:
            kind, error, trace = type(again), again, again.__traceback__
        try:
            await self._group.__aexit__(kind, error, trace)
        except BaseExceptionGroup as group:
            # Only critical failures leave a task of ours; an error of the block itself goes on as it is.
            if error is not None and not isinstance(error, asyncio.CancelledError):
                raise error from None
            raise group.exceptions[0] from group.exceptions[0].__cause__

    async def _cancel_all(self) -> None:
        """Cancel until it works: Python 3.11's wait_for swallows a cancellation that meets its result."""
        while self._running:
            for task in self._running:
                task.cancel()
            await asyncio.wait(self._running, timeout=self._cancel_again_s)

    def start(
        self, name: str, run: Run, *, critical: bool = False, once: bool = False, beat: Beat | None = None
    ) -> None:
        """Run a task under supervision from now on. `once`: it is meant to end. `beat` rests while it waits for its
        restart."""
        if name in self._tasks:
            raise ValueError(f"a task named {name!r} runs already")
        supervised = _Task(name, run, critical, once, beat, self._mono_s)
        self._tasks[name] = supervised
        task = self._group.create_task(self._supervise(supervised), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def states(self) -> tuple[TaskState, ...]:
        """All tasks, in the order in which they were started."""
        return tuple(task.state for task in self._tasks.values())

    async def _supervise(self, task: _Task) -> None:
        while True:
            error = await self._once(task)
            if task.state.critical:
                task.failed(error or RuntimeError("ended, although it must run as long as the process"))
                task.enter(TaskPhase.FAILED)
                raise CriticalTaskError(f"{task.state.name}: {task.state.last_error}") from error
            if error is None:
                task.enter(TaskPhase.DONE if task.once else TaskPhase.ENDED)
                return
            await self._rest(task, task.failed(error))

    async def _once(self, task: _Task) -> BaseException | None:
        """The error that ended the task, None when it came to its own end."""
        try:
            await task.run()
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            return error  # a foreign cancellation leaked out; without this the task would silently be gone
        except Exception as error:  # noqa: BLE001 - task boundary: logged with its traceback by _Task.failed
            return error
        return None

    async def _rest(self, task: _Task, pause_s: float) -> None:
        task.enter(TaskPhase.RESTING)
        if task.beat is not None:
            task.beat.rest(self._mono_s() + pause_s)
        await self._sleep(pause_s)
        task.enter(TaskPhase.RUNNING, restarts=task.state.restarts + 1)


def _is_cancelled() -> bool:
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0


def sentence(error: BaseException) -> str:
    """An error on one line; the type is told where the text alone says nothing."""
    text = " ".join(str(error).split())
    return text if len(text) > 20 else f"{type(error).__name__}: {text}" if text else type(error).__name__
