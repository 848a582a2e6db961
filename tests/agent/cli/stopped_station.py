"""A configuration and a real database, as an agent that has stopped leaves them."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from roampost.cli import main
from roampost.domain.messages import ChargeRecord, EvseStatus, SessionRef, StatusMessage
from roampost.domain.stamp import Stamp
from roampost.evse.evse import Evse
from roampost.evse.state import State
from roampost.store.changes import Change, Draft, EvseRow, Latch, RowState, Settled
from roampost.store.store import Store
from tests.agent.config.small_site import GOOD

NOON_MS = 1_790_000_000_000
EVSE_ID = "DE*ABC*E1*1"
UID = "04A1B2C3"
BOOT = "b1"
STAMP = Stamp(boot=BOOT, mono_ms=60_000, wall_ms=NOON_MS, trusted=True)


@dataclass(frozen=True)
class Site:
    config: Path
    database: Path
    socket: Path


def site(folder: Path) -> Site:
    """The configuration only."""
    made = Site(folder / "roampost.toml", folder / "roampost.db", folder / "control.sock")
    station = f'[station]\nname = "Test"\ndatabase = "{made.database}"\nsocket = "{made.socket}"\n'
    devices = f'devices_dir = "{folder / "devices.d"}"\n'
    made.config.write_text(GOOD.replace('[station]\nname = "Test"\n', station + devices), encoding="utf-8")
    return made


def call(found: Site, *words: str) -> int:
    """The exit code of a command."""
    return main(["--config", str(found.config), *words])


def charge_record() -> ChargeRecord:
    session = SessionRef(session_id="s-1", hub_session_id="h-1", evse_id=EVSE_ID, uid=UID)
    return ChargeRecord(
        session=session,
        session_start=STAMP,
        session_end=STAMP,
        charging_start=STAMP,
        charging_end=STAMP,
        meter_start_wh=1_000,
        meter_end_wh=3_500,
        energy_wh=2_500,
    )


def drafts() -> tuple[Draft, ...]:
    """Message 1 is a CDR, message 2 a status."""
    status = StatusMessage(evse_id=EVSE_ID, status=EvseStatus.AVAILABLE)
    return (
        Draft("hubject", "s-1", "cdr", EVSE_ID, "s-1", charge_record().model_dump_json()),
        Draft("hubject", "status", "status", EVSE_ID, None, status.model_dump_json()),
    )


def filled(folder: Path, *, answer: str = "=the record is not accepted\n\x1b[31m") -> Site:
    """A site whose CDR is parked after one attempt, whose status waits, and whose EVSE has a latched fault."""
    made = site(folder)
    store = Store.open(made.database, now_wall_ms=lambda: NOON_MS, boot=BOOT)
    try:
        asyncio.run(_fill(store, answer))
    finally:
        store.close()
    return made


async def _fill(store: Store, answer: str) -> None:
    evse = Evse(evse_id=EVSE_ID, state=State.FAULTED, since=STAMP, why="rcd has tripped", faults=("rcd",))
    row = EvseRow(EVSE_ID, evse.state, evse.model_dump_json(), 0, STAMP)
    latch = Latch(EVSE_ID, "water", STAMP)
    await store.submit(Change(STAMP, evses=(row,), drafts=drafts(), latches_set=(latch,)))
    await store.mark_sending(1)
    settled = Settled(
        state=RowState.PARKED,
        next_attempt_ms=0,
        at_ms=NOON_MS,
        unknown_outcome=False,
        offline=False,
        verdict="reject",
        arrival="yes",
        text=answer,
        code="400",
        http_status=200,
    )
    await store.settle(1, settled)
