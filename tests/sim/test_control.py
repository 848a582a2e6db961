"""The control socket, as another process uses it."""

import asyncio
import json
from pathlib import Path

from roampost_sim.control import control_socket, tell
from tests.sim.support import A_WHILE_S, World


async def test_commands_are_done_and_answered(site: World, tmp_path: Path) -> None:
    path = tmp_path / "control"
    async with control_socket(site.station, path):
        assert await tell(path, {"do": "plug", "evse": "1"}) == {"ok": True}
        state = await tell(path, {"do": "ask"})
    assert (state["ok"], state["evses"]["1"]["pilot"]) == (True, "B2")
    assert not path.exists()


async def test_a_wrong_line_gets_a_sentence_and_the_connection_goes_on(site: World, tmp_path: Path) -> None:
    path = tmp_path / "control"
    async with control_socket(site.station, path), asyncio.timeout(A_WHILE_S):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"hello\n" + b'{"do":"unplug","evse":"1"}\n' + b'{"do":"note","text":"x"}\n')
        answers = [json.loads(await reader.readline()) for _ in range(3)]
        writer.close()
        await writer.wait_closed()
    assert [answer["ok"] for answer in answers] == [False, False, True]
    assert answers[1]["error"] == "EVSE '1' has no car; plug one in first"


async def test_a_line_without_end_closes_the_connection_only(site: World, tmp_path: Path) -> None:
    path = tmp_path / "control"
    async with control_socket(site.station, path), asyncio.timeout(A_WHILE_S):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"x" * 200_000)
        assert await reader.read() == b""
        writer.close()
        assert (await tell(path, {"do": "note", "text": "still here"}))["ok"]


async def test_who_stays_connected_does_not_hold_the_station_up(site: World, tmp_path: Path) -> None:
    path = tmp_path / "control"
    async with asyncio.timeout(A_WHILE_S):
        async with control_socket(site.station, path):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b'{"do":"note","text":"x"}\n')
            await reader.readline()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
