"""Who goes next on the line: by priority, then first come, first served, and nobody before its unit's pause is over.

On a busy line the last ones would never come: who has waited for a second goes with the states.
"""

import asyncio
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from roampost_drivers.line.question import Question


class Priority(IntEnum):
    """What goes first. Forbidding to charge waits for nothing but the transaction that is on the wire."""

    CONTROL = 0
    WATCHDOG = 1
    STATE = 2
    FAULTS = 3
    METERS = 4


AGED_S: Final = 1.0


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """A question in the queue since `since_s`; `turn` keeps equals in their order."""

    priority: Priority
    turn: int
    question: Question = field(compare=False)
    answer: "asyncio.Future[tuple[int, ...]]" = field(compare=False)
    pause_s: float = field(compare=False)
    timeout_s: float = field(compare=False)
    since_s: float = field(compare=False)
    urgent: bool = field(compare=False, default=False)


class Queue:
    """The jobs that wait; those whose caller has gone fall out without touching the wire."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []

    def __len__(self) -> int:
        return len(self._jobs)

    def put(self, job: Job) -> None:
        insort(self._jobs, job)

    def take(self, wait_of: Callable[[Job], float], now_s: float) -> tuple[Job | None, float | None]:
        """The first job whose `wait_of` is not above 0, else the shortest wait in seconds (None: nothing waits)."""
        self._jobs = [job for job in self._jobs if not job.answer.done()]
        shortest: float | None = None
        for job in sorted(self._jobs, key=lambda job: _rank(job, now_s)):
            wait_s = wait_of(job)
            if wait_s <= 0:
                self._jobs.remove(job)
                return job, 0.0
            shortest = wait_s if shortest is None else min(shortest, wait_s)
        return None, shortest

    def drop(self, chosen: Callable[[Job], bool]) -> Iterator[Job]:
        """Take out and yield the jobs that are chosen."""
        out = [job for job in self._jobs if chosen(job)]
        self._jobs = [job for job in self._jobs if not chosen(job)]
        yield from out


def _rank(job: Job, now_s: float) -> tuple[int, int]:
    aged = now_s - job.since_s >= AGED_S
    return min(job.priority, Priority.STATE) if aged else job.priority, job.turn
