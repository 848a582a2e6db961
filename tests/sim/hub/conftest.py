"""A hub for each test on a port of its own; certificates are made once for each test process."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from roampost_sim.hub import HubSettings, SandboxHub
from roampost_sim.hub.control import ControlSocket
from tests.sim.hub.oicp.messages import BLOCKED_CARD, CARD, CONTRACT, NOON, OTHER_CARD
from tests.sim.hub.operator import Operator


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
def operator(hub: SandboxHub) -> Operator:
    return Operator(hub)


class Console:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def line(self, line: bytes) -> Any:
        self._writer.write(line + b"\n")
        return json.loads(await self._reader.readline())

    async def __call__(self, **command: Any) -> Any:
        return await self.line(json.dumps(command).encode())


@pytest.fixture
async def console(hub: SandboxHub, tmp_path: Path) -> AsyncIterator[Console]:
    path = tmp_path / "control"
    async with ControlSocket(hub, path):
        assert path.stat().st_mode & 0o777 == 0o600
        reader, writer = await asyncio.open_unix_connection(path)
        yield Console(reader, writer)
        writer.close()
        await writer.wait_closed()
    assert not path.exists()
