"""Who goes next on a line, without a wire."""

import asyncio

from roampost_drivers.line.question import Question
from roampost_drivers.line.queue import AGED_S, Job, Priority, Queue


def job(priority: Priority, turn: int, since_s: float, unit: int = 1) -> Job:
    answer: asyncio.Future[tuple[int, ...]] = asyncio.get_running_loop().create_future()
    return Job(priority, turn, Question(unit, 3, 0, 1), answer, 0.0, 0.3, since_s)


def order(jobs: list[Job], now_s: float) -> list[int]:
    queue = Queue()
    for one in jobs:
        queue.put(one)
    taken = [queue.take(lambda _: 0.0, now_s)[0] for _ in jobs]
    return [one.turn for one in taken if one is not None]


async def test_priority_goes_before_turn() -> None:
    jobs = [job(Priority.METERS, 1, 0.0), job(Priority.STATE, 2, 0.0), job(Priority.CONTROL, 3, 0.0)]
    assert order(jobs, 0.0) == [3, 2, 1]


async def test_who_has_waited_long_goes_with_the_states_but_not_before_control() -> None:
    jobs = [job(Priority.METERS, 1, 0.0), job(Priority.STATE, 2, AGED_S), job(Priority.CONTROL, 3, AGED_S)]
    assert order(jobs, AGED_S) == [3, 1, 2]


async def test_who_still_has_its_pause_is_passed_over() -> None:
    queue = Queue()
    queue.put(job(Priority.STATE, 1, 0.0, unit=1))
    queue.put(job(Priority.METERS, 2, 0.0, unit=2))
    taken, _ = queue.take(lambda one: 0.1 if one.question.unit == 1 else 0.0, 0.0)
    assert taken is not None
    assert taken.turn == 2
    assert queue.take(lambda _: 0.1, 0.0) == (None, 0.1)


async def test_whose_caller_has_gone_falls_out() -> None:
    queue = Queue()
    gone = job(Priority.STATE, 1, 0.0)
    gone.answer.cancel()
    queue.put(gone)
    assert queue.take(lambda _: 0.0, 0.0) == (None, None)
