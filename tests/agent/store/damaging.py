"""A store with something in every table, left as a power cut leaves it or closed, and what an agent makes of it."""

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roampost.evse.evse import Evse
from roampost.evse.session import Session
from roampost.store.changes import Audit, Change, EvseRow, Latch, RowState, SessionRow, SessionState, Settled
from roampost.store.mending import Mender
from roampost.store.store import Store
from tests.agent.store.makers import BOOT, WALL_MS, cdr, change, open_store, stamp, start, status

RECORDS = 30
DELIVERED = 10
EVSE_ID = "DE*ABC*E1"
PAGE = 4096


def a_session(session_id: str) -> Session:
    return Session(
        session_id=session_id,
        hub_session_id=f"h-{session_id}",
        hub="hub",
        evse_id=EVSE_ID,
        uid="04A1B2C3D4",
        authorized=stamp(1),
        meter_start_wh=100,
    )


def _opened(session_id: str) -> Change:
    session = a_session(session_id)
    evse = Evse(evse_id=EVSE_ID, since=stamp(), why="a card", session=session, permitted_ma=16_000)
    return Change(
        stamp(),
        evses=(EvseRow(EVSE_ID, evse.state, evse.model_dump_json(), 16_000, stamp()),),
        sessions=(SessionRow(session_id, EVSE_ID, session.model_dump_json(), SessionState.OPEN, "hub", "h"),),
        audits=(Audit("test", EVSE_ID, "x" * 100),),
        latches_set=(Latch(EVSE_ID, "rcd", stamp()),),
        trusted_offset_ms=WALL_MS,
    )


async def _fill(store: Store) -> None:
    await store.submit(_opened("s-open"))
    for number in range(RECORDS):
        await store.submit(change(cdr(f"s{number}")))
    await store.submit(change(start("s-open"), status()))
    for seq in range(1, DELIVERED + 1):
        await store.mark_sending(seq)
        await store.settle(seq, settled(seq))
    await store.mark_sending(DELIVERED + 1)


def settled(seq: int) -> Settled:
    return Settled(RowState.DELIVERED, 0, WALL_MS + seq, False, False, "delivered", "yes", "The hub has it.")


def make(path: Path) -> None:
    """Closed in order; record 11 is in flight. Every page that there is belongs to the file itself."""
    store = open_store(path)
    asyncio.run(_fill(store))
    store.close()


def make_cut(path: Path) -> None:
    """As after a power cut: all is in the log, the file has its first pages only."""
    other = path.with_name("other.db")
    store = open_store(other)
    asyncio.run(_fill(store))
    for tail in ("", "-wal"):
        shutil.copy(f"{other}{tail}", f"{path}{tail}")
    store.close()


def mended(path: Path, *, trusted: bool = True) -> Store:
    return Store.open(path, now_wall_ms=lambda: WALL_MS, boot=BOOT, mend=Mender(lambda: WALL_MS, lambda: trusted))


@dataclass(frozen=True)
class Left:
    """What an agent has after its start: rows of the database, and of the file beside it (None: not damaged)."""

    outbox: dict[int, tuple[str, str, int]]
    sessions: list[str]
    evses: dict[str, str]
    latches: list[str]
    filed: list[dict[str, Any]] | None

    @property
    def waiting(self) -> set[str]:
        """The sessions whose records wait."""
        rows = [body for state, body, _ in self.outbox.values() if state == "queued"]
        found = [json.loads(body) for body in rows]
        records = [one["session"]["session_id"] for one in found if one.get("kind") == "cdr"]
        assert len(records) == len(set(records)), "a record is there twice"
        return set(records)

    @property
    def filed_records(self) -> set[str]:
        rows = [row["columns"] for row in self.filed or [] if row["table"] == "outbox"]
        return {row["session_id"] for row in rows if row["kind"] == "cdr"}


def restart(path: Path) -> Left:
    mended(path).close()
    return left(path)


def left(path: Path) -> Left:
    files = sorted(path.parent.glob("*.salvaged-*"))
    filed = [json.loads(line) for line in files[-1].read_text().splitlines()] if files else None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        rows = connection.execute("select seq, state, body, unknown_outcome from outbox").fetchall()
        return Left(
            {seq: (state, body, unknown) for seq, state, body, unknown in rows},
            [one for (one,) in connection.execute("select session_id from session")],
            dict(connection.execute("select evse_id, context from evse").fetchall()),
            [one for (one,) in connection.execute("select fault from fault_latch")],
            filed,
        )
