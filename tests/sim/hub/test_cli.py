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
from urllib.parse import urlsplit

import pytest

from roampost_sim.cli import main
from roampost_sim.errors import SimError
from roampost_sim.hub.certificates import Pair
from roampost_sim.hub.cli import add_arguments, run
from tests.sim.hub.oicp.messages import CARD, EVSE, authorize
from tests.sim.hub.operator import context

PROGRAM = "import sys; from roampost_sim.cli import main; sys.exit(main())"


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.system
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_serves_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    record, control = tmp_path / "record.jsonl", tmp_path / "control"
    words = ["--directory", tmp_path / "c", "--card", CARD, "--record", record, "--control", control]
    command = [sys.executable, "-c", PROGRAM, "hub", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            while not lines or not lines[-1].startswith("# control"):
                lines.append(process.stdout.readline())
                assert lines[-1], process.stderr.read() if process.stderr else ""
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
