"""An OIOI hub for each test, and an operator of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from roampost_sim.hub.oioi import OioiHub, OioiSettings
from tests.sim.hub.conftest import Console, console_of
from tests.sim.hub.operator import OioiOperator


@pytest.fixture
def settings(oioi_settings: OioiSettings) -> OioiSettings:
    return oioi_settings


@pytest.fixture
async def oioi_hub(settings: OioiSettings) -> AsyncIterator[OioiHub]:
    async with OioiHub(settings) as running:
        yield running


@pytest.fixture
def oioi_operator(oioi_hub: OioiHub) -> OioiOperator:
    return OioiOperator(oioi_hub)


@pytest.fixture
async def oioi_console(oioi_hub: OioiHub, tmp_path: Path) -> AsyncIterator[Console]:
    async with console_of(oioi_hub, tmp_path / "control") as opened:
        yield opened
