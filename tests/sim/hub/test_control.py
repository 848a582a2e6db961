"""The control socket: faults and questions over a real unix socket, and a sentence for what is not understood."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from roampost_sim.hub import SandboxHub
from roampost_sim.hub.control import ControlSocket
from tests.sim.hub.messages import CARD, EVSE, authorize, status
from tests.sim.hub.operator import START, STATUS, Operator


class Console:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def line(self, line: bytes) -> Any:
        self._writer.write(line + b"\n")
        return json.loads(await self._reader.readline())

    async def __call__(self, **command: Any) -> Any:
        return await self.line(json.dumps(command).encode())


@pytest.fixture
async def console(hub: SandboxHub, tmp_path: Path) -> AsyncIterator[Console]:
    path = tmp_path / "control"
    async with ControlSocket(hub, path):
        assert path.stat().st_mode & 0o777 == 0o600
        reader, writer = await asyncio.open_unix_connection(path)
        yield Console(reader, writer)
        writer.close()
        await writer.wait_closed()
    assert not path.exists()


async def test_a_fault_is_set_and_cleared(hub: SandboxHub, operator: Operator, console: Console) -> None:
    assert await console(do="fault", kind="http_5xx", status=502, operation="PushEvseStatus") == {"ok": True, "id": 1}
    assert (await operator.post(STATUS, status((EVSE, "Available")))).status == 502
    (told,) = (await console(ask="faults"))["faults"]
    assert (told["id"], told["kind"], told["status"]) == (1, "http_5xx", 502)
    assert await console(do="clear", id=1) == {"ok": True}
    assert (await operator.post(STATUS, status((EVSE, "Available")))).status == 200


async def test_a_refusal_for_seconds_ends_by_itself(hub: SandboxHub, operator: Operator, console: Console) -> None:
    assert (await console(do="fault", kind="refuse", seconds=0.2))["ok"]
    await hub.wait_for(lambda: not hub.faults)
    assert (await operator.post(STATUS, status((EVSE, "Available")))).status == 200


async def test_questions_are_answered(hub: SandboxHub, operator: Operator, console: Console) -> None:
    await operator.post(START, authorize())
    await operator.post(STATUS, status((EVSE, "Occupied"), ("DE*ABC*E2", "Available")))
    await hub.wait_for(lambda: len(hub.record) == 2)
    (session,) = (await console(ask="sessions"))["sessions"]
    assert (session["evse_id"], session["uid"], session["cdr"], session["told"]) == (EVSE, "04…80", False, [])
    statuses = (await console(ask="statuses"))["statuses"]
    assert [held["status"] for held in statuses] == ["Occupied", "Available"]
    assert (await console(ask="violations"))["violations"] == ["bundle: changes are pushed one at a time"]
    assert len((await console(ask="record"))["record"]) == 2
    (last,) = (await console(ask="record", last=1))["record"]
    assert last["operation"] == "PushEvseStatus"
    assert (await console(ask="record", last=0))["record"] == []
    assert (await console(ask="where"))["url"] == hub.url
    assert "hang_after" in (await console(ask="kinds"))["kinds"]


async def test_a_card_can_be_blocked_and_known_again(operator: Operator, console: Console) -> None:
    for word, code in (("blocked", "200"), ("unknown", "102"), ("known", "000")):
        assert await console(do="card", uid=CARD, **{"is": word}) == {"ok": True}
        assert (await operator.post(START, authorize())).code == code


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
async def test_what_is_not_understood_gets_a_sentence(console: Console, line: bytes, sentence: str) -> None:
    answer = await console.line(line)
    assert (answer["ok"], sentence in answer["error"]) == (False, True), answer


async def test_questions_refuse_extra_words_even_when_there_is_nothing_to_tell(console: Console) -> None:
    for question in ("sessions", "statuses", "faults", "violations", "where"):
        assert not (await console(ask=question, more=1))["ok"]


async def test_a_socket_left_behind_is_replaced_and_a_file_is_not(hub: SandboxHub, tmp_path: Path) -> None:
    path = tmp_path / "again"
    left = await asyncio.start_unix_server(lambda reader, writer: None, path)
    left.close()
    async with ControlSocket(hub, path):
        reader, writer = await asyncio.open_unix_connection(path)
        assert (await Console(reader, writer)(ask="where"))["ok"]
        writer.close()
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(OSError, match="in use"):
        async with ControlSocket(hub, path):
            pass
    assert path.read_text(encoding="utf-8") == "precious"
