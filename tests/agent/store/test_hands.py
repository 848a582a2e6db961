"""What people see and do: listing, masking, requeue, discard, retention."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from roampost.domain.messages import EvseStatus
from roampost.store import reading, sql
from roampost.store.changes import Change, RowState, SessionRow, SessionState, Settled, Who
from roampost.store.errors import HandRefused
from roampost.store.store import Store
from tests.agent.store.makers import WALL_MS, cdr, change, end, open_store, stamp, start, status

PERSON = Who(uid=1000, pid=4711)
DAY_MS = 86_400_000


@pytest.fixture
def connection(store: Store, path: Path) -> Iterator[sqlite3.Connection]:
    opened = reading.open_readonly(path)
    yield opened
    opened.close()


def outcome(state: RowState, *, at_ms: int = WALL_MS) -> Settled:
    return Settled(state, 0, at_ms, False, False, "reject", "yes", "018: EVSE unknown", "018", 200, "p-1")


async def settled(store: Store, seq: int, state: RowState, *, at_ms: int = WALL_MS) -> None:
    assert await store.mark_sending(seq) is not None
    await store.settle(seq, outcome(state, at_ms=at_ms))


async def test_a_parked_message_is_shown_with_its_attempts(store: Store, connection: sqlite3.Connection) -> None:
    await store.submit(change(cdr()))
    await settled(store, 1, RowState.PARKED)
    found = reading.outbox_one(connection, 1)
    assert found is not None
    row, (attempt,) = found
    assert (row.state, row.last_code, row.last_http_status) == (RowState.PARKED, "018", 200)
    assert (attempt.attempt, attempt.text, attempt.hub_reference) == (1, "018: EVSE unknown", "p-1")
    assert reading.outbox_one(connection, 2) is None


async def test_a_time_from_before_the_clock_was_right_is_corrected(
    store: Store, connection: sqlite3.Connection
) -> None:
    await store.submit(change(start(), mono_ms=500, trusted=False))
    await store.submit(Change(stamp(600), trusted_offset_ms=2_000_000_000_000))
    (row,) = reading.outbox_live(connection)
    assert row.created_ms == 2_000_000_000_500


async def test_rows_can_be_filtered_and_paged(store: Store, connection: sqlite3.Connection) -> None:
    await store.submit(change(start(), end(), cdr()))
    await store.submit(change(cdr("s2"), hub="second"))
    assert [row.seq for row in reading.outbox_rows(connection, kind="cdr")] == [4, 3]
    assert [row.seq for row in reading.outbox_rows(connection, hub="hub", limit=2)] == [3, 2]
    assert [row.seq for row in reading.outbox_rows(connection, hub="hub", before_seq=2)] == [1]
    assert reading.outbox_rows(connection, state=RowState.PARKED) == []
    assert [row.seq for row in reading.outbox_live(connection, hub="second")] == [4]


async def test_requeue_sends_a_parked_message_again_now_and_leaves_an_audit(
    store: Store, connection: sqlite3.Connection
) -> None:
    await store.submit(change(cdr()))
    await settled(store, 1, RowState.PARKED)
    await store.requeue(1, who=PERSON)
    (row,) = await store.live_rows("hub")
    assert (row.state, row.next_attempt_ms, row.trying_since_ms) == (RowState.QUEUED, 0, None)
    (audit,) = reading.audits(connection)
    assert (audit.what, audit.target, audit.who) == ("requeue", "outbox 1", PERSON)


@pytest.mark.parametrize("state", [RowState.DELIVERED, RowState.SUPERSEDED])
async def test_what_has_arrived_is_not_sent_again(store: Store, state: RowState) -> None:
    await store.submit(change(cdr()))
    await settled(store, 1, state)
    with pytest.raises(HandRefused, match=f"message 1 is {state}"):
        await store.requeue(1, who=PERSON)


async def test_an_old_status_is_not_sent_over_a_newer_one(store: Store) -> None:
    await store.submit(change(status()))
    await store.discard(1, "wrong", who=PERSON)
    await store.submit(change(status(EvseStatus.OCCUPIED)))
    with pytest.raises(HandRefused, match="a newer one of this EVSE exists"):
        await store.requeue(1, who=PERSON)


async def test_discard_needs_a_reason_and_a_message_that_is_not_on_its_way(
    store: Store, connection: sqlite3.Connection
) -> None:
    await store.submit(change(cdr()))
    with pytest.raises(HandRefused, match="say why"):
        await store.discard(1, " ", who=PERSON)
    with pytest.raises(HandRefused, match="there is no message 2"):
        await store.discard(2, "test", who=PERSON)
    await store.mark_sending(1)
    with pytest.raises(HandRefused, match="on its way"):
        await store.discard(1, "test", who=PERSON)
    assert reading.audits(connection) == []
    await store.settle(1, outcome(RowState.PARKED))
    await store.discard(1, "billed by hand", who=PERSON)
    assert await store.live_rows("hub") == ()
    assert [audit.reason for audit in reading.audits(connection)] == ["billed by hand"]


async def test_retention_deletes_old_history_but_nothing_that_still_waits(
    store: Store, connection: sqlite3.Connection
) -> None:
    for number in range(450):
        await store.submit(change(start(f"s{number}"), cdr(f"s{number}")))
    waiting = {1, 900}
    for seq in range(2, 900):
        await settled(store, seq, RowState.DELIVERED, at_ms=WALL_MS - (100 if seq < 800 else 1) * DAY_MS)
    await store.submit(Change(stamp(), sessions=(SessionRow("old", "E1", "{}", SessionState.CLOSED),)))
    await store.prune(before_ms=WALL_MS - 90 * DAY_MS, cdrs_before_ms=WALL_MS - 400 * DAY_MS)
    rows = reading.outbox_rows(connection, limit=1000)
    assert {row.seq for row in rows if row.state is RowState.QUEUED} == waiting
    assert [row.seq for row in rows if row.kind == "start" and row.seq < 800] == [1]
    assert sum(row.kind == "cdr" for row in rows) == 450
    assert len(reading.sessions(connection)) == 1
    assert connection.execute("select count(*) from delivery where seq = 3").fetchone() == (0,)
    await store.prune(before_ms=WALL_MS + 1, cdrs_before_ms=WALL_MS + 1)
    assert {row.seq for row in reading.outbox_rows(connection)} == waiting
    assert reading.sessions(connection) == []


async def test_retention_keeps_up_with_any_number_of_sessions(store: Store, connection: sqlite3.Connection) -> None:
    """Once a day it runs, and a day of a large station has hundreds."""
    closed = (SessionRow(f"s{number}", "E1", "{}", SessionState.CLOSED) for number in range(650))
    await store.submit(Change(stamp(), sessions=tuple(closed)))
    await store.prune(before_ms=WALL_MS + 1, cdrs_before_ms=WALL_MS + 1)
    assert reading.sessions(connection) == []


async def test_a_session_is_kept_while_its_record_is_not_billed(store: Store, connection: sqlite3.Connection) -> None:
    await store.submit(Change(stamp(), sessions=(SessionRow("s1", "E1", "{}", SessionState.CLOSED, "hub"),)))
    await store.submit(change(cdr()))
    await settled(store, 1, RowState.PARKED)
    await store.prune(before_ms=WALL_MS + 1, cdrs_before_ms=WALL_MS + 1)
    (unbilled,) = reading.session_records(connection, unbilled=True)
    assert (unbilled.session.session_id, unbilled.cdr_state) == ("s1", RowState.PARKED)


def test_what_waits_is_found_without_reading_the_history(store: Store, connection: sqlite3.Connection) -> None:
    plan = connection.execute(f"explain query plan {sql.OUTBOX_LIVE}", {"hub": None, "limit": 9}).fetchall()
    assert "outbox_live" in plan[0][3]


async def test_a_number_is_never_given_twice(store: Store) -> None:
    await store.submit(change(start()))
    await settled(store, 1, RowState.DELIVERED)
    await store.prune(before_ms=WALL_MS + 1, cdrs_before_ms=WALL_MS + 1)
    assert (await store.submit(change(end()))).seqs == (2,)


async def test_the_log_keeps_the_first_and_the_latest_attempts(store: Store, connection: sqlite3.Connection) -> None:
    await store.submit(change(cdr()))
    for _ in range(120):
        await settled(store, 1, RowState.QUEUED)
    found = reading.outbox_one(connection, 1)
    assert found is not None
    assert [attempt.attempt for attempt in found[1]] == [1, *range(71, 121)]


async def test_a_reader_cannot_write(store: Store, connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("delete from outbox")


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become somebody who may only read")
def test_a_stopped_store_is_readable_for_somebody_who_may_not_write_its_folder(tmp_path: Path) -> None:
    folder = Path("/tmp") / f"roampost-{os.getpid()}-{tmp_path.name}"
    folder.mkdir()
    path = folder / "roampost.db"
    open_store(path).close()
    folder.chmod(0o755)
    path.chmod(0o644)
    script = "import sqlite3, sys; from pathlib import Path; from roampost.store import reading; "
    script += "import os; path = Path(sys.argv[1]); reading.open_readonly(path).close(); os.setuid(65534); "
    script += "print(reading.outbox_live(reading.open_readonly(path)))"
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    for item in folder.iterdir():
        item.unlink()
    folder.rmdir()
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_card_numbers_are_masked_wherever_they_are_in_a_body() -> None:
    body = '{"session": {"uid": "04A1B2C3D4", "evse_id": "E1"}, "stop_uids": ["0411223344"], "energy_wh": 5}'
    masked = reading.mask_body(body)
    assert masked == '{"session": {"uid": "…D4", "evse_id": "E1"}, "stop_uids": ["…44"], "energy_wh": 5}'
