"""`roampost-sim`: station, tell, and the subcommands of other rooms (hub, demo), which load only when asked for."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from roampost_sim.errors import SimError

# name: (module with add_arguments(parser) and run(args), help)
SUBCOMMANDS = {
    "station": ("roampost_sim.station_cli", "play a charging station on ptys and sockets"),
    "tell": ("roampost_sim.tell_cli", "send one command to a station that runs"),
    "hub": ("roampost_sim.hub.cli", "play a roaming hub"),
    "demo": ("roampost_sim.demo.cli", "play a whole day with station, hub and agent"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        args = _parser(given).parse_args(given)
        code = int(args.run(args) or 0)
        sys.stdout.flush()  # here, where a reader that has gone is no error
        return code
    except SimError as error:
        print(f"roampost-sim: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # `roampost-sim tell … | head`: the reader has seen enough. Python flushes once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="roampost-sim", description="The field, simulated.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, help_text) in SUBCOMMANDS.items():
        subparser = subparsers.add_parser(name, help=help_text, description=help_text.capitalize() + ".")
        if name in given[:1]:
            room = _room(name, module)
            room.add_arguments(subparser)
            subparser.set_defaults(run=room.run)
    return parser


def _room(name: str, module: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        # A station is installed with what the agent needs; the sandbox hub's schemas need more.
        raise SimError(f"{name} needs the package {error.name}; a clone's `make demo` installs it in .venv") from None
