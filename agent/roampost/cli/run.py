"""`roampost run`: the agent itself, until SIGTERM.

The configuration is checked in a child: what the checking needs (some 3 MB of schemas, tables and sentences) would
otherwise be carried around for as long as the agent runs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from roampost.cli.elsewhere import called_elsewhere
from roampost.cli.exits import CliError, Exit
from roampost.lean import without_build_facts, without_plugins

if TYPE_CHECKING:
    from roampost.config.model import Config
    from roampost_drivers.device import Device


class Options(Protocol):
    """What is asked of the command line."""

    config: Path


def run(args: Options) -> int:
    without_plugins()
    without_build_facts()
    config, devices = called_elsewhere(lambda: _checked(args.config))

    import asyncio  # heavy, as is the rest; a wrong configuration is told without it

    from roampost.site.app import run as run_site
    from roampost.site.names import NamesApart
    from roampost.store.errors import StoreUnusable
    from roampost.supervise.logs import setup
    from roampost.supervise.supervisor import CriticalTaskError

    setup(config.log.level)
    try:
        with asyncio.Runner(loop_factory=NamesApart) as runner:
            return runner.run(run_site(config, devices))
    except (StoreUnusable, CriticalTaskError) as error:
        raise CliError(Exit.FAILED, str(error)) from None


def _checked(path: Path) -> "tuple[Config, Mapping[str, Device]]":
    """The configuration and the device tables that it uses."""
    from roampost.cli.settings import load_all

    config, catalog = load_all(path)
    used = {one.type for one in config.devices.values()} | {one.type for one in config.readers.values()}
    return config, {key: catalog.devices[key] for key in sorted(used)}
