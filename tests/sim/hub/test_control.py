"""The control socket of any hub, over a real unix socket: faults, questions, a sentence for what is not understood."""

import asyncio
from pathlib import Path

import pytest

from roampost_sim.hub.control import ControlSocket
from tests.sim.hub.conftest import Console
from tests.sim.hub.meeting import AnyHub
from tests.sim.hub.oicp.messages import CARD, EVSE
from tests.sim.hub.operator import AnyOperator


async def test_a_fault_is_set_and_cleared(any_hub: AnyHub, any_operator: AnyOperator, any_console: Console) -> None:
    assert await any_console(do="fault", kind="http_5xx", status=502, operation=any_operator.status_name) == {
        "ok": True,
        "id": 1,
    }
    assert (await any_operator.push()).status == 502
    (told,) = (await any_console(ask="faults"))["faults"]
    assert (told["id"], told["kind"], told["status"]) == (1, "http_5xx", 502)
    assert await any_console(do="clear", id=1) == {"ok": True}
    assert (await any_operator.push()).status == 200


async def test_a_refusal_for_seconds_ends_by_itself(
    any_hub: AnyHub, any_operator: AnyOperator, any_console: Console
) -> None:
    assert (await any_console(do="fault", kind="refuse", seconds=0.2))["ok"]
    await any_hub.wait_for(lambda: not any_hub.faults)
    assert (await any_operator.push()).status == 200


async def test_what_the_hub_holds_and_heard_is_told(
    any_hub: AnyHub, any_operator: AnyOperator, any_console: Console
) -> None:
    await any_operator.push()
    await any_hub.wait_for(lambda: len(any_hub.record) == 1)
    (held,) = (await any_console(ask="statuses"))["statuses"]
    assert held == {"evse_id": EVSE, "status": "Occupied", "arrived_t": 1000.0}
    (entry,) = (await any_console(ask="record"))["record"]
    assert entry["means"] == {"what": "status", "evse_id": EVSE, "status": "Occupied"}
    assert (await any_console(ask="record", last=0))["record"] == []
    assert (await any_console(ask="where"))["url"] == any_hub.url
    assert (await any_console(ask="violations"))["violations"] == []
    assert (await any_console(ask="sessions"))["sessions"] == []
    assert "hang_after" in (await any_console(ask="kinds"))["kinds"]


async def test_a_card_can_be_blocked_and_known_again(any_operator: AnyOperator, any_console: Console) -> None:
    codes = {}
    for word in ("blocked", "unknown", "known"):
        assert await any_console(do="card", uid=CARD, **{"is": word}) == {"ok": True}
        codes[word] = (await any_operator.authorize()).code
    assert codes["known"] == "000"
    assert len(set(codes.values())) == 3


async def test_the_operators_address_is_set_and_forgotten(any_hub: AnyHub, any_console: Console) -> None:
    url = "https://127.0.0.1:1/in"
    assert await any_console(do="operator", url=url, ca=str(any_hub.ca_file)) == {"ok": True}
    assert (await any_console(ask="operator"))["url"] == url
    told = [any_hub.calls.ca_file]
    assert await any_console(do="operator", url=None, ca=None) == {"ok": True}
    assert (await any_console(ask="operator"))["url"] is None
    assert [*told, any_hub.calls.ca_file] == [any_hub.ca_file, None]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"help", "The line is not JSON"),
        (b"\xff", "The line is not JSON"),
        (b"[" * 60_000, "The line is not JSON"),
        (b"[]", "A command is one JSON object"),
        (b"{}", 'A command has "do" or "ask".'),
        (
            b'{"do": "explode"}',
            "The hub cannot do 'explode'; it can do: fault, clear, card, ",
        ),
        (b'{"ask": "weather"}', "The hub cannot ask 'weather'"),
        (b'{"ask": "sessions", "of": 1}', "The command has no 'of'; it has: nothing more."),
        (b'{"ask": "record", "last": -1}', '"last" is a whole number'),
        (b'{"do": "fault"}', 'A fault needs its "kind"'),
        (b'{"do": "fault", "kind": "explode"}', "There is no fault 'explode'"),
        (b'{"do": "fault", "kind": "hang", "requests": "two"}', "requests must be a whole number"),
        (b'{"do": "fault", "kind": "hang", "operation": []}', "There is no operation []"),
        (b'{"do": "fault", "kind": "hang", "self": 1}', "has no parameter 'self'"),
        (b'{"do": "clear", "id": "all"}', '"id" is the number'),
        (b'{"do": "card", "uid": 7, "is": "known"}', 'A card needs "uid" and "is"'),
    ],
)
async def test_what_is_not_understood_gets_a_sentence(any_console: Console, line: bytes, sentence: str) -> None:
    answer = await any_console.line(line)
    assert (answer["ok"], sentence in answer["error"]) == (False, True), answer


async def test_questions_refuse_extra_words_even_when_there_is_nothing_to_tell(any_console: Console) -> None:
    for question in ("sessions", "statuses", "faults", "violations", "where"):
        assert not (await any_console(ask=question, more=1))["ok"]


async def test_a_socket_left_behind_is_replaced_and_a_file_is_not(any_hub: AnyHub, tmp_path: Path) -> None:
    path = tmp_path / "again"
    left = await asyncio.start_unix_server(lambda reader, writer: None, path)
    left.close()
    async with ControlSocket(any_hub, path):
        reader, writer = await asyncio.open_unix_connection(path)
        assert (await Console(reader, writer)(ask="where"))["ok"]
        writer.close()
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(OSError, match="in use"):
        async with ControlSocket(any_hub, path):
            pass
    assert path.read_text(encoding="utf-8") == "precious"
