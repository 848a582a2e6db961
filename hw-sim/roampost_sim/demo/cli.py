"""`roampost-sim demo [--keep]`: plays the day, prints it live, ends with the verdict. Exit code 0: as it should be."""

import argparse
import asyncio
import shutil
import signal
import tempfile
from pathlib import Path

from roampost_sim.clock import SystemClock
from roampost_sim.demo.crew import Crew, GoneError
from roampost_sim.demo.director import Director
from roampost_sim.demo.expect import outages
from roampost_sim.demo.screen import Screen
from roampost_sim.demo.setpoints import check
from roampost_sim.demo.story import DAY, Story, load_story
from roampost_sim.demo.table import summary, table
from roampost_sim.errors import SimError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", action="store_true", help="leave everything running after the day, until Ctrl-C")
    parser.add_argument("--story", type=Path, default=DAY, help="another day (TOML)")


def run(args: argparse.Namespace) -> int:
    story = load_story(args.story)
    directory = Path(tempfile.mkdtemp(prefix="roampost-demo-"))
    screen = Screen()
    crew = Crew(story, directory)
    good = False
    try:
        good = asyncio.run(_run(story, crew, screen, args.keep))
    except (SimError, OSError) as error:
        screen.line(screen.paint(f"\nThe day ended early: {error}", "bad"))
    finally:
        _clear_up(directory, good)
    if not good:
        _tell_where(crew, screen)
    return 0 if good else 1


async def _run(story: Story, crew: Crew, screen: Screen, keep: bool) -> bool:
    day = asyncio.current_task()
    assert day is not None
    # SIGINT cancels this task by itself (asyncio.run); SIGTERM does it here, so that the processes are ended.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, day.cancel)
    screen.line(f"{story.name}. Simulator, hub and agent are three processes that write to {crew.directory}")
    try:
        await crew.start()
        good = await _judged_day(story, crew, screen)
        if keep:
            await _kept(crew, screen)
        return good
    finally:
        await crew.end()


async def _judged_day(story: Story, crew: Crew, screen: Screen) -> bool:
    director = Director(story, crew, screen, SystemClock())
    verdict = await director.play()
    set_points = check(director.truth, verdict)
    screen.heading("What the hub should have heard, by the record of truth, and what it heard")
    for line in table(verdict, outages(director.truth), screen.paint):
        screen.line(line)
    screen.line()
    for line in summary(verdict, set_points, screen.paint):
        screen.line(line)
    return not verdict.problems and not set_points.problems


async def _kept(crew: Crew, screen: Screen) -> None:
    """Until Ctrl-C, or until a process ends by itself."""
    screen.heading("All of it goes on running until Ctrl-C:")
    screen.line(f"  configuration    {crew.config}")
    screen.line(f"  ask the agent    roampost status --config {crew.config}")
    screen.line(f"  plug a car in    roampost-sim tell {crew.station_socket} plug evse=1 car=van")
    screen.line(f"  hold a card      roampost-sim tell {crew.station_socket} hold_card reader=front uid=04A7B1E2C95D81")
    screen.line(f"  agent's log      {crew.agent.log}")
    screen.line(f"  hub's record     {crew.hub_file}")
    try:
        while True:
            crew.check()
            await asyncio.sleep(0.5)
    except GoneError as error:
        screen.line(str(error))


def _clear_up(directory: Path, good: bool) -> None:
    if good:
        shutil.rmtree(directory, ignore_errors=True)


def _tell_where(crew: Crew, screen: Screen) -> None:
    screen.line(f"Everything is kept in {crew.directory}. The agent's log, {crew.agent.log}, ends with:")
    screen.line(crew.agent.last_words())
