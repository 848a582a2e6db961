"""Tasks fail, and the others go on."""

import asyncio
import logging

import pytest

from roampost.supervise.notify import Notifier
from roampost.supervise.supervisor import CriticalTaskError, PlainError, Supervisor, TaskPhase, sentence
from roampost.supervise.watchdog import Watchdog
from tests.agent.supervise.hands import Hands, settle


async def for_ever() -> None:
    await asyncio.Event().wait()


async def broken() -> None:
    raise ValueError("register 1002 holds a value that cannot be")


class FailsThen:
    """Fails `times` times, then lives; counts its starts."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.starts = 0

    async def run(self) -> None:
        self.starts += 1
        if self.starts <= self.times:
            await broken()
        await for_ever()


@pytest.fixture
def hands() -> Hands:
    return Hands()


def supervisor(hands: Hands) -> Supervisor:
    return Supervisor(mono_s=hands.mono_s, sleep=hands.sleep)


async def test_a_task_that_fails_is_restarted_while_its_neighbour_goes_on(hands: Hands) -> None:
    failing, neighbour = FailsThen(1), FailsThen(0)
    async with supervisor(hands) as tasks:
        tasks.start("page", failing.run)
        tasks.start("bus rs485", neighbour.run)
        await settle()
        page, bus = tasks.states()
        assert (page.phase, page.last_error) == (TaskPhase.RESTING, "register 1002 holds a value that cannot be")
        assert (bus.phase, bus.restarts) == (TaskPhase.RUNNING, 0)
        await hands.forward(1)
        page, bus = tasks.states()
        assert (page.phase, page.restarts, page.since_s) == (TaskPhase.RUNNING, 1, 1001.0)
    assert (failing.starts, neighbour.starts) == (2, 1)


async def test_the_pause_grows_to_half_a_minute(hands: Hands) -> None:
    async with supervisor(hands) as tasks:
        tasks.start("page", broken)
        await hands.forward(120)
    assert hands.slept[:7] == [1, 2, 4, 8, 16, 30, 30]


async def test_a_minute_of_good_work_ends_the_burst(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    async def fails_after_a_minute() -> None:
        await hands.sleep(61)
        await broken()

    async with supervisor(hands) as tasks:
        tasks.start("page", fails_after_a_minute)
        await hands.forward(200)
    assert [one for one in hands.slept if one != 61] == [1, 1, 1]
    assert all(record.exc_info for record in caplog.records)


async def test_the_traceback_is_logged_once_in_a_burst(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    async with supervisor(hands) as tasks:
        tasks.start("page", broken)
        await hands.forward(20)
    traced = [record for record in caplog.records if record.exc_info]
    assert len(caplog.records) > 3
    assert len(traced) == 1
    assert traced[0].levelno == logging.ERROR


async def test_what_a_person_can_correct_is_logged_without_a_traceback(
    hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    async def misconfigured() -> None:
        raise PlainError("the port is taken; choose another")

    async with supervisor(hands) as tasks:
        tasks.start("page", misconfigured)
        await hands.forward(3)
    assert [record.getMessage() for record in caplog.records] == [
        "page failed: the port is taken; choose another"
    ] * len(caplog.records)
    assert [record for record in caplog.records if record.exc_info] == []
    assert caplog.records


async def test_another_error_in_the_burst_has_its_own_traceback(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    errors = iter([ValueError("the first of two errors"), KeyError("x"), KeyError("x")])

    async def fails_differently() -> None:
        raise next(errors)

    async with supervisor(hands) as tasks:
        tasks.start("page", fails_differently)
        await hands.forward(3)
    assert [bool(record.exc_info) for record in caplog.records] == [True, True, False]


async def test_a_critical_task_that_fails_ends_everything(hands: Hands) -> None:
    neighbour_was_cancelled = False

    async def neighbour() -> None:
        nonlocal neighbour_was_cancelled
        try:
            await for_ever()
        except asyncio.CancelledError:
            neighbour_was_cancelled = True
            raise

    tasks = supervisor(hands)

    async def whole() -> None:
        async with tasks:
            tasks.start("bus", neighbour)
            tasks.start("store", broken, critical=True)
            await for_ever()

    with pytest.raises(CriticalTaskError, match="store: register 1002") as caught:
        await whole()
    assert isinstance(caught.value.__cause__, ValueError)
    assert neighbour_was_cancelled
    assert tasks.states()[1].phase is TaskPhase.FAILED


async def test_a_critical_task_that_ends_has_failed(hands: Hands) -> None:
    async def ends() -> None:
        return

    async def whole() -> None:
        async with supervisor(hands) as tasks:
            tasks.start("store", ends, critical=True)
            await for_ever()

    with pytest.raises(CriticalTaskError, match="store: ended, although it must run"):
        await whole()


@pytest.mark.parametrize(("once", "phase"), [(False, TaskPhase.ENDED), (True, TaskPhase.DONE)])
async def test_a_task_may_come_to_its_own_end(hands: Hands, once: bool, phase: TaskPhase) -> None:
    async def ends() -> None:
        return

    async with supervisor(hands) as tasks:
        tasks.start("recovery", ends, once=once)
        await settle()
        assert tasks.states()[0].phase is phase


async def test_leaving_cancels_every_task_and_waits_for_it(hands: Hands) -> None:
    ended: list[str] = []

    async def tidy() -> None:
        try:
            await for_ever()
        finally:
            await settle()
            ended.append("tidy")

    async with supervisor(hands) as tasks:
        tasks.start("tidy", tidy)
        tasks.start("resting", broken)
        await settle()
    assert ended == ["tidy"]


async def test_a_task_whose_library_swallows_the_cancellation_is_cancelled_again(hands: Hands) -> None:
    swallowed = 0

    async def deaf() -> None:
        nonlocal swallowed
        while True:
            try:
                await for_ever()
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 3:
                    raise

    async with Supervisor(mono_s=hands.mono_s, sleep=hands.sleep, cancel_again_s=0.01) as tasks:
        tasks.start("deaf", deaf)
        await settle()
    assert swallowed == 3


async def test_a_second_cancellation_from_outside_still_ends_every_task(hands: Hands) -> None:
    slow_to_end, ended = asyncio.Event(), False

    async def slow() -> None:
        nonlocal ended
        try:
            await for_ever()
        finally:
            await slow_to_end.wait()
            ended = True

    async def whole() -> None:
        async with supervisor(hands) as tasks:
            tasks.start("slow", slow)
            await for_ever()

    running = asyncio.create_task(whole())
    await settle()
    running.cancel()
    await settle()
    slow_to_end.set()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended


async def test_a_cancellation_from_outside_goes_through(hands: Hands) -> None:
    async def whole() -> None:
        async with supervisor(hands) as tasks:
            tasks.start("bus", for_ever)
            await for_ever()

    running = asyncio.create_task(whole())
    await settle()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_an_error_of_the_block_itself_is_raised_as_it_is(hands: Hands) -> None:
    async def whole() -> None:
        async with supervisor(hands) as tasks:
            tasks.start("bus", for_ever)
            await settle()
            raise LookupError("no such port")

    with pytest.raises(LookupError, match="no such port"):
        await whole()


async def test_a_cancellation_that_leaks_from_a_library_does_not_lose_the_task(hands: Hands) -> None:
    starts = 0

    async def leaks() -> None:
        nonlocal starts
        starts += 1
        lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lost.cancel()
        await lost

    async with supervisor(hands) as tasks:
        tasks.start("lane", leaks)
        await hands.forward(1)
        assert tasks.states()[0].last_error == "CancelledError"
    assert starts == 2


async def test_a_name_is_used_once(hands: Hands) -> None:
    async with supervisor(hands) as tasks:
        tasks.start("bus", for_ever)
        with pytest.raises(ValueError, match="'bus' runs already"):
            tasks.start("bus", for_ever)


async def test_the_watchdog_does_not_count_the_pause_before_a_restart(hands: Hands) -> None:
    watchdog = Watchdog(Notifier(None), mono_s=hands.mono_s, sleep=hands.sleep)
    beat = watchdog.loop("lane", within_s=0.5)
    async with supervisor(hands) as tasks:
        tasks.start("lane", FailsThen(3).run, beat=beat)
        await hands.forward(6)
        assert watchdog.hung() == ()
        await hands.forward(2)
        assert watchdog.hung() == ("lane",)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("the port is gone\nand more of it"), "the port is gone and more of it"),
        (KeyError("x"), "KeyError: 'x'"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_an_error_is_told_on_one_line(error: Exception, text: str) -> None:
    assert sentence(error) == text
