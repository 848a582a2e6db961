"""`roampost run`: the agent itself, until SIGTERM."""

import argparse
import asyncio

from roampost.cli.exits import CliError, Exit
from roampost.cli.settings import load_all
from roampost.store.errors import StoreUnusable
from roampost.supervise.logs import setup
from roampost.supervise.supervisor import CriticalTaskError


def run(args: argparse.Namespace) -> int:
    config, catalog = load_all(args.config)
    setup(config.log.level)
    from roampost.site.app import run as run_site  # heavy; a wrong configuration is told without it

    try:
        return asyncio.run(run_site(config, catalog))
    except (StoreUnusable, CriticalTaskError) as error:
        raise CliError(Exit.FAILED, str(error)) from None
