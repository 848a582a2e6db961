"""What is written down, in memory and as JSON lines, and the violations that only time shows."""

import asyncio
import json
import ssl
from dataclasses import replace

import pytest

from roampost_sim.hub.oicp import HubSettings, SandboxHub
from tests.sim.hub.conftest import HandClock
from tests.sim.hub.oicp.messages import CARD, EVSE, authorize, cdr, status
from tests.sim.hub.operator import CDR, NOTIFY, START, STATUS, Operator


async def test_a_line_for_each_request(
    hub: SandboxHub, operator: Operator, settings: HubSettings, clock: HandClock
) -> None:
    answer = await operator.post(START, authorize(CPOPartnerSessionID="ours"))
    session_id = answer.json()["SessionID"]
    clock.t += 1.5
    await operator.post(CDR, cdr(session_id))
    await hub.wait_for(lambda: len(hub.record) == 2)
    assert settings.record_file is not None
    first, second = [json.loads(line) for line in settings.record_file.read_text(encoding="utf-8").splitlines()]
    assert first == {
        "t": 1000.0,
        "event": "request",
        "operation": "AuthorizeStart",
        "http_status": 200,
        "code": "000",
        "process_id": answer.headers["Process-ID"],
        "processed": True,
        "delivered": True,
        "fault": None,
        "violations": [],
        "means": {
            "what": "authorize",
            "evse_id": EVSE,
            "session": "ours",
            "hub_session": session_id,
            "user": "04…80",
        },
        "EvseID": EVSE,
        "CPOPartnerSessionID": "ours",
        "UID": "04…80",
        "SessionID": session_id,
    }
    assert (second["t"], second["operation"], second["SessionID"]) == (1001.5, "ChargeDetailRecord", session_id)
    assert (second["ConsumedEnergy"], second["ChargingEnd"]) == (5.0, cdr()["ChargingEnd"])
    assert CARD not in settings.record_file.read_text(encoding="utf-8")


async def test_a_status_push_tells_evse_and_status(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(STATUS, status((EVSE, "Occupied")))
    await hub.wait_for(lambda: bool(hub.record))
    told = hub.record[0].told
    assert (told["ActionType"], told["EvseID"], told["EvseStatus"]) == ("update", EVSE, "Occupied")


async def test_what_is_wrong_is_recorded_too(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(NOTIFY, {"Type": "Begin", "OperatorID": "DE*ABC", "EvseID": ["x"]})
    await hub.wait_for(lambda: bool(hub.record))
    assert (hub.record[0].http_status, hub.record[0].code, hub.record[0].told["Type"]) == (400, None, "Begin")
    assert hub.record[0].violations == ("schema type: must be one of Start, Progress, End, Error",)


async def test_where_a_text_belongs_nothing_else_is_kept(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(STATUS, status() | {"OperatorEvseStatus": {"EvseStatusRecord": [[], {"EvseID": {"a": 1}}]}})
    await hub.wait_for(lambda: bool(hub.record))
    assert hub.record[0].told == {"ActionType": "update", "EvseStatusRecord": [{}]}


async def test_status_pushes_of_one_operator_that_overlap_are_a_violation(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("slow", requests=1, delay_ms=60_000)
    first = operator.begin(STATUS, status((EVSE, "Occupied")))
    await hub.wait_for(lambda: len(hub.pending) == 1)
    assert hub.pending[0].operation == "PushEvseStatus"
    await operator.post(STATUS, status((EVSE, "Available")))
    await hub.wait_for(lambda: len(hub.record) == 1)
    (violation,) = hub.violations
    assert violation.startswith("overlap: PushEvseStatus of DE*ABC")
    await first.give_up()


async def test_other_operations_may_overlap(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("slow", requests=1, delay_ms=60_000)
    first = operator.begin(START, authorize())
    await hub.wait_for(lambda: len(hub.pending) == 1)
    await operator.post(START, authorize())
    await operator.post(STATUS, status((EVSE, "Available")))
    assert hub.violations == []
    await first.give_up()


async def test_bytes_that_are_no_http_are_recorded(hub: SandboxHub, operator: Operator) -> None:
    def babble() -> None:
        connection = operator.connect()
        connection.connect()
        connection.sock.sendall(b"\x00\x01\x02 nonsense\r\n\r\n")
        connection.sock.recv(100)
        connection.close()

    await asyncio.to_thread(babble)
    await hub.wait_for(lambda: bool(hub.record))
    assert hub.record[0].as_json() | {"reason": ""} == {"t": 1000.0, "event": "connection-broken", "reason": ""}


async def test_waiting_in_vain_shows_the_record(hub: SandboxHub, operator: Operator) -> None:
    await operator.post(STATUS, status((EVSE, "Available")))
    with pytest.raises(TimeoutError, match="PushEvseStatus"):
        await hub.wait_for(lambda: len(hub.record) == 9, timeout_s=0.1)


async def test_every_answer_can_be_late_by_configuration(settings: HubSettings) -> None:
    async with SandboxHub(replace(settings, answer_delay_ms=60_000)) as hub:
        waiting = Operator(hub).begin(STATUS, status((EVSE, "Available")))
        await hub.wait_for(lambda: bool(hub.pending))
        await waiting.give_up()
        await hub.wait_for(lambda: bool(hub.record))
        assert (hub.record[0].processed, hub.record[0].delivered) == (True, False)


async def test_a_hub_that_stops_lets_go_of_a_hanging_client(settings: HubSettings) -> None:
    async with SandboxHub(settings) as hub:
        hub.fault("hang")
        waiting = Operator(hub).begin(STATUS, status((EVSE, "Available")))
        await hub.wait_for(lambda: bool(hub.pending))
    with pytest.raises(ConnectionError):
        await waiting.task
    assert hub.record[0].delivered is False


async def test_a_body_without_end_is_cut_off_and_recorded(hub: SandboxHub, operator: Operator) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await operator.send("POST", NOTIFY, b" " * 5_000_000)
    await hub.wait_for(lambda: bool(hub.record))
    assert (hub.record[0].event, hub.record[0].reason) == ("connection-broken", "the body is too large")


async def test_a_client_that_asks_first_is_told_to_go_on(hub: SandboxHub, operator: Operator) -> None:
    def ask() -> tuple[bytes, int]:
        connection = operator.connect()
        try:
            connection.putrequest("POST", "/api/oicp" + NOTIFY)
            for name, value in (
                ("Content-Length", "2"),
                ("Content-Type", "application/json"),
                ("Expect", "100-continue"),
            ):
                connection.putheader(name, value)
            connection.endheaders()
            interim = connection.sock.recv(100)
            connection.send(b"{}")
            return interim, connection.getresponse().status
        finally:
            connection.close()

    interim, http_status = await asyncio.to_thread(ask)
    assert interim.startswith(b"HTTP/1.1 100 ")
    assert http_status == 500  # {} names no operator


async def test_a_request_on_the_heels_of_another_is_answered_in_turn(hub: SandboxHub, operator: Operator) -> None:
    hub.fault("slow", requests=1, delay_ms=200)
    lines = [f"POST /api/oicp{NOTIFY} HTTP/1.1", "Host: hub", "Content-Type: application/json", "Content-Length: 2"]
    request = "\r\n".join([*lines, "", "{}"]).encode()

    def both() -> bytes:
        connection = operator.connect()
        connection.connect()
        try:
            connection.sock.sendall(request)
            connection.sock.sendall(request)
            answers = b""
            while answers.count(b"HTTP/1.1 500") < 2:
                answers += connection.sock.recv(10_000)
            return answers
        finally:
            connection.close()

    await asyncio.to_thread(both)
    await hub.wait_for(lambda: len(hub.record) == 2)
    assert [entry.fault for entry in hub.record] == ["slow", None]
