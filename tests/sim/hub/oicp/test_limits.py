"""Calls per minute: the sliding minute itself, and HTTP 429 over real TLS."""

from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from roampost_sim.hub.limits import Turnstile
from roampost_sim.hub.oicp import HubSettings, SandboxHub
from roampost_sim.hub.oicp.operations import NAMES
from roampost_sim.hub.oicp.quotas import PER_MINUTE
from tests.sim.hub.conftest import HandClock
from tests.sim.hub.oicp.messages import EVSE, end, error, start, status
from tests.sim.hub.operator import NOTIFY, STATUS, WHITELIST, Operator

PULL = {"OperatorID": "DE*ABC"}


def test_every_operation_has_its_limit() -> None:
    assert set(PER_MINUTE) == set(NAMES)


def test_the_minute_slides() -> None:
    turnstile = Turnstile({"A": 2})
    assert [turnstile.wait_s("A", t) for t in (0, 50, 59)] == [0, 0, 1]
    # What was refused did not count: only the call at 0 has to grow old.
    assert [turnstile.wait_s("A", t) for t in (60, 100, 110)] == [0, 10, 0]
    assert turnstile.used(110) == {"A": {"used": 2, "limit": 2}}


def test_each_operation_has_a_minute_of_its_own() -> None:
    turnstile = Turnstile({"A": 1, "B": 1})
    assert [turnstile.wait_s(name, 0) for name in ("A", "B", "A")] == [0, 0, 60]
    assert [turnstile.wait_s(name, 0) for name in ("free", None)] == [0, 0]


def test_nothing_passes_where_nothing_may() -> None:
    assert Turnstile({"A": 0}).wait_s("A", 5) == 60


async def test_over_the_limit_is_answered_with_429_and_not_processed(settings: HubSettings, clock: HandClock) -> None:
    limited = replace(settings, rate_limits=True, per_minute={"PushEvseStatus": 1})
    async with SandboxHub(limited) as hub:
        operator = Operator(hub)
        assert (await operator.post(STATUS, status((EVSE, "Available")))).code == "000"
        clock.t += 20.5
        answer = await operator.post(STATUS, status((EVSE, "Occupied")))
        assert (answer.status, answer.headers["Retry-After"], answer.body) == (429, "40", b"")
        await hub.wait_for(lambda: len(hub.record) == 2)
        entry = hub.record[1]
        assert (entry.http_status, entry.processed, entry.delivered) == (429, False, True)
        assert entry.violations == ("rate: PushEvseStatus, more than 1 a minute",)
        assert hub.statuses["DEABCE1"].status == "Available"
        assert hub.rates == {"DEABC": {"PushEvseStatus": {"used": 1, "limit": 1}}}
        clock.t += 40
        assert (await operator.post(STATUS, status((EVSE, "Occupied")))).code == "000"


async def test_all_kinds_of_notification_share_one_limit(settings: HubSettings) -> None:
    async with SandboxHub(replace(settings, rate_limits=True, per_minute={"ChargingNotifications": 2})) as hub:
        operator = Operator(hub)
        answers = [await operator.post(NOTIFY, body) for body in (start(), error(), end())]
        assert [answer.status for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize("form", ["date", "none"])
async def test_when_to_come_again_is_told_in_several_ways(settings: HubSettings, clock: HandClock, form: str) -> None:
    async with SandboxHub(replace(settings, rate_limits=True, retry_after=form)) as hub:
        operator = Operator(hub)
        answers = [await operator.post(WHITELIST, PULL) for _ in range(7)]
        assert [answer.status for answer in answers] == [200] * 6 + [429]
        told = answers[-1].headers.get("Retry-After")
        assert (told and parsedate_to_datetime(told)) == (
            clock.wall + timedelta(seconds=60) if form == "date" else None
        )


async def test_without_the_setting_nothing_is_limited(hub: SandboxHub, operator: Operator) -> None:
    assert [(await operator.post(WHITELIST, PULL)).status for _ in range(8)] == [200] * 8
    assert (hub.rates, hub.violations) == ({}, [])


async def test_a_call_over_the_limit_uses_up_no_fault(settings: HubSettings) -> None:
    async with SandboxHub(replace(settings, rate_limits=True, per_minute={"PullAuthenticationData": 0})) as hub:
        hub.fault("http_5xx", requests=1)
        assert (await Operator(hub).post(WHITELIST, PULL)).status == 429
        assert len(hub.faults) == 1
