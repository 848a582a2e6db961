"""Every fault that any hub has as a client meets it, and whether the hub processed the request: of both protocols."""

import asyncio
import http.client
import ssl
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from roampost_sim.hub.faults import FaultError
from roampost_sim.hub.oicp import SandboxHub
from tests.sim.hub.conftest import HandClock
from tests.sim.hub.meeting import AnyHub, met
from tests.sim.hub.operator import AnyOperator


@pytest.fixture
def hub(any_hub: AnyHub) -> AnyHub:
    return any_hub


@pytest.fixture
def operator(any_operator: AnyOperator) -> AnyOperator:
    return any_operator


async def push_in_vain(hub: AnyHub, operator: AnyOperator) -> None:
    """A client that gives up once the hub has its request; the outcome is then on record."""
    waiting = operator.begin_push()
    await hub.wait_for(lambda: bool(hub.pending))
    await waiting.give_up()
    await hub.wait_for(lambda: bool(hub.record))


# Whole connections.


async def test_refused_connections_until_cleared(hub: AnyHub, operator: AnyOperator) -> None:
    number = hub.fault("refuse")
    with pytest.raises(ConnectionRefusedError):
        await operator.push()
    hub.clear(number)
    assert (await operator.push()).code == "000"


async def test_refused_connections_for_a_time(hub: AnyHub, operator: AnyOperator) -> None:
    hub.fault("refuse", seconds=0.1)
    assert len(hub.faults) == 1
    await hub.wait_for(lambda: not hub.faults)
    assert (await operator.push()).code == "000"


async def test_a_connection_that_is_kept_open_breaks_too(hub: AnyHub, operator: AnyOperator) -> None:
    connection = operator.connect()

    def exchange() -> int:
        headers = {"Content-Type": "application/json", **operator.headers}
        connection.request("POST", operator.status_path, b"{}", headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    try:
        assert [await asyncio.to_thread(exchange), await asyncio.to_thread(exchange)] == [400, 400]
        hub.fault("refuse")
        with pytest.raises((ConnectionError, http.client.HTTPException, ssl.SSLError)):
            await asyncio.to_thread(exchange)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("kind", "reason"), [("tls_foreign", "unable to get local issuer"), ("tls_expired", "certificate has expired")]
)
async def test_a_wrong_server_certificate(hub: AnyHub, operator: AnyOperator, kind: str, reason: str) -> None:
    hub.fault(kind)
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        await operator.push()
    await hub.wait_for(lambda: bool(hub.record))
    assert hub.record[0].event == "tls-refused"
    hub.clear()
    assert (await operator.push()).code == "000"


# No answer.


@pytest.mark.parametrize(("kind", "processed"), [("hang", False), ("hang_after", True)])
async def test_no_answer_until_the_client_gives_up(
    hub: AnyHub, operator: AnyOperator, kind: str, processed: bool
) -> None:
    hub.fault(kind, requests=1)
    await push_in_vain(hub, operator)
    (entry,) = hub.record
    assert (entry.processed, entry.delivered, entry.http_status) == (processed, False, None)
    assert bool(hub.statuses) is processed
    assert (await operator.push()).code == "000"
    # The client gave the first request up before it sent the second: that is no overlap.
    assert hub.violations == []


@pytest.mark.parametrize(("kind", "processed"), [("reset", False), ("reset_after", True)])
async def test_a_reset_instead_of_an_answer(hub: AnyHub, operator: AnyOperator, kind: str, processed: bool) -> None:
    hub.fault(kind, requests=1)
    with pytest.raises(ConnectionResetError):
        await operator.push()
    await hub.wait_for(lambda: bool(hub.record))
    (entry,) = hub.record
    assert (entry.processed, entry.delivered, bool(hub.statuses)) == (processed, False, processed)


# Another answer.


async def test_a_server_error_in_html(hub: AnyHub, operator: AnyOperator) -> None:
    answer = await met(hub, operator, "http_5xx")
    assert (answer.status, answer.headers["Content-Type"]) == (503, "text/html")
    assert answer.body.startswith(b"<html>")


async def test_a_server_error_without_a_body(hub: AnyHub, operator: AnyOperator) -> None:
    answer = await met(hub, operator, "http_5xx", status=500, body="empty")
    assert (answer.status, answer.body) == (500, b"")


async def test_a_server_error_with_a_code(hub: AnyHub, operator: AnyOperator) -> None:
    answer = await met(hub, operator, "http_5xx", status=500, body="code")
    code = "001" if isinstance(hub, SandboxHub) else "400"
    assert (answer.status, answer.code, hub.record[0].code) == (500, code, code)


async def test_a_rate_limit_in_seconds(hub: AnyHub, operator: AnyOperator) -> None:
    answer = await met(hub, operator, "http_429", retry_after_s=7)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")


async def test_a_rate_limit_until_a_date(hub: AnyHub, operator: AnyOperator, clock: HandClock) -> None:
    answer = await met(hub, operator, "http_429", retry_after_s=90, form="date")
    assert parsedate_to_datetime(answer.headers["Retry-After"]) == clock.wall + timedelta(seconds=90)


@pytest.mark.parametrize(("form", "header"), [("none", None), ("nonsense", "soon")])
async def test_a_rate_limit_that_says_nothing(
    hub: AnyHub, operator: AnyOperator, form: str, header: str | None
) -> None:
    answer = await met(hub, operator, "http_429", form=form)
    assert (answer.status, answer.headers.get("Retry-After")) == (429, header)


async def test_a_redirect(hub: AnyHub, operator: AnyOperator) -> None:
    answer = await met(hub, operator, "redirect", location="https://example.org/")
    assert (answer.status, answer.headers["Location"]) == (307, "https://example.org/")


# The hub's answer, mangled.


@pytest.mark.parametrize("form", ["text", "truncated", "not_utf8"])
async def test_an_answer_that_is_no_json(hub: AnyHub, operator: AnyOperator, form: str) -> None:
    answer = await met(hub, operator, "garbage", form=form)
    assert answer.status == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|codec"):
        answer.json()


async def test_an_answer_that_breaks_off(hub: AnyHub, operator: AnyOperator) -> None:
    hub.fault("garbage", requests=1, form="cut")
    with pytest.raises(http.client.IncompleteRead) as caught:
        await operator.push()
    assert caught.value.partial.lower().startswith(b'{"result": ')
    await hub.wait_for(lambda: bool(hub.record))
    assert (hub.record[0].delivered, hub.record[0].processed) == (False, True)


async def test_fields_that_nobody_knows(hub: AnyHub, operator: AnyOperator) -> None:
    body = (await met(hub, operator, "extra_fields")).json()
    assert body["ServerHint"] == {"Shard": 7}


async def test_a_slow_answer_comes_late(hub: AnyHub, operator: AnyOperator) -> None:
    hub.fault("slow", requests=1, delay_ms=60_000)
    await push_in_vain(hub, operator)
    assert (hub.record[0].processed, hub.record[0].delivered) == (True, False)
    hub.fault("slow", requests=1, delay_ms=1)
    assert (await operator.push()).code == "000"
    await hub.wait_for(lambda: len(hub.record) == 2)
    assert (hub.record[1].fault, hub.record[1].delivered) == ("slow", True)


async def test_an_answer_byte_by_byte(hub: AnyHub, operator: AnyOperator) -> None:
    assert (await met(hub, operator, "trickle", delay_ms=0)).code == "000"


async def test_a_trickle_can_outlast_a_client(hub: AnyHub, operator: AnyOperator) -> None:
    hub.fault("trickle", requests=1, delay_ms=60_000)
    await push_in_vain(hub, operator)
    assert hub.record[0].delivered is False


async def test_an_oversized_answer(hub: AnyHub, operator: AnyOperator) -> None:
    answer = await met(hub, operator, "oversized")
    assert len(answer.body) > 10_000_000
    assert answer.code == "000"


# How long and for whom.


async def test_a_page_of_the_proxy(hub: AnyHub, operator: AnyOperator) -> None:
    answer = await met(hub, operator, "http_408")
    assert (answer.status, answer.headers["Content-Type"]) == (408, "text/html")
    assert b"408 Request Time-out" in answer.body


async def test_a_fault_can_be_limited_to_an_operation(hub: AnyHub, operator: AnyOperator) -> None:
    hub.fault("http_408", operation=operator.authorize_name)
    assert (await operator.push()).status == 200
    assert (await operator.authorize()).status == 408
    hub.clear()
    assert (await operator.authorize()).status == 200


async def test_a_fault_can_last_a_time(hub: AnyHub, operator: AnyOperator) -> None:
    hub.fault("http_408", seconds=0.1)
    assert len(hub.faults) == 1
    await hub.wait_for(lambda: not hub.faults)
    assert (await operator.push()).status == 200


async def test_an_operation_that_does_not_exist_is_named(hub: AnyHub) -> None:
    with pytest.raises(FaultError, match="There is no operation 'Push'; there are "):
        hub.fault("hang", operation="Push")
    assert hub.faults == []
