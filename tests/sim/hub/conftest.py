"""A hub for each test on a port of its own; certificates are made once for each test process."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from roampost_sim.hub.control import ControlSocket
from roampost_sim.hub.oicp import HubSettings, SandboxHub
from roampost_sim.hub.oioi import OioiHub, OioiSettings
from roampost_sim.hub.server import Hub
from tests.sim.hub.meeting import AnyHub
from tests.sim.hub.oicp.messages import BLOCKED_CARD, CARD, CONTRACT, NOON, OTHER_CARD
from tests.sim.hub.operator import AnyOperator, OioiOperator, Operator


@dataclass
class HandClock:
    """Wall and monotonic time that only a test moves; an hour after NOON to begin with."""

    t: float = 1000.0
    wall: datetime = field(default=NOON + timedelta(hours=1))

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.t


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def settings(directory: Path, clock: HandClock, tmp_path: Path) -> HubSettings:
    return HubSettings(
        directory=directory,
        cards=frozenset({CARD}),
        blocked_cards=frozenset({BLOCKED_CARD}),
        contracts=frozenset({CONTRACT}),
        stop_cards={CARD: (OTHER_CARD,)},
        record_file=tmp_path / "record.jsonl",
        now=clock.now,
        monotonic=clock.monotonic,
    )


@pytest.fixture
async def hub(settings: HubSettings) -> AsyncIterator[SandboxHub]:
    async with SandboxHub(settings) as running:
        yield running


@pytest.fixture
def oioi_settings(directory: Path, clock: HandClock, tmp_path: Path) -> OioiSettings:
    return OioiSettings(
        directory=directory,
        cards=frozenset({CARD}),
        blocked_cards=frozenset({BLOCKED_CARD}),
        contracts=frozenset({CONTRACT}),
        record_file=tmp_path / "record.jsonl",
        now=clock.now,
        monotonic=clock.monotonic,
    )


@pytest.fixture
def operator(hub: SandboxHub) -> Operator:
    return Operator(hub)


@pytest.fixture(params=["oicp", "oioi"])
async def any_hub(
    request: pytest.FixtureRequest, settings: HubSettings, oioi_settings: OioiSettings
) -> AsyncIterator[AnyHub]:
    """One of each protocol, for what all hubs have."""
    made: AnyHub = SandboxHub(settings) if request.param == "oicp" else OioiHub(oioi_settings)
    async with made as running:
        yield running


@pytest.fixture
def any_operator(any_hub: AnyHub) -> AnyOperator:
    return Operator(any_hub) if isinstance(any_hub, SandboxHub) else OioiOperator(any_hub)


class Console:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def line(self, line: bytes) -> Any:
        self._writer.write(line + b"\n")
        return json.loads(await self._reader.readline())

    async def __call__(self, **command: Any) -> Any:
        return await self.line(json.dumps(command).encode())


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@asynccontextmanager
async def console_of(hub: Hub, path: Path) -> AsyncIterator[Console]:
    async with ControlSocket(hub, path):
        assert await asyncio.to_thread(_mode, path) == 0o600
        reader, writer = await asyncio.open_unix_connection(path)
        yield Console(reader, writer)
        writer.close()
        await writer.wait_closed()
    assert not await asyncio.to_thread(path.exists)


@pytest.fixture
async def console(hub: SandboxHub, tmp_path: Path) -> AsyncIterator[Console]:
    async with console_of(hub, tmp_path / "control") as opened:
        yield opened


@pytest.fixture
async def any_console(any_hub: AnyHub, tmp_path: Path) -> AsyncIterator[Console]:
    async with console_of(any_hub, tmp_path / "control") as opened:
        yield opened
