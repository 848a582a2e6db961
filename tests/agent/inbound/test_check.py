"""`roampost check` and the inbound service: what would keep a hub out, and what lets too many in."""

from pathlib import Path

import pytest

from roampost.cli import main
from tests.agent.config.small_site import GOOD, write
from tests.agent.config.test_inbound import LISTENS, PINS
from tests.agent.inbound.place import Callers


def warnings(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["check", "--config", str(write(folder, text))]) == 0
    told = [line.removeprefix("warning: ") for line in capsys.readouterr().out.splitlines()]
    return [line for line in told if line.startswith(("inbound", "client_ca_file"))]


def test_files_that_are_not_there_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = warnings(tmp_path, GOOD + LISTENS.replace("[inbound]", '[inbound]\nallow = ["192.0.2.1"]') + PINS, capsys)
    assert found == [
        "inbound.cert_file '/etc/roampost/station.crt' cannot be read: No such file or directory; until then no hub can"
        " call"
    ]


def test_an_open_key_and_an_open_door_are_told(
    callers: Callers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "station.key"
    key.write_bytes(callers.server.key.read_bytes())
    key.chmod(0o644)
    listens = f'[inbound]\ncert_file = "{callers.server.cert}"\nkey_file = "{key}"\n'
    text = GOOD + listens + PINS.replace("/etc/roampost/hubject-ca.crt", str(callers.hub_ca))
    assert [one.split(":")[0] for one in warnings(tmp_path, text, capsys)] == [
        f"inbound.key_file = '{key}'",
        "inbound.allow",
    ]
    assert warnings(tmp_path, GOOD, capsys) == []
