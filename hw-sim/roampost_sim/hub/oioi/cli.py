"""The command line of the OIOI hub: its own options, its two API keys, and what the agent must be told of it."""

import argparse
import os
import secrets
from pathlib import Path
from typing import Any

from roampost_sim.errors import SimError
from roampost_sim.hub.checking import violations
from roampost_sim.hub.oioi.hub import OioiHub
from roampost_sim.hub.oioi.state import OioiSettings
from roampost_sim.hub.options import Told, common, paths, server_pair
from roampost_sim.hub.server import Hub
from roampost_sim.hub.shapes import EVCO_ID, OPERATOR_ID, UID

_PARTNER = "sandbox-partner"


class _Oioi:
    own: tuple[str, ...] = ("partner", "unpaid_card", "http_errors")

    def add_arguments(self, group: Any) -> None:
        add = group.add_argument
        many: dict[str, Any] = {"action": "append", "default": []}
        add("--partner", **many, metavar="ID", help=f"a partner-identifier ({_PARTNER}); repeatable")
        add("--unpaid-card", **many, metavar="UID", help="a card without valid payment; repeatable")
        add("--http-errors", action="store_true", help="tell each refusal by the HTTP status too")

    def check(self, args: argparse.Namespace) -> None:
        for option in ("card", "blocked_card", "unpaid_card"):
            for given in getattr(args, option):
                _check_card(f"--{option.replace('_', '-')} {given}", *given.partition("="))
        if violations(OPERATOR_ID, args.operator):
            raise SimError(f"--operator {args.operator} is no OperatorID, such as DE*ABC or +49*536")
        for contract in args.contract:
            if violations(EVCO_ID, contract):
                raise SimError(f"--contract {contract} is no EVCO ID, such as DE-8EO-C12345678-X")

    def hub(self, args: argparse.Namespace) -> Hub:
        pairs = [given.partition("=") for given in args.card]
        settings = OioiSettings(
            cards=frozenset(uid for uid, _, _ in pairs),
            evco_ids={uid: evco_id for uid, _, evco_id in pairs if evco_id},
            unpaid_cards=frozenset(args.unpaid_card),
            contracts=frozenset(args.contract),
            operator=args.operator,
            partners=tuple(args.partner) or (_PARTNER,),
            http_errors=args.http_errors,
            api_key=_key(_file(args, "api")),
            hub_key=_key(_file(args, "hub")),
            **common(args),
        )
        return OioiHub(settings)

    def told(self, hub: Hub, args: argparse.Namespace) -> tuple[Told, Told]:
        table = {
            "kind": "oioi",
            "url": hub.url,
            "operator_id": args.operator,
            "partner_identifier": args.partner[0] if args.partner else _PARTNER,
            **paths(api_key_file=_file(args, "api"), ca_file=hub.ca_file),
        }
        server = server_pair(hub, args.operator)
        files = {"ca_file": hub.ca_file, "cert_file": server.certificate, "key_file": server.key}
        return table, paths(**files, api_key_file=_file(args, "hub"))


OIOI = _Oioi()


def _file(args: argparse.Namespace, whose: str) -> Path:
    """api: the key that the operator shows; hub: the one that the hub shows to the operator."""
    directory: Path = args.directory.absolute()
    return directory / f"{args.name}-{whose}.key"


def _key(file: Path) -> str:
    """The key in the file (0600), one line; made when it is not there yet."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as made:
            made.write(secrets.token_urlsafe(24) + "\n")
    except FileExistsError:
        pass  # an earlier run made it, and an agent may know it already
    return file.read_text(encoding="ascii").strip()


def _check_card(told: str, uid: str, is_mapped: str, evco_id: str) -> None:
    if violations(UID, uid):
        raise SimError(f"{told}: {uid} is no UID: 8, 14 or 20 upper-case hexadecimal digits are")
    if is_mapped and (not told.startswith("--card") or violations(EVCO_ID, evco_id)):
        raise SimError(f"{told}: --card alone takes an EVCO ID behind =, such as DE-8EO-C12345678-X")
