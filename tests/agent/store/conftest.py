"""A real store in a temporary folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from roampost.store.store import Store
from tests.agent.store.makers import open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roampost.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(path)
    yield opened
    opened.close()
