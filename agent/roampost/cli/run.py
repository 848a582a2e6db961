"""`roampost run`: the agent itself, until SIGTERM."""

import argparse
import asyncio
import importlib
from collections.abc import Awaitable, Callable

from roampost.cli.exits import CliError, Exit
from roampost.cli.settings import load_all
from roampost.config import Config
from roampost.store.errors import StoreUnusable
from roampost.supervise.logs import setup
from roampost_drivers.devicefile import Catalog


def run(args: argparse.Namespace) -> int:
    config, catalog = load_all(args.config)
    setup(config.log.level)
    site: Callable[[Config, Catalog], Awaitable[int]] = importlib.import_module("roampost.site.app").run
    try:
        return asyncio.run(_awaited(site, config, catalog))
    except StoreUnusable as error:
        raise CliError(Exit.FAILED, str(error)) from None


async def _awaited(site: Callable[[Config, Catalog], Awaitable[int]], config: Config, catalog: Catalog) -> int:
    return await site(config, catalog)
