"""Slaves that are unplugged when their test is over, and property tests that do not depend on the machine."""

from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import settings

from tests.drivers.slaves import Slave

# The same examples on every machine, however slow it is.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

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
