"""`roampost outbox export`: messages for analysis and for a person at the hub, as JSON, CSV or a SQLite file."""

import argparse
import csv
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TextIO

from roampost.cli.database import reading
from roampost.cli.exits import CliError, Exit
from roampost.cli.newfile import create, opened
from roampost.cli.outbox import document, history
from roampost.cli.settings import station_of
from roampost.cli.text import complain, count
from roampost.store.reading import OutboxRow, outbox_one

# What a spreadsheet would take for a formula; only a hub's own words can begin so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def run(args: argparse.Namespace) -> int:
    if args.format == "sqlite" and args.output is None:
        raise CliError(Exit.CONFIGURATION, "--format sqlite needs --output FILE")
    station = station_of(args.config)
    with reading(station.database) as connection:
        documents = (document(row, show_uids=args.show_uids) for row in history(connection, args))
        if args.format == "sqlite":
            number = _sqlite(connection, documents, args.output)
        else:
            write = _json if args.format == "json" else _csv
            with opened(args.output) as file:
                number = write(documents, file)
    complain(f"{count(number, 'message')} exported")
    return Exit.OK


def _json(documents: Iterator[dict[str, Any]], file: TextIO) -> int:
    number = 0
    file.write("[")
    for number, one in enumerate(documents, start=1):
        file.write(("," if number > 1 else "") + "\n" + json.dumps(one, ensure_ascii=False))
    file.write("\n]\n")
    return number


def _csv(documents: Iterator[dict[str, Any]], file: TextIO) -> int:
    writer = csv.DictWriter(file, [one.name for one in fields(OutboxRow)], lineterminator="\n")
    writer.writeheader()
    number = 0
    for one in documents:
        number += 1
        said = one["last_text"]
        harmless = f"'{said}" if said and said.startswith(_FORMULA) else said
        writer.writerow(one | {"body": json.dumps(one["body"], ensure_ascii=False), "last_text": harmless})
    return number


def _sqlite(connection: Connection, documents: Iterator[dict[str, Any]], output: Path) -> int:
    """A database of its own: messages and their attempts, for any tool that reads SQLite."""
    from sqlite_utils import Database  # heavy, and only this needs it

    os.close(create(output))
    database = Database(output)
    try:
        messages: Any = database["message"]
        attempts: Any = database["attempt"]
        messages.insert_all(documents, pk="seq")
        seqs = [row["seq"] for row in messages.rows] if messages.exists() else []
        attempts.insert_all(
            (row for seq in seqs for row in _attempts(connection, seq)),
            pk=("seq", "attempt"),
            foreign_keys=[("seq", "message", "seq")] if seqs else [],
        )
        return len(seqs)
    finally:
        database.close()


def _attempts(connection: Connection, seq: int) -> Iterator[dict[str, Any]]:
    found = outbox_one(connection, seq)
    yield from ({"seq": seq, **asdict(one)} for one in (found[1] if found else ()))
