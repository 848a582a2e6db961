"""`roampost check` and the inbound service: what would keep a hub out, and what lets too many in."""

from pathlib import Path

import pytest

from roampost.cli import main
from tests.agent.config.small_site import GOOD, write
from tests.agent.config.test_inbound import KEYED, LISTENS, PINS
from tests.agent.inbound.place import Callers


def warnings(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["check", "--config", str(write(folder, text))]) == 0
    told = [line.removeprefix("warning: ") for line in capsys.readouterr().out.splitlines()]
    return [line for line in told if line.startswith(("inbound", "client_ca_file", "hubs.plugsurfing.inbound"))]


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


@pytest.mark.parametrize(
    "content", [None, "too-short", "a key with spaces in it", "one-key-of-a-hub\nanother-key-of-it"]
)
def test_a_key_that_keeps_its_hub_out_is_told_but_not_what_it_is(
    callers: Callers, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    file = tmp_path / "calls.key"
    if content is not None:
        file.write_text(content)
        file.chmod(0o600)
    (found,) = warnings(tmp_path, with_key(callers, file), capsys)
    assert found.startswith(f"hubs.plugsurfing.inbound.api_key_file '{file}' ")
    assert found.endswith("Until then hubs.plugsurfing cannot call")
    assert content is None or content.splitlines()[0] not in found


def test_a_key_that_everybody_can_read_is_told(
    callers: Callers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "calls.key"
    file.write_text("a-key-of-some-length\n")
    file.chmod(0o644)
    (found,) = warnings(tmp_path, with_key(callers, file), capsys)
    assert found.startswith(f"hubs.plugsurfing.inbound.api_key_file = '{file}': every user of this machine can read")
    file.chmod(0o640)
    assert warnings(tmp_path, with_key(callers, file), capsys) == []


def with_key(callers: Callers, file: Path) -> str:
    """A site where one hub may call, with the key in this file, and everything else is right."""
    listens = LISTENS.replace("[inbound]", '[inbound]\nallow = ["192.0.2.1"]')
    listens = listens.replace("/etc/roampost/station.crt", str(callers.server.cert))
    listens = listens.replace("/etc/roampost/station.key", str(callers.server.key))
    return GOOD + listens + KEYED.replace("/etc/roampost/plugsurfing-calls.key", str(file))
