"""Hub clients that are closed whatever happens."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roampost.hubs.https.endpoint import ApiKeyFile, Endpoint
from roampost.hubs.oioi.client import OioiHub
from roampost.hubs.oioi.settings import OioiSettings
from tests.agent import certs
from tests.agent.https.hubside import ScriptedHub, Step, scripted
from tests.agent.oioi.samples import BERLIN, PARTNER

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
KEY = "a39ff3fb-fe0a-40a3-bdde-df6372c07c89"
PATH = "/api/v4/request"
MakeHub = Callable[..., OioiHub]
Far = Callable[..., AbstractAsyncContextManager[ScriptedHub]]


@pytest.fixture
def far(certificates: certs.Certificates) -> Far:
    """far(*steps): a hub that asks for no certificate."""

    def run(*steps: Step) -> AbstractAsyncContextManager[ScriptedHub]:
        return scripted(certificates, *steps, asks=ssl.CERT_NONE)

    return run


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "surf.key"
    path.write_text(KEY + "\n")
    return path


@pytest.fixture
def no_key_file(key_file: Path) -> Path:
    """Configured, and gone."""
    key_file.unlink()
    return key_file


@pytest.fixture
async def make_hub(certificates: certs.Certificates, key_file: Path) -> AsyncIterator[MakeHub]:
    """make_hub(port, timeout_s, **times of the hub itself)."""
    made: list[OioiHub] = []

    def make(port: int, *, timeout_s: float = 20.0, deliver_s: float = 60.0, authorize_s: float = 60.0) -> OioiHub:
        endpoint = Endpoint(
            name="surf",
            url=f"https://127.0.0.1:{port}{PATH}",
            ca_file=certificates.ca,
            api_key=ApiKeyFile(key_file, "key={}"),
            timeout_s=timeout_s,
        )
        settings = OioiSettings(
            endpoint=endpoint, operator_id=PARTNER.operator_id, partner_identifier=PARTNER.identifier
        )
        made.append(OioiHub(settings, BERLIN, now=lambda: NOW, deliver_s=deliver_s, authorize_s=authorize_s))
        return made[-1]

    yield make
    for hub in made:
        await hub.aclose()
