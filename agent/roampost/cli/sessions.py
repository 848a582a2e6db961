"""`roampost sessions`: who charged, how much, and what became of the record; read-only, whether an agent runs or not.

A session's body is the state loop's own JSON: what another version wrote is shown as far as it is understood.
"""

import argparse
import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from roampost.cli import text
from roampost.cli.database import reading
from roampost.cli.exits import Exit
from roampost.cli.settings import station_of
from roampost.store.changes import RowState, SessionState
from roampost.store.reading import SessionRecord, mask_body, session_records
from roampost.store.rows import read_recovered

_WAITS = frozenset({RowState.QUEUED, RowState.SENDING, RowState.HELD})
_HEADS = ("session", "evse", "from", "to", "kWh", "card", "decided by", "hub", "state", "record")


def run(args: argparse.Namespace) -> int:
    station = station_of(args.config)
    with reading(station.database) as connection:
        records = session_records(connection, unbilled=args.unbilled, limit=args.limit)
        offsets_ms = read_recovered(connection).offsets_ms
    documents = [document(one, offsets_ms, show_uids=args.show_uids) for one in records]
    if args.json:
        text.say(text.as_json(documents))
    elif documents:
        text.say(_table(documents, ZoneInfo(station.time_zone)))
    else:
        text.say("No session waits to be billed." if args.unbilled else "No sessions yet.")
    return Exit.OK


def document(one: SessionRecord, offsets_ms: Mapping[str, int], *, show_uids: bool) -> dict[str, Any]:
    """A session as JSON can say it; card numbers and contract IDs are masked unless asked for."""
    session = one.session
    body = json.loads(session.body if show_uids else mask_body(session.body))
    return {
        "session_id": session.session_id,
        "hub": session.hub,
        "hub_session_id": session.hub_session_id,
        "evse_id": session.evse_id,
        "from_ms": _wall_ms(body.get("authorized"), offsets_ms),
        "to_ms": _wall_ms(body.get("ended"), offsets_ms),
        "energy_wh": _energy_wh(body),
        "uid": body.get("uid"),
        "contract_id": body.get("contract_id"),
        "decided_by": body.get("decided_by"),
        "state": session.state.value,
        "why": session.why,
        "record": _record(one),
        "record_seq": one.cdr_seq,
        "record_text": one.cdr_text,
    }


def _record(one: SessionRecord) -> str:
    """What became of the charge detail record, in a word or two."""
    if one.cdr_state is None:
        return "not owed" if one.session.state is SessionState.CLOSED else "not yet"
    return "waits" if one.cdr_state in _WAITS else one.cdr_state.value


def _energy_wh(body: Mapping[str, Any]) -> int | None:
    start, last = body.get("meter_start_wh"), body.get("meter_last_wh")
    return last - start if isinstance(start, int) and isinstance(last, int) else None


def _wall_ms(stamp: object, offsets_ms: Mapping[str, int]) -> int | None:
    """Told right where the clock was synchronized later in that boot."""
    if not isinstance(stamp, dict):
        return None
    offset_ms = None if stamp.get("trusted") else offsets_ms.get(str(stamp.get("boot")))
    wall_ms = stamp.get("wall_ms") if offset_ms is None else offset_ms + int(stamp.get("mono_ms", 0))
    return wall_ms if isinstance(wall_ms, int) else None


def _table(documents: list[dict[str, Any]], zone: ZoneInfo) -> str:
    return text.table(_HEADS, [_row(one, zone) for one in documents])


def _row(one: Mapping[str, Any], zone: ZoneInfo) -> tuple[object, ...]:
    begun, ended = (None if at is None else text.moment(at, zone) for at in (one["from_ms"], one["to_ms"]))
    energy_kwh = None if one["energy_wh"] is None else f"{one['energy_wh'] / 1000:.3f}"
    record = one["record"] if not one["record_text"] else f"{one['record']}: {one['record_text']}"
    if one["record_seq"] is not None:
        record = f"{record} (message {one['record_seq']})"
    return (
        *(one["session_id"], one["evse_id"], begun, ended, energy_kwh, one["uid"] or one["contract_id"]),
        *(one["decided_by"], one["hub"], one["state"], record),
    )
