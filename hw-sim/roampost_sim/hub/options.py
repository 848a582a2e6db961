"""What a protocol adds to the command line of the hub."""

import argparse
from pathlib import Path
from typing import Any, Protocol

from roampost_sim.hub.certificates import Pair
from roampost_sim.hub.identifiers import bare
from roampost_sim.hub.server import Hub

Told = dict[str, str]


class Spoken(Protocol):
    """own: the destinations of its own options, which are false unless they are given."""

    own: tuple[str, ...]

    def add_arguments(self, group: Any) -> None: ...
    def check(self, args: argparse.Namespace) -> None:
        """Raises SimError with one sentence."""

    def hub(self, args: argparse.Namespace) -> Hub: ...
    def told(self, hub: Hub, args: argparse.Namespace) -> tuple[Told, Told]:
        """The agent's table of this hub, and what its inbound service must know to let this hub in, and nobody else."""
        ...


def common(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that every hub has, but for the cards."""
    return {
        "directory": args.directory.absolute(),
        "blocked_cards": frozenset(args.blocked_card),
        "port": args.port,
        "record_file": args.record,
        "answer_delay_ms": args.answer_delay_ms,
        "operator_url": args.operator_url,
        "operator_ca": args.operator_ca,
        "needs_data": args.needs_data,
    }


def server_pair(hub: Hub, operator_id: str) -> Pair:
    """For the operator's inbound service."""
    return hub.certificates.operator(bare(operator_id))


def paths(**files: Path) -> Told:
    return {name: str(file) for name, file in files.items()}
