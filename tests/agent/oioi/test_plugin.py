"""OIOI as the core meets it: by its configuration, and without what nobody needs loaded."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roampost.config.hubs import OioiHub as Settings
from roampost.hubs.oioi.settings import OioiSettings
from roampost.hubs.plugin import plugin
from tests.agent.oioi.samples import BERLIN

SECTION: dict[str, object] = {
    "kind": "oioi",
    "url": "https://api.plugsurfing.com/api/v4/request",
    "operator_id": "DE*ABC",
    "partner_identifier": "abc-partner-1",
    "api_key_file": "/etc/roampost/surf.key",
}


def section(**more: object) -> Settings:
    return Settings.model_validate_json(json.dumps(SECTION | more))


def test_nothing_can_be_read_back() -> None:
    assert plugin("oioi").readback("surf", section(), lambda: datetime.now(UTC), asyncio.sleep) == (
        "hubs.surf: OIOI has no call that reads back what the hub holds"
    )


async def test_the_backend_is_the_configured_hub() -> None:
    hub = plugin("oioi").backend("surf", section(), BERLIN, lambda: datetime.now(UTC))
    assert (hub.name, hub.limits) == ("surf", ())
    await hub.aclose()


def test_the_endpoint_is_that_of_the_configuration() -> None:
    pair = {"cert_file": "/etc/roampost/c.pem", "key_file": "/etc/roampost/c.key"}
    settings = OioiSettings.of("surf", section(ca_file="/etc/roampost/ca.pem", timeout_s=7, **pair))
    endpoint = settings.endpoint
    assert (endpoint.name, endpoint.url, endpoint.timeout_s) == ("surf", SECTION["url"], 7)
    assert endpoint.files() == tuple(
        map(Path, ("/etc/roampost/ca.pem", pair["cert_file"], pair["key_file"], "/etc/roampost/surf.key"))
    )
    assert (settings.operator_id, settings.partner_identifier) == ("DE*ABC", "abc-partner-1")


def test_half_a_client_certificate_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="cert_file and key_file"):
        OioiSettings.of("surf", section(cert_file="/etc/roampost/c.pem"))


def test_the_dialect_is_that_of_the_configuration() -> None:
    inbound = {"api_key_file": "/etc/roampost/their.key", "max_body_bytes": 4096}
    found = plugin("oioi").dialect("surf", section(inbound=inbound), ["DE*ABC*E1"], BERLIN)
    assert (found.hub, found.paths, found.body_max_bytes) == ("surf", ("",), 4096)


PURE = "answers, authorization, codes, encode, settings, stations, uids, verdicts, words"
HEAVY = {"asyncio", "httpx", "sqlite3", "ssl"}


def loaded(program: str, watched: set[str]) -> list[str]:
    code = f"{program}\nimport sys; print(*sorted(set(sys.modules) & {watched!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.split()


def test_pure_modules_bring_in_nothing_that_waits() -> None:
    assert loaded(f"from roampost.hubs.oioi import {PURE}", HEAVY) == []


@pytest.mark.parametrize("module", ["plugin", "encode", "verdicts"])
def test_who_only_looks_at_the_protocol_loads_neither_httpx_nor_evse_data(module: str) -> None:
    evse_data = {"httpx", "roampost.hubs.oioi.stations", "roampost.hubs.oioi.client"}
    assert loaded(f"import roampost.hubs.oioi.{module}", evse_data) == []
