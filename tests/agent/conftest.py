"""Certificates once per run, made by the openssl command."""

import pytest

from tests.agent import certs


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> certs.Certificates:
    return certs.make(tmp_path_factory.mktemp("certificates"))
