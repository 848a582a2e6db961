"""Scenario files: typed steps, strict errors, and each step in its time."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import TypeAdapter

from roampost_sim.clock import ManualClock
from roampost_sim.commands import Plug
from roampost_sim.errors import PlanError
from roampost_sim.plan import Plan
from roampost_sim.scenario import AgentStep, Step, load_scenario, play

STORY = """
name = "A driver comes"
station = "site.toml"

[[step]]
at = 1.0
say = "A driver plugs in."
do = "plug"
evse = "1"

[[step]]
at = 2.5
on = "hub"
do = "refuse"
code = 102

[[step]]
at = 2.5
on = "agent"
do = "kill"
"""


class Refuse(Plan):
    do: Literal["refuse"]
    code: int


HUB = TypeAdapter(Refuse)


def written(directory: Path, text: str) -> Path:
    file = directory / "story.toml"
    file.write_text(text)
    return file


def test_steps_are_typed_by_their_target(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, STORY), hub=HUB)
    assert (scenario.name, scenario.station) == ("A driver comes", tmp_path / "site.toml")
    assert scenario.steps == (
        Step(1.0, "station", Plug(do="plug", evse="1"), "A driver plugs in."),
        Step(2.5, "hub", Refuse(do="refuse", code=102)),
        Step(2.5, "agent", AgentStep(do="kill")),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "step: is missing"),
        ("[[step]]\ndo = 'plug'\nevse = '1'\n", "step 1.at: is missing"),
        ("[[step]]\nat = -1\ndo = 'plug'\nevse = '1'\n", "step 1.at: should be greater than or equal to 0"),
        ("[[step]]\nat = 1\ndo = 'plug'\n", "step 1.evse: is missing"),
        ("[[step]]\nat = 1\non = 'moon'\ndo = 'plug'\n", "step 1.on: should be 'station', 'hub' or 'agent'"),
        ("[[step]]\nat = 1\non = 'agent'\ndo = 'sleep'\n", "step 1.do: should be 'start', 'stop', 'kill' or 'restart'"),
        ("[[step]]\nat = 1\ndo = 'jump'\n", "step 1: has 'do' = 'jump'"),
        ("title = 'x'\n[[step]]\nat = 1\ndo = 'note'\ntext = 'x'\n", "title: is not a key"),
        (
            "[[step]]\nat = 2\ndo = 'note'\ntext = 'x'\n[[step]]\nat = 1\ndo = 'note'\ntext = 'y'\n",
            "step 2.at: 1.0 is earlier than the step before it",
        ),
        ("[[step]]\nat = 1\non = 'hub'\ndo = 'refuse'\n", "step 1.on: nobody here can carry out a step on 'hub'"),
    ],
)
def test_what_is_wrong_is_named_by_file_step_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(PlanError) as caught:
        load_scenario(file)
    assert str(caught.value).startswith(f"{file}: {sentence}")


async def test_each_step_is_carried_out_in_its_time(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, STORY), hub=HUB)
    clock, done = ManualClock(100.0), list[tuple[float, str]]()

    async def carry_out(step: Step) -> None:
        done.append((clock.now(), step.target))
        clock.advance(0.2)  # acting takes time; the next step does not wait longer for it

    await play(scenario, clock, carry_out)
    assert done == [(101.0, "station"), (102.5, "hub"), (102.7, "agent")]
