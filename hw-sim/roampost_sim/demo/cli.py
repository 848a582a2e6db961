"""`roampost-sim demo [--hubs oicp,oioi] [--keep]`: plays the day, prints it live, ends with the verdict.

Exit code 0: it was as it should be.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from roampost_sim.clock import SystemClock
from roampost_sim.demo.agentfile import evse_ids
from roampost_sim.demo.crew import Crew, GoneError
from roampost_sim.demo.director import Director
from roampost_sim.demo.outage import outages
from roampost_sim.demo.protocols import PROTOCOLS, playing
from roampost_sim.demo.screen import Screen
from roampost_sim.demo.setpoints import check
from roampost_sim.demo.story import DAY, Story, load_story
from roampost_sim.demo.table import summary, table
from roampost_sim.errors import SimError

# Of a driver who has an app; a hub says yes to whom its providers send.
_CONTRACT = "DE-8EO-C11223344-A"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", action="store_true", help="leave everything running after the day, until Ctrl-C")
    parser.add_argument("--hubs", default="oicp", help=f"of {','.join(PROTOCOLS)}, one or more (%(default)s)")
    parser.add_argument("--story", type=Path, default=DAY, help="another day (TOML)")


def run(args: argparse.Namespace) -> int:
    hubs, story = playing(args.hubs), load_story(args.story)
    directory = Path(tempfile.mkdtemp(prefix="roampost-demo-"))
    screen = Screen()
    crew = Crew(story, directory, hubs)
    try:
        good = asyncio.run(_run(story, crew, screen, args.keep))
    except asyncio.CancelledError:
        shutil.rmtree(directory, ignore_errors=True)
        screen.line("Stopped; all processes have ended.")
        return 130
    except (SimError, OSError) as error:
        screen.line(screen.paint(f"\nThe day ended early: {error}", "bad"))
        good = False
    if good:
        shutil.rmtree(directory, ignore_errors=True)
    else:
        screen.line(f"Everything is kept in {directory}. The agent's log, {crew.agent.log}, ends with:")
        screen.line(crew.agent.last_words())
    return 0 if good else 1


async def _run(story: Story, crew: Crew, screen: Screen, keep: bool) -> bool:
    _stop_on_signals()
    who = ", ".join(["Simulator", *(f"{name} hub" for name in crew.hubs)])
    screen.line(f"{story.name}. {who} and agent are processes of their own that write to {crew.directory}")
    screen.line("Each line: seconds since the start, what the hardware did → what a hub got, and how long after that.")
    try:
        await crew.start()
        good = await _judged_day(story, crew, screen)
        if keep:
            await _kept(crew, screen, story)
        return good
    finally:
        await crew.end()


def _stop_on_signals() -> None:
    """The first signal cancels the day; what comes later finds its processes being ended already."""
    day, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert day is not None

    def stop() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: None)
        day.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


async def _judged_day(story: Story, crew: Crew, screen: Screen) -> bool:
    director = Director(story, crew, screen, SystemClock(), wall_s=time.time)
    verdict = await director.play()
    set_points = check(director.truth, verdict)
    several = "each hub" if len(crew.hubs) > 1 else "the hub"
    screen.heading(f"What {several} should have heard, by the record of truth, and what it heard")
    windows = {hub: outages(director.truth, hub) for hub in crew.hubs}
    for line in table(verdict, windows, screen.paint):
        screen.line(line)
    screen.line()
    for line in summary(verdict, set_points, screen.paint):
        screen.line(line)
    return not verdict.problems and not set_points.problems


def _directions(crew: Crew, story: Story) -> Iterator[str]:
    station = f"{_command('roampost-sim')} tell {crew.station_socket}"
    start = {"do": "remote_start", "evse": next(iter(evse_ids(story.station).values())), "contract": _CONTRACT}
    hubs = list(crew.hubs.values())
    yield f"configuration    {crew.config}"
    yield f"control sockets  {crew.station_socket} (station)"
    yield from (f"                 {hub.socket} (hub {hub.name})" for hub in hubs)
    yield f"ask the agent    {_command('roampost')} status --config {crew.config}"
    yield f"check EVSE data  {_command('roampost')} poi check --config {crew.config}"
    evse = f"evse={next(iter(story.station.evses))}"
    yield f"plug a car in    {station} plug {evse} car=van"
    for card in story.cards:
        known = " and ".join(hub.name for hub in hubs if card.uid in hub.hub.cards)
        yield f"hold a card      {station} hold_card reader=front uid={card.uid}  # known to {known}"
    yield from (f"start by app     {_command('roampost-sim')} tell {hub.socket} '{json.dumps(start)}'" for hub in hubs)
    yield "                 (with a car plugged in, and in place of a card)"
    yield f"unplug it        {station} unplug {evse}"
    yield f"agent's log      {crew.agent.log}"
    yield from (f"hub's record     {hub.record}" for hub in hubs)


async def _kept(crew: Crew, screen: Screen, story: Story) -> None:
    """Until Ctrl-C, or until a process ends by itself."""
    screen.heading("All of it goes on running until Ctrl-C:")
    for line in _directions(crew, story):
        screen.line(f"  {line}")
    try:
        while True:
            crew.check()
            await asyncio.sleep(0.5)
    except asyncio.CancelledError:
        screen.line("\nStopping.")  # asked for: the day's verdict stands
    except GoneError as error:
        screen.line(str(error))


def _command(name: str) -> str:
    """As it can be typed: the one beside this Python, where there is one."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else name
