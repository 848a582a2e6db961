"""What version 1 of the schema left behind is still there, and still waits, after the migration."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from roampost.domain.messages import MESSAGE
from roampost.store import reading
from roampost.store.changes import RowState, SessionState
from roampost.store.errors import StoreCannotOpen
from roampost.store.migrate import open_writer, shipped_migrations
from tests.agent.store.makers import change, open_store, status

VERSION_1 = Path(__file__).with_name("version1.sql")


@pytest.fixture
def old(path: Path) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(VERSION_1.read_text("utf-8"))
    return path


def everything(path: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"select * from {table} order by 1, 2").fetchall()


def test_every_message_is_as_it_was_and_what_was_in_flight_waits_with_an_unknown_outcome(old: Path) -> None:
    before = everything(old, "outbox")
    open_store(old).close()
    with closing(reading.open_readonly(old)) as connection:
        rows = list(reversed(reading.outbox_rows(connection)))
    assert [(row.seq, row.hub, row.lane, row.kind, row.evse_id, row.session_id, row.body) for row in rows] == [
        columns[:7] for columns in before
    ]
    states = [row.state for row in rows]
    assert states[:9] == [columns[11] for columns in before[:9]]
    assert (before[9][11], states[9], rows[9].unknown_outcome) == ("sending", RowState.QUEUED, True)
    assert [MESSAGE.validate_json(row.body).kind for row in rows] == [row.kind for row in rows]


@pytest.mark.parametrize("table", ["delivery", "session", "status_echo", "fault_latch", "audit", "evse", "boot"])
def test_nothing_else_is_lost(old: Path, table: str) -> None:
    before = everything(old, table)
    assert before
    open_store(old).close()
    assert everything(old, table) == before


async def test_a_migrated_store_goes_on_where_the_old_one_stopped(old: Path) -> None:
    store = open_store(old)
    assert [row.seq for row in await store.live_rows("hub")] == [3, 4, 5, 7, 8]
    assert (await store.submit(change(status(evse_id="DE*ABC*E2")))).seqs == (11,)
    assert [row.seq for row in await store.live_rows("hub")] == [3, 4, 5, 8, 11]
    store.close()
    with closing(reading.open_readonly(old)) as connection:
        records = reading.session_records(connection)
    assert [(one.session.state, one.cdr_state) for one in records] == [
        (SessionState.CLOSED, RowState.QUEUED),
        (SessionState.OPEN, None),
    ]


def test_a_deleted_message_still_takes_its_attempts_along(old: Path) -> None:
    open_store(old).close()
    with closing(open_writer(old, shipped_migrations())) as connection:
        connection.execute("delete from outbox where seq = 9")
        assert connection.execute("select count(*) from delivery where seq = 9").fetchone() == (0,)
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]


def test_a_migration_that_fails_at_its_end_leaves_version_1_untouched(old: Path) -> None:
    before = {table: everything(old, table) for table in ("outbox", "delivery", "sqlite_master")}
    first, second, *_ = shipped_migrations()
    with pytest.raises(StoreCannotOpen, match="nowhere"):
        open_writer(old, (first, second + "; insert into nowhere values (1);"))
    assert {table: everything(old, table) for table in before} == before
    open_store(old).close()
