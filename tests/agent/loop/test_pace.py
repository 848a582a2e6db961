"""One device, polled: at its pace, sooner when somebody asks, and quietly when it fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from roampost.loop import pace as module
from roampost.loop.pace import COMPLAIN_S, Pace
from roampost_drivers.errors import NoAnswer
from tests.agent.loop.rig import HandClock


class Device:
    """Answers with the number of the poll; fails when told to. Time passes only while it is polled."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.polls = 0
        self.fails = False
        self.taken: list[int] = []
        self.missed = 0
        self.beats = 0
        self.beaten = asyncio.Event()
        self.pace = Pace("meter-1", self.poll, 2.0, now_s=self.clock.mono_s, beat=self._beat, ahead=True)
        self.pace.attach(self.taken.append, self._miss)

    async def poll(self) -> int:
        self.polls += 1
        self.clock.now_s += 0.1
        if self.fails:
            raise NoAnswer("meter-1 did not answer within 0.3 s")
        return self.polls

    def _miss(self) -> None:
        self.missed += 1

    def _beat(self) -> None:
        self.beats += 1
        if self.beats == 5:
            self.beaten.set()

    async def until(self, polls: int) -> None:
        """Let the loop run until it has polled so often; time jumps over each rest."""
        async with asyncio.timeout(30):
            while self.polls < polls:
                self.clock.now_s += 2.0
                self.pace.by(self.clock.now_s)
                await asyncio.sleep(0)
        await settle()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@asynccontextmanager
async def running() -> AsyncIterator[Device]:
    device = Device()
    task = asyncio.create_task(device.pace.run())
    await settle()
    yield device
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_reading_goes_to_every_taker() -> None:
    async with running() as device:
        more: list[int] = []
        device.pace.attach(more.append, lambda: None)
        await device.until(3)
        assert device.taken == [1, 2, 3]
        assert more == [2, 3]
        assert device.pace.error is None


async def test_it_rests_between_two_polls_and_hurries_when_asked() -> None:
    async with running() as device:
        await settle()
        assert device.polls == 1
        device.pace.hurry()
        await settle()
        assert device.polls == 2


async def test_a_hurry_during_a_poll_is_not_lost() -> None:
    device = Device()
    device.pace.attach(lambda number: device.pace.hurry() if number == 1 else None, lambda: None)
    task = asyncio.create_task(device.pace.run())
    await settle()
    assert device.polls == 2
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_moment_that_is_later_than_the_pace_changes_nothing() -> None:
    async with running() as device:
        device.pace.by(device.clock.now_s + 60)
        await settle()
        assert device.polls == 1


async def test_a_rest_beats_for_the_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURN_S", 0.001)
    async with running() as device:
        async with asyncio.timeout(30):
            await device.beaten.wait()
        assert device.polls == 1


async def test_a_failure_is_told_in_words_and_every_one_is_a_miss() -> None:
    async with running() as device:
        device.fails = True
        await device.until(3)
        assert device.pace.error == "meter-1 did not answer within 0.3 s"
        assert device.missed == 2


async def test_one_lost_answer_is_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as device:
        device.fails = True
        await device.until(2)
        device.fails = False
        await device.until(3)
        assert caplog.records == []


async def test_a_device_that_comes_and_goes_does_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as device:
        for turn in range(1, 30):
            device.fails = turn % 3 != 0
            await device.until(turn + 1)
        assert [record.levelname for record in caplog.records].count("WARNING") == 1
        device.clock.now_s += COMPLAIN_S
        device.fails = True
        await device.until(device.polls + 3)
        assert [record.levelname for record in caplog.records].count("WARNING") == 2


async def next_start_s(device: Device) -> float:
    """The monotonic second from which the next poll begins by itself, found by moving the clock in small steps."""
    polls = device.polls
    while device.polls == polls:
        device.clock.now_s += 0.01
        device.pace._poke.set()  # the loop looks at the clock again
        await settle()
    return device.clock.now_s - 0.1


async def test_the_time_of_a_reading_is_part_of_the_interval() -> None:
    async with running() as device:
        first_s = await next_start_s(device)
        second_s = await next_start_s(device)
        assert second_s - first_s == pytest.approx(2.0 - 0.1, abs=0.02)


async def test_a_reading_that_must_be_complete_at_a_moment_begins_before_it() -> None:
    async with running() as device:
        await next_start_s(device)
        at_s = device.clock.now_s + 0.5
        device.pace.seen_by(at_s)
        assert at_s - 0.1 <= await next_start_s(device) <= at_s - 0.05
