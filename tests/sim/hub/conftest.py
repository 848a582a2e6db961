"""A hub for each test on a port of its own; certificates are made once for each test process."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from roampost_sim.hub import HubSettings, SandboxHub
from tests.sim.hub.messages import BLOCKED_CARD, CARD, CONTRACT, NOON, OTHER_CARD
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
