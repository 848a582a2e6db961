"""`roampost hub diff`: what the hub shows drivers of our EVSEs, held against what this station would tell it.

In a process of its own with a connection of its own: it asks the agent only for its status, never through it.
"""

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from roampost.cli import text
from roampost.cli.exits import CliError, Exit
from roampost.cli.settings import load_all
from roampost.cli.status import told
from roampost.config.hubs import AnyHub
from roampost.config.model import Config
from roampost.config.poi import pois
from roampost.domain.messages import EvseStatus
from roampost.hubs.base import Answer
from roampost.hubs.comparison import Compare, Comparison, Here
from roampost.hubs.plugin import plugin


def diff(args: argparse.Namespace) -> int:
    """Exit.DIFFERENT where a hub holds something else."""
    config, _ = load_all(args.config)
    chosen = _chosen(config, args.hub)
    report, heading = told(config.station)
    statuses = {one.evse_id: _status(one.status) for one in report.evses}
    found = asyncio.run(_compared(config, chosen, statuses))
    if args.json:
        hubs = [asdict(one) | {"same": one.same} for one in found]
        text.say(text.as_json({"source": report.source, "hubs": hubs}))
    else:
        text.say("\n\n".join([heading, *(_page(one, config) for one in found)]))
    return Exit.OK if all(one.same for one in found) else Exit.DIFFERENT


def _chosen(config: Config, asked: str | None) -> Mapping[str, Compare]:
    """How each hub that can be read is; the others are left out, unless there is none that can."""
    if asked is not None and asked not in config.hubs:
        raise CliError(Exit.CONFIGURATION, f"no hub {asked} is configured; there are: {', '.join(config.hubs) or '-'}")
    names = tuple(config.hubs) if asked is None else (asked,)
    found = {name: _readback(name, config.hubs[name]) for name in names}
    readable = {name: compare for name, compare in found.items() if not isinstance(compare, str)}
    if not readable:
        why_not = [one for one in found.values() if isinstance(one, str)]
        raise CliError(Exit.CONFIGURATION, *why_not or ["no hub is configured"])
    return readable


def _readback(name: str, hub: AnyHub) -> Compare | str:
    return plugin(hub.kind).readback(name, hub, lambda: datetime.now(UTC), asyncio.sleep)


def _status(word: str | None) -> EvseStatus | None:
    """None also for a word of another version's agent."""
    return EvseStatus(word) if word in list(EvseStatus) else None


async def _compared(
    config: Config, chosen: Mapping[str, Compare], statuses: Mapping[str, EvseStatus | None]
) -> list[Comparison]:
    done = []
    for name, compare in chosen.items():
        found = await compare(_here(config, name, statuses))
        if isinstance(found, Answer):
            called = f" The hub calls it {found.hub_reference}." if found.hub_reference else ""
            raise CliError(Exit.FAILED, f"hub {name}: {found.text}{called}")
        done.append(found)
    return done


def _here(config: Config, name: str, statuses: Mapping[str, EvseStatus | None]) -> Here:
    ours = config.evse_ids(name)
    if config.poi is None:
        return Here(ours, statuses, None)
    return Here(ours, statuses, {evse_id: one for evse_id, one in pois(config).items() if evse_id in ours})


def _page(found: Comparison, config: Config) -> str:
    lines = [f"hub {found.hub}: {'it holds what is told here.' if found.same else 'it holds something else.'}"]
    rows = [(one.evse_id, one.what, one.at_hub, one.here) for one in (*found.statuses, *(found.data or ()))]
    if rows:
        lines.append(text.table(("evse", "what", "at the hub", "here"), rows))
    if found.data is None:
        lines.append("EVSE data is not compared: there is no [poi].")
    if found.others and not config.hubs[found.hub].owns_set:
        lines.append(f"Not of this station: {text.count(len(found.others), 'EVSE')} of the operator.")
    return "\n".join(lines)
