"""One field per test; one folder of throw-away certificates for all, because openssl takes its time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.field import Field


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def field(tmp_path: Path, certificates: Path) -> Iterator[Field]:
    made = Field(tmp_path, certificates)
    try:
        yield made
    finally:
        made.end()
