"""Reading a store from another process: read-only, independent of the writer, never blocking it.

Bodies hold the drivers' card numbers (UIDs) and contract IDs. They come out as stored; `mask_body` hides them, and
whoever prints one uses it unless a person asked otherwise.
"""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roampost.domain.uid import mask_uid
from roampost.store import sql
from roampost.store.changes import RowState, SessionRow, SessionState, Who
from roampost.store.errors import StoreCannotOpen, StoreMissing, StoreTooOld, StoreUnusable
from roampost.store.migrate import cannot_open, check_identity, shipped_migrations

_UID_KEYS = frozenset({"uid", "uids", "stop_uids", "contract_id", "account"})


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Times are Unix milliseconds; created_ms is told right where the clock was synchronized later in that boot."""

    seq: int
    hub: str
    lane: str
    kind: str
    evse_id: str
    session_id: str | None
    body: str
    created_ms: int
    state: RowState
    attempts: int
    unknown_outcome: bool
    offline: bool
    next_attempt_ms: int
    trying_since_ms: int | None
    last_code: str | None
    last_text: str | None
    last_hub_reference: str | None
    last_http_status: int | None
    finished_ms: int | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt and its answer."""

    attempt: int
    at_ms: int
    verdict: str
    arrival: str
    code: str | None
    http_status: int | None
    hub_reference: str | None
    text: str


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session and what became of its charge detail record; cdr_* are None while there is none."""

    session: SessionRow
    changed_ms: int
    cdr_seq: int | None
    cdr_state: RowState | None
    cdr_text: str | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: int
    at_ms: int
    who: Who
    what: str
    target: str
    reason: str


def open_readonly(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; raises a StoreUnusable that names the file."""
    if not path.is_file():
        raise StoreMissing(f"{path} does not exist; the agent has not run yet, or the path is wrong")
    try:
        return _checked(path, "mode=ro")
    except StoreCannotOpen:
        # Cleanly closed, in a folder that we may not write: there is no wal file, and SQLite may not make one.
        if path.with_name(path.name + "-wal").exists():
            raise
        return _checked(path, "mode=ro&immutable=1")


def _checked(path: Path, how: str) -> sqlite3.Connection:
    known = len(shipped_migrations())
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise cannot_open(path, error) from error
    try:
        for pragma in sql.READER_PRAGMAS:
            connection.execute(pragma)
        if (version := check_identity(connection, path, known=known)) < known:
            raise StoreTooOld(f"{path} has schema {version}, this Roampost reads {known}; start the agent first")
    except sqlite3.Error as error:
        connection.close()
        raise cannot_open(path, error) from error
    except StoreUnusable:
        connection.close()
        raise
    return connection


def outbox_live(connection: sqlite3.Connection, *, hub: str | None = None, limit: int = 1000) -> list[OutboxRow]:
    """What is not finished (queued, sending, held, parked), oldest first. Cheap however long the history is."""
    rows = connection.execute(sql.OUTBOX_LIVE, {"hub": hub, "limit": limit})
    return [_outbox_row(row) for row in rows]


def outbox_rows(
    connection: sqlite3.Connection,
    *,
    hub: str | None = None,
    state: RowState | None = None,
    kind: str | None = None,
    before_seq: int | None = None,
    limit: int = 100,
) -> list[OutboxRow]:
    """The history too, youngest first; page on with before_seq = the last seq seen."""
    before = 2**63 - 1 if before_seq is None else before_seq
    where = {"hub": hub, "state": state, "kind": kind, "before_seq": before, "limit": limit}
    return [_outbox_row(row) for row in connection.execute(sql.OUTBOX_ALL, where)]


def outbox_one(connection: sqlite3.Connection, seq: int) -> tuple[OutboxRow, list[Delivery]] | None:
    """One message and its attempts (the first and the latest ones), or None if there is no such number."""
    row = connection.execute(sql.OUTBOX_ONE, (seq,)).fetchone()
    if row is None:
        return None
    return _outbox_row(row), [Delivery(*columns) for columns in connection.execute(sql.DELIVERIES, (seq,))]


def sessions(connection: sqlite3.Connection, *, limit: int = 100) -> list[tuple[SessionRow, int]]:
    """The youngest sessions first, each with the Unix milliseconds of its last change."""
    found = []
    for session_id, hub, hub_id, evse_id, body, state, why, changed_ms in connection.execute(sql.SESSIONS, (limit,)):
        row = SessionRow(session_id, evse_id, body, SessionState(state), hub, hub_id, why)
        found.append((row, changed_ms))
    return found


def session_records(connection: sqlite3.Connection, *, unbilled: bool = False, limit: int = 100) -> list[SessionRecord]:
    """The youngest sessions first. unbilled: only those whose record waits, is parked, or was refused."""
    found = []
    for row in connection.execute(sql.SESSION_RECORDS, {"unbilled": unbilled, "limit": limit}):
        session_id, hub, hub_id, evse_id, body, state, why, changed_ms, seq, cdr_state, text = row
        session = SessionRow(session_id, evse_id, body, SessionState(state), hub, hub_id, why)
        found.append(SessionRecord(session, changed_ms, seq, None if cdr_state is None else RowState(cdr_state), text))
    return found


def audits(connection: sqlite3.Connection, *, limit: int = 100) -> list[AuditRow]:
    """What people did, youngest first."""
    found = connection.execute(sql.AUDITS, (limit,))
    return [
        AuditRow(number, at_ms, Who(uid, pid), what, target, why)
        for number, at_ms, uid, pid, what, target, why in found
    ]


def mask_body(body: str) -> str:
    """The same JSON with every card number and contract ID masked."""
    return json.dumps(_masked(json.loads(body)), ensure_ascii=False)


def _masked(value: Any, *, is_uid: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: _masked(item, is_uid=is_uid or key in _UID_KEYS) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, is_uid=is_uid) for item in value]
    return mask_uid(value) if is_uid and isinstance(value, str) else value


def _outbox_row(columns: tuple[Any, ...]) -> OutboxRow:
    seq, hub, lane, kind, evse_id, session_id, body, created_ms, state, attempts, unknown, offline, *rest = columns
    return OutboxRow(
        seq, hub, lane, kind, evse_id, session_id, body, created_ms, RowState(state), attempts, bool(unknown),
        bool(offline), *rest,
    )  # fmt: skip
