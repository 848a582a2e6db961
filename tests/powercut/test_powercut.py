"""Simulated power cuts lose nothing that the store has promised; and they would, were the store a worse one."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.powercut import interpreter

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SITE_KINDS = (
    "status", "full_load", "evse_data", "evse_data_set", "station_data", "pricing_products", "evse_pricing",
)  # fmt: skip
VERDICTS = ("delivered", "unconfirmed", "retry", "hold", "reject")
REQUEUED_FROM = ("parked", "discarded", "unconfirmed", "held", "refused")
PATHS = {
    *(f"{kind}: {verdict}" for kind in ("late_authorization", "start", "end", "cdr", "status") for verdict in VERDICTS),
    *(f"{kind}: delivered" for kind in (*SITE_KINDS, "error")),
    *(f"requeued: {state}" for state in REQUEUED_FROM),
    "late_authorization: refused", "discarded", "pruned", "reopened", "refused change", "superseded notifications",
    "the hub opens",
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def power_can_be_cut() -> None:
    if why := interpreter.why_not():
        pytest.skip(why)


def cut_power(*arguments: object) -> tuple[int, str]:
    command = [sys.executable, "-m", "tests.powercut", *map(str, arguments)]
    ended = subprocess.run(command, cwd=interpreter.ROOT, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def found(text: str) -> Counter[str]:
    return Counter({what: int(number) for number, what in re.findall(r"(\d+) (corrupt|lost|half|recovered)\b", text)})


def test_thousands_of_power_cuts_on_every_path_of_a_session_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "results"
    code, text = cut_power("--cuts", 3_000, "--of-each", 600, "--results", file)
    assert (code, found(text).total()) == (0, 0), text
    lives = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert sum(life["cuts"] for life in lives) >= 3_000
    met = sum((Counter(life["met"]) for life in lives), Counter[str]())
    assert set(met) >= PATHS, PATHS - set(met)


def test_a_run_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    file = tmp_path / "results"
    for cuts in (20, 20, 40):
        assert cut_power("--cuts", cuts, "--of-each", 20, "--results", file)[0] == 0
    assert [json.loads(line)["seed"] for line in file.read_text("utf-8").splitlines()] == [1, 2]


def test_a_seed_repeats_itself(tmp_path: Path) -> None:
    lives = []
    for name in ("once", "again"):
        assert cut_power("--cuts", 20, "--seed", 7, "--results", tmp_path / name)[0] == 0
        lives.append(json.loads((tmp_path / name).read_text("utf-8")))
    assert {**lives[0], "seconds": 0} == {**lives[1], "seconds": 0}


@pytest.mark.parametrize(
    ("sabotage", "what"), [("normal", "lost"), ("begin", "half"), ("migration", "half"), ("outcome", "recovered")]
)
def test_a_store_that_is_broken_on_purpose_is_found_out(sabotage: str, what: str) -> None:
    code, text = cut_power("--cuts", 600, "--of-each", 300, "--sabotage", sabotage)
    assert code == 1, text
    assert found(text.splitlines()[-1])[what] > 0, text
