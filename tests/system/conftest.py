"""One field per test; one folder of throw-away certificates for all, because openssl takes its time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.field import Field
from tests.system.sites import Site, Sites

# Its assertions are told with their values, as a test's are.
pytest.register_assert_rewrite("tests.system.settled")


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


@pytest.fixture(scope="module")
def sites(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, certificates: Path
) -> Iterator[Sites]:
    """Of the module's MANNER."""
    made = Sites(tmp_path_factory.mktemp("sites"), certificates, request.module.MANNER)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def site(request: pytest.FixtureRequest, sites: Sites) -> Iterator[Site]:
    """A running site with nothing going on."""
    failed = request.session.testsfailed
    try:
        yield sites.take()
    finally:
        sites.give_back(well=request.session.testsfailed == failed)
