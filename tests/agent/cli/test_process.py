"""Real processes: exit codes, what is imported, what an operator sees."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from roampost.cli.exits import MEANING, Exit
from tests.agent.cli.stopped_station import Site, filled, site


def roampost(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "roampost", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environ}
    )


@pytest.fixture
def stopped(tmp_path: Path) -> Site:
    return filled(tmp_path)


def test_help_tells_every_exit_code() -> None:
    done = roampost("--help")
    assert done.returncode == 0
    assert set(MEANING) == set(Exit)
    assert all(f"  {code.value}  {text}" in done.stdout for code, text in MEANING.items())


@pytest.mark.parametrize(
    "words",
    [[], ["dance"], ["outbox"], ["outbox", "show", "x"], ["outbox", "show", "-1"], ["outbox", "discard", "1"],
     ["outbox", "discard", "1", "--reason", " "]],
)  # fmt: skip
def test_a_wrong_command_line_is_2(words: list[str]) -> None:
    done = roampost(*words)
    assert done.returncode == 2
    assert "usage: roampost" in done.stderr


@pytest.mark.parametrize("command", ["run", "check", "status", "migrate"])
def test_a_configuration_that_is_not_there_is_2(tmp_path: Path, command: str) -> None:
    done = roampost(command, "--config", str(tmp_path / "absent.toml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"{tmp_path}/absent.toml: cannot be read: No such file or directory; --config FILE names another\n"
    )


def test_run_with_a_wrong_configuration_tells_all_of_it_and_is_2(stopped: Site) -> None:
    stopped.config.write_text(stopped.config.read_text().replace("unit = 11", "unit = 0").replace('"io"', '"oi"'))
    done = roampost("run", "--config", str(stopped.config))
    assert done.returncode == 2
    assert "devices.meter-1.unit = 0" in done.stderr
    assert "Traceback" not in done.stderr


def test_exit_codes_of_looking(stopped: Site) -> None:
    config = ["--config", str(stopped.config)]
    assert roampost(*config, "outbox", "show", "1").returncode == 0
    assert roampost("outbox", "show", "7", *config).returncode == 4
    assert roampost("evse", "enable", "DE*ABC*E1*1", *config).returncode == 3


def test_no_database_is_3(tmp_path: Path) -> None:
    assert roampost("status", "--config", str(site(tmp_path).config)).returncode == 3


def test_a_fault_of_ours_is_a_sentence_and_a_traceback_only_when_asked_for(stopped: Site) -> None:
    # json_valid lets a bare number through; the reader expects an object and fails in a way nobody foresaw.
    import sqlite3

    connection = sqlite3.connect(stopped.database)
    connection.execute("update outbox set state = 'queued', finished_ms = null, created_wall_ms = 9e18")
    connection.commit()
    connection.close()
    words = ["outbox", "show", "1", "--config", str(stopped.config)]
    done = roampost(*words)
    assert done.returncode == 1
    assert done.stderr.startswith("roampost failed: ")
    assert "Traceback" not in done.stderr
    assert "Traceback" in roampost(*words, ROAMPOST_DEBUG="1").stderr


def test_a_reader_that_has_seen_enough_is_no_error(stopped: Site) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "roampost", "outbox", "export", "--config", str(stopped.config)]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(write)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("command", [["check"], ["status"], ["outbox", "list"]])
def test_commands_do_not_load_what_they_do_not_need(stopped: Site, command: list[str]) -> None:
    words = [*command, "--config", str(stopped.config)]
    code = (
        "import sys; from roampost.cli import main; "
        f"assert main({words!r}) == 0; "
        "print(sorted({'httpx', 'pymodbus', 'sqlite_utils', 'serial'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_leaves_a_database_that_its_owner_can_open(tmp_path: Path) -> None:
    made = site(tmp_path)
    for folder in (tmp_path, *tmp_path.parents):
        if folder in (Path("/"), Path("/tmp")):
            break
        folder.chmod(0o755)
    os.chown(tmp_path, 65534, 65534)
    assert roampost("migrate", "--config", str(made.config)).returncode == 0
    assert made.database.stat().st_uid == 65534
