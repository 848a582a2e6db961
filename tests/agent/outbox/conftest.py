"""A bench whose dispatcher has started and is turned by the test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.agent.outbox.bench import Bench


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path / "roampost.db")
    await made.dispatcher.start()
    yield made
    await made.dispatcher.stop()
    made.store.close()
