"""The command line of the OICP hub: its own options, and what the agent must be told of it."""

import argparse
from typing import Any

from roampost_sim.errors import SimError
from roampost_sim.hub.identifiers import bare
from roampost_sim.hub.limits import RETRY_AFTER
from roampost_sim.hub.oicp.caller import HUB_NAME
from roampost_sim.hub.oicp.checking import check
from roampost_sim.hub.oicp.hub import SandboxHub
from roampost_sim.hub.oicp.state import HubSettings
from roampost_sim.hub.options import Told, common, paths, server_pair
from roampost_sim.hub.server import Hub

_PROVIDER = "DE-ABC"


class _Oicp:
    own: tuple[str, ...] = ("operator_provider", "rate_limits", "retry_after")

    def add_arguments(self, group: Any) -> None:
        add = group.add_argument
        add("--operator-provider", metavar="ID", help=f"the operator's own ProviderID ({_PROVIDER})")
        add("--rate-limits", action="store_true", help="answer HTTP 429 over the calls per minute of acceptable use")
        add("--retry-after", choices=RETRY_AFTER, help=f"how HTTP 429 tells when ({RETRY_AFTER[0]})")

    def check(self, args: argparse.Namespace) -> None:
        for uid in [*args.card, *args.blocked_card]:
            medium = {"RFIDMifareFamilyIdentification": {"UID": uid}}
            if check("AuthorizeStart", {"OperatorID": "DE*ABC", "Identification": medium}):
                raise SimError(f"--card {uid} is no UID: 8, 14 or 20 upper-case hexadecimal digits are")
        if check("AuthorizeStart", {"OperatorID": args.operator, "Identification": _contract("DE-8EO-C12345678-X")}):
            raise SimError(f"--operator {args.operator} is no OperatorID, such as DE*ABC or +49*536")
        for contract in args.contract:
            if check("AuthorizeStart", {"OperatorID": "DE*ABC", "Identification": _contract(contract)}):
                raise SimError(f"--contract {contract} is no EvcoID, such as DE-8EO-C12345678-X")
        provider = args.operator_provider or _PROVIDER
        if check("PullEvseStatusByID", {"ProviderID": provider, "EvseID": ["DE*ABC*E1"]}):
            raise SimError(f"--operator-provider {provider} is no ProviderID, such as DE-ABC")

    def hub(self, args: argparse.Namespace) -> Hub:
        settings = HubSettings(
            cards=frozenset(args.card),
            contracts=frozenset(args.contract),
            operators=(args.operator,),
            operator_provider_id=args.operator_provider or _PROVIDER,
            rate_limits=args.rate_limits,
            retry_after=args.retry_after or RETRY_AFTER[0],
            **common(args),
        )
        return SandboxHub(settings)

    def told(self, hub: Hub, args: argparse.Namespace) -> tuple[Told, Told]:
        client = hub.certificates.client(bare(args.operator))
        table = {
            "kind": "oicp",
            "url": hub.url,
            "operator_id": args.operator,
            "operator_name": "Sandbox operator",
            **paths(ca_file=hub.ca_file, cert_file=client.certificate, key_file=client.key),
        }
        server = server_pair(hub, args.operator)
        inbound = {
            "ca_file": str(hub.ca_file),
            "hub_cn": HUB_NAME,
            "hub_san": f"DNS:{HUB_NAME}",
            "hub_sha256": hub.certificates.hub(HUB_NAME).sha256,
            **paths(cert_file=server.certificate, key_file=server.key),
            "provider_id": args.operator_provider or _PROVIDER,
        }
        return table, inbound


OICP = _Oicp()


def _contract(evco_id: str) -> dict[str, dict[str, str]]:
    return {"PlugAndChargeIdentification": {"EvcoID": evco_id}}
