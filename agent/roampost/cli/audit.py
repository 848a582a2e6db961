"""`roampost audit`: who did what, youngest first; read-only, whether an agent runs or not."""

import argparse
from dataclasses import asdict
from zoneinfo import ZoneInfo

from roampost.cli import text
from roampost.cli.database import reading
from roampost.cli.exits import Exit
from roampost.cli.settings import station_of
from roampost.store.reading import AuditRow, audits


def run(args: argparse.Namespace) -> int:
    station = station_of(args.config)
    with reading(station.database) as connection:
        rows = audits(connection, limit=args.limit)
    if args.json:
        text.say(text.as_json([asdict(row) for row in rows]))
    else:
        text.say(_table(rows, ZoneInfo(station.time_zone)) if rows else "Nothing was done by hand yet.")
    return Exit.OK


def _table(rows: list[AuditRow], zone: ZoneInfo) -> str:
    cells = [(text.moment(row.at_ms, zone), _who(row), row.what, row.target, row.reason) for row in rows]
    return text.table(("when", "who", "did", "to", "because"), cells)


def _who(row: AuditRow) -> str:
    return "the agent" if row.who.uid is None else f"user {row.who.uid}"
