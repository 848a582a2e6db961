"""Certificates once per run: a hub's authority, what it has signed, and a stranger."""

from pathlib import Path

import pytest

from tests.agent.certs import Authority
from tests.agent.inbound.place import Callers


@pytest.fixture(scope="session")
def callers(tmp_path_factory: pytest.TempPathFactory) -> Callers:
    folder: Path = tmp_path_factory.mktemp("callers")
    ours, hub, other = (Authority(folder, name) for name in ("our-ca", "hub-ca", "other-ca"))
    here = "DNS:localhost,IP:127.0.0.1"
    return Callers(
        our_ca=ours.pair.cert,
        server=ours.issue("station", here),
        server_renewed=ours.issue("station-renewed", here),
        hub_ca=hub.pair.cert,
        other_ca=other.pair.cert,
        hub=hub.issue("hub client", "DNS:Calls.Hub.Example"),
        hub_expired=hub.issue("hub expired", "DNS:calls.hub.example", end="20210101000000Z"),
        partner=hub.issue("DEXYZ", "DNS:partner.example"),
        imposter=other.issue("hub client imposter", "DNS:calls.hub.example"),
    )
