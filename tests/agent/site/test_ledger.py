"""A step's outcome in a real store: all of it in one change, addressed to whom it concerns."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path

import pytest

from roampost.clock import WallTime
from roampost.domain.messages import EvseStatus, LateAuthorization, StatusMessage
from roampost.domain.stamp import Stamp
from roampost.evse.closing import settled
from roampost.evse.effect import Effect, Note, Opened, Tell
from roampost.evse.evse import Evse
from roampost.evse.state import State
from roampost.site.ledger import Ledger
from roampost.store.changes import RowState, SessionState
from roampost.store.reading import audits, open_readonly, outbox_rows, sessions
from roampost.store.store import Store
from tests.agent.evse.makers import EVSE_ID, at, evse, session
from tests.agent.loop.rig import HandClock

STATUS = Tell(StatusMessage(evse_id=EVSE_ID, status=EvseStatus.AVAILABLE))
HUBS = {EVSE_ID: ("hubject", "second")}


class LateClock(HandClock):
    """Synchronized when told so."""

    trusted = False

    def stamp(self) -> Stamp:
        return super().stamp().model_copy(update={"trusted": self.trusted})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roampost.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store.open(path, now_wall_ms=HandClock().wall_ms, boot="b1")
    yield opened
    opened.close()


def ledger(store: Store, clock: HandClock | None = None) -> Ledger:
    clock = clock or HandClock()
    return Ledger(store.submit, HUBS, clock=clock, wall_time=WallTime(UTC, clock=clock))


def outbox(path: Path) -> list[tuple[str, str]]:
    connection = open_readonly(path)
    try:
        return [(row.hub, row.kind) for row in reversed(outbox_rows(connection))]
    finally:
        connection.close()


async def test_a_status_goes_to_every_hub_of_the_evse_and_an_end_to_its_own(store: Store, path: Path) -> None:
    ended = session(ended=at(90), charging_start=at(20), charging_end=at(80), meter_last_wh=12_700)
    effects: tuple[Effect, ...] = (STATUS, *settled(ended, zero_energy_record=False))
    receipt = await ledger(store).write(evse(State.AVAILABLE), effects)
    assert outbox(path) == [("hubject", "status"), ("second", "status"), ("hubject", "end"), ("hubject", "cdr")]
    assert len(receipt.seqs) == 4


async def test_an_evse_on_no_hub_is_recorded_and_tells_nobody(store: Store, path: Path) -> None:
    alone = evse(State.AVAILABLE).model_copy(update={"evse_id": "DE*ABC*E9"})
    await ledger(store).write(alone, (Tell(StatusMessage(evse_id="DE*ABC*E9", status=EvseStatus.AVAILABLE)),))
    assert outbox(path) == []
    assert [row.evse_id for row in store.recover().evses] == ["DE*ABC*E9"]


async def test_a_hub_is_told_only_what_it_has_words_for(store: Store, path: Path) -> None:
    ended = session(ended=at(90), charging_start=at(20), charging_end=at(80), meter_last_wh=12_700)
    kinds = {"hubject": {"cdr"}, "second": {"status"}}
    clock = HandClock()
    wordy = Ledger(
        store.submit,
        HUBS,
        lambda hub, message: message.kind in kinds[hub],
        clock=clock,
        wall_time=WallTime(UTC, clock=clock),
    )
    receipt = await wordy.write(evse(State.AVAILABLE), (STATUS, *settled(ended, zero_energy_record=False)))
    assert outbox(path) == [("second", "status"), ("hubject", "cdr")]
    assert len(receipt.seqs) == 2
    assert stored_states(path) == [SessionState.CLOSED]


def stored_states(path: Path) -> list[SessionState]:
    with closing(open_readonly(path)) as connection:
        return [row.state for row, _ in sessions(connection)]


async def test_open_closing_and_closed_sessions_have_their_rows(store: Store, path: Path) -> None:
    one = ledger(store)
    ended = session(ended=at(90), why="stopped by card")
    await one.write(evse(State.CHARGING), ())
    assert stored_states(path) == [SessionState.OPEN]
    await one.write(evse(State.FINISHING, closing=ended), ())
    assert stored_states(path) == [SessionState.CLOSING]
    await one.write(evse(State.FINISHING), tuple(settled(ended, zero_energy_record=False)))
    connection = open_readonly(path)
    ((row, _),) = sessions(connection)
    connection.close()
    assert row.state is SessionState.CLOSED
    assert row.why == "stopped by card; no energy, no charge detail record is owed"


async def test_a_note_is_an_audit_row(store: Store, path: Path) -> None:
    await ledger(store).write(evse(State.AVAILABLE), (Note("meter_refused", "register went back"),))
    connection = open_readonly(path)
    (row,) = audits(connection)
    connection.close()
    assert (row.what, row.target, row.reason, row.who.pid) == ("meter_refused", EVSE_ID, "register went back", None)


async def test_the_record_comes_back_as_it_was(store: Store, path: Path) -> None:
    before = evse(State.HOLDING, told=EvseStatus.UNKNOWN, faults=("door",))
    await ledger(store).write(before, (STATUS,))
    store.close()
    again = Store.open(path, now_wall_ms=HandClock().wall_ms, boot="b2")
    (row,) = again.recover().evses
    again.close()
    assert Evse.model_validate_json(row.context) == before
    assert (row.state, row.permitted_ma, row.changed) == ("holding", 16_000, before.since)


async def test_present_faults_are_rows_while_they_are_present(store: Store) -> None:
    one = ledger(store)
    await one.write(evse(State.FAULTED, faults=("rcd", "tilt")), ())
    assert [latch.fault for latch in store.recover().latches] == ["rcd", "tilt"]
    after = ledger(store)
    after.remember(store.recover().latches)
    await after.write(evse(State.FAULTED, faults=("tilt",)), ())
    assert [latch.fault for latch in store.recover().latches] == ["tilt"]


async def test_the_offset_of_a_boot_is_kept_when_the_clock_is_synchronized(store: Store) -> None:
    clock = LateClock()
    one = ledger(store, clock)
    await one.write(evse(State.AVAILABLE), ())
    one.learn_time()
    assert store.recover().offsets_ms == {}
    clock.trusted = True
    one.learn_time()
    await one.write(evse(State.AVAILABLE), ())
    stamp = clock.stamp()
    assert store.recover().offsets_ms == {"b1": stamp.wall_ms - stamp.mono_ms}


async def test_a_hub_s_own_yes_ends_the_question_that_waits_for_it(store: Store, path: Path) -> None:
    named = session()
    waits = LateAuthorization(session=named.ref.model_copy(update={"hub_session_id": None}), session_start=at(10))
    await ledger(store).write(evse(State.READY), (Tell(waits, "hubject"),))
    await ledger(store).write(evse(State.READY), (Opened(named),))
    with closing(open_readonly(path)) as connection:
        assert [row.state for row in outbox_rows(connection)] == [RowState.SUPERSEDED]
