"""Every fault as a client meets it, and whether the hub processed the request."""

import asyncio
import http.client
import ssl
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from roampost_sim.hub import KINDS, FaultError, SandboxHub
from roampost_sim.hub.faults import Stage
from tests.sim.hub.conftest import HandClock
from tests.sim.hub.oicp.messages import EVSE, authorize, status
from tests.sim.hub.operator import START, STATUS, Operator, Response

BODY = status((EVSE, "Occupied"))


async def push(operator: Operator) -> Response:
    return await operator.post(STATUS, BODY)


async def push_in_vain(hub: SandboxHub, operator: Operator) -> None:
    """A client that gives up once the hub has its request; the outcome is then on record."""
    waiting = operator.begin(STATUS, BODY)
    await hub.wait_for(lambda: bool(hub.pending))
    await waiting.give_up()
    await hub.wait_for(lambda: bool(hub.record))


async def met(hub: SandboxHub, operator: Operator, kind: str, **parameters: Any) -> Response:
    """The answer to one push under the fault; the next one is answered as ever."""
    hub.fault(kind, requests=1, **parameters)
    answer = await push(operator)
    await hub.wait_for(lambda: len(hub.record) == 1)
    (entry,) = hub.record
    processed = KINDS[kind].stage is Stage.AFTER
    assert (entry.fault, entry.processed, bool(hub.statuses)) == (kind, processed, processed)
    assert (await push(operator)).code == "000"
    return answer


# Whole connections.


async def test_refused_connections_until_cleared(hub: SandboxHub, operator: Operator) -> None:
    number = hub.fault("refuse")
    with pytest.raises(ConnectionRefusedError):
        await push(operator)
    hub.clear(number)
    assert (await push(operator)).code == "000"


async def test_refused_connections_for_a_time(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("refuse", seconds=0.1)
    assert len(hub.faults) == 1
    await hub.wait_for(lambda: not hub.faults)
    assert (await push(operator)).code == "000"


async def test_a_connection_that_is_kept_open_breaks_too(hub: SandboxHub, operator: Operator) -> None:
    connection = operator.connect()

    def exchange() -> int:
        connection.request("POST", "/api/oicp" + STATUS.format("DE*ABC"), b"{}", {"Content-Type": "application/json"})
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
async def test_a_wrong_server_certificate(hub: SandboxHub, operator: Operator, kind: str, reason: str) -> None:
    hub.fault(kind)
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        await push(operator)
    await hub.wait_for(lambda: bool(hub.record))
    assert hub.record[0].event == "tls-refused"
    hub.clear()
    assert (await push(operator)).code == "000"


# No answer.


@pytest.mark.parametrize(("kind", "processed"), [("hang", False), ("hang_after", True)])
async def test_no_answer_until_the_client_gives_up(
    hub: SandboxHub, operator: Operator, kind: str, processed: bool
) -> None:
    hub.fault(kind, requests=1)
    await push_in_vain(hub, operator)
    (entry,) = hub.record
    assert (entry.processed, entry.delivered, entry.http_status) == (processed, False, None)
    assert bool(hub.statuses) is processed
    assert (await push(operator)).code == "000"
    # The client gave the first request up before it sent the second: that is no overlap.
    assert hub.violations == []


@pytest.mark.parametrize(("kind", "processed"), [("reset", False), ("reset_after", True)])
async def test_a_reset_instead_of_an_answer(hub: SandboxHub, operator: Operator, kind: str, processed: bool) -> None:
    hub.fault(kind, requests=1)
    with pytest.raises(ConnectionResetError):
        await push(operator)
    await hub.wait_for(lambda: bool(hub.record))
    (entry,) = hub.record
    assert (entry.processed, entry.delivered, bool(hub.statuses)) == (processed, False, processed)


# Another answer.


async def test_a_server_error_in_html(hub: SandboxHub, operator: Operator) -> None:
    answer = await met(hub, operator, "http_5xx")
    assert (answer.status, answer.headers["Content-Type"]) == (503, "text/html")
    assert answer.body.startswith(b"<html>")


async def test_a_server_error_without_a_body(hub: SandboxHub, operator: Operator) -> None:
    answer = await met(hub, operator, "http_5xx", status=500, body="empty")
    assert (answer.status, answer.body) == (500, b"")


async def test_a_server_error_with_a_code(hub: SandboxHub, operator: Operator) -> None:
    answer = await met(hub, operator, "http_5xx", status=500, body="code")
    assert (answer.status, answer.code, hub.record[0].code) == (500, "001", "001")


@pytest.mark.parametrize(
    ("kind", "http_status", "words"),
    [
        ("http_403", 403, b"403 Forbidden"),
        ("http_408", 408, b"408 Request Time-out"),
        ("http_400_certificate", 400, b"SSL certificate error"),
    ],
)
async def test_pages_of_the_proxy(
    hub: SandboxHub, operator: Operator, kind: str, http_status: int, words: bytes
) -> None:
    answer = await met(hub, operator, kind)
    assert (answer.status, answer.headers["Content-Type"]) == (http_status, "text/html")
    assert words in answer.body


async def test_a_rate_limit_in_seconds(hub: SandboxHub, operator: Operator) -> None:
    answer = await met(hub, operator, "http_429", retry_after_s=7)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")


async def test_a_rate_limit_until_a_date(hub: SandboxHub, operator: Operator, clock: HandClock) -> None:
    answer = await met(hub, operator, "http_429", retry_after_s=90, form="date")
    assert parsedate_to_datetime(answer.headers["Retry-After"]) == clock.wall + timedelta(seconds=90)


@pytest.mark.parametrize(("form", "header"), [("none", None), ("nonsense", "soon")])
async def test_a_rate_limit_that_says_nothing(
    hub: SandboxHub, operator: Operator, form: str, header: str | None
) -> None:
    answer = await met(hub, operator, "http_429", form=form)
    assert (answer.status, answer.headers.get("Retry-After")) == (429, header)


@pytest.mark.parametrize(("kind", "http_status", "code"), [("http_401", 401, "017"), ("http_404", 404, "300")])
async def test_codes_under_an_http_error(
    hub: SandboxHub, operator: Operator, kind: str, http_status: int, code: str
) -> None:
    answer = await met(hub, operator, kind)
    assert (answer.status, answer.code) == (http_status, code)


async def test_any_code_with_result_false(hub: SandboxHub, operator: Operator) -> None:
    answer = await met(hub, operator, "refused", code="210")
    assert (answer.status, answer.json()["Result"], answer.code) == (200, False, "210")


async def test_a_redirect(hub: SandboxHub, operator: Operator) -> None:
    answer = await met(hub, operator, "redirect", location="https://example.org/")
    assert (answer.status, answer.headers["Location"]) == (307, "https://example.org/")


# The hub's answer, mangled.


@pytest.mark.parametrize("form", ["text", "truncated", "not_utf8"])
async def test_an_answer_that_is_no_json(hub: SandboxHub, operator: Operator, form: str) -> None:
    answer = await met(hub, operator, "garbage", form=form)
    assert answer.status == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|codec"):
        answer.json()


async def test_an_answer_that_is_other_json(hub: SandboxHub, operator: Operator) -> None:
    answer = await met(hub, operator, "garbage", form="wrong_json")
    assert answer.json() == ["Result", True]


async def test_an_answer_that_breaks_off(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("garbage", requests=1, form="cut")
    with pytest.raises(http.client.IncompleteRead) as caught:
        await push(operator)
    assert caught.value.partial.startswith(b'{"Result": true')
    await hub.wait_for(lambda: bool(hub.record))
    assert (hub.record[0].delivered, hub.record[0].processed) == (False, True)


async def test_nulls_where_fields_are_optional(hub: SandboxHub, operator: Operator) -> None:
    body = (await met(hub, operator, "nulls")).json()
    assert (body["Result"], body["SessionID"], body["StatusCode"]["AdditionalInfo"]) == (True, None, None)
    assert body["StatusCode"]["Code"] == "000"


async def test_names_of_the_wrong_case(hub: SandboxHub, operator: Operator) -> None:
    body = (await met(hub, operator, "wrong_case")).json()
    assert (body["result"], body["statusCode"]["code"], "Result" in body) == (True, "000", False)


async def test_fields_that_nobody_knows(hub: SandboxHub, operator: Operator) -> None:
    body = (await met(hub, operator, "extra_fields")).json()
    assert (body["Result"], body["ServerHint"]) == (True, {"Shard": 7})


async def test_a_slow_answer_comes_late(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("slow", requests=1, delay_ms=60_000)
    await push_in_vain(hub, operator)
    assert (hub.record[0].processed, hub.record[0].delivered) == (True, False)
    hub.fault("slow", requests=1, delay_ms=1)
    assert (await push(operator)).code == "000"
    await hub.wait_for(lambda: len(hub.record) == 2)
    assert (hub.record[1].fault, hub.record[1].delivered) == ("slow", True)


async def test_an_answer_byte_by_byte(hub: SandboxHub, operator: Operator) -> None:
    assert (await met(hub, operator, "trickle", delay_ms=0)).code == "000"


async def test_a_trickle_can_outlast_a_client(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("trickle", requests=1, delay_ms=60_000)
    await push_in_vain(hub, operator)
    assert hub.record[0].delivered is False


async def test_an_oversized_answer(hub: SandboxHub, operator: Operator) -> None:
    answer = await met(hub, operator, "oversized")
    assert len(answer.body) > 10_000_000
    assert answer.code == "000"


# How long and for whom.


async def test_a_fault_can_be_limited_to_an_operation(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("http_403", operation="AuthorizeStart")
    assert (await push(operator)).status == 200
    assert (await operator.post(START, authorize())).status == 403
    hub.clear()
    assert (await operator.post(START, authorize())).status == 200


async def test_a_fault_can_last_a_time(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("http_403", seconds=0.1)
    assert len(hub.faults) == 1
    await hub.wait_for(lambda: not hub.faults)
    assert (await push(operator)).status == 200


async def test_an_operation_that_does_not_exist_is_named(hub: SandboxHub) -> None:
    with pytest.raises(FaultError, match="There is no operation 'Push'; there are PushEvseStatus"):
        hub.fault("hang", operation="Push")
    assert hub.faults == []
