"""`roampost migrate`: the database at this version's schema, made where there is none."""

import argparse

from roampost.cli import text
from roampost.cli.database import writing
from roampost.cli.exits import Exit
from roampost.cli.settings import station_of


def run(args: argparse.Namespace) -> int:
    station = station_of(args.config)
    with writing(station.database, create=True):
        pass
    done = f"{station.database} has this version's schema"
    text.say(text.as_json({"done": done, "database": str(station.database)}) if args.json else done)
    return Exit.OK
