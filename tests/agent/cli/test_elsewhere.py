"""A call in a child: its value, its refusal and its death come back; what it imported does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from roampost.cli import _run_words
from roampost.cli.elsewhere import called_elsewhere
from roampost.cli.exits import CliError, Exit
from roampost.cli.parser import build_parser
from tests.agent.cli.stopped_station import site

LEAN = """
import sys
from pathlib import Path
from roampost.cli import _run_words
from roampost.cli.elsewhere import called_elsewhere
from roampost.cli.run import _checked
config, devices = called_elsewhere(lambda: _checked(Path(sys.argv[1])))
assert config.evse and devices
print(sorted({"tomllib", "difflib", "roampost.config.crosscheck", "roampost_drivers.devicefile"} & set(sys.modules)))
"""


def test_the_value_comes_back() -> None:
    assert called_elsewhere(lambda: {"pid": os.getpid()})["pid"] != os.getpid()


def test_a_refusal_comes_back_with_all_its_sentences() -> None:
    def refuse() -> None:
        raise CliError(Exit.CONFIGURATION, "one thing is wrong", "another is, too")

    with pytest.raises(CliError) as caught:
        called_elsewhere(refuse)
    assert (caught.value.code, caught.value.sentences) == (
        Exit.CONFIGURATION,
        ("one thing is wrong", "another is, too"),
    )


def test_a_bug_in_the_child_is_one_sentence() -> None:
    with pytest.raises(CliError, match="could not be checked: ZeroDivisionError"):
        called_elsewhere(lambda: 1 // 0)


def test_a_child_that_dies_is_told() -> None:
    with pytest.raises(CliError, match="ended early"):
        called_elsewhere(lambda: os._exit(9))


def test_what_checks_the_configuration_is_not_carried_by_the_agent(tmp_path: Path) -> None:
    file = site(tmp_path).config
    done = subprocess.run([sys.executable, "-c", LEAN, file], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("words", [["run", "--config", "/a/b.toml"], ["--config", "/a/b.toml", "run"], ["run"]])
def test_the_start_without_the_parser_is_the_start_with_it(words: list[str]) -> None:
    short, whole = _run_words(words), build_parser().parse_args(words)
    assert short is not None
    assert (short.handler, short.config) == (whole.handler, whole.config)


@pytest.mark.parametrize(
    "words", [[], ["run", "--help"], ["run", "--config"], ["status"], ["run", "--config", "a", "x"]]
)
def test_all_else_is_left_to_the_parser(words: list[str]) -> None:
    assert _run_words(words) is None


def test_the_agent_runs_without_plugins_and_without_a_second_command_line(tmp_path: Path) -> None:
    code = LEAN.replace("print(", "import roampost.hubs.oicp.client\nprint(").replace(
        "import sys\n", "import sys\nfrom roampost.lean import without_plugins\nwithout_plugins()\n", 1
    )
    code = code.replace('{"tomllib", ', '{"click", "zipfile", "importlib.metadata", "tomllib", ')
    done = subprocess.run(
        [sys.executable, "-c", code, site(tmp_path).config], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
