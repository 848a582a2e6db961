"""`roampost-sim hub`: the sandbox hub as a process. It prints where it listens and what the agent must be told."""

import argparse
import asyncio
import errno
import json
import re
import signal
from contextlib import AsyncExitStack
from pathlib import Path

from roampost_sim.errors import SimError
from roampost_sim.hub.control import ControlSocket, is_base_url
from roampost_sim.hub.oicp.cli import OICP
from roampost_sim.hub.oioi.cli import OIOI
from roampost_sim.hub.options import Spoken
from roampost_sim.hub.server import Hub

PROTOCOLS: dict[str, Spoken] = {"oicp": OICP, "oioi": OIOI}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--protocol", choices=PROTOCOLS, default="oicp", help="what the hub speaks (%(default)s)")
    add("--directory", type=Path, required=True, help="where the throw-away certificates are kept; hubs may share it")
    add("--name", default="sandbox", help="what the hub is called in the agent's configuration (%(default)s)")
    add("--operator", default="DE*ABC", metavar="ID", help="the OperatorID (%(default)s)")
    add("--card", action="append", default=[], metavar="UID", help="a card that may charge; repeatable")
    add("--blocked-card", action="append", default=[], metavar="UID", help="a card that is locked; repeatable")
    add("--port", type=int, default=0, help="0: the OS chooses (%(default)s)")
    add("--record", type=Path, metavar="FILE.jsonl", help="append what happens, one JSON line each")
    add("--control", type=Path, metavar="SOCKET", help="a unix socket for faults and questions")
    add("--contract", action="append", default=[], metavar="EVCOID", help="a contract that may charge; repeatable")
    add("--operator-url", metavar="URL", help="the operator's inbound service, which the hub calls")
    add("--operator-ca", type=Path, metavar="FILE", help="the CA of that service, where it is not the sandbox's own")
    add("--needs-data", action="store_true", help="refuse a status of an EVSE without EVSE data")
    add("--answer-delay-ms", type=int, default=0, metavar="MS", help="how late each answer is (%(default)s)")
    for name, spoken in PROTOCOLS.items():
        spoken.add_arguments(parser.add_argument_group(f"with --protocol {name}"))


def run(args: argparse.Namespace) -> int:
    """Until SIGINT or SIGTERM, then 0. Raises SimError with one sentence."""
    _check(args)
    try:
        asyncio.run(_serve(args))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        hint = f"; end what has port {args.port}, or choose another --port" if taken else ""
        raise SimError(f"the sandbox hub cannot start: {error}{hint}") from error
    return 0


def _check(args: argparse.Namespace) -> None:
    for name, spoken in PROTOCOLS.items():
        foreign = [option for option in spoken.own if name != args.protocol and getattr(args, option)]
        if foreign:
            raise SimError(f"--{foreign[0].replace('_', '-')} is for --protocol {name}, not {args.protocol}")
    PROTOCOLS[args.protocol].check(args)
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", args.name):
        raise SimError(f"--name {args.name} is no name of a hub: small letters, digits, - and _ are, a letter first")
    if args.operator_url is not None and not is_base_url(args.operator_url):
        raise SimError(f"--operator-url {args.operator_url} is no base URL, such as https://127.0.0.1:8443/oicp")
    if args.answer_delay_ms < 0 or not 0 <= args.port < 65_536:
        raise SimError("--answer-delay-ms must be 0 or more, --port between 0 and 65535")


async def _serve(args: argparse.Namespace) -> None:
    spoken = PROTOCOLS[args.protocol]
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(spoken.hub(args))
        if args.control is not None:
            await stack.enter_async_context(ControlSocket(hub, args.control))
        banner = await asyncio.to_thread(_banner, hub, spoken, args)
        print(banner, flush=True)
        await stop.wait()


def _banner(hub: Hub, spoken: Spoken, args: argparse.Namespace) -> str:
    """After the first line a table for the agent's configuration; then, as comments, what its inbound service needs."""
    table, inbound = spoken.told(hub, args)
    # A JSON string is a TOML string.
    lines = [f"The sandbox hub listens at {hub.url}", f"[hubs.{args.name}]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in table.items()]
    lines += ["# inbound", *(f"# {name} = {json.dumps(value)}" for name, value in inbound.items())]
    return "\n".join([*lines, *([f"# control: {args.control}"] if args.control else [])])
