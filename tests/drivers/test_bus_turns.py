"""Whose turn it is on a line: priorities, pauses, silences between frames, and units that are left alone."""

import asyncio
import struct
import time
from collections.abc import Callable
from typing import Literal

import pytest

from roampost_drivers.bus import Bus, Priority
from roampost_drivers.errors import LineDown, NoAnswer, UnitResting
from roampost_drivers.line.links import RtuLink
from tests.drivers.conftest import MakeSlave
from tests.drivers.lines import GENEROUS_S, outcome, owned, quick, until
from tests.drivers.slaves import Slave, Units, answer_at_once, fields, honest, stay_silent


def addresses(slave: Slave) -> list[int]:
    return [fields(request)[2] for request in slave.requests]


class HeldBack:
    """Answers the first request only when told to; meanwhile the queue fills."""

    def __init__(self) -> None:
        self.release: Callable[[], None] = lambda: None
        self._first = True

    def __call__(self, slave: Slave, request: bytes) -> None:
        if self._first:
            self._first = False
            self.release = lambda: slave.send(honest(request))
        else:
            slave.send(honest(request))


async def test_control_goes_first_and_equals_keep_their_order(make_slave: MakeSlave) -> None:
    held = HeldBack()
    slave = make_slave(held)
    async with owned(quick(slave.pty.port, timeout_s=5.0)) as bus, asyncio.TaskGroup() as group:
        group.create_task(bus.read(1, 3, 1, 1))
        await until(lambda: len(slave.requests) == 1)
        for address, priority in (
            (50, Priority.METERS), (40, Priority.FAULTS), (30, Priority.STATE), (31, Priority.STATE),
            (20, Priority.WATCHDOG), (51, Priority.METERS), (32, Priority.STATE),
        ):  # fmt: skip
            group.create_task(bus.read(1, 3, address, 1, priority=priority))
        group.create_task(bus.write(1, 10, (0,)))
        await asyncio.sleep(0)
        held.release()
    assert addresses(slave) == [1, 10, 20, 30, 31, 32, 40, 50, 51]


async def test_a_caller_that_went_away_leaves_nothing_on_the_wire(make_slave: MakeSlave) -> None:
    held = HeldBack()
    slave = make_slave(held)
    async with owned(quick(slave.pty.port, timeout_s=5.0)) as bus, asyncio.TaskGroup() as group:
        on_the_wire = group.create_task(bus.read(1, 3, 1, 1))
        await until(lambda: len(slave.requests) == 1)
        gone = group.create_task(bus.read(1, 3, 2, 1))
        stays = group.create_task(bus.read(1, 3, 3, 1))
        await asyncio.sleep(0)
        gone.cancel()
        on_the_wire.cancel()
        await asyncio.sleep(0)
        held.release()
        assert await stays == (3,)
    assert addresses(slave) == [1, 3]


@pytest.mark.parametrize(
    ("link", "gap_s"),
    [
        (RtuLink("x", 9600), 3.646e-3),
        (RtuLink("x", 9600, "E"), 4.010e-3),
        (RtuLink("x", 9600, "N", 2), 4.010e-3),
        (RtuLink("x", 19200, "E"), 2.005e-3),
        (RtuLink("x", 38400), 1.75e-3),
        (RtuLink("x", 115200, "E"), 1.75e-3),
    ],
)
def test_the_silence_between_frames_by_baud_and_bits(link: RtuLink, gap_s: float) -> None:
    assert link.gap_s == pytest.approx(gap_s, rel=1e-3)


@pytest.mark.parametrize("stop_bits", [1, 2])
async def test_every_request_comes_after_the_silence_that_the_standard_demands(
    make_slave: MakeSlave, stop_bits: Literal[1, 2]
) -> None:
    slave = make_slave(answer_at_once)
    link = RtuLink(slave.pty.port, 9600, stop_bits=stop_bits, timeout_s=5.0)
    async with owned(link) as bus, asyncio.TaskGroup() as group:
        for index in range(40):
            group.create_task(bus.read(1, 3, index, 2))
    assert len(slave.gaps_s) == 39
    assert min(slave.gaps_s) >= link.gap_s


async def test_a_units_pause_is_kept_and_another_unit_uses_the_time(make_slave: MakeSlave) -> None:
    seen: list[tuple[int, float]] = []

    def note(slave: Slave, request: bytes) -> None:
        seen.append((request[0], time.monotonic()))
        slave.send(honest(request))

    slave = make_slave(note)
    async with owned(quick(slave.pty.port, timeout_s=5.0)) as bus:
        await bus.read(1, 3, 0, 1, pause_s=0.1)
        async with asyncio.TaskGroup() as group:
            group.create_task(bus.read(1, 3, 1, 1, pause_s=0.1))
            group.create_task(bus.read(2, 3, 2, 1, priority=Priority.METERS))
            group.create_task(bus.read(3, 3, 3, 1, priority=Priority.METERS))
    assert [unit for unit, _ in seen] == [1, 2, 3, 1]
    assert seen[3][1] - seen[0][1] >= 0.1


async def test_a_dead_neighbour_rests_and_costs_no_waiting(make_slave: MakeSlave) -> None:
    slave = make_slave(Units(unit1=answer_at_once))
    async with owned(quick(slave.pty.port), rests_s=(60.0,)) as bus:
        assert await outcome(bus, 2, 0) is NoAnswer
        for address in range(20):
            assert await outcome(bus, 2, address) is UnitResting
            assert await outcome(bus, 1, address) == (address, address + 1)
        assert bus.health.units[2].failures == 1
        assert 50 < bus.health.units[2].resting_s <= 60
        assert bus.health.units[2].answer_age_s is None
    assert [request[0] for request in slave.requests] == [2] + 20 * [1]


async def test_what_waits_for_a_unit_that_fell_silent_fails_with_it(make_slave: MakeSlave) -> None:
    slave = make_slave(stay_silent)
    async with owned(quick(slave.pty.port), rests_s=(60.0,)) as bus:
        kinds = await asyncio.gather(*(outcome(bus, 2, address) for address in range(5)))
    assert kinds == [NoAnswer] + 4 * [UnitResting]
    assert len(slave.requests) == 1


async def test_an_urgent_write_is_tried_although_the_unit_rests(make_slave: MakeSlave) -> None:
    units = Units()
    slave = make_slave(units)
    async with owned(quick(slave.pty.port), rests_s=(60.0,)) as bus:
        assert await outcome(bus, 1, 0) is NoAnswer
        with pytest.raises(UnitResting):
            await bus.write(1, 1000, (16,))
        units.alive[1] = answer_at_once
        await bus.write(1, 1000, (0,), urgent=True)
        assert await outcome(bus, 1, 7) == (7, 8)


async def test_a_unit_that_came_back_is_asked_again(make_slave: MakeSlave) -> None:
    units = Units()
    slave = make_slave(units)
    async with owned(quick(slave.pty.port, timeout_s=0.02), rests_s=(0.01,)) as bus:
        assert await outcome(bus, 1, 0) is NoAnswer
        units.alive[1] = answer_at_once
        async with asyncio.timeout(20):
            while await outcome(bus, 1, 3) != (3, 4):  # noqa: ASYNC110 - a caller polls
                await asyncio.sleep(0.005)
        assert bus.health.units[1].failures == 0


async def test_the_owner_beats_while_idle_and_while_it_waits(make_slave: MakeSlave) -> None:
    beats = 0

    def beat() -> None:
        nonlocal beats
        beats += 1

    slave = make_slave(stay_silent)
    bus = Bus(quick(slave.pty.port, timeout_s=1.2), beat=beat)
    async with asyncio.TaskGroup() as group:
        owner = group.create_task(bus.run())
        await until(lambda: bus.health.line_up)
        before = beats
        assert await outcome(bus, 1, 0) is NoAnswer
        assert beats >= before + 2
        after = beats
        await until(lambda: beats >= after + 2)
        owner.cancel()


async def test_a_question_that_kills_the_owner_leaves_nobody_waiting(make_slave: MakeSlave) -> None:
    bus = Bus(quick(make_slave(answer_at_once).pty.port))
    owner = asyncio.create_task(bus.run())
    await until(lambda: bus.health.line_up)
    async with asyncio.timeout(GENEROUS_S):
        with pytest.raises(LineDown, match="has stopped"):
            await bus.write(1, 10, (0x10000,), function=6)  # no register holds that, and nothing has refused it
        with pytest.raises(struct.error):
            await owner
