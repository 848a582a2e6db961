"""One field per test; one folder of throw-away certificates for all, because openssl takes its time.

What is walked at one hub is walked at each: every test that asks for a field or a site runs for OICP, for OIOI and for
both together, unless it says otherwise (`tests.system.suite`).
"""

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from tests.system.field import Field
from tests.system.sites import Site, Sites
from tests.system.suite import SUITE, is_wanted

# Its assertions are told with their values, as a test's are.
pytest.register_assert_rewrite("tests.system.settled")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if not is_wanted(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if is_wanted(item)]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module", params=SUITE, ids="+".join)
def hubs(request: pytest.FixtureRequest) -> tuple[str, ...]:
    found: tuple[str, ...] = request.param
    return found


@pytest.fixture
def lead(request: pytest.FixtureRequest, hubs: tuple[str, ...]) -> str:
    """The hub that a test is about. Where there are two they take turns, by the test's name: always the same one."""
    return hubs[crc32(request.node.name.encode()) % len(hubs)]


@pytest.fixture
def field(tmp_path: Path, certificates: Path, hubs: tuple[str, ...], lead: str) -> Iterator[Field]:
    made = Field(tmp_path, certificates, hubs, lead)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def sites(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    certificates: Path,
    hubs: tuple[str, ...],
) -> Iterator[Sites]:
    """Of the module's MANNER."""
    made = Sites(tmp_path_factory.mktemp("sites"), certificates, request.module.MANNER, hubs)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def site(request: pytest.FixtureRequest, sites: Sites, lead: str) -> Iterator[Site]:
    """A running site with nothing going on."""
    failed = request.session.testsfailed
    try:
        yield sites.take(lead)
    finally:
        sites.give_back(well=request.session.testsfailed == failed)
