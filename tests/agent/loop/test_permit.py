"""The level and the read-back: told at once, told again, told last, and reported when nothing helps."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from roampost.loop import permit
from roampost.loop.permit import RETRY_S, STUCK_AFTER_S, PermitKeeper
from roampost_drivers.roles import ChargerReading, Pilot
from tests.agent.loop.rig import LIMIT_MA, HandClock, PaperCharger


class SlowCharger(PaperCharger):
    """Takes a permission when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()

    async def permit(self, current_ma: int) -> None:
        self.written.append(current_ma)
        if current_ma:
            await self.let.wait()
        self.set_ma = current_ma


class Bench:
    def __init__(self, charger: PaperCharger, unseen_s: float = 2.0) -> None:
        self.clock, self.charger, self.hurried = HandClock(), charger, 0
        self.asked_again = asyncio.Event()
        self.keeper = PermitKeeper(
            charger, now_s=self.clock.mono_s, hurry=self._hurry, beat=lambda: None, unseen_s=unseen_s
        )

    def _hurry(self) -> None:
        self.hurried += 1
        self.asked_again.set()

    async def see(self, permitted_ma: int, *, closed: bool | None = False, after_s: float = 0.5) -> None:
        self.clock.now_s += after_s
        reading = ChargerReading(Pilot.C, permitted_ma, None, None, closed, frozenset(), self.clock.now_s)
        self.keeper.saw(reading)
        await settle()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@asynccontextmanager
async def bench(charger: PaperCharger | None = None, unseen_s: float = 2.0) -> AsyncIterator[Bench]:
    made = Bench(charger or PaperCharger(), unseen_s)
    task = asyncio.create_task(made.keeper.run())
    await settle()
    yield made
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_nothing_is_written_before_the_first_decision() -> None:
    async with bench() as one:
        await one.see(32_000)
        assert one.charger.written == []


async def test_a_level_is_written_once_and_read_back_at_once() -> None:
    async with bench() as one:
        one.keeper.set(LIMIT_MA)
        await settle()
        await one.see(LIMIT_MA)
        await one.see(LIMIT_MA)
        assert one.charger.written == [LIMIT_MA]
        assert one.hurried == 1


async def test_what_is_there_already_is_not_written() -> None:
    async with bench() as one:
        await one.see(LIMIT_MA)
        one.keeper.set(LIMIT_MA)
        await settle()
        assert one.charger.written == []


async def test_a_stop_is_written_although_the_last_read_back_is_older_than_the_permission() -> None:
    charger = SlowCharger()
    async with bench(charger) as one:
        await one.see(0)
        one.keeper.set(LIMIT_MA)
        await settle()
        await one.see(0)  # a look that began before the write
        one.keeper.set(0)
        assert not one.keeper.quiet
        charger.let.set()
        await settle()
        assert charger.written == [LIMIT_MA, 0]
        assert charger.set_ma == 0


async def test_quiet_is_only_what_was_read_back() -> None:
    async with bench() as one:
        one.keeper.set(0)
        await settle()
        assert not one.keeper.quiet
        await one.see(0)
        assert one.keeper.quiet


async def test_a_device_that_permits_again_by_itself_is_forbidden_again() -> None:
    async with bench() as one:
        one.keeper.set(0)
        await settle()
        await one.see(0)
        await one.see(32_000, after_s=RETRY_S)
        assert one.charger.written == [0, 0]


async def test_a_device_that_gives_less_does_not_fill_the_line_with_writes() -> None:
    async with bench() as one:
        one.keeper.set(LIMIT_MA)
        await settle()
        for _ in range(200):
            await one.see(13_000, after_s=0.1)
        assert len(one.charger.written) <= 6


async def test_a_silent_device_is_told_again_without_a_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permit, "TURN_S", 0.001)
    charger = PaperCharger(deaf=True)
    async with bench(charger) as one:
        one.keeper.set(0)
        await settle()
        assert charger.written == [0]
        one.clock.now_s += RETRY_S
        charger.deaf = False
        async with asyncio.timeout(30):
            await one.asked_again.wait()
        assert charger.written == [0, 0]


async def test_a_deaf_device_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with bench(PaperCharger(deaf=True)) as one:
        one.keeper.set(0)
        for _ in range(50):
            await one.see(LIMIT_MA)
        assert len(one.charger.written) > 10
        assert [record.levelno for record in caplog.records].count(logging.WARNING) == 1


@pytest.mark.parametrize(("permitted_ma", "closed"), [(LIMIT_MA, False), (0, True), (LIMIT_MA, None)])
async def test_what_goes_on_although_forbidden_is_stuck_after_the_bound(permitted_ma: int, closed: bool | None) -> None:
    async with bench() as one:
        one.keeper.set(0)
        for _ in range(11):
            await one.see(permitted_ma, closed=closed)
            assert not one.keeper.stuck()
        await one.see(permitted_ma, closed=closed)
        assert one.keeper.stuck()


async def test_what_was_not_looked_at_meanwhile_is_not_called_stuck() -> None:
    async with bench() as one:
        one.keeper.set(0)
        await one.see(0, closed=True)
        await one.see(0, closed=True, after_s=2 * STUCK_AFTER_S)
        assert not one.keeper.stuck()


async def test_stuck_is_found_at_a_slow_pace_too() -> None:
    async with bench(unseen_s=9.0) as one:
        one.keeper.set(0)
        for _ in range(3):
            await one.see(0, closed=True, after_s=3.0)
        assert one.keeper.stuck()


async def test_a_contactor_that_opens_in_time_is_not_stuck() -> None:
    async with bench() as one:
        one.keeper.set(0)
        for _ in range(9):
            await one.see(0, closed=True)
        await one.see(0, closed=False)
        await one.see(0, closed=True)
        assert not one.keeper.stuck()


async def test_a_device_that_does_not_tell_of_its_contactor_is_judged_by_its_set_point() -> None:
    async with bench() as one:
        one.keeper.set(0)
        for _ in range(20):
            await one.see(0, closed=None)
        assert not one.keeper.stuck()
