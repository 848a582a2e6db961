"""Slaves that are unplugged when their test is over."""

from collections.abc import AsyncIterator, Callable

import pytest

from tests.drivers.slaves import Slave

MakeSlave = Callable[[Callable[[Slave, bytes], None]], Slave]


@pytest.fixture
async def make_slave() -> "AsyncIterator[MakeSlave]":
    slaves: list[Slave] = []

    def make(on_request: Callable[[Slave, bytes], None]) -> Slave:
        slaves.append(Slave(on_request))
        return slaves[-1]

    yield make
    for slave in slaves:
        slave.pty.vanish()
