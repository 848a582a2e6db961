"""The hub as a process: it starts, says where it is, serves, and stops when told."""

import argparse
import http.client
import json
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from roampost_sim.cli import main
from roampost_sim.errors import SimError
from roampost_sim.hub.certificates import Pair
from roampost_sim.hub.cli import add_arguments, run
from roampost_sim.hub.oioi.cli import OIOI
from roampost_sim.hub.oioi.hub import OioiHub
from tests.sim.hub.oicp.messages import CARD, EVSE, authorize
from tests.sim.hub.operator import context

PROGRAM = "import sys; from roampost_sim.cli import main; sys.exit(main())"


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def started(*words: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PROGRAM, "hub", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def said(process: "subprocess.Popen[str]") -> list[str]:
    """All that the process prints; it ends with the control socket."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith("# control"):
        lines.append(process.stdout.readline())
        assert lines[-1], process.stderr.read() if process.stderr else ""
    return lines


@pytest.mark.system
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_serves_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    record, control = tmp_path / "record.jsonl", tmp_path / "control"
    words = ["--directory", tmp_path / "c", "--card", CARD, "--record", record, "--control", control]
    with started(*words) as process:
        try:
            lines = said(process)
            _check_inbound(lines)
            configuration = tomllib.loads("".join(lines[1:]))["hubs"]["sandbox"]
            assert lines[0].strip() == f"The sandbox hub listens at {configuration['url']}"
            assert _authorize(configuration) == "Authorized"
            assert _ask(control, {"ask": "sessions"})["sessions"][0]["evse_id"] == EVSE
            with socket.socket(socket.AF_UNIX) as idle:  # somebody who holds the control socket keeps nobody up
                idle.connect(str(control))
                process.send_signal(number)
                assert (process.wait(timeout=30), process.stderr.read() if process.stderr else "") == (0, "")
        finally:
            process.kill()
    assert json.loads(record.read_text(encoding="utf-8").splitlines()[0])["operation"] == "AuthorizeStart"
    assert not control.exists()


def _check_inbound(lines: list[str]) -> None:
    """What the agent pins, as the commented part of the table tells it."""
    begin = lines.index("# inbound\n")
    told = tomllib.loads("".join(line.removeprefix("# ") for line in lines[begin + 1 : -1]))
    assert (told["hub_cn"], told["hub_san"]) == ("hub.sandbox.example", "DNS:hub.sandbox.example")
    shown = Pair(Path(told["ca_file"]).with_name("hub-hub.sandbox.example.pem"), Path("/unused"))
    assert told["hub_sha256"] == shown.sha256
    assert (Path(told["cert_file"]).exists(), Path(told["key_file"]).exists()) == (True, True)
    assert told["provider_id"] == "DE-ABC"


def _authorize(configuration: dict[str, str]) -> str:
    url = urlsplit(configuration["url"])
    trust = context(
        Path(configuration["ca_file"]), Pair(Path(configuration["cert_file"]), Path(configuration["key_file"]))
    )
    connection = http.client.HTTPSConnection(url.hostname or "", url.port, context=trust, timeout=30)
    try:
        path = f"{url.path}/charging/v21/operators/DE*ABC/authorize/start"
        connection.request("POST", path, json.dumps(authorize()), {"Content-Type": "application/json"})
        return str(json.loads(connection.getresponse().read())["AuthorizationStatus"])
    finally:
        connection.close()


def _ask(control: Path, command: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(control))
        connection.sendall(json.dumps(command).encode() + b"\n")
        with connection.makefile() as lines:
            answer: dict[str, list[dict[str, str]]] = json.loads(lines.readline())
            return answer


@pytest.mark.system
def test_two_hubs_share_a_directory_and_a_configuration(tmp_path: Path) -> None:
    """Started at once: each makes what it needs, neither tramples on the other."""
    common = ("--directory", tmp_path / "c", "--card", CARD)
    first = started(*common, "--control", tmp_path / "1")
    second = started("--protocol", "oioi", "--name", "second", "--partner", "p7", *common, "--control", tmp_path / "2")
    with first, second:
        try:
            told = [said(first), said(second)]
            hubs = tomllib.loads("".join(lines[i] for lines in told for i in range(1, lines.index("# inbound\n"))))[
                "hubs"
            ]
            assert _authorize(hubs["sandbox"]) == "Authorized"
            assert _verify(hubs["second"]) == {
                "result": {"code": 0, "message": "Success."},
                "evco-id": "DE-8EO-CAA856280-X",
            }
        finally:
            first.kill()
            second.kill()
    table = hubs["second"]
    assert (table["kind"], table["operator_id"], table["partner_identifier"]) == ("oioi", "DE*ABC", "p7")
    assert table["ca_file"] == hubs["sandbox"]["ca_file"]
    _check_oioi_inbound(told[1], Path(table["api_key_file"]))


def _check_oioi_inbound(lines: list[str], api_key_file: Path) -> None:
    begin = lines.index("# inbound\n")
    told = tomllib.loads("".join(line.removeprefix("# ") for line in lines[begin + 1 : -1]))
    assert all(Path(told[name]).exists() for name in ("ca_file", "cert_file", "key_file"))
    keys = [Path(told["api_key_file"]), api_key_file]
    assert [key.stat().st_mode & 0o777 for key in keys] == [0o600, 0o600]
    assert len({key.read_text(encoding="ascii") for key in keys}) == 2


def _verify(configuration: dict[str, str]) -> Any:
    url = urlsplit(configuration["url"])
    key = Path(configuration["api_key_file"]).read_text(encoding="ascii").strip()
    trust = context(Path(configuration["ca_file"]), None)
    connection = http.client.HTTPSConnection(url.hostname or "", url.port, context=trust, timeout=30)
    try:
        headers = {"Content-Type": "application/json", "Authorization": f"key={key}"}
        connection.request("POST", url.path, json.dumps({"rfid-verify": {"rfid": CARD}}), headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def test_a_key_that_was_made_is_kept(tmp_path: Path) -> None:
    words = arguments("--protocol", "oioi", "--directory", str(tmp_path))
    keys = [hub.settings.api_key for hub in (OIOI.hub(words), OIOI.hub(words)) if isinstance(hub, OioiHub)]
    assert len(keys) == 2
    assert keys[0] == keys[1] == (tmp_path / "sandbox-api.key").read_text(encoding="ascii").strip()


def test_every_option_of_the_oioi_hub_arrives(tmp_path: Path) -> None:
    cards = ("--card", f"{CARD}=DE-8EO-C12345678-X", "--card", "DEADBEEF", "--unpaid-card", "11223344")
    more = ("--partner", "a", "--partner", "b", "--http-errors", "--needs-data", "--contract", "DE-8EO-CAet5e4XY-3")
    hub = OIOI.hub(arguments("--protocol", "oioi", "--directory", str(tmp_path), *cards, *more))
    assert isinstance(hub, OioiHub)
    told = hub.settings
    assert (told.cards, told.evco_ids) == (frozenset({CARD, "DEADBEEF"}), {CARD: "DE-8EO-C12345678-X"})
    assert (told.unpaid_cards, told.partners) == (frozenset({"11223344"}), ("a", "b"))
    assert (told.http_errors, told.needs_data, told.contracts) == (True, True, frozenset({"DE-8EO-CAet5e4XY-3"}))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--card", "044a2d"], "--card 044a2d is no UID"),
        (["--blocked-card", "xyz"], "xyz is no UID"),
        (["--operator", "DE"], "--operator DE is no OperatorID"),
        (["--port", "70000"], "--port between 0 and 65535"),
        (["--contract", "DE"], "--contract DE is no EvcoID"),
        (["--operator-provider", "DE"], "--operator-provider DE is no ProviderID"),
        (["--operator-url", "127.0.0.1:1"], "--operator-url 127.0.0.1:1 is no base URL"),
        (["--answer-delay-ms", "-1"], "--answer-delay-ms must be 0 or more"),
        (["--record", "/nowhere/record.jsonl"], "cannot start: .*/nowhere/record.jsonl"),
        (["--name", "two words"], "--name two words is no name of a hub"),
        (["--partner", "a"], "--partner is for --protocol oioi, not oicp"),
        (["--http-errors"], "--http-errors is for --protocol oioi"),
        (["--protocol", "oioi", "--rate-limits"], "--rate-limits is for --protocol oicp, not oioi"),
        (["--protocol", "oioi", "--card", "044a2d"], "--card 044a2d: 044a2d is no UID"),
        (["--protocol", "oioi", "--card", "DEADBEEF=DE"], "--card DEADBEEF=DE: --card alone takes an EVCO ID"),
        (["--protocol", "oioi", "--unpaid-card", "DEADBEEF=DE-8EO-C12345678-X"], "--card alone takes an EVCO ID"),
        (["--protocol", "oioi", "--operator", "DE"], "--operator DE is no OperatorID"),
        (["--protocol", "oioi", "--contract", "DE"], "--contract DE is no EVCO ID"),
        (["--control", "/nowhere/control"], "the sandbox hub cannot start: "),
    ],
)
def test_a_wrong_option_is_told_in_a_sentence(words: list[str], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SimError, match=sentence):
        run(arguments("--directory", str(tmp_path / "c"), *words))


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(SimError, match=rf"cannot start: .*in use; end what has port {port}, or choose"):
            run(arguments("--directory", str(tmp_path / "c"), "--port", port))


def test_a_machine_without_openssl_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["hub", "--directory", str(tmp_path / "c")]) == 2
    told = capsys.readouterr().err
    assert (told.count("\n"), "apt install openssl" in told) == (1, True)
