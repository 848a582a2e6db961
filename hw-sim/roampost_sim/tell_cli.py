"""`roampost-sim tell SOCKET plug evse=1`: one command, one JSON answer on stdout.

What begins with { goes out as it is: a sandbox hub has commands of its own.
"""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from roampost_sim.commands import parse_words
from roampost_sim.control import tell
from roampost_sim.errors import CommandError, SimError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("socket", type=Path, help="the --control socket of the station, or of the hub")
    parser.add_argument("words", nargs="+", metavar="WORD", help="plug evse=1, a command and key=value; to a hub JSON")


def run(args: argparse.Namespace) -> int:
    command = _command(" ".join(args.words))
    try:
        answer = asyncio.run(tell(args.socket, command))
    except (OSError, ValueError) as error:
        raise SimError(f"nobody answers on {args.socket} ({error}); is it running with --control?") from error
    print(json.dumps(answer))
    return 0 if answer["ok"] else 1


def _command(text: str) -> dict[str, Any]:
    if not text.startswith("{"):
        return parse_words(text).model_dump(mode="json", exclude_none=True)
    try:
        command: dict[str, Any] = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"this is not a JSON object: {error}") from error
    return command
