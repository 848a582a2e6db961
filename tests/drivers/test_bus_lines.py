"""Ports and connections that go and come back: noticed at once, opened again by name, for ever."""

import asyncio
import time
from pathlib import Path

import pytest

from roampost_drivers.errors import LineDown
from roampost_drivers.line.links import RtuLink, TcpLink
from tests.drivers.conftest import MakeSlave
from tests.drivers.gateways import Gateway
from tests.drivers.lines import outcome, owned, quick, until
from tests.drivers.slaves import answer_at_once, stay_silent

NOTICED_S = 0.1


async def test_an_unplugged_adapter_is_noticed_in_the_middle_of_a_request(make_slave: MakeSlave) -> None:
    slave = make_slave(stay_silent)
    async with owned(quick(slave.pty.port, timeout_s=5.0)) as bus:
        pending = asyncio.create_task(outcome(bus, 1, 0))
        queued = asyncio.create_task(outcome(bus, 2, 0))
        await until(lambda: len(slave.requests) == 1)
        began_s = time.monotonic()
        slave.pty.vanish()
        assert await pending is LineDown
        assert time.monotonic() - began_s < NOTICED_S
        assert await queued is LineDown
        assert not bus.health.line_up
        assert await outcome(bus, 1, 0) is LineDown


async def test_an_unplugged_adapter_is_noticed_while_the_line_is_idle(make_slave: MakeSlave) -> None:
    slave = make_slave(answer_at_once)
    async with owned(quick(slave.pty.port)) as bus:
        slave.pty.vanish()
        await until(lambda: not bus.health.line_up)
        assert bus.health.fault is not None


async def test_a_port_that_is_not_there_yet_is_opened_when_it_comes(make_slave: MakeSlave, tmp_path: Path) -> None:
    name = tmp_path / "by-id"
    async with owned(quick(str(name)), up=False) as bus:
        await until(lambda: bus.health.fault == f"{name} is not there; is the adapter plugged in?")
        with pytest.raises(LineDown, match="is the adapter plugged in"):
            await bus.read(1, 3, 0, 1)
        name.symlink_to(make_slave(answer_at_once).pty.port)
        await until(lambda: bus.health.line_up)
        assert bus.health.fault is None
        assert await outcome(bus, 1, 4) == (4, 5)


async def test_an_adapter_that_comes_back_under_another_tty_is_found_by_its_name(
    make_slave: MakeSlave, tmp_path: Path
) -> None:
    name = tmp_path / "by-id"
    first, second = make_slave(answer_at_once), make_slave(answer_at_once)
    assert first.pty.port != second.pty.port
    name.symlink_to(first.pty.port)
    async with owned(quick(str(name))) as bus:
        assert await outcome(bus, 1, 1) == (1, 2)
        name.unlink()
        first.pty.vanish()
        await until(lambda: not bus.health.line_up)
        name.symlink_to(second.pty.port)
        await until(lambda: bus.health.line_up)
        assert await outcome(bus, 1, 2) == (2, 3)
        assert bus.health.counters.opened == 2
    assert len(second.requests) == 1


async def test_a_port_has_one_owner(make_slave: MakeSlave) -> None:
    slave = make_slave(answer_at_once)
    async with owned(quick(slave.pty.port)), owned(quick(slave.pty.port), up=False) as second:
        await until(lambda: "is something else using it" in (second.health.fault or ""))


async def test_a_port_that_cannot_take_the_settings_is_one_sentence(make_slave: MakeSlave) -> None:
    slave = make_slave(answer_at_once)
    link = RtuLink(slave.pty.port, parity="E")  # a pty knows no parity
    async with owned(link, up=False) as bus:
        await until(lambda: (bus.health.fault or "").startswith(f"{link} cannot be opened: "))


async def test_a_stopped_owner_leaves_nobody_waiting(make_slave: MakeSlave) -> None:
    slave = make_slave(stay_silent)
    async with owned(quick(slave.pty.port, timeout_s=5.0)) as bus:
        waiting = [asyncio.create_task(outcome(bus, 1, address)) for address in range(3)]
        await until(lambda: len(slave.requests) == 1)
    assert await asyncio.gather(*waiting) == 3 * [LineDown]
    assert not bus.health.line_up


async def test_a_tcp_device_is_read_and_written() -> None:
    async with Gateway() as gateway, owned(gateway.link) as bus:
        assert await bus.read(255, 3, 10, 2) == (10, 11)
        assert await bus.read(255, 2, 3, 3) == (1, 0, 1)
        await bus.write(255, 1000, (16,))
        assert gateway.requests[-1] == bytes.fromhex("FF 10 03E8 0001 02 0010")


async def test_a_tcp_peer_that_closes_is_noticed_at_once_and_met_again() -> None:
    async with Gateway(silent=True) as gateway, owned(gateway.link) as bus:
        pending = asyncio.create_task(outcome(bus, 1, 0))
        await until(lambda: len(gateway.requests) == 1)
        began_s = time.monotonic()
        gateway.hang_up()
        assert await pending is LineDown
        assert time.monotonic() - began_s < NOTICED_S
        gateway.silent = False
        await until(lambda: bus.health.line_up)
        assert await outcome(bus, 1, 5) == (5, 6)


async def test_a_stale_tcp_reply_is_not_taken_for_the_next_one() -> None:
    async with Gateway(stale_first=True) as gateway, owned(gateway.link) as bus:
        assert [await outcome(bus, 1, address) for address in (10, 20, 30)] == [(10, 11), (20, 21), (30, 31)]


async def test_a_tcp_peer_that_lost_its_power_is_connected_anew() -> None:
    async with Gateway(silent=True) as gateway:
        link = TcpLink(gateway.link.host, gateway.link.port, timeout_s=0.02)
        async with owned(link) as bus:
            for _ in range(3):
                await outcome(bus, 1, 0)
            await until(lambda: bus.health.counters.opened == 2)


async def test_a_refused_tcp_connection_is_one_sentence() -> None:
    async with Gateway() as gateway:
        link = gateway.link
    async with owned(link, up=False) as bus:
        await until(lambda: (bus.health.fault or "").startswith(f"{link} cannot be opened"))
