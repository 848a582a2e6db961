"""Sessions that began while no hub could be asked: opened late, or refused as a whole and kept in sight."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from roampost.store import reading
from roampost.store.changes import Change, HubSession, OpenedSession, RowState, SessionRow, SessionState, Settled, Who
from roampost.store.store import Store
from tests.agent.store.makers import BOOT, WALL_MS, cdr, change, end, late, offline, open_store, stamp, start

PERSON = Who(1000, 4711)
DAY_MS = 86_400_000
REFUSED = Settled(RowState.REFUSED, 0, WALL_MS, False, False, "refused", "yes", "no contract", "102", 200)


@pytest.fixture
def connection(store: Store, path: Path) -> Iterator[sqlite3.Connection]:
    opened = reading.open_readonly(path)
    yield opened
    opened.close()


def opened(hub_session_id: str) -> Settled:
    return Settled(
        RowState.DELIVERED, 0, WALL_MS, False, False, "delivered", "yes", "yes", hub_session_id=hub_session_id
    )


async def session_row(store: Store, state: SessionState = SessionState.OPEN) -> None:
    await store.submit(Change(stamp(), sessions=(SessionRow("s1", "E1", "{}", state, "hub"),)))


async def attempt(store: Store, seq: int, settled: Settled) -> None:
    assert await store.mark_sending(seq) is not None
    await store.settle(seq, settled)


def states(connection: sqlite3.Connection) -> list[RowState]:
    return [row.state for row in reversed(reading.outbox_rows(connection))]


async def test_what_a_late_authorization_brings_goes_with_the_messages_behind_it(store: Store, path: Path) -> None:
    await store.submit(change(late(), offline(start()), start("s2")))
    await attempt(store, 1, opened("h-late"))
    store.close()
    again = open_store(path)
    behind, other = await again.mark_sending(2), await again.mark_sending(3)
    again.close()
    assert behind is not None
    assert other is not None
    assert (behind.hub_session_id, other.hub_session_id) == ("h-late", None)


async def test_a_refusal_lets_the_end_of_another_session_go_that_a_late_yes_has_opened(
    store: Store, connection: sqlite3.Connection
) -> None:
    await store.submit(change(late(), offline(start()), end()))
    await attempt(store, 1, REFUSED)
    await store.submit(change(offline(cdr()), end()))
    assert states(connection) == [
        RowState.REFUSED,
        RowState.REFUSED,
        RowState.QUEUED,
        RowState.REFUSED,
        RowState.QUEUED,
    ]


async def test_a_refusal_takes_the_whole_lane_and_what_comes_later_and_names_the_session(
    store: Store, connection: sqlite3.Connection
) -> None:
    await store.submit(change(late(), offline(start()), start("s2")))
    await attempt(store, 1, REFUSED)
    await store.submit(change(offline(end()), offline(cdr())))
    await store.submit(change(offline(cdr()), hub="second"))
    assert states(connection) == [*[RowState.REFUSED] * 2, RowState.QUEUED, *[RowState.REFUSED] * 2, RowState.QUEUED]
    rows = {row.seq: row for row in reading.outbox_rows(connection)}
    assert all(rows[seq].finished_ms == WALL_MS for seq in (1, 2, 4, 5))
    assert rows[1].last_text == "no contract"
    assert {rows[seq].last_text for seq in (2, 4, 5)} == {"the hub refused the session: no contract"}
    (audit,) = reading.audits(connection)
    assert (audit.what, audit.target, audit.reason) == ("session.refused", "session s1", "hub: no contract")
    assert [row.seq for row in await store.live_rows("hub")] == [3]


async def test_a_person_requeues_any_of_it_and_the_whole_lane_is_tried_again(
    store: Store, connection: sqlite3.Connection
) -> None:
    await store.submit(change(late(), offline(start()), start("s2")))
    await attempt(store, 1, REFUSED)
    await store.submit(change(offline(cdr())))
    await store.requeue(4, who=PERSON)
    assert set(states(connection)) == {RowState.QUEUED}
    assert [audit.what for audit in reading.audits(connection)] == ["requeue", "session.refused"]
    await store.submit(change(offline(cdr())))
    assert states(connection)[-1] is RowState.QUEUED
    await attempt(store, 1, opened("h-second-try"))
    behind = await store.mark_sending(4)
    assert behind is not None
    assert behind.hub_session_id == "h-second-try"


async def test_the_next_process_knows_what_was_brought_to_sessions_that_go_on(store: Store) -> None:
    await session_row(store)
    await store.submit(change(late(), offline(start())))
    await attempt(store, 1, opened("h-late"))
    await attempt(store, 2, opened(""))
    known = await store.known("hub")
    assert known.hub_sessions == (HubSession("s1", "h-late", None),)
    assert known.started == {"s1": "h-late"}
    assert (await store.known("second")).hub_sessions == ()
    await store.submit(change(end()))
    assert (await store.known("hub")).started == {}
    await session_row(store, SessionState.CLOSED)
    assert (await store.known("hub")).hub_sessions == ()


async def test_a_parked_late_authorization_is_live_still(store: Store) -> None:
    await store.submit(change(late(), start("s2")))
    for seq in (1, 2):
        await attempt(store, seq, Settled(RowState.PARKED, 0, WALL_MS, False, False, "reject", "yes", "no"))
    assert [row.seq for row in await store.live_rows("hub")] == [1]


async def test_a_refused_session_is_kept_as_long_as_a_billing_record(
    store: Store, connection: sqlite3.Connection
) -> None:
    await session_row(store, SessionState.CLOSED)
    await store.submit(change(late(), offline(start()), start("s2")))
    await attempt(store, 1, REFUSED)
    await attempt(store, 3, opened(""))
    await store.submit(change(start("youngest")))
    await store.prune(before_ms=WALL_MS + 1, cdrs_before_ms=WALL_MS - DAY_MS)
    assert [row.seq for row in reading.outbox_rows(connection)] == [4, 2, 1]
    assert connection.execute("select seq from delivery").fetchall() == [(1,)]
    assert connection.execute("select count(*) from hub_session").fetchone() == (1,)
    await store.prune(before_ms=WALL_MS + 1, cdrs_before_ms=WALL_MS + 1)
    assert [row.seq for row in reading.outbox_rows(connection)] == [4]
    assert connection.execute("select count(*) from hub_session").fetchone() == (0,)


async def test_what_a_late_authorization_brought_is_kept_while_a_message_waits_for_it(
    store: Store, connection: sqlite3.Connection
) -> None:
    await store.submit(change(late(), offline(cdr())))
    await attempt(store, 1, opened("h-late"))
    await store.prune(before_ms=WALL_MS + 1, cdrs_before_ms=WALL_MS + 1)
    assert connection.execute("select hub_session_id from hub_session").fetchall() == [("h-late",)]


async def test_boots_that_nothing_refers_to_are_forgotten_and_others_are_not(
    store: Store, connection: sqlite3.Connection
) -> None:
    for number, boot in enumerate(("gone", "of a message", "young", "of a cleared one")):
        offset_ms = WALL_MS + (DAY_MS if boot == "young" else -DAY_MS)
        drafts = change(start()).drafts if boot == "of a message" else ()
        await store.submit(Change(stamp(number, boot=boot), drafts=drafts, trusted_offset_ms=offset_ms))
    await store.prune(before_ms=WALL_MS, cdrs_before_ms=WALL_MS)
    boots = {boot for (boot,) in connection.execute("select boot from boot")}
    assert boots == {BOOT, "of a message", "young"}


async def adopt(store: Store) -> None:
    await store.submit(Change(stamp(), opened=(OpenedSession("hub", "session/s1", "s1", "h-own"),)))


async def test_a_hub_that_said_yes_by_itself_is_not_asked_again(store: Store, connection: sqlite3.Connection) -> None:
    await store.submit(change(late(), offline(start())))
    await adopt(store)
    assert states(connection) == [RowState.SUPERSEDED, RowState.QUEUED]
    sendable = await store.mark_sending(2)
    assert sendable is not None
    assert sendable.hub_session_id == "h-own"


@pytest.mark.parametrize(
    ("answer", "state"), [(opened("h-late"), RowState.DELIVERED), (REFUSED, RowState.SUPERSEDED)], ids=["yes", "no"]
)
async def test_what_it_says_to_a_question_that_was_on_its_way_changes_nothing(
    store: Store, connection: sqlite3.Connection, answer: Settled, state: RowState
) -> None:
    await store.submit(change(late(), offline(start())))
    assert await store.mark_sending(1) is not None
    await adopt(store)
    assert await store.settle(1, answer) is state
    assert states(connection) == [state, RowState.QUEUED]
    sendable = await store.mark_sending(2)
    assert sendable is not None
    assert sendable.hub_session_id == "h-own"
