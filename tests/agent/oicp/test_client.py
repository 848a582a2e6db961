"""The client over real TLS: what arrives is what was meant, and a lost answer is known as one."""

import asyncio

import pytest

from roampost.domain.messages import FullLoadMessage, Message
from roampost.hubs.base import Answer, Arrival, Hub, Verdict
from roampost.hubs.https.line import BODY_MAX_BYTES
from roampost.hubs.oicp.limits import LIMITS
from tests.agent.certs import Certificates
from tests.agent.https.hubside import (
    Drip,
    Hang,
    Raw,
    Reset,
    Say,
    Step,
    ack,
    scripted,
    silent,
    unused_port,
)
from tests.agent.oicp import samples
from tests.agent.oicp.conftest import MakeHub

RETRY, HOLD = Verdict.RETRY, Verdict.HOLD


PAGE = b"<html><body>nginx</body></html>"


async def test_one_of_each_message_is_delivered_on_one_connection(
    certificates: Certificates, make_hub: MakeHub
) -> None:
    async with scripted(certificates, *[ack()] * len(samples.ONE_OF_EACH)) as far:
        hub = make_hub(far.url)
        answers = [await hub.deliver(message, maybe_arrived=False) for message in samples.ONE_OF_EACH]
    assert {(answer.verdict, answer.arrival) for answer in answers} == {(Verdict.DELIVERED, Arrival.YES)}
    assert {answer.hub_reference for answer in answers} == {"p-1"}
    assert {asked.connection for asked in far.asked} == {1}
    assert [asked.target.removeprefix("/api/oicp") for asked in far.asked] == [
        *["/evsepush/v21/operators/DE%2AABC/status-records"] * 2,
        *["/notificationmgmt/v11/charging-notifications"] * 4,
        "/cdrmgmt/v22/operators/DE%2AABC/charge-detail-record",
        *["/evsepush/v23/operators/DE%2AABC/data-records"] * 2,
        "/dynamicpricing/v10/operators/DE%2AABC/pricing-products",
        "/dynamicpricing/v10/operators/DE%2AABC/evse-pricing",
    ]
    assert far.asked[0].headers["content-type"] == "application/json"
    assert far.asked[0].headers["accept-encoding"] == "identity"
    assert far.asked[0].client_name == "DEABC"


async def test_the_intermediate_alone_is_enough_to_trust(certificates: Certificates, make_hub: MakeHub) -> None:
    async with scripted(certificates, ack(), pair=certificates.server_of_intermediate) as far:
        hub = make_hub(far.url, ca_file=certificates.intermediate_ca)
        assert (await hub.deliver(samples.STATUS, maybe_arrived=False)).verdict is Verdict.DELIVERED


async def test_no_proxy_of_the_environment_comes_between(
    certificates: Certificates, make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with scripted(certificates, ack()) as far:
        answer = await make_hub(far.url).deliver(samples.STATUS, maybe_arrived=False)
    assert answer.verdict is Verdict.DELIVERED


@pytest.mark.parametrize(
    ("step", "verdict", "arrival", "status"),
    [
        (Reset(), RETRY, Arrival.MAYBE, None),
        (Raw(b""), RETRY, Arrival.MAYBE, None),
        (Raw(b"\x00\x01 nonsense\r\n\r\n"), RETRY, Arrival.MAYBE, None),
        (Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), RETRY, Arrival.MAYBE, None),
        (Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), RETRY, Arrival.MAYBE, None),
        (Raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 40_000), RETRY, Arrival.MAYBE, None),
        (Say(200, b"garbage"), RETRY, Arrival.MAYBE, 200),
        (Say(200, b"\x1f\x8b\x08garbage", (("Content-Encoding", "gzip"),)), RETRY, Arrival.MAYBE, 200),
        (Say(200, b'{"Result": true}' + b" " * 10_000_000), RETRY, Arrival.MAYBE, 200),
        (Say(302, b"", (("Location", "https://127.0.0.1:1/"),)), HOLD, Arrival.NO, 302),
        (Say(400, b"<center>The SSL certificate error</center>"), HOLD, Arrival.NO, 400),
        (Say(401, b'{"StatusCode": {"Code": "017"}}'), HOLD, Arrival.NO, 401),
        (Say(403, PAGE), HOLD, Arrival.NO, 403),
        (Say(404, b'{"StatusCode": {"Code": "300"}}'), HOLD, Arrival.NO, 404),
        (Say(408, PAGE), RETRY, Arrival.NO, 408),
        (Say(500, b'{"StatusCode": {"Code": "001"}}'), RETRY, Arrival.NO, 500),
        (Say(502, PAGE), RETRY, Arrival.NO, 502),
        (Say(503), RETRY, Arrival.NO, 503),
    ],
    ids=str,
)
async def test_each_fault_of_the_hub_has_its_verdict_and_arrival(
    certificates: Certificates,
    make_hub: MakeHub,
    step: Step,
    verdict: Verdict,
    arrival: Arrival,
    status: int | None,
) -> None:
    async with scripted(certificates, step, ack()) as far:
        hub = make_hub(far.url)
        answer = await hub.deliver(samples.CDR, maybe_arrived=False)
        assert (answer.verdict, answer.arrival, answer.http_status) == (verdict, arrival, status)
        assert answer.text.endswith(".")
        assert (await hub.deliver(samples.CDR, maybe_arrived=True)).verdict is Verdict.DELIVERED


@pytest.mark.parametrize(
    ("step", "connections"),
    [
        (Say(408, PAGE), 2),
        (Say(500, b"{}"), 2),
        (Say(503), 2),
        (Raw(b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), 2),
        (Say(200, b" " * (BODY_MAX_BYTES + 1)), 2),
        (Say(200, b" " * BODY_MAX_BYTES), 1),
        (Say(403, PAGE), 1),
        (Say(429), 1),
    ],
    ids=str,
)
async def test_a_connection_that_was_bad_is_not_used_again(
    certificates: Certificates, make_hub: MakeHub, step: Step, connections: int
) -> None:
    async with scripted(certificates, step, ack()) as far:
        hub = make_hub(far.url)
        await hub.deliver(samples.STATUS, maybe_arrived=False)
        assert (await hub.deliver(samples.STATUS, maybe_arrived=False)).verdict is Verdict.DELIVERED
        assert [asked.connection for asked in far.asked] == [1, connections]


async def test_a_connection_that_the_hub_closed_while_idle_costs_nothing(
    certificates: Certificates, make_hub: MakeHub
) -> None:
    goodbye = Say(200, ack().body, farewell=True)
    async with scripted(certificates, goodbye, ack()) as far:
        hub = make_hub(far.url)
        await hub.deliver(samples.STATUS, maybe_arrived=False)
        await far.gone.wait()
        assert (await hub.deliver(samples.STATUS, maybe_arrived=False)).verdict is Verdict.DELIVERED
        assert far.connections == 2


async def test_no_answer_in_time_may_have_arrived(certificates: Certificates, make_hub: MakeHub) -> None:
    async with scripted(certificates, ack(), Hang(), ack()) as far:
        hub = make_hub(far.url, timeout_s=1.0)
        await hub.deliver(samples.CDR, maybe_arrived=False)
        answer = await hub.deliver(samples.CDR, maybe_arrived=False)
        assert (answer.verdict, answer.arrival) == (RETRY, Arrival.MAYBE)
        assert "did not answer in time" in answer.text
        assert (await hub.deliver(samples.CDR, maybe_arrived=True)).verdict is Verdict.DELIVERED
        assert [asked.connection for asked in far.asked] == [1, 1, 2]


async def test_an_answer_that_drips_is_ended_by_the_time_for_the_whole(
    certificates: Certificates, make_hub: MakeHub
) -> None:
    async with scripted(certificates, Drip()) as far:
        answer = await make_hub(far.url, deliver_s=2.0).deliver(samples.CDR, maybe_arrived=False)
    assert (answer.verdict, answer.arrival) == (RETRY, Arrival.MAYBE)


@pytest.mark.parametrize(
    ("wish", "wait_s"), [("120", 120.0), ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0), ("9" * 30, 3600.0), ("soon", None)]
)
async def test_the_rate_limit_says_when(
    certificates: Certificates, make_hub: MakeHub, wish: str, wait_s: float | None
) -> None:
    async with scripted(certificates, Say(429, b"", (("Retry-After", wish),))) as far:
        answer = await make_hub(far.url).deliver(samples.STATUS, maybe_arrived=False)
    assert (answer.verdict, answer.arrival, answer.retry_after_s) == (RETRY, Arrival.NO, wait_s)


async def test_a_lost_answer_makes_a_closed_session_unconfirmed(certificates: Certificates, make_hub: MakeHub) -> None:
    async with scripted(certificates, Reset(), ack("400")) as far:
        hub = make_hub(far.url)
        first = await hub.deliver(samples.CDR, maybe_arrived=False)
        second = await hub.deliver(samples.CDR, maybe_arrived=first.arrival is Arrival.MAYBE)
    assert second.verdict is Verdict.UNCONFIRMED


async def test_refused_connection(make_hub: MakeHub) -> None:
    url = f"https://127.0.0.1:{unused_port()}/api/oicp"
    await expect(make_hub(url), RETRY, Arrival.NO, "refuses the connection")


async def test_a_handshake_that_never_ends(make_hub: MakeHub) -> None:
    with silent() as port:
        hub = make_hub(f"https://127.0.0.1:{port}", timeout_s=0.5)
        await expect(hub, RETRY, Arrival.NO, "cannot be reached in time")


async def test_a_server_that_speaks_no_tls(make_hub: MakeHub) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)  # unread, it would turn the close into a reset that overtakes the greeting
        writer.write(b"220 mail.example ESMTP ready, pleased to meet you\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await expect(make_hub(f"https://127.0.0.1:{port}"), RETRY, Arrival.NO, "TLS")


async def expect(hub: Hub, verdict: Verdict, arrival: Arrival, word: str) -> Answer:
    answer = await hub.deliver(samples.CDR, maybe_arrived=False)
    assert (answer.verdict, answer.arrival) == (verdict, arrival)
    assert word in answer.text
    return answer


async def test_what_oicp_has_no_form_for_is_parked_without_being_sent(
    certificates: Certificates, make_hub: MakeHub
) -> None:
    odd = samples.CDR.model_copy(update={"session": samples.SESSION.model_copy(update={"uid": "DEADBEEFDEAD"})})
    async with scripted(certificates) as far:
        answer = await make_hub(far.url).deliver(odd, maybe_arrived=False)
        assert far.connections == 0
    assert (answer.verdict, answer.arrival) == (Verdict.REJECT, Arrival.NO)
    assert "UID" in answer.text
    assert "DEADBEEF" not in answer.text


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (samples.CDR.model_copy(update={"session": samples.OFFLINE}), "late authorization"),
        (FullLoadMessage(statuses=()), "delete everything"),
    ],
    ids=["no session at the hub", "an empty set"],
)
async def test_what_must_not_be_sent_is_parked_in_words(make_hub: MakeHub, message: Message, word: str) -> None:
    answer = await make_hub(f"https://127.0.0.1:{unused_port()}").deliver(message, maybe_arrived=False)
    assert (answer.verdict, answer.arrival) == (Verdict.REJECT, Arrival.NO)
    assert word in answer.text


async def test_an_answer_about_another_session_is_no_answer_about_ours(
    certificates: Certificates, make_hub: MakeHub
) -> None:
    foreign = [ack(CPOPartnerSessionID="rp-0002"), ack("400", SessionID=samples.HUB_SESSION.replace("b", "c"))]
    async with scripted(certificates, *foreign, ack("400", CPOPartnerSessionID="rp-0001")) as far:
        hub = make_hub(far.url)
        answers = [await hub.deliver(samples.CDR, maybe_arrived=maybe) for maybe in (False, True, True)]
    assert [(answer.verdict, answer.arrival) for answer in answers] == [
        (RETRY, Arrival.MAYBE),
        (RETRY, Arrival.MAYBE),
        (Verdict.UNCONFIRMED, Arrival.YES),
    ]


async def test_a_hub_without_data_of_the_evse_says_so(certificates: Certificates, make_hub: MakeHub) -> None:
    async with scripted(certificates, ack("603")) as far:
        answer = await make_hub(far.url).deliver(samples.STATUS, maybe_arrived=False)
    assert (answer.verdict, answer.wants_data) == (HOLD, True)
    assert "[poi]" in answer.text


async def test_an_evse_that_shall_go_and_is_not_there_has_gone(certificates: Certificates, make_hub: MakeHub) -> None:
    """Also when the answer to an earlier deletion was lost: else its lane would wait for a person."""
    message = samples.DATA.model_copy(update={"action": "delete"})
    async with scripted(certificates, ack("603")) as far:
        answer = await make_hub(far.url).deliver(message, maybe_arrived=True)
    assert (answer.verdict, answer.arrival, answer.wants_data) == (Verdict.DELIVERED, Arrival.YES, False)
    assert answer.code == "603"


async def test_the_hubs_limits_are_known(make_hub: MakeHub) -> None:
    assert make_hub("https://127.0.0.1:1").limits == LIMITS


async def test_cancelling_passes_and_leaves_the_hub_usable(certificates: Certificates, make_hub: MakeHub) -> None:
    async with scripted(certificates, Hang(), ack()) as far:
        hub = make_hub(far.url)
        task = asyncio.create_task(hub.deliver(samples.STATUS, maybe_arrived=False))
        await far.heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await hub.deliver(samples.STATUS, maybe_arrived=False)).verdict is Verdict.DELIVERED
