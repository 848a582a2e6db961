"""`roampost-sim station`: plays a station until it is told to stop, and says on stdout what happens.

At a terminal it takes commands from the keyboard too, in the words of `roampost_sim.commands`.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from roampost_sim.actions import do
from roampost_sim.commands import parse_words
from roampost_sim.control import control_socket
from roampost_sim.devices.evse_din import EvseDinPlan
from roampost_sim.devices.sdm630 import Sdm630Plan
from roampost_sim.errors import CommandError, PlanError, SimError
from roampost_sim.record import FileSink, Sink
from roampost_sim.scenario import Scenario, Step, load_scenario, play
from roampost_sim.station import Station
from roampost_sim.station_file import BUILT_IN, RtuLinePlan
from roampost_sim.timeline import Timeline

PARITY = {"N": "none", "E": "even", "O": "odd"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, help="station file; without it a station with two EVSEs")
    parser.add_argument("--dir", type=Path, help="where the device links go (default: a new temporary directory)")
    parser.add_argument("--record", type=Path, metavar="FILE.jsonl", help="append the record of truth to this file")
    parser.add_argument("--control", type=Path, metavar="SOCKET", help="take JSON commands on this unix socket")
    parser.add_argument("--play", type=Path, metavar="SCENARIO", help="play this scenario file, then go on")
    parser.add_argument("--quiet", action="store_true", help="no timeline on stdout")


def run(args: argparse.Namespace) -> int:
    scenario = _scenario(args.play) if args.play else None
    file = args.file or (scenario and scenario.station) or BUILT_IN
    with tempfile.TemporaryDirectory(prefix="roampost-sim-") as temporary:
        asyncio.run(_run(args, file, scenario, _directory(args.dir or Path(temporary))))
    return 0


def _scenario(file: Path) -> Scenario:
    scenario = load_scenario(file)
    for step in scenario.steps:
        if step.target != "station":
            raise PlanError(file, f"at {step.at_s} s", f"a step on the {step.target} needs more than a station alone")
    return scenario


def _directory(wanted: Path) -> Path:
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SimError(f"{wanted} cannot be made a directory: {error.strerror}") from error
    return wanted


async def _run(args: argparse.Namespace, file: Path, scenario: Scenario | None, directory: Path) -> None:
    async with AsyncExitStack() as stack:
        try:
            station = await _start(args, stack, file, directory)
        except OSError as error:
            raise SimError(f"the station cannot start: {error}") from error
        if not args.quiet:
            _print(introduction(station, args.control))
        if sys.stdin.isatty():
            stack.callback(_listen_to_keyboard(station))
        await _until_told_to_stop(station, scenario)


async def _start(args: argparse.Namespace, stack: AsyncExitStack, file: Path, directory: Path) -> Station:
    sinks: list[Sink] = [] if args.quiet else [Timeline(_print)]
    if args.record:
        sinks.append(stack.enter_context(FileSink(args.record)))
    station = await stack.enter_async_context(Station.from_file(file, directory, *sinks))
    if args.control:
        await stack.enter_async_context(control_socket(station, args.control))
    return station


async def _until_told_to_stop(station: Station, scenario: Scenario | None) -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    stop = asyncio.ensure_future(told.wait())
    playing = asyncio.ensure_future(_play(station, scenario))
    pending: set[asyncio.Future[Any]] = {stop, playing, station.serving}
    try:
        while not stop.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        stop.cancel()
        playing.cancel()


async def _play(station: Station, scenario: Scenario | None) -> None:
    async def carry_out(step: Step) -> None:
        await _carry_out(station, step)

    if scenario:
        await play(scenario, station.clock, carry_out)


async def _carry_out(station: Station, step: Step) -> None:
    if step.say:
        station.record.add("note", text=step.say)
    await do(station, step.action)


def introduction(station: Station, control: Path | None) -> str:
    """What is where, and what to try next."""
    ports = [f"  {name:<12} {port.address}" for name, port in station.ports.items()]
    return "\n".join([f"Station '{station.plan.name}' is ready:", *ports, "", *_advice(station, control), ""])


def _advice(station: Station, control: Path | None) -> list[str]:
    advice = ["Point an agent at these, or look with mbpoll (Debian package mbpoll), for example:"]
    for name, evse in station.plan.evses.items():
        advice.append(f"  {_mbpoll(station, evse.controller)} -t 4 -r 1000 -c 7    # controller of EVSE {name}")
        if evse.meter:
            advice.append(f"  {_mbpoll(station, evse.meter)} -t 3:float -B -r 72     # kWh of EVSE {name}")
    if sys.stdin.isatty():
        advice.append("Type a command here, for example: plug evse=1 | hold_card reader=front uid=04A2B3C4 | ask")
    if control:
        advice.append(f"From elsewhere: roampost-sim tell {control} plug evse=1")
    return [*advice, "Stop with Ctrl-C."]


def _mbpoll(station: Station, unit: EvseDinPlan | Sdm630Plan) -> str:
    line = station.plan.lines[unit.line]
    if isinstance(line, RtuLinePlan):
        wires = f"-m rtu -b {line.baud} -P {PARITY[line.parity]} -s {line.stop_bits} {station.address(unit.line)}"
    else:
        host, _, port = station.address(unit.line).rpartition(":")
        wires = f"-m tcp -p {port} {host}"
    return f"mbpoll {wires} -1 -0 -a {unit.unit}"


def _listen_to_keyboard(station: Station) -> Callable[[], None]:
    """Carries out what is typed; gives the function that stops listening."""
    loop = asyncio.get_running_loop()
    running: set[asyncio.Task[None]] = set()

    def on_line() -> None:
        line = sys.stdin.readline()
        if not line:
            loop.remove_reader(sys.stdin)
        elif line.strip():
            task = loop.create_task(_typed(station, line))
            running.add(task)
            task.add_done_callback(running.discard)

    loop.add_reader(sys.stdin, on_line)

    def stop() -> None:
        loop.remove_reader(sys.stdin)

    return stop


async def _typed(station: Station, line: str) -> None:
    try:
        answer = await do(station, parse_words(line))
    except CommandError as error:
        _print(f"  ? {error}")
        return
    if answer:
        _print(f"  {answer}")


def _print(text: str) -> None:
    print(text, flush=True)
