"""A bus never gives one question the answer of another: late, foreign, broken and echoed frames on real ptys."""

import asyncio
import random
from collections.abc import Callable

import pytest
from pymodbus.client import AsyncModbusSerialClient
from pymodbus.exceptions import ModbusException

from roampost_drivers.errors import DriverError, ForeignAnswer, NoAnswer, Refused
from tests.drivers.conftest import MakeSlave
from tests.drivers.lines import outcome, owned, quick
from tests.drivers.slaves import LateReply, Slave, crc, honest

TIMEOUT_S, SETTLE_S = 0.05, 0.1
READS = 150
Read = Callable[[int], "asyncio.Future[tuple[int, ...]]"]


async def impatient(read: Read, seed: int) -> tuple[int, int]:
    """Right and wrong answers among many reads of random places, by callers of whom some go away early."""
    rnd, right, wrong = random.Random(seed), 0, 0
    for _ in range(READS):
        address, patience_s = rnd.randrange(1000), rnd.choice((0.01, 5.0, 5.0))
        try:
            words = await asyncio.wait_for(read(address), patience_s)
        except (DriverError, ModbusException, TimeoutError):
            continue
        right, wrong = right + (words == (address, address + 1)), wrong + (words != (address, address + 1))
    return right, wrong


async def test_late_replies_and_cancelled_callers_give_no_wrong_answer(make_slave: MakeSlave) -> None:
    slave = make_slave(LateReply(7, (TIMEOUT_S * 1.1, (TIMEOUT_S + SETTLE_S) * 0.9)))
    async with owned(quick(slave.pty.port, timeout_s=TIMEOUT_S, settle_s=SETTLE_S)) as bus:
        right, wrong = await impatient(lambda address: asyncio.ensure_future(bus.read(1, 3, address, 2)), seed=1)
        assert bus.health.counters.timeouts > 5
    assert wrong == 0
    assert right > READS / 4


async def test_the_same_slave_fools_the_bare_library(make_slave: MakeSlave) -> None:
    """Control: were this slave toothless, the test above would prove nothing."""
    slave = make_slave(LateReply(7, (TIMEOUT_S * 1.1, (TIMEOUT_S + SETTLE_S) * 0.9)))
    client = AsyncModbusSerialClient(slave.pty.port, timeout=TIMEOUT_S, retries=0)
    assert await client.connect()

    async def bare(address: int) -> tuple[int, ...]:
        return tuple((await client.read_holding_registers(address, count=2, device_id=1)).registers)

    try:
        _, wrong = await impatient(lambda address: asyncio.ensure_future(bare(address)), seed=1)
    finally:
        client.close()
    assert wrong > 0


def noise_first(slave: Slave, request: bytes) -> None:
    slave.send(b"\x00" + honest(request))


def bad_crc(slave: Slave, request: bytes) -> None:
    frame = honest(request)
    slave.send(frame[:-1] + bytes((frame[-1] ^ 1,)))


def flipped_data_bit(slave: Slave, request: bytes) -> None:
    frame = honest(request)
    slave.send(frame[:4] + bytes((frame[4] ^ 0x10,)) + frame[5:])


def wrong_unit(slave: Slave, request: bytes) -> None:
    slave.send(crc(bytes((request[0] + 1,)) + honest(request)[1:-2]))


def wrong_function(slave: Slave, request: bytes) -> None:
    slave.send(crc(honest(request)[:1] + b"\x04" + honest(request)[2:-2]))


def too_many_registers(slave: Slave, request: bytes) -> None:
    slave.send(honest(request[:4] + b"\x00\x09" + request[6:]))


def echo_alone(slave: Slave, request: bytes) -> None:
    slave.send(request)


def echo_then_answer(slave: Slave, request: bytes) -> None:
    slave.send(request + honest(request))


def babble(slave: Slave, request: bytes) -> None:
    slave.send(random.Random(3).randbytes(200))


FAULTS = (
    noise_first, bad_crc, flipped_data_bit, wrong_unit, wrong_function, too_many_registers, echo_alone,
    echo_then_answer, babble,
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_frame_that_is_not_the_answer_is_a_failed_read(
    make_slave: MakeSlave, fault: Callable[[Slave, bytes], None]
) -> None:
    faults = iter([fault])
    slave = make_slave(lambda slave, request: next(faults, lambda s, r: s.send(honest(r)))(slave, request))
    async with owned(quick(slave.pty.port)) as bus:
        assert await outcome(bus, 1, 0x0310) is ForeignAnswer
        assert await outcome(bus, 1, 0x0310) == (0x0310, 0x0311)
        assert bus.health.counters.foreign == 1


@pytest.mark.parametrize(("function", "address", "count"), [(3, 0x03E8, 1), (2, 0x03E8, 24), (1, 0x03E8, 20)])
async def test_an_echo_that_looks_like_an_answer_is_not_taken_for_one(
    make_slave: MakeSlave, function: int, address: int, count: int
) -> None:
    # 01 03 03 E8 00 01 reads as an answer of three bytes with a right CRC; 02 03 E8 00 18 even has the right count.
    slave = make_slave(echo_alone)
    async with owned(quick(slave.pty.port)) as bus:
        with pytest.raises(ForeignAnswer):
            await bus.read(1, function, address, count)


async def test_the_bare_library_takes_the_echo_for_the_set_point(make_slave: MakeSlave) -> None:
    slave = make_slave(echo_alone)
    client = AsyncModbusSerialClient(slave.pty.port, timeout=0.2, retries=0)
    assert await client.connect()
    try:
        assert (await client.read_holding_registers(0x03E8, count=1, device_id=1)).registers == [0xE800]
    finally:
        client.close()


async def test_one_byte_at_a_time_is_an_answer(make_slave: MakeSlave) -> None:
    def one_byte_at_a_time(slave: Slave, request: bytes) -> None:
        for index, byte in enumerate(honest(request)):
            slave.send_later(index * 0.001, bytes((byte,)))

    slave = make_slave(one_byte_at_a_time)
    async with owned(quick(slave.pty.port, timeout_s=2.0)) as bus:
        assert await bus.read(1, 4, 77, 3) == (77, 78, 79)


async def test_a_glitch_behind_the_frame_does_no_harm(make_slave: MakeSlave) -> None:
    slave = make_slave(lambda slave, request: slave.send(honest(request) + b"\x00"))
    async with owned(quick(slave.pty.port)) as bus:
        assert await outcome(bus, 1, 5) == (5, 6)
        assert await outcome(bus, 1, 9) == (9, 10)


async def test_an_exception_is_a_refusal_with_its_code(make_slave: MakeSlave) -> None:
    slave = make_slave(lambda slave, request: slave.send(crc(bytes((request[0], request[1] | 0x80, 2)))))
    async with owned(quick(slave.pty.port)) as bus:
        with pytest.raises(Refused, match=r"refused with exception 2") as caught:
            await bus.read(1, 3, 1007, 1)
        assert caught.value.code == 2
        assert bus.health.units[1].failures == 0


async def test_a_write_that_is_answered_with_another_value_failed(make_slave: MakeSlave) -> None:
    slave = make_slave(lambda slave, request: slave.send(crc(honest(request)[:4] + b"\x00\x07")))
    async with owned(quick(slave.pty.port)) as bus:
        with pytest.raises(ForeignAnswer):
            await bus.write(1, 1000, (16,), function=6)


@pytest.mark.parametrize(("function", "values"), [(16, (1, 2)), (6, (7,)), (5, (1,))])
async def test_writes_go_out_as_the_protocol_says(
    make_slave: MakeSlave, function: int, values: tuple[int, ...]
) -> None:
    slave = make_slave(lambda slave, request: slave.send(honest(request)))
    async with owned(quick(slave.pty.port)) as bus:
        await bus.write(3, 0x0102, values, function=function)
    body = {16: "03 10 01 02 00 02 04 00 01 00 02", 6: "03 06 01 02 00 07", 5: "03 05 01 02 FF 00"}[function]
    assert slave.requests == [crc(bytes.fromhex(body))]


async def test_silence_is_no_answer(make_slave: MakeSlave) -> None:
    slave = make_slave(lambda slave, request: None)
    async with owned(quick(slave.pty.port)) as bus:
        assert await outcome(bus, 1, 5) is NoAnswer


async def test_a_line_on_which_another_master_talks_gives_no_answers(make_slave: MakeSlave) -> None:
    slave = make_slave(lambda slave, request: slave.send(honest(request)))

    async def chatter() -> None:
        while True:
            slave.pty.write(random.Random(4).randbytes(8))
            await asyncio.sleep(0)

    async with owned(quick(slave.pty.port)) as bus:
        talking = asyncio.create_task(chatter())
        await asyncio.sleep(0)
        # Which of the two depends on whether the babble or the owner's patience with it ends first.
        assert await outcome(bus, 1, 5) in (ForeignAnswer, NoAnswer)
        talking.cancel()
        async with asyncio.timeout(20):
            while await outcome(bus, 1, 5) != (5, 6):  # noqa: ASYNC110 - a caller polls
                await asyncio.sleep(0)


async def test_a_read_beyond_the_last_register_is_the_callers_mistake(make_slave: MakeSlave) -> None:
    slave = make_slave(lambda slave, request: None)
    async with owned(quick(slave.pty.port)) as bus:
        with pytest.raises(ValueError, match="cannot read 2 from 65535"):
            await bus.read(1, 3, 65535, 2)
