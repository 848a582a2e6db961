"""`roampost check`: everything that is wrong with the configuration, and what is worth a look."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from roampost.certificates.files import authority_troubles
from roampost.cli import text
from roampost.cli.cert import certificate_advice
from roampost.cli.exits import CliError, Exit
from roampost.cli.poi import report_of
from roampost.cli.settings import load_all, types_of
from roampost.config.advice import advice
from roampost.config.hubs import AnyHub
from roampost.config.inbound import KeyInbound
from roampost.config.model import Config
from roampost.hubs.https.api_key import UnusableKeyError, read_api_key
from roampost.inbound.keys import key_problems
from roampost.inbound.tls import ServerFiles, UnusableFilesError, context_for
from roampost_drivers.devicefile import Catalog


def run(args: argparse.Namespace) -> int:
    try:
        config, catalog = load_all(args.config)
    except CliError as error:
        return _wrong(args, error)
    warnings = _warnings(config, catalog)
    if args.json:
        text.say(text.as_json({"problems": [], "warnings": warnings, "devices": _titles(catalog)}))
    else:
        text.say("\n".join(_page(args.config, config, catalog, warnings)))
    return Exit.OK


def _wrong(args: argparse.Namespace, error: CliError) -> int:
    if args.json:
        text.say(text.as_json({"problems": list(error.sentences), "warnings": []}))
    text.complain(*error.sentences)
    return error.code


def _warnings(config: Config, catalog: Catalog) -> list[str]:
    found, now = list(advice(config, types_of(catalog))), datetime.now(UTC)
    for name, hub in config.hubs.items():
        found += certificate_advice(name, hub, now=now)
        found += _without_certificate(name, hub)
    found += _inbound(config)
    if refused := report_of(config).refused:
        found.append(f"poi: a hub would refuse {', '.join(sorted(refused))}; `roampost poi check` says why")
    return found


def _without_certificate(name: str, hub: AnyHub) -> Iterator[str]:
    """Why a hub that knows us by a key could not be told anything, as the files are now."""
    key = hub.secrets.get("api_key_file")
    if key is not None:
        try:
            read_api_key(key, f"hubs.{name}.api_key_file")
        except UnusableKeyError as error:
            yield f"{error} An agent that starts before that holds its messages to hubs.{name}"
    if hub.cert_file is None and hub.ca_file is not None:
        yield from (f"hubs.{name}.{one.key} = '{one.path}': {one.text}" for one in authority_troubles(hub.ca_file))


def _inbound(config: Config) -> list[str]:
    """Why a hub could not call, as it is now."""
    if config.inbound is None:
        return []
    callers = {name: hub.inbound for name, hub in config.hubs.items() if hub.inbound is not None}
    found = list(key_problems({name: one for name, one in callers.items() if isinstance(one, KeyInbound)}))
    try:
        context_for(ServerFiles.of(config.inbound, callers.values()))
    except UnusableFilesError as error:
        found.append(f"{error}; until then no hub can call")
    return found


def _page(path: Path, config: Config, catalog: Catalog, warnings: list[str]) -> list[str]:
    what = ", ".join(
        text.count(len(found), thing)
        for thing, found in (
            ("EVSE", config.evse),
            ("line", config.lines),
            ("device", config.devices),
            ("reader", config.readers),
            ("hub", config.hubs),
        )
    )
    titles = _titles(catalog)
    width = max(map(len, titles))
    known = ["device types:", *(f"  {key:{width}}  {title}" for key, title in titles.items())]
    return [f"{path}: is right: {what}", *(f"warning: {one}" for one in warnings), *known]


def _titles(catalog: Catalog) -> dict[str, str]:
    return {key: device.title for key, device in sorted(catalog.devices.items())}
