"""The documents are alive: what they tell to type, to write and to follow is held against the real things."""

import argparse
import asyncio
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pymodbus.server
import pytest
from pymodbus.server import ModbusTcpServer

from roampost.cli import main
from roampost.cli.parser import build_parser
from roampost.cli.settings import types_of
from roampost.config.fault_kinds import FAULT_KINDS
from roampost.config.load import load
from roampost.control.client import NoDaemonError, ask
from roampost.control.protocol import ControlError
from roampost.control.readings import Readings
from roampost.site.app import KEEP_DAYS, KEEP_RECORDS_DAYS
from roampost_drivers.device import Device
from roampost_drivers.devicefile import Catalog, DeviceFileError, parse
from roampost_sim.cli import SUBCOMMANDS
from roampost_sim.commands import parse_words
from roampost_sim.hub.oicp.control_calls import CALLS
from tests.agent.config.small_site import GOOD, TYPES
from tests.agent.documents import BLOCK, PAGES, ROOT, Block, blocks, page_section
from tests.system.processes import Worker, until

COMMAND = re.compile(r"roampost(?:-sim)? [a-z]")
ROLES = {"charging controller": "charger", "meter": "meter", "inputs": "inputs", "reader": "reader"}


def device_files() -> dict[str, str]:
    return {one.file: one.text for one in blocks("toml") if "transports" in one.text}


def configurations() -> list[Block]:
    return [one for one in blocks("toml") if "[station]" in one.text]


def sections() -> list[Block]:
    """Parts of a configuration."""
    others = [*device_files().values(), *(one.text for one in configurations())]
    return [one for one in blocks("toml") if one.text not in others]


def typed() -> list[str]:
    """Every command line of ours in a block, without its remark."""
    lines = [line.strip() for one in blocks("sh") for line in one.text.splitlines()]
    return [line for line in lines if COMMAND.match(line)]


def mentioned() -> list[str]:
    """Every command in the running text."""
    texts = [BLOCK.sub("", page.read_text("utf-8")) for page in PAGES]
    return sorted({span for text in texts for span in re.findall(r"`([^`\n]+)`", text) if COMMAND.match(span)})


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """The shipped devices and those of the documents."""
    for name, text in device_files().items():
        (tmp_path / name).write_text(text, "utf-8")
    return Catalog.load(tmp_path)


def test_the_documents_show_devices_configurations_and_commands() -> None:
    """So that a changed way of writing them cannot empty the tests below."""
    assert set(device_files()) == {"inepro-pro380.toml", "phoenix-ev-cc-basic.toml"}
    assert [one.page for one in configurations()] == ["add-a-device.md", "commissioning.md"]
    assert [(one.page, list(tomllib.loads(one.text))) for one in sections()] == [
        ("operators-guide.md", ["hubs"]),
        ("operators-guide.md", ["hubs", "inbound"]),
        ("operators-guide.md", ["hubs"]),
    ]
    assert len(typed()) > 30
    assert len(mentioned()) > 5


def test_every_device_file_is_right_and_named(catalog: Catalog) -> None:
    for name in device_files():
        assert catalog.device(Path(name).stem).row


SPOILED = [
    ("timeout_ms = 300", "timeout = 300"),
    ('unit = "kWh"', 'unit = "kwh"'),
    ('power = "power"', 'power = "powr"'),
    ("[4, 6, 10]", "[8]"),
    ("[4, 6, 10]", "[1]"),
    ('title = "', 'title = "\n'),
]


def test_the_sentences_about_a_wrong_device_file_are_the_true_ones() -> None:
    told = next(one.text for one in blocks("text") if one.text.startswith("devices.d/")).splitlines()
    text = device_files()["inepro-pro380.toml"]
    found: list[str] = []
    for old, new in SPOILED:
        with pytest.raises(DeviceFileError) as caught:
            parse(text.replace(old, new, 1), "inepro-pro380", "devices.d/inepro-pro380.toml")
        found += caught.value.problems
    assert [one for one in told[:-1] if one not in found] == []
    assert told[-1].startswith("bench.toml: ")


def test_every_configuration_is_right(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "written.toml"
    for one in configurations():
        path.write_text(one.text, "utf-8")
        assert load(path, types_of(catalog)).evse, one.page


def test_the_guides_sections_are_right_together_beside_those_of_another_hub(tmp_path: Path) -> None:
    path = tmp_path / "whole.toml"
    path.write_text("\n".join([GOOD, *(one.text for one in sections())]), "utf-8")
    config = load(path, TYPES)
    assert {name: (hub.kind, hub.may_call) for name, hub in config.hubs.items()} == {
        "hubject": ("oicp", True),
        "plugsurfing": ("oioi", True),
    }


def test_the_example_of_the_unit_is_right_with_the_shipped_devices() -> None:
    assert load(ROOT / "systemd" / "roampost.toml.example", types_of(Catalog.load())).evse


@pytest.mark.parametrize("line", typed())
def test_every_typed_command_is_one(line: str) -> None:
    words = shlex.split(line, comments=True)
    if any("|" in word for word in words):
        assert all(_is_a_command(one) for one in _each(words))
    elif words[0] == "roampost":
        build_parser().parse_args(words[1:])
    else:
        _parse_simulator(words[1:])


@pytest.mark.parametrize("span", mentioned())
def test_every_mentioned_command_is_one(span: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(span)
    if words[0] == "roampost-sim":
        assert words[1] in SUBCOMMANDS
    elif not _is_a_command(words):
        build_parser().parse_args(words[1:])


def _each(words: list[str]) -> Iterator[list[str]]:
    """`outbox list|show` is two commands; what follows is not theirs alone."""
    place = next(index for index, word in enumerate(words) if "|" in word)
    for word in words[place].split("|"):
        yield [*words[:place], word]


def _is_a_command(words: list[str]) -> bool:
    """Whether the words name a command or a group, all of them and nothing else."""
    parser: argparse.ArgumentParser | None = build_parser()
    for word in words[1:]:
        parser = _commands(parser).get(word) if parser else None
    return parser is not None


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    choices = (one.choices for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    return next(choices, {})


def _parse_simulator(words: list[str]) -> None:
    room: Any = import_module(SUBCOMMANDS[words[0]][0])
    parser = argparse.ArgumentParser()
    room.add_arguments(parser)
    args = parser.parse_args(words[1:])
    if words[0] == "tell":
        _parse_told(" ".join(args.words))


def _parse_told(text: str) -> None:
    """To a station in words, to a hub in JSON."""
    if text.startswith("{"):
        assert json.loads(text)["do"] in CALLS
    else:
        parse_words(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_linked_from_another() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    assert [page.name for page in PAGES[1:] if page.parent.name == "docs" and f"({page.name})" not in text] == []


def test_the_device_table_of_the_front_door_is_the_catalog() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", _section("## Devices"), re.MULTILINE)
    told = sorted((_words(title), _role(what), _transports(over)) for title, what, over in rows[1:])
    known = sorted(
        (_words(one.title), _role_of(one), set(one.link.transports)) for one in Catalog.load().devices.values()
    )
    assert [one[1:] for one in told] == [one[1:] for one in known]
    # The table may say a title in more words, never in other ones.
    assert [set(title) - set(row) for (title, *_), (row, *_) in zip(known, told, strict=True)] == [set()] * len(known)


def _section(head: str) -> str:
    return page_section("../README.md", head)


def _words(title: str) -> list[str]:
    return title.replace(",", "").split()


def _role(what: str) -> str:
    return next(role for words, role in ROLES.items() if words in what)


def _role_of(device: Device) -> str:
    return next(role for role in ROLES.values() if getattr(device, role) is not None)


def _transports(over: str) -> set[str]:
    words = {"RTU": "rtu", "TCP": "tcp", "serial": "serial"}
    return {transport for word, transport in words.items() if word in over}


def test_the_guide_tells_the_true_times_and_kinds() -> None:
    guide = (ROOT / "docs" / "operators-guide.md").read_text("utf-8")
    latched = ", ".join(f"`{one.kind}`" for one in FAULT_KINDS.values() if one.latched)
    harmless = " and ".join(f"`{one.kind}`" for one in sorted(FAULT_KINDS.values(), key=str) if not one.stops)
    kept = [
        f"closed sessions, the audit log | {KEEP_RECORDS_DAYS} days |",
        f"other finished messages | {KEEP_DAYS} days |",
    ]
    told = [*kept, latched, harmless]
    assert [one for one in told if one not in " ".join(guide.split())] == []


@pytest.mark.system
async def test_the_example_of_readings_is_what_the_example_units_say(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's files as they stand there, over real TCP, with a real agent."""
    played: list[Any] = []
    monkeypatch.setattr(pymodbus.server, "StartTcpServer", lambda units, address: played.append(units))
    _run_script("units.py")
    server: Any = ModbusTcpServer(played[0], address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    bench = _bench(tmp_path, server.transport.sockets[0].getsockname()[1])
    agent = Worker(tmp_path / "agent.log", "-m", "roampost", "run", "--config", str(bench))
    try:
        await asyncio.to_thread(until, lambda: _all_read(tmp_path / "bench.sock"), "a reading of each device")
        assert await asyncio.to_thread(main, ["readings", "--config", str(bench)]) == 0
    finally:
        await asyncio.to_thread(agent.kill)
        await server.shutdown()
    shown = next(one.text for one in blocks("text") if one.text.startswith("DE*ABC") and one.page == "add-a-device.md")
    assert _unchanging(capsys.readouterr().out) == _unchanging(shown)


def _bench(folder: Path, port: int) -> Path:
    """The page's bench, in the folder and at the port of this test."""
    for name, text in device_files().items():
        (folder / name).write_text(text, "utf-8")
    text = next(one.text for one in configurations() if one.file == "bench.toml")
    for old, new in (("/tmp/", f"{folder}/"), ("/etc/roampost/devices.d", str(folder)), ("15020", str(port))):
        assert old in text
        text = text.replace(old, new)
    path = folder / "devices-bench.conf"
    path.write_text(text, "utf-8")
    return path


def _all_read(socket: Path) -> bool:
    try:
        found = Readings.from_json(ask(socket, "readings"))
    except (NoDaemonError, ControlError):
        return False
    return all(one.controller.says and one.meter and one.meter.energy_wh for one in found.evses)


def _unchanging(page: str) -> list[list[str]]:
    """The words of each row, without ages and counters."""
    return [
        [word for word in re.sub(r"\d+\.\d s", "", line).split() if not word.isdecimal()] for line in page.splitlines()
    ]


def _run_script(name: str) -> dict[str, Any]:
    """The names that a script of the documents leaves behind; its `__main__` part does not run."""
    text = next(one.text for one in blocks("python") if one.file == name)
    names: dict[str, Any] = {"__name__": name}
    exec(compile(text, name, "exec"), names)
    return names
