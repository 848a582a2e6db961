"""The files that systemd reads: right by systemd's own word, hardened, and in step with the code."""

import os
import re
import shlex
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from roampost.cli.exits import Exit
from roampost.cli.parser import build_parser
from roampost.cli.paths import DEFAULT_CONFIG
from roampost.clock import BOOT_ID_VARIABLE
from roampost.config.model import Station

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "roampost.service"

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="package systemd is not installed")


def settings() -> dict[str, list[str]]:
    """All keys of the unit with their values, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in UNIT.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key].append(value)
    return found


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environ)


# --- in step with the code ------------------------------------------------------------------------------------------


def test_a_wrong_configuration_is_not_tried_again() -> None:
    assert settings()["RestartPreventExitStatus"] == [str(Exit.CONFIGURATION.value)]
    assert settings()["Restart"] == ["always"]
    assert settings()["StartLimitIntervalSec"] == ["0"]


def test_a_failing_preparation_does_not_hide_the_exit_code_of_the_agent() -> None:
    assert all(one.startswith("-") for one in settings()["ExecStartPre"])


def test_the_commands_of_the_unit_are_commands_of_ours() -> None:
    for line in settings()["ExecStartPre"] + settings()["ExecStart"]:
        program, *words = shlex.split(line.removeprefix("-"))
        assert program == "/usr/bin/roampost"
        assert build_parser().parse_args(words).config == DEFAULT_CONFIG


def test_a_stop_and_a_restart_are_told_apart() -> None:
    assert settings()["RestartKillSignal"] == ["SIGHUP"]
    assert "KillSignal" not in settings()  # SIGTERM


def test_the_boot_id_is_passed_because_proc_is_hidden() -> None:
    assert settings()["ProcSubset"] == ["pid"]
    assert f"{BOOT_ID_VARIABLE}=%b" in settings()["Environment"]


def test_the_default_paths_are_the_folders_that_systemd_makes() -> None:
    default = {name: field.default for name, field in Station.model_fields.items()}
    assert default["database"].parent == Path("/var/lib") / settings()["StateDirectory"][0]
    assert default["socket"].parent == Path("/run") / settings()["RuntimeDirectory"][0]
    assert default["devices_dir"].parent == Path("/etc") / settings()["ConfigurationDirectory"][0]
    assert default["devices_dir"].parent == DEFAULT_CONFIG.parent


def test_people_stay_recognisable_at_the_control_socket() -> None:
    assert "PrivateUsers" not in settings()
    assert "DynamicUser" not in settings()


def test_the_start_does_not_wait_for_a_network_or_a_clock() -> None:
    waits = " ".join(settings()["After"] + settings()["Wants"] + settings()["Requires"])
    assert set(waits.split()) == {"network.target"}


# --- by systemd's own word ------------------------------------------------------------------------------------------


@pytest.mark.system
@needs_systemd
def test_systemd_takes_the_unit_without_a_word(tmp_path: Path) -> None:
    """systemd-analyze wants the program to exist; where ours is not installed, /bin/true stands in for it."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/usr/bin/roampost", "/bin/true"))
    done = ran("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(copy))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.system
@needs_systemd
def test_systemd_would_complain_about_a_key_that_it_does_not_know(tmp_path: Path) -> None:
    """The test above can fail."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/usr/bin/roampost", "/bin/true") + "RestartKillSignel=SIGHUP\n")
    assert "RestartKillSignel" in ran("systemd-analyze", "verify", "--man=no", str(copy)).stderr


@pytest.mark.system
@needs_systemd
def test_the_unit_is_hardened() -> None:
    done = ran("systemd-analyze", "security", "--offline=true", "--threshold=20", str(UNIT))
    assert done.returncode == 0, done.stdout
    exposure = re.search(r"Overall exposure level for roampost\.service: ([0-9.]+)", done.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= 2.0


@pytest.mark.system
@needs_systemd
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make users and give files away")
def test_user_and_folders_are_made_as_the_unit_needs_them(tmp_path: Path) -> None:
    """In a root folder of its own, so that this machine keeps its users."""
    for name in ("sysusers.d", "tmpfiles.d"):
        (tmp_path / "usr/lib" / name).mkdir(parents=True)
        shutil.copy(FOLDER / name / "roampost.conf", tmp_path / "usr/lib" / name)
    (tmp_path / "etc/roampost").mkdir(parents=True)
    key = tmp_path / "etc/roampost/hubject.key"
    key.touch(mode=0o666)
    assert ran("systemd-sysusers", f"--root={tmp_path}", "roampost.conf").returncode == 0
    passwd = next(line for line in (tmp_path / "etc/passwd").read_text().splitlines() if line.startswith("roampost:"))
    groups = dict(line.split(":x:") for line in (tmp_path / "etc/group").read_text().splitlines())
    assert passwd.split(":")[5:] == ["/var/lib/roampost", "/usr/sbin/nologin"]
    assert groups["dialout"].endswith(":roampost")
    done = ran("systemd-tmpfiles", f"--root={tmp_path}", "--create", "roampost.conf")
    assert done.returncode == 0, done.stderr
    gid = int(groups["roampost"].split(":")[0])
    for path, mode in ((key, 0o640), (key.parent, 0o750), (key.parent / "devices.d", 0o750)):
        found = path.stat()
        assert (found.st_mode & 0o777, found.st_uid, found.st_gid) == (mode, 0, gid)


# --- the example and the package list ---------------------------------------------------------------------------------


@pytest.mark.system
def test_the_list_of_packages_is_silent_when_nothing_is_missing(tmp_path: Path) -> None:
    for name in ("systemd-analyze", "openssl", "mbpoll", "id"):
        (tmp_path / name).symlink_to("/bin/true")
    script = str(Path(__file__).parent / "packages")
    done = subprocess.run(
        ["/bin/sh", script], env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.system
def test_the_list_of_packages_names_the_one_command(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    (tmp_path / "openssl").symlink_to("/bin/true")
    script = str(Path(__file__).parent / "packages")
    done = subprocess.run(
        ["/bin/sh", script], env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert done.stdout.rstrip().endswith("sudo apt-get install systemd mbpoll")
