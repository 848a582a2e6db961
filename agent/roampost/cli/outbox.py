"""`roampost outbox list` and `show`: the database is opened read-only, whether an agent runs or not."""

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from sqlite3 import Connection
from typing import Any
from zoneinfo import ZoneInfo

from roampost.cli import text
from roampost.cli.database import reading, wall_ms
from roampost.cli.exits import CliError, Exit
from roampost.cli.settings import station_of
from roampost.cli.status import next_try
from roampost.config.model import Station
from roampost.control.stored import why_waiting
from roampost.store.changes import RowState
from roampost.store.reading import Delivery, OutboxRow, mask_body, outbox_live, outbox_one, outbox_rows

_PAGE = 500


def list_rows(args: argparse.Namespace) -> int:
    station = station_of(args.config)
    with reading(station.database) as connection:
        rows = _chosen(connection, args)
    if args.json:
        text.say(text.as_json([document(row, show_uids=False) for row in rows]))
    else:
        text.say(_table(rows) if rows else "No such messages." if args.all or args.state else "Nothing waits.")
    return Exit.OK


def show(args: argparse.Namespace) -> int:
    station = station_of(args.config)
    with reading(station.database) as connection:
        found = outbox_one(connection, args.seq)
    if found is None:
        raise CliError(Exit.NOT_FOUND, f"there is no message {args.seq}")
    row, deliveries = found
    whole = document(row, show_uids=args.show_uids)
    if args.json:
        text.say(text.as_json(whole | {"deliveries": [asdict(one) for one in deliveries]}))
    else:
        text.say("\n\n".join(_page(row, whole, deliveries, station)))
    return Exit.OK


def document(row: OutboxRow, *, show_uids: bool) -> dict[str, Any]:
    """A message as JSON can say it; card numbers are masked unless asked for."""
    return asdict(row) | {"state": row.state.value, "body": json.loads(row.body if show_uids else mask_body(row.body))}


def history(connection: Connection, args: argparse.Namespace) -> Iterator[OutboxRow]:
    """All messages that fit, youngest first, in pages."""
    state = None if args.state is None else RowState(args.state)
    before: int | None = None
    while True:
        page = outbox_rows(connection, hub=args.hub, state=state, kind=args.kind, before_seq=before, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        before = page[-1].seq


def _chosen(connection: Connection, args: argparse.Namespace) -> list[OutboxRow]:
    finished = args.state is not None and RowState(args.state).finished
    found: Iterable[OutboxRow]
    if args.all or finished:
        found = history(connection, args)
    else:
        live = outbox_live(connection, hub=args.hub, limit=2**31)
        found = (row for row in live if args.state in (None, row.state) and args.kind in (None, row.kind))
    return [row for row, _ in zip(found, range(args.limit), strict=False)]


def _table(rows: list[OutboxRow]) -> str:
    now_ms = wall_ms()
    heads = ("seq", "hub", "kind", "evse", "state", "tries", "age", "next try", "why")
    return text.table(
        heads,
        (
            (
                row.seq,
                row.hub,
                row.kind,
                row.evse_id,
                row.state,
                row.attempts,
                text.age(now_ms - row.created_ms),
                "-" if row.state.finished else next_try(row.state, row.next_attempt_ms, now_ms),
                (row.last_text or "") if row.state.finished else why_waiting(row),
            )
            for row in rows
        ),
    )


def _page(row: OutboxRow, whole: dict[str, Any], deliveries: list[Delivery], station: Station) -> list[str]:
    zone = ZoneInfo(station.time_zone)
    facts = [
        ("message", row.seq),
        ("what", f"{row.kind} of {row.evse_id} for {row.hub}"),
        ("session", row.session_id),
        ("created", text.moment(row.created_ms, zone)),
        ("state", row.state),
        ("attempts", f"{row.attempts}{', one may have arrived' if row.unknown_outcome else ''}"),
        ("why", (row.last_text or "") if row.state.finished else why_waiting(row)),
    ]
    attempts = [
        (one.attempt, text.moment(one.at_ms, zone), one.verdict, one.arrival, one.code, one.http_status, one.text)
        for one in deliveries
    ]
    return [
        "\n".join(f"{name:9} {text.clean(value, text.MOST_TEXT)}" for name, value in facts),
        text.as_json(whole["body"]),
        text.table(("try", "at", "verdict", "arrived", "code", "http", "answer"), attempts)
        if attempts
        else "Not tried yet.",
    ]
