"""The command line, in-process where it parses, as a process where it plays."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from roampost_sim.cli import main
from roampost_sim.control import tell
from tests.sim.support import A_WHILE_S, Master, framed

PROGRAM = (sys.executable, "-c", "import sys; from roampost_sim.cli import main; sys.exit(main())")


def test_help_lists_the_station(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    assert "play a charging station on ptys and sockets" in capsys.readouterr().out


def test_a_package_that_a_station_does_not_have_is_one_sentence() -> None:
    program = "import sys; sys.modules['jsonschema'] = None; from roampost_sim.cli import main; sys.exit(main(['hub']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("roampost-sim: hub needs the package jsonschema;")
    assert done.stderr.count("\n") == 1


def test_a_wrong_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["station", str(tmp_path / "none.toml")]) == 2
    assert capsys.readouterr().err == f"roampost-sim: {tmp_path}/none.toml: cannot be read: No such file or directory\n"


def test_telling_nobody_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tell", str(tmp_path / "none"), "plug", "evse=1"]) == 2
    error = capsys.readouterr().err
    assert "is it running with --control?" in error
    assert error.count("\n") == 1


async def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    """`roampost-sim tell … | head`."""
    answers = await asyncio.start_unix_server(_say_yes, tmp_path / "station")
    read, write = os.pipe()
    os.close(read)
    async with answers, asyncio.timeout(A_WHILE_S):
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, "tell", str(tmp_path / "station"), "ask", stdout=write, stderr=asyncio.subprocess.PIPE
        )
        os.close(write)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


async def _say_yes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(json.dumps({"ok": True}).encode() + b"\n")
    await writer.drain()
    writer.close()


def test_a_place_that_cannot_be_used_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rs485").write_text("not a device")
    assert main(["station", "--dir", str(tmp_path)]) == 2
    assert f"{tmp_path}/rs485 is there already and is not a link" in capsys.readouterr().err
    assert (tmp_path / "rs485").read_text() == "not a device"
    assert main(["station", "--dir", str(tmp_path / "rs485" / "x")]) == 2
    assert "cannot be made a directory: Not a directory" in capsys.readouterr().err


def test_a_station_alone_refuses_steps_for_others_before_it_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "story.toml"
    file.write_text("[[step]]\nat = 2\non = 'agent'\ndo = 'kill'\n")
    assert main(["station", "--play", str(file)]) == 2
    output = capsys.readouterr()
    assert output.err == f"roampost-sim: {file}: at 2.0 s: a step on the agent needs more than a station alone\n"
    assert output.out == ""


SCENARIO = """
[[step]]
at = 0
say = "A driver plugs in."
do = "plug"
evse = "1"
car = "city"
"""


@pytest.mark.system
async def test_the_built_in_station_plays_until_it_is_told_to_stop(tmp_path: Path) -> None:
    scenario, record, control = tmp_path / "story.toml", tmp_path / "record.jsonl", tmp_path / "control"
    scenario.write_text(SCENARIO)
    options = ["--dir", tmp_path, "--record", record, "--control", control, "--play", scenario]
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        "station",
        *map(str, options),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    async with asyncio.timeout(A_WHILE_S):
        while b"car plugged in (city)" not in await process.stdout.readline():
            assert process.returncode is None
        state = await tell(control, {"do": "ask"})
        assert await asyncio.to_thread(main, ["tell", str(control), "note", "text=hello"]) == 0
        assert await asyncio.to_thread(main, ["tell", str(control), "plug", "evse=1"]) == 1
        assert await asyncio.to_thread(main, ["tell", str(control), '{"do": "note", "text": "as it is"}']) == 0
        assert await asyncio.to_thread(main, ["tell", str(control), '{"do": "remote_start"}']) == 1
        assert await asyncio.to_thread(main, ["tell", str(control), '{"do": ']) == 2
        master = Master(tmp_path / "rs485")
        assert await master.ask(framed("02 03 03 E8 00 01"), 7) == framed("02 03 02 00 06")
        master.close()
        process.send_signal(signal.SIGTERM)
        await process.stdout.read()
        assert await process.wait() == 0
    assert state["evses"]["1"]["car"] is not None
    events = [json.loads(line)["event"] for line in record.read_text().splitlines()]
    assert events[:3] == ["station_started", "note", "plugged"]
    assert not (tmp_path / "rs485").is_symlink()


@pytest.mark.system
async def test_a_person_types_commands_at_a_terminal(tmp_path: Path) -> None:
    keyboard, terminal = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "station", "--dir", str(tmp_path), stdin=terminal, stdout=asyncio.subprocess.PIPE
    )
    os.close(terminal)
    assert process.stdout
    async with asyncio.timeout(A_WHILE_S):
        await process.stdout.readuntil(b"Stop with Ctrl-C.")
        os.write(keyboard, b"plug evse=7\nplug evse=2 car=saloon\n")
        await process.stdout.readuntil(b"there is no EVSE '7'; known are 1, 2")
        await process.stdout.readuntil(b"car plugged in (saloon)")
        process.send_signal(signal.SIGINT)
        await process.stdout.read()
        assert await process.wait() == 0
    os.close(keyboard)
