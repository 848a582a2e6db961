"""`roampost sessions` against a real database: who charged, how much, and what became of the record."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from roampost.domain.messages import LateAuthorization, SessionRef
from roampost.evse.event import Decider
from roampost.evse.session import Session
from roampost.outbox.classes import draft
from roampost.store.changes import Change, RowState, SessionRow, SessionState, Settled
from roampost.store.store import Store
from tests.agent.cli.stopped_station import BOOT, EVSE_ID, NOON_MS, STAMP, UID, Site, call, charge_record, site

Capture = pytest.CaptureFixture[str]
CONTRACT = "DE-DCB-C12345678-X"


def settled(state: RowState, text: str) -> Settled:
    return Settled(state, 0, NOON_MS, False, False, "delivered", "yes", text)


class Past:
    """Sessions of all fates, named by them."""

    def __init__(self, database: Path) -> None:
        self.store = Store.open(database, now_wall_ms=lambda: NOON_MS, boot=BOOT)

    async def session(self, name: str, state: SessionState = SessionState.CLOSED, **changes: object) -> None:
        first = Session(
            session_id=name,
            hub="hubject",
            hub_session_id="h-1",
            evse_id=EVSE_ID,
            uid=UID,
            authorized=STAMP,
            meter_start_wh=1_000,
            meter_last_wh=3_500,
            ended=None if state is SessionState.OPEN else STAMP.later(3600),
        )
        body = first.model_copy(update=changes)
        row = SessionRow(name, EVSE_ID, body.model_dump_json(), state, body.hub, body.hub_session_id, "unplugged")
        await self.store.submit(Change(STAMP, sessions=(row,)))

    async def record(self, name: str, state: RowState | None = None, text: str = "taken", **changes: object) -> None:
        ref = charge_record().session.model_copy(update={"session_id": name, **changes})
        message = charge_record().model_copy(update={"session": ref})
        (seq,) = (await self.store.submit(Change(STAMP, drafts=(draft("hubject", message),)))).seqs
        if state is not None:
            await self.store.mark_sending(seq)
            await self.store.settle(seq, settled(state, text))

    async def refused(self, name: str) -> None:
        ref = SessionRef(session_id=name, hub_session_id=None, evse_id=EVSE_ID, uid=UID)
        asked = draft("hubject", LateAuthorization(session=ref, session_start=STAMP))
        (seq,) = (await self.store.submit(Change(STAMP, drafts=(asked,)))).seqs
        await self.store.mark_sending(seq)
        await self.store.settle(seq, settled(RowState.REFUSED, "no contract"))
        await self.record(name, hub_session_id=None)


async def _live(past: Past) -> None:
    await past.session("billed")
    await past.record("billed", RowState.DELIVERED)
    await past.session("waiting")
    await past.record("waiting")
    await past.session("rejected", uid=None, contract_id=CONTRACT, decided_by=Decider.PROVIDER)
    await past.record("rejected", RowState.PARKED, "018: unknown EVSE\x1b[31m")
    await past.session("lost", hub_session_id=None, decided_by=Decider.LIST)
    await past.refused("lost")
    await past.session("free", hub=None, hub_session_id=None, decided_by=Decider.FREE, uid=None)
    await past.session("running", SessionState.OPEN, meter_last_wh=None)


@pytest.fixture
def stopped(tmp_path: Path) -> Site:
    made = site(tmp_path)
    past = Past(made.database)
    try:
        asyncio.run(_live(past))
    finally:
        past.store.close()
    return made


@pytest.fixture
def documents(stopped: Site, capsys: Capture) -> Callable[..., dict[str, dict[str, object]]]:
    def asked(*words: str) -> dict[str, dict[str, object]]:
        assert call(stopped, "sessions", "--json", *words) == 0
        return {one["session_id"]: one for one in json.loads(capsys.readouterr().out)}

    return asked


Documents = Callable[..., dict[str, dict[str, object]]]


def test_it_says_what_became_of_every_record(documents: Documents) -> None:
    found = documents()
    assert {name: one["record"] for name, one in found.items()} == {
        "running": "not yet",
        "free": "not owed",
        "lost": "refused",
        "rejected": "parked",
        "waiting": "waits",
        "billed": "delivered",
    }
    assert next(iter(found)) == "running"
    assert found["lost"]["record_text"] == "the hub refused the session: no contract"
    assert [found[name]["decided_by"] for name in ("lost", "rejected", "free")] == ["list", "provider", "free"]


def test_the_unbilled_are_those_that_somebody_still_has_to_pay_for(documents: Documents) -> None:
    assert list(documents("--unbilled")) == ["lost", "rejected", "waiting"]
    assert list(documents("--unbilled", "--limit", "1")) == ["lost"]


def test_when_how_long_and_how_much(documents: Documents) -> None:
    found = documents()
    billed, running = found["billed"], found["running"]
    assert (billed["from_ms"], billed["to_ms"], billed["energy_wh"]) == (NOON_MS, NOON_MS + 3_600_000, 2_500)
    assert (running["to_ms"], running["energy_wh"], running["state"]) == (None, None, "open")


def test_cards_and_contracts_are_masked_unless_asked_for(documents: Documents) -> None:
    masked, shown = documents(), documents("--show-uids")
    assert (masked["billed"]["uid"], masked["rejected"]["contract_id"]) == ("…C3", "…-X")
    assert (shown["billed"]["uid"], shown["rejected"]["contract_id"]) == (UID, CONTRACT)


def test_the_table_is_for_people(stopped: Site, capsys: Capture) -> None:
    assert call(stopped, "sessions") == 0
    text = capsys.readouterr().out
    heads, *lines = text.splitlines()
    assert heads.split()[:5] == ["SESSION", "EVSE", "FROM", "TO", "KWH"]
    (rejected,) = (line for line in lines if line.startswith("rejected"))
    assert "2.500" in rejected
    assert rejected.endswith("parked: 018: unknown EVSE?[31m (message 3)")
    assert UID not in text
    assert CONTRACT not in text


def test_a_time_from_before_the_clock_was_right_is_corrected(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    past = Past(made.database)

    async def live() -> None:
        early = STAMP.model_copy(update={"wall_ms": 12_345, "trusted": False})
        await past.session("early", authorized=early)
        await past.store.submit(Change(STAMP, trusted_offset_ms=NOON_MS))

    asyncio.run(live())
    past.store.close()
    assert call(made, "sessions", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["from_ms"] == NOON_MS + STAMP.mono_ms


def test_no_database_and_nothing_in_it(tmp_path: Path, capsys: Capture) -> None:
    made = site(tmp_path)
    assert call(made, "sessions") == 3
    Store.open(made.database, now_wall_ms=lambda: NOON_MS, boot=BOOT).close()
    capsys.readouterr()
    assert call(made, "sessions") == 0
    assert call(made, "sessions", "--unbilled") == 0
    assert capsys.readouterr().out == "No sessions yet.\nNo session waits to be billed.\n"
