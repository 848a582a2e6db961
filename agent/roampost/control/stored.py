"""What the database alone can say of the station; also the outbox part of a running agent's report."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from roampost.control.report import EvseReport, StatusReport, WaitingReport
from roampost.domain.stamp import Stamp
from roampost.store import reading
from roampost.store.changes import EvseRow
from roampost.store.reading import OutboxRow
from roampost.store.rows import read_recovered

_MOST_ROWS = 10_000
_WAITS = {"queued": "waits for its turn", "sending": "is being sent", "held": "is held", "parked": "needs a person"}


def stored_report(connection: sqlite3.Connection, *, at_ms: int) -> StatusReport:
    """Read-only; a few milliseconds for thousands of messages."""
    known = read_recovered(connection)
    faults: dict[str, list[str]] = {}
    for latch in known.latches:
        faults.setdefault(latch.evse_id, []).append(latch.fault)
    return StatusReport(
        source="database",
        at_ms=at_ms,
        evses=tuple(_evse(row, known.offsets_ms, faults.get(row.evse_id, [])) for row in known.evses),
        waiting=waiting(reading.outbox_live(connection, limit=_MOST_ROWS)),
    )


def waiting(rows: Iterable[OutboxRow]) -> tuple[WaitingReport, ...]:
    """Group what is not finished by hub, kind and state; the oldest row speaks for its group."""
    groups: dict[tuple[str, str, str], list[OutboxRow]] = {}
    for row in rows:
        groups.setdefault((row.hub, row.kind, row.state), []).append(row)
    return tuple(_waiting(*key, members) for key, members in sorted(groups.items()))


def _waiting(hub: str, kind: str, state: str, rows: list[OutboxRow]) -> WaitingReport:
    first = rows[0]
    return WaitingReport(
        hub=hub,
        kind=kind,
        state=state,
        rows=len(rows),
        oldest_ms=min(row.created_ms for row in rows),
        next_attempt_ms=first.next_attempt_ms,
        why=why_waiting(first),
    )


def why_waiting(row: OutboxRow) -> str:
    """The hub's last word where there is one."""
    if not row.last_text:
        return _WAITS.get(row.state, row.state)
    return f"{row.last_text} (code {row.last_code})" if row.last_code else row.last_text


def _evse(row: EvseRow, offsets_ms: Mapping[str, int], latched: list[str]) -> EvseReport:
    """The context is the state loop's own JSON: what another version wrote is shown as far as it is understood."""
    context = _object(row.context)
    session = context.get("session")
    told, faults = context.get("told"), context.get("faults")
    present = [one for one in faults if isinstance(one, str)] if isinstance(faults, list) else []
    return EvseReport(
        evse_id=row.evse_id,
        state=row.state,
        since_ms=_wall_ms(_since(context, row), offsets_ms),
        why=str(context.get("why", "")),
        permitted_ma=row.permitted_ma,
        status=told if isinstance(told, str) else None,
        session_id=session.get("session_id") if isinstance(session, dict) else None,
        faults=tuple(dict.fromkeys(present + latched)),
    )


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def _since(context: dict[str, Any], row: EvseRow) -> Stamp:
    try:
        return Stamp.model_validate(context["since"])
    except (KeyError, ValidationError):
        return row.changed


def _wall_ms(stamp: Stamp, offsets_ms: Mapping[str, int]) -> int:
    """Told right where the clock was synchronized later in that boot."""
    if stamp.trusted or stamp.boot not in offsets_ms:
        return stamp.wall_ms
    return stamp.mono_ms + offsets_ms[stamp.boot]
