"""A hub client that is closed whatever happens."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roampost.hubs.oicp.client import OicpHub
from roampost.hubs.oicp.settings import OicpSettings
from tests.agent import certs
from tests.agent.oicp.samples import BERLIN

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
MakeHub = Callable[..., OicpHub]


@pytest.fixture
def settings(certificates: certs.Certificates) -> OicpSettings:
    return settings_of(certificates.ca, certificates.client)


def settings_of(ca: Path, pair: certs.Pair) -> OicpSettings:
    return OicpSettings(
        name="hubject",
        url="https://127.0.0.1:1/api/oicp",
        operator_id="DE*ABC",
        operator_name="Stadtwerke",
        ca_file=ca,
        cert_file=pair.cert,
        key_file=pair.key,
        timeout_s=20.0,
    )


@pytest.fixture
async def make_hub(settings: OicpSettings) -> AsyncIterator[MakeHub]:
    """make_hub(url, **settings): deliver_s and authorize_s go to the hub itself."""
    made: list[OicpHub] = []

    def make(url: str, *, deliver_s: float = 60.0, authorize_s: float = 60.0, **changes: object) -> OicpHub:
        changed = replace(settings, url=url, **changes)  # type: ignore[arg-type]  # any field
        made.append(OicpHub(changed, BERLIN, now=lambda: NOW, deliver_s=deliver_s, authorize_s=authorize_s))
        return made[-1]

    yield make
    for hub in made:
        await hub.aclose()
