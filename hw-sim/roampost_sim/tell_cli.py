"""`roampost-sim tell SOCKET plug evse=1`: one command, one JSON answer on stdout."""

import argparse
import asyncio
import json
from pathlib import Path

from roampost_sim.commands import parse_words
from roampost_sim.control import tell
from roampost_sim.errors import SimError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("socket", type=Path, help="the --control socket of the station")
    parser.add_argument("words", nargs="+", metavar="WORD", help="a command and key=value, such as plug evse=1")


def run(args: argparse.Namespace) -> int:
    command = parse_words(" ".join(args.words)).model_dump(mode="json", exclude_none=True)
    try:
        answer = asyncio.run(tell(args.socket, command))
    except (OSError, ValueError) as error:
        raise SimError(f"no station answers on {args.socket} ({error}); is it running with --control?") from error
    print(json.dumps(answer))
    return 0 if answer["ok"] else 1
