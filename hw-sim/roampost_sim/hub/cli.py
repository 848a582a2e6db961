"""`roampost-sim hub`: the sandbox hub as a process. It prints where it listens and what the agent must be told."""

import argparse
import asyncio
import errno
import json
import signal
from contextlib import AsyncExitStack
from pathlib import Path

from roampost_sim.errors import SimError
from roampost_sim.hub.control import ControlSocket, is_base_url
from roampost_sim.hub.identifiers import bare
from roampost_sim.hub.limits import RETRY_AFTER
from roampost_sim.hub.oicp.caller import HUB_NAME
from roampost_sim.hub.oicp.checking import check
from roampost_sim.hub.oicp.hub import SandboxHub
from roampost_sim.hub.oicp.state import HubSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--directory", type=Path, required=True, help="where the throw-away certificates are kept")
    add("--operator", default="DE*ABC", metavar="ID", help="the OperatorID of the client certificate (%(default)s)")
    add("--card", action="append", default=[], metavar="UID", help="a card that may charge; repeatable")
    add("--blocked-card", action="append", default=[], metavar="UID", help="a card that is locked; repeatable")
    add("--port", type=int, default=0, help="0: the OS chooses (%(default)s)")
    add("--record", type=Path, metavar="FILE.jsonl", help="append what happens, one JSON line each")
    add("--control", type=Path, metavar="SOCKET", help="a unix socket for faults and questions")
    add("--contract", action="append", default=[], metavar="EVCOID", help="a contract that may charge; repeatable")
    add("--operator-provider", default="DE-ABC", metavar="ID", help="the operator's own ProviderID (%(default)s)")
    add("--operator-url", metavar="URL", help="the base of the operator's inbound service, which the hub calls")
    add("--operator-ca", type=Path, metavar="FILE", help="the CA of that service, where it is not the sandbox's own")
    add("--needs-data", action="store_true", help="refuse (603) a status of an EVSE without EVSE data")
    add("--rate-limits", action="store_true", help="answer HTTP 429 over the calls per minute of acceptable use")
    add("--retry-after", choices=RETRY_AFTER, default="seconds", help="how HTTP 429 tells when (%(default)s)")
    add("--answer-delay-ms", type=int, default=0, metavar="MS", help="how late each answer is (%(default)s)")


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
    for uid in [*args.card, *args.blocked_card]:
        medium = {"RFIDMifareFamilyIdentification": {"UID": uid}}
        if check("AuthorizeStart", {"OperatorID": "DE*ABC", "Identification": medium}):
            raise SimError(f"--card {uid} is no UID: 8, 14 or 20 upper-case hexadecimal digits are")
    if check("AuthorizeStart", {"OperatorID": args.operator, "Identification": _contract("DE-8EO-C12345678-X")}):
        raise SimError(f"--operator {args.operator} is no OperatorID, such as DE*ABC or +49*536")
    for contract in args.contract:
        if check("AuthorizeStart", {"OperatorID": "DE*ABC", "Identification": _contract(contract)}):
            raise SimError(f"--contract {contract} is no EvcoID, such as DE-8EO-C12345678-X")
    if check("PullEvseStatusByID", {"ProviderID": args.operator_provider, "EvseID": ["DE*ABC*E1"]}):
        raise SimError(f"--operator-provider {args.operator_provider} is no ProviderID, such as DE-ABC")
    if args.operator_url is not None and not is_base_url(args.operator_url):
        raise SimError(f"--operator-url {args.operator_url} is no base URL, such as https://127.0.0.1:8443/oicp")
    if args.answer_delay_ms < 0 or not 0 <= args.port < 65_536:
        raise SimError("--answer-delay-ms must be 0 or more, --port between 0 and 65535")


def _contract(evco_id: str) -> dict[str, dict[str, str]]:
    return {"PlugAndChargeIdentification": {"EvcoID": evco_id}}


async def _serve(args: argparse.Namespace) -> None:
    settings = HubSettings(
        directory=args.directory.absolute(),
        operators=(args.operator,),
        cards=frozenset(args.card),
        blocked_cards=frozenset(args.blocked_card),
        port=args.port,
        record_file=args.record,
        answer_delay_ms=args.answer_delay_ms,
        contracts=frozenset(args.contract),
        operator_provider_id=args.operator_provider,
        operator_url=args.operator_url,
        operator_ca=args.operator_ca,
        needs_data=args.needs_data,
        rate_limits=args.rate_limits,
        retry_after=args.retry_after,
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(SandboxHub(settings))
        if args.control is not None:
            await stack.enter_async_context(ControlSocket(hub, args.control))
        banner = await asyncio.to_thread(_banner, hub, args.control)
        print(banner, flush=True)
        await stop.wait()


def _banner(hub: SandboxHub, control: Path | None) -> str:
    """After the first line a table for the agent's configuration."""
    table = {
        "kind": "oicp",
        "url": hub.url,
        "operator_id": hub.settings.operators[0],
        "operator_name": "Sandbox operator",
        "ca_file": str(hub.ca_file),
        "cert_file": str(hub.client_cert),
        "key_file": str(hub.client_key),
    }
    # A JSON string is a TOML string.
    lines = [f"The sandbox hub listens at {hub.url}", "[hubs.sandbox]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in table.items()]
    return "\n".join([*lines, *_inbound(hub), *([f"# control: {control}"] if control else [])])


def _inbound(hub: SandboxHub) -> list[str]:
    """Comments: what the operator's inbound service must know to let this hub in, and nobody else of the same CA."""
    server = hub.certificates.operator(bare(hub.settings.operators[0]))
    facts = {
        "ca_file": str(hub.ca_file),
        "hub_cn": HUB_NAME,
        "hub_san": f"DNS:{HUB_NAME}",
        "hub_sha256": hub.calls.identity.sha256,
        "cert_file": str(server.certificate),
        "key_file": str(server.key),
        "provider_id": hub.settings.operator_provider_id,
    }
    return ["# inbound", *(f"# {name} = {json.dumps(value)}" for name, value in facts.items())]
