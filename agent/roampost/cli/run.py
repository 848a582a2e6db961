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


def run(args: argparse.Namespace) -> int:
    config, _ = load_all(args.config)
    setup(config.log.level)
    site: Callable[[Config], Awaitable[int]] = importlib.import_module("roampost.site.app").run
    try:
        return asyncio.run(_awaited(site, config))
    except StoreUnusable as error:
        raise CliError(Exit.FAILED, str(error)) from None


async def _awaited(site: Callable[[Config], Awaitable[int]], config: Config) -> int:
    return await site(config)
