"""A scenario file (TOML): timed steps for the station, the sandbox hub and the agent. Checked whole before it runs.

name = "A driver charges"
station = "two_evses.toml"        # optional, relative to this file

[[step]]
at = 3.0                          # seconds from the start, never going back
on = "station"                    # station (the default), hub or agent
say = "A driver plugs in."        # optional, for whoever watches
do = "plug"                       # the other keys are the command's own
evse = "1"
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from roampost_sim.clock import Clock
from roampost_sim.commands import COMMANDS
from roampost_sim.errors import PlanError
from roampost_sim.plan import Plan, problems, read_toml

Target = Literal["station", "hub", "agent"]
OWN_KEYS = {"at", "on", "say"}


class AgentStep(Plan):
    """What a runner does to the agent's process: kill is SIGKILL, a power cut; stop is SIGTERM."""

    do: Literal["start", "stop", "kill", "restart"]


class _Head(Plan):
    at: float = Field(ge=0)
    on: Target = "station"
    say: str | None = None


class _File(Plan):
    name: str = "scenario"
    station: str | None = None
    step: list[dict[str, Any]] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Step:
    """`action` is a Command for the station, an AgentStep for the agent, and for the hub what its vocabulary made."""

    at_s: float
    target: Target
    action: Any
    say: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    station: Path | None
    steps: tuple[Step, ...]


AGENT: TypeAdapter[AgentStep] = TypeAdapter(AgentStep)


def load_scenario(file: Path, hub: TypeAdapter[Any] | None = None) -> Scenario:
    """`hub` validates the hub's steps; without it a scenario that speaks to the hub is refused. PlanError if wrong."""
    content = read_toml(file)
    try:
        given = _File.model_validate(content)
    except ValidationError as error:
        where, problem = problems(error, content)[0]
        raise PlanError(file, where, problem) from error
    vocabularies: dict[str, TypeAdapter[Any] | None] = {"station": COMMANDS, "agent": AGENT, "hub": hub}
    steps: list[Step] = []
    for number, one in enumerate(given.step, start=1):
        step = _step(file, number, one, vocabularies)
        if steps and step.at_s < steps[-1].at_s:
            raise PlanError(file, f"step {number}.at", f"{step.at_s} is earlier than the step before it")
        steps.append(step)
    station = file.parent / given.station if given.station else None
    return Scenario(given.name, station, tuple(steps))


def _step(file: Path, number: int, given: dict[str, Any], vocabularies: Mapping[str, TypeAdapter[Any] | None]) -> Step:
    try:
        head = _Head.model_validate({key: value for key, value in given.items() if key in OWN_KEYS})
        vocabulary = vocabularies[head.on]
        if vocabulary is None:
            raise PlanError(file, f"step {number}.on", f"nobody here can carry out a step on '{head.on}'")
        action = vocabulary.validate_python({key: value for key, value in given.items() if key not in OWN_KEYS})
    except ValidationError as error:
        key, problem = problems(error, given)[0]
        raise PlanError(file, f"step {number}.{key}".rstrip("."), problem) from error
    return Step(head.at, head.on, action, head.say)


async def play(scenario: Scenario, clock: Clock, carry_out: Callable[[Step], Awaitable[None]]) -> None:
    """Hands each step over when its time has come, counted from now."""
    started_s = clock.now()
    for step in scenario.steps:
        wait_s = started_s + step.at_s - clock.now()
        if wait_s > 0:
            await clock.sleep(wait_s)
        await carry_out(step)
