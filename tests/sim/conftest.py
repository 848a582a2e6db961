"""A station on a manual clock, its ptys and sockets open."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sim.support import World, world


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[World]:
    playground = world(tmp_path)
    async with playground.station:
        yield playground
