"""What is acknowledged is on the disk, whole and in order."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from roampost.domain.messages import EvseStatus
from roampost.store import reading
from roampost.store.changes import (
    Audit,
    Change,
    EvseRow,
    Latch,
    LiveRow,
    RowState,
    SessionRow,
    SessionState,
    Who,
)
from roampost.store.errors import ChangeRefused, StoreClosed
from roampost.store.store import Store, open_connection
from tests.agent.store.makers import BOOT, WALL_MS, change, changes, error, open_store, stamp, start, status

EVSE = EvseRow("DE*ABC*E1", "charging", '{"session": "s1"}', 16_000, stamp(5))
SESSION = SessionRow("s1", "DE*ABC*E1", '{"uid": "04A1B2C3D4"}', SessionState.OPEN, "hub", "h-s1")
LATCH = Latch("DE*ABC*E1", "residual current", stamp(7, trusted=False))


def texts(path: Path) -> list[str]:
    connection = reading.open_readonly(path)
    rows = reading.outbox_rows(connection, limit=10_000)
    connection.close()
    return [row.body.split('"text":"')[1].split('"')[0] for row in reversed(rows)]


def stored_sessions(path: Path) -> list[SessionRow]:
    with closing(reading.open_readonly(path)) as connection:
        return [row for row, _ in reading.sessions(connection)]


async def test_a_change_is_read_back_by_the_next_process(store: Store, path: Path) -> None:
    await store.submit(Change(stamp(), evses=(EVSE,), sessions=(SESSION,), latches_set=(LATCH,), trusted_offset_ms=77))
    store.close()
    again = open_store(path)
    recovered = again.recover()
    again.close()
    assert recovered.evses == (EVSE,)
    assert stored_sessions(path) == [SESSION]
    assert recovered.latches == (LATCH,)
    assert recovered.offsets_ms == {BOOT: 77}


async def test_a_session_is_closed_in_place_and_cleared_latches_are_not_recovered(store: Store, path: Path) -> None:
    await store.submit(Change(stamp(), sessions=(SESSION,), latches_set=(LATCH,)))
    ended = replace(SESSION, state=SessionState.CLOSED, why="unplugged")
    await store.submit(Change(stamp(), sessions=(ended,), latches_cleared=((LATCH.evse_id, LATCH.fault),)))
    assert (stored_sessions(path), store.recover().latches) == ([ended], ())


async def test_a_latch_keeps_the_moment_it_was_first_set(store: Store) -> None:
    await store.submit(Change(stamp(), latches_set=(LATCH,)))
    await store.submit(Change(stamp(), latches_set=(replace(LATCH, since=stamp(99)),)))
    assert store.recover().latches == (LATCH,)


async def test_changes_are_written_in_the_order_of_submission(store: Store, path: Path) -> None:
    futures = [store.submit(one) for one in changes(error(text=str(number)) for number in range(500))]
    receipts = await asyncio.gather(*futures)
    assert [receipt.seqs for receipt in receipts] == [(number + 1,) for number in range(500)]
    assert texts(path) == [str(number) for number in range(500)]


async def test_a_refused_change_is_rolled_back_whole_and_alone(store: Store, path: Path) -> None:
    heard: list[LiveRow] = []
    store.subscribe(heard.extend)
    half = change(error(text="half"))
    broken = replace(half, evses=(EVSE,), drafts=(*half.drafts, replace(half.drafts[0], body="no JSON")))
    futures = [store.submit(change(error(text="before"))), store.submit(broken), store.submit(change(error(text="x")))]
    results = await asyncio.gather(*futures, return_exceptions=True)
    assert isinstance(results[1], ChangeRefused)
    assert texts(path) == ["before", "x"]
    assert [row.seq for row in heard] == [1, 2]
    assert store.recover().evses == ()


async def test_cancelling_the_caller_does_not_take_the_change_back(store: Store, path: Path) -> None:
    future = store.submit(change(error(text="kept")))
    future.cancel()
    await store.submit(change(error(text="next")))
    assert texts(path) == ["kept", "next"]


async def test_a_new_status_supersedes_the_waiting_ones_of_its_evse_and_hub_only(store: Store, path: Path) -> None:
    other = status(evse_id="DE*ABC*E2")
    await store.submit(change(status(EvseStatus.AVAILABLE), other))
    await store.submit(change(status(EvseStatus.OCCUPIED), hub="second"))
    receipt = await store.submit(change(status(EvseStatus.OCCUPIED), status(EvseStatus.UNKNOWN), start()))
    connection = reading.open_readonly(path)
    waiting = reading.outbox_live(connection)
    connection.close()
    assert [row.seq for row in waiting] == [2, 3, *receipt.seqs[1:]]
    assert '"unknown"' in waiting[2].body


async def test_a_status_in_flight_is_not_superseded_by_its_successor(store: Store) -> None:
    (seq,) = (await store.submit(change(status()))).seqs
    await store.mark_sending(seq)
    await store.submit(change(status(EvseStatus.OCCUPIED)))
    states = {row.seq: row.state for row in await store.live_rows("hub")}
    assert states == {seq: RowState.SENDING, seq + 1: RowState.QUEUED}


async def test_listeners_hear_of_touched_rows_before_the_future_is_resolved(store: Store) -> None:
    heard: list[LiveRow] = []
    leave = store.subscribe(heard.extend)
    await store.submit(change(start()))
    assert [(row.seq, row.kind, row.state) for row in heard] == [(1, "start", RowState.QUEUED)]
    leave()
    await store.submit(change(error()))
    assert len(heard) == 1


async def test_audits_name_the_process_that_asked(store: Store, path: Path) -> None:
    await store.submit(Change(stamp(), audits=(Audit("disable", "DE*ABC*E1", "broken flap", Who(1000, 42)),)))
    connection = reading.open_readonly(path)
    (row,) = reading.audits(connection)
    connection.close()
    assert (row.at_ms, row.who, row.what, row.reason) == (WALL_MS, Who(1000, 42), "disable", "broken flap")


async def test_what_was_in_flight_at_a_crash_waits_again_with_an_unknown_outcome(store: Store, path: Path) -> None:
    (seq,) = (await store.submit(change(start()))).seqs
    await store.mark_sending(seq)
    store.close()
    again = open_store(path)
    (row,) = await again.live_rows("hub")
    again.close()
    assert (row.state, row.unknown_outcome, row.attempts) == (RowState.QUEUED, True, 1)


async def test_closing_leaves_one_file_without_a_log(store: Store, path: Path) -> None:
    await store.submit(change(start()))
    store.close()
    assert sorted(item.name for item in path.parent.iterdir()) == ["roampost.db", "roampost.db.lock"]
    await store.watch()
    with pytest.raises(StoreClosed):
        await store.submit(change(start()))


async def test_the_writer_syncs_every_commit_of_a_write_ahead_log(path: Path) -> None:
    found: dict[str, object] = {}

    def spy(file: Path) -> sqlite3.Connection:
        connection = open_connection(file)
        for pragma in ("journal_mode", "synchronous", "foreign_keys"):
            found[pragma] = connection.execute(f"pragma {pragma}").fetchone()[0]
        return connection

    Store.open(path, now_wall_ms=lambda: WALL_MS, boot=BOOT, connect=spy).close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
