"""Certificates once per run, made by the openssl command."""

from datetime import UTC, datetime

import pytest

from tests.agent.oicp import certs

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> certs.Certificates:
    return certs.make(tmp_path_factory.mktemp("certificates"))
