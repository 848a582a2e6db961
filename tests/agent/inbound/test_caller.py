"""Who calls over real TLS: exactly the pinned hub, under its own name."""

import logging
import socket
from typing import Any

import httpx
import pytest

from roampost.hubs.remote import RemoteStart
from roampost.inbound.caller import Certificate, Pin, Pins
from tests.agent.certs import Pair
from tests.agent.inbound.place import (
    BODIES,
    CUT,
    START,
    Callers,
    Says,
    calling,
    code,
    fingerprint,
    pinned,
    serving,
    settings,
)


async def refused(callers: Callers, pair: Pair | None, **pin: Any) -> None:
    station = Says()
    async with (
        serving(settings(callers), pinned(callers, **pin), station=station) as service,
        calling(service, callers, pair) as client,
    ):
        with pytest.raises(CUT):
            await client.post(START, json=BODIES[START])
    assert station.asked == []


@pytest.mark.parametrize("how", ["dns name", "common name", "fingerprint"])
async def test_the_hub_is_known_by_what_is_pinned_of_it(callers: Callers, how: str) -> None:
    pins: dict[str, dict[str, Any]] = {
        "dns name": {"names": ("Calls.HUB.example",)},
        "common name": {"names": ("hub client",)},
        "fingerprint": {"names": (), "fingerprints": (fingerprint(callers.hub).upper(),)},
    }
    station = Says()
    async with (
        serving(settings(callers), pinned(callers, **pins[how]), station=station) as service,
        calling(service, callers, callers.hub) as client,
    ):
        assert code(await client.post(START, json=BODIES[START])) == (200, "000")
    assert isinstance(station.asked[0], RemoteStart)


async def test_nobody_without_a_certificate(callers: Callers, caplog: pytest.LogCaptureFixture) -> None:
    await refused(callers, None)
    assert "no TLS connection: peer did not return a certificate" in caplog.text


async def test_nobody_whom_a_foreign_authority_has_signed_under_the_hubs_name(
    callers: Callers, caplog: pytest.LogCaptureFixture
) -> None:
    await refused(callers, callers.imposter)
    assert "its certificate was not believed" in caplog.text


async def test_not_the_hub_with_a_certificate_that_has_expired(callers: Callers) -> None:
    await refused(callers, callers.hub_expired)


async def test_no_other_partner_of_the_same_authority_and_the_log_says_how_to_pin_it(
    callers: Callers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "roampost")
    await refused(callers, callers.partner)
    digits = fingerprint(callers.partner).upper()
    assert ":".join(digits[at : at + 2] for at in range(0, 64, 2)) in caplog.text
    assert "commonName=DEXYZ" in caplog.text


async def test_a_name_is_compared_whole(callers: Callers) -> None:
    await refused(callers, callers.hub, names=("hub.example",))


async def test_a_renewed_certificate_needs_its_own_fingerprint(callers: Callers) -> None:
    await refused(callers, callers.partner, names=(), fingerprints=(fingerprint(callers.hub),))


async def test_plain_http_gets_no_answer(callers: Callers) -> None:
    async with serving(settings(callers), pinned(callers), station=Says()) as service:
        with pytest.raises(CUT):
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.post(f"http://127.0.0.1:{service.port}{START}", json=BODIES[START])


async def test_each_hub_speaks_for_itself_only(callers: Callers) -> None:
    station = Says()
    hubs = (
        pinned(callers, "hubject", names=(), fingerprints=(fingerprint(callers.hub),)),
        pinned(
            callers, "second", names=(), fingerprints=(fingerprint(callers.imposter),), client_ca_file=callers.other_ca
        ),
    )
    async with serving(settings(callers), *hubs, station=station) as service:
        for pair in (callers.hub, callers.imposter):
            async with calling(service, callers, pair) as client:
                assert code(await client.post(START, json=BODIES[START])) == (200, "000")
    assert [command.hub for command in station.asked] == ["hubject", "second"]


async def test_an_address_that_is_not_allowed_never_begins_tls(callers: Callers) -> None:
    inbound = settings(callers, allow=("192.0.2.0/24",))
    async with (
        serving(inbound, pinned(callers), station=Says()) as service,
        calling(service, callers, callers.hub) as client,
    ):
        with pytest.raises(CUT):
            await client.post(START, json=BODIES[START])


async def test_an_allowed_address_also_as_a_socket_for_both_families_writes_it(callers: Callers) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    inbound = settings(callers, address="::", allow=("127.0.0.1",))
    async with (
        serving(inbound, pinned(callers), station=Says()) as service,
        calling(service, callers, callers.hub) as client,
    ):
        answer = await client.post(f"https://127.0.0.1:{service.port}{START}", json=BODIES[START])
        assert code(answer) == (200, "000")


def test_a_fingerprint_decides_before_a_name() -> None:
    by_name = Pin("by name", frozenset(), frozenset({"hub"}))
    by_print = Pin("by print", frozenset({"aa"}), frozenset())
    certificate = Certificate("aa", frozenset({"hub"}), "commonName=hub")
    assert Pins(by_name, by_print).hub_of(certificate) == "by print"
    assert Pins().hub_of(certificate) is None
