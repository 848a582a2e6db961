"""Whatever the hub answers and whenever the power fails: nothing is lost, nothing known is repeated, order holds."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from roampost.domain.messages import EvseStatus, Message
from roampost.store.changes import RowState
from tests.agent.outbox.bench import (
    BUSY,
    DELIVERED,
    NO_CONTRACT,
    NO_ROUTE,
    SILENT,
    UNKNOWN_EVSE,
    WRONG_CERTIFICATE,
    Bench,
)
from tests.agent.outbox.field import FieldHub
from tests.agent.store.makers import cdr, change, end, error, late, offline, start, status

ANSWERS = st.lists(
    st.sampled_from([DELIVERED, BUSY, SILENT, NO_ROUTE, WRONG_CERTIFICATE, UNKNOWN_EVSE, NO_CONTRACT]), max_size=6
)
LIVE = {RowState.QUEUED, RowState.HELD}
REFUSED = RowState.REFUSED
TOLD_OFF = {RowState.DELIVERED, RowState.PARKED, RowState.UNCONFIRMED}


class Field(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="roampost-"))
        self.loop = asyncio.new_event_loop()
        self.crashes = 0
        self.sessions = 0
        self.cdrs: list[str] = []
        self.newest: dict[str, EvseStatus] = {}
        self.hub = FieldHub()
        self.bench = Bench(self.folder / "0.db", hub=self.hub)
        self.hub.rows, self.hub.now_ms = (lambda: self.bench.rows()), (lambda: self.bench.now_ms)
        self.wait(self.begin())

    def wait(self, work: Coroutine[Any, Any, Any]) -> None:
        self.loop.run_until_complete(work)

    async def begin(self) -> None:
        await self.bench.dispatcher.start()

    async def submit(self, *messages: Message) -> None:
        await self.bench.store.submit(change(*messages, mono_ms=self.bench.now_ms))

    @rule(evse_id=st.sampled_from(["E1", "E2"]), value=st.sampled_from(EvseStatus))
    def evse_changes(self, evse_id: str, value: EvseStatus) -> None:
        self.newest[evse_id] = value
        self.wait(self.submit(status(value, evse_id)))

    @rule(with_error=st.booleans(), billed=st.booleans())
    def session_is_over(self, with_error: bool, billed: bool) -> None:
        self.sessions += 1
        session_id = f"s{self.sessions}"
        self.wait(self.submit(start(session_id), *([error(session_id)] if with_error else [])))
        self.wait(self.submit(end(session_id), *([cdr(session_id)] if billed else [])))
        if billed:
            self.cdrs.append(session_id)

    @rule()
    def session_without_the_hub_is_over(self) -> None:
        self.sessions += 1
        session_id = f"s{self.sessions}"
        self.wait(self.submit(late(session_id), offline(start(session_id))))
        self.wait(self.submit(offline(end(session_id)), offline(cdr(session_id))))
        self.cdrs.append(session_id)

    @rule(answers=ANSWERS)
    def hub_will_answer(self, answers: list[Any]) -> None:
        self.hub.answers = list(answers)

    @rule(seconds=st.integers(1, 200))
    def time_passes(self, seconds: int) -> None:
        self.wait(self.bench.pass_time(seconds, step_s=5))

    @rule()
    def agent_is_restarted(self) -> None:
        self.wait(self.bench.restart())

    @rule(seconds=st.integers(0, 90))
    def power_fails_while_messages_are_in_flight(self, seconds: int) -> None:
        self.wait(self.crash())
        self.bench.now_ms += 1000 * seconds

    async def crash(self) -> None:
        """What is on the disk now is what the next process finds; the answers on their way are lost."""
        self.hub.gate.clear()
        self.hub.arrived.clear()
        self.bench.dispatcher.turn()
        flights = {task for task in asyncio.all_tasks() if task.get_name().startswith("hub ")}
        arrival = asyncio.create_task(self.hub.arrived.wait())
        if flights:
            await asyncio.wait({arrival, *flights}, return_when=asyncio.FIRST_COMPLETED)
        self.crashes += 1
        successor = self.folder / f"{self.crashes}.db"
        for suffix in ("", "-wal"):
            shutil.copy(f"{self.bench.path}{suffix}", f"{successor}{suffix}")
        for task in (arrival, *flights):
            task.cancel()
        await asyncio.gather(arrival, *flights, return_exceptions=True)
        self.bench.store.close()
        self.hub.gate.set()
        self.bench.path = successor
        self.bench.open()
        await self.begin()

    @invariant()
    def only_the_newest_status_waits(self) -> None:
        for row in self.bench.rows():
            if row.kind == "status" and row.state in LIVE:
                assert f'"{self.newest[row.evse_id]}"' in row.body

    @invariant()
    def no_cdr_is_lost(self) -> None:
        found = {row.session_id: row.state for row in self.bench.rows() if row.kind == "cdr"}
        assert set(found) == set(self.cdrs)
        taken = {message.session.session_id for message in self.hub.taken if message.kind == "cdr"}
        assert {one for one, state in found.items() if state is RowState.DELIVERED} == taken
        assert set(found.values()) <= LIVE | TOLD_OFF | {RowState.REFUSED}

    @invariant()
    def a_refused_session_is_refused_whole(self) -> None:
        lanes = [row.lane for row in self.bench.rows() if row.kind == "late_authorization" and row.state is REFUSED]
        states = [row.state for row in self.bench.rows() if row.lane in lanes]
        assert set(states) <= {REFUSED}

    def teardown(self) -> None:
        try:
            self.hub.answers = []
            self.wait(self.bench.pass_time(1200, step_s=5))
            self.everything_has_arrived()
        finally:
            self.bench.store.close()
            self.loop.close()
            shutil.rmtree(self.folder)

    def everything_has_arrived(self) -> None:
        rows = self.bench.rows()
        lost = {row.lane for row in rows if row.kind == "late_authorization" and row.state is RowState.PARKED}
        assert not [row for row in rows if row.state in LIVE | {RowState.SENDING} and row.lane not in lost]
        assert all(row.state in TOLD_OFF | {REFUSED} for row in rows if row.kind == "cdr" and row.lane not in lost)
        self.hub.land()
        for evse_id, value in self.newest.items():
            last = max(
                (row for row in rows if row.evse_id == evse_id and row.kind == "status"), key=lambda row: row.seq
            )
            assert self.hub.shown.get(evse_id) == value or last.state is RowState.PARKED


TestField = Field.TestCase
LONG = settings(
    max_examples=60,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestField.settings = settings(LONG, max_examples=20)


@pytest.mark.slow
def test_more_of_it() -> None:
    run_state_machine_as_test(Field, settings=LONG)
