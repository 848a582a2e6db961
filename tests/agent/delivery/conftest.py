"""The worlds of this folder: each protocol alone, and both together with the trouble at the one or at the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.agent.delivery.world import World, a_world

ALONE = [pytest.param((kind,), id=kind) for kind in ("oicp", "oioi")]
TOGETHER = [
    pytest.param(("oicp", "oioi"), id="oicp in trouble beside oioi"),
    pytest.param(("oioi", "oicp"), id="oioi in trouble beside oicp"),
]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(params=ALONE + TOGETHER)
async def world(request: pytest.FixtureRequest, certificates: Path, tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(request.param, certificates, tmp_path) as made:
        yield made


@pytest.fixture(params=ALONE + TOGETHER)
async def strict_world(request: pytest.FixtureRequest, certificates: Path, tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(request.param, certificates, tmp_path, needs_data=True) as made:
        yield made
