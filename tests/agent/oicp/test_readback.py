"""Reading back over real TLS: page by page, no faster than the hub allows, and never for ever."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from roampost.hubs.base import Answer, Verdict
from roampost.hubs.https.line import Line
from roampost.hubs.oicp import readback
from roampost.hubs.oicp.readback import Partner, pull_data, pull_statuses, read_page, read_statuses
from roampost.hubs.oicp.settings import OicpSettings
from tests.agent.certs import Certificates
from tests.agent.https.hubside import Reset, Say, ScriptedHub, Step, scripted
from tests.agent.oicp.openapi import own_schema_errors
from tests.agent.oicp.overlay import problems

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
PARTNER = Partner("DE-ABC", "DE*ABC")
DONE = {"Code": "000"}


class Slept:
    """A clock that only counts."""

    def __init__(self) -> None:
        self.pauses_s: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.pauses_s.append(seconds)


@pytest.fixture
def slept() -> Slept:
    return Slept()


def page(*evse_ids: object, **more: object) -> Say:
    records = [{"EvseID": one, "Address": {"City": "Berlin"}} for one in evse_ids]
    return Say(200, json.dumps({"content": records, "StatusCode": DONE} | more).encode())


async def read_all(
    certificates: Certificates, settings: OicpSettings, slept: Slept, *steps: Step
) -> tuple[dict[str, Any] | Answer, ScriptedHub]:
    async with scripted(certificates, *steps) as far:
        line = Line(replace(settings, url=far.url).endpoint)
        try:
            return await pull_data(line, PARTNER, now=lambda: NOW, sleep=slept), far
        finally:
            await line.aclose()


async def test_all_pages_are_read_and_the_hub_is_given_time(
    certificates: Certificates, settings: OicpSettings, slept: Slept
) -> None:
    steps = (page("DE*ABC*E1", last=False), page("DEABCE2", last=False), page("DE*ABC*E3", last=True))
    held, far = await read_all(certificates, settings, slept, *steps)
    assert isinstance(held, dict)
    assert list(held) == ["DEABCE1", "DEABCE2", "DEABCE3"]
    assert held["DEABCE1"]["address"] == {"City": "Berlin"}
    assert [asked.target for asked in far.asked] == [
        f"/api/oicp/evsepull/v23/providers/DE-ABC/data-records?page={number}&size=1000" for number in range(3)
    ]
    # 25 calls a minute at most.
    assert slept.pauses_s == [2.4, 2.4]
    assert own_schema_errors("pull-evse-data.json", far.asked[0].body) == []
    assert problems("eRoamingPullEvseData", far.asked[0].body) == []


@pytest.mark.parametrize(
    ("steps", "calls"),
    [
        pytest.param([page("DE*ABC*E1", totalPages=1)], 1, id="the count of pages"),
        pytest.param([page("DE*ABC*E1", last=True, totalPages=9)], 1, id="the last one"),
        pytest.param([page("DE*ABC*E1"), page()], 2, id="an empty page"),
        pytest.param([page("DE*ABC*E1", last=False), page("DEABCE1", last=False)], 2, id="a page that repeats"),
        pytest.param([page(None, 17, "", last=False)], 1, id="a page of nonsense"),
        pytest.param([page()], 1, id="nothing at all"),
    ],
)
async def test_each_end(
    certificates: Certificates, settings: OicpSettings, slept: Slept, steps: list[Step], calls: int
) -> None:
    held, far = await read_all(certificates, settings, slept, *steps)
    assert not isinstance(held, Answer)
    assert len(far.asked) == calls


async def test_a_hub_without_an_end_is_left(
    certificates: Certificates, settings: OicpSettings, slept: Slept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readback, "PAGES_MAX", 3)
    steps = [page(f"DE*ABC*E{number}", last=False, totalPages=10**9) for number in range(9)]
    _, far = await read_all(certificates, settings, slept, *steps)
    assert len(far.asked) == 3


@pytest.mark.parametrize(
    ("step", "verdict", "word"),
    [
        (Say(401, b'{"StatusCode": {"Code": "017"}}'), Verdict.HOLD, "017"),
        (Say(200, b'{"content": [], "StatusCode": {"Code": "210"}}'), Verdict.HOLD, "210"),
        (Say(429, b"", (("Retry-After", "7"),)), Verdict.RETRY, "rate limit"),
        (Say(200, b'{"content": {}, "StatusCode": {"Code": "000"}}'), Verdict.RETRY, "holds no EVSE data"),
        (Say(200, b"<html>"), Verdict.RETRY, "holds no EVSE data"),
        (Reset(), Verdict.RETRY, "broke"),
    ],
    ids=str,
)
async def test_half_a_list_is_none(
    certificates: Certificates, settings: OicpSettings, slept: Slept, step: Step, verdict: Verdict, word: str
) -> None:
    held, _ = await read_all(certificates, settings, slept, page("DE*ABC*E1", last=False), step)
    assert isinstance(held, Answer)
    assert held.verdict is verdict
    assert word in held.text


@pytest.fixture
def statuses_of(certificates: Certificates, settings: OicpSettings) -> Any:
    async def ask(step: Step) -> tuple[dict[str, str] | Answer, ScriptedHub]:
        async with scripted(certificates, step) as far:
            line = Line(replace(settings, url=far.url).endpoint)
            try:
                return await pull_statuses(line, PARTNER, now=lambda: NOW), far
            finally:
                await line.aclose()

    return ask


async def test_statuses_of_the_operator(statuses_of: Any) -> None:
    records = [
        {"EvseID": "DE*ABC*E1", "EvseStatus": "Available"},
        {"EvseID": "DE*ABC*E2", "EvseStatus": None},
        {"EvseStatus": "Available"},
        None,
    ]
    groups = [{"OperatorID": "DE*ABC", "EvseStatusRecord": records}, {"EvseStatusRecord": None}, 17]
    body = json.dumps({"EvseStatuses": {"OperatorEvseStatus": groups}, "StatusCode": DONE}).encode()
    held, far = await statuses_of(Say(200, body))
    assert held == {"DEABCE1": "Available"}
    assert far.asked[0].target == "/api/oicp/evsepull/v21/providers/DE-ABC/status-records-by-operator-id"
    assert own_schema_errors("pull-evse-status.json", far.asked[0].body) == []
    assert problems("eRoamingPullEvseStatusByOperatorID", far.asked[0].body) == []


async def test_statuses_that_cannot_be_read_are_told_in_words(statuses_of: Any) -> None:
    held, _ = await statuses_of(Say(200, b'{"Result": true}', (("Process-ID", "p-1"),)))
    assert isinstance(held, Answer)
    assert (held.text, held.hub_reference) == ("The hub's answer holds no statuses.", "p-1")


@pytest.mark.parametrize("statuses", [None, [], 17, {"OperatorEvseStatus": None}, {"OperatorEvseStatus": [{}]}])
def test_no_statuses_are_an_answer_too(statuses: object) -> None:
    body = json.dumps({"EvseStatuses": statuses, "StatusCode": DONE}).encode()
    assert read_statuses(200, {}, body, now=NOW) == {}


@pytest.mark.parametrize("pages", ["1", None, True, [], 1.0])
def test_a_count_of_pages_that_is_none_ends_nothing(pages: object) -> None:
    body = json.dumps({"content": [{"EvseID": "DE*ABC*E1"}], "totalPages": pages}).encode()
    found = read_page(200, {}, body, number=5, now=NOW)
    assert not isinstance(found, Answer)
    assert not found.last
