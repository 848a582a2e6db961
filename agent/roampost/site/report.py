"""What `roampost status` answers from the running agent: its database's report, with what only the agent knows."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from roampost.clock import Clock
from roampost.control.report import (
    CardListReport,
    CertificateReport,
    EvseReport,
    HubReport,
    StatusReport,
    TaskReport,
    WaitingReport,
)
from roampost.evse.evse import Evse
from roampost.site.building import Parts
from roampost.store import aside
from roampost.store.reading import open_readonly
from roampost.store.store import Store
from roampost.supervise.supervisor import Supervisor, TaskState


class Reporter:
    """Cheap enough to be asked every second; the outbox is read over a connection that cannot write."""

    def __init__(
        self,
        database: Path,
        parts: Parts,
        store: Store,
        tasks: Supervisor,
        clock: Clock,
    ) -> None:
        self._database = database
        self._parts = parts
        self._store = store
        self._tasks = tasks
        self._clock = clock

    async def status(self) -> dict[str, Any]:
        """A `StatusReport` as JSON. Raises StoreUnusable when the database cannot be read."""
        report = await asyncio.to_thread(self._stored)
        evses = tuple(self._evse(loop.evse) for loop in self._parts.station.loops.values())
        tasks = tuple(self._task(task) for task in self._tasks.states())
        alarms = (*self._alarms(), *self._orphans(report.waiting))
        trusted = self._clock.stamp().trusted
        more = {"hubs": self._hubs(), "certificates": self._certificates(), "card_lists": self._card_lists()}
        return report.spoken(evses, tasks, alarms=alarms, clock_trusted=trusted, **more).to_json()

    def _stored(self) -> StatusReport:
        from roampost.control.stored import stored_report  # half a megabyte, only when somebody asks

        connection = open_readonly(self._database)
        try:
            return stored_report(connection, at_ms=self._clock.wall_ms())
        finally:
            connection.close()

    def _evse(self, evse: Evse) -> EvseReport:
        session, wall_time = evse.session or evse.closing, self._parts.wall_time
        return EvseReport(
            evse_id=evse.evse_id,
            state=evse.state,
            since_ms=int(wall_time(evse.since).timestamp() * 1000),
            why=evse.why,
            permitted_ma=evse.permitted_ma,
            status=evse.status or evse.told,
            session_id=None if session is None else session.session_id,
            faults=evse.faults,
        )

    def _hubs(self) -> tuple[HubReport, ...]:
        health = [dispatcher.health() for dispatcher in self._parts.hubs.dispatchers.values()]
        return tuple(HubReport(one.hub, one.reachable, one.next_probe_s, one.drain_s) for one in health)

    def _certificates(self) -> tuple[CertificateReport, ...]:
        return tuple(
            CertificateReport(one.hub, one.what, str(one.file), _ms(one.not_after), one.days_left, one.level)
            for one in self._parts.certificates.states()
        )

    def _card_lists(self) -> tuple[CardListReport, ...]:
        lists = self._parts.offline.lists
        states = [] if lists is None else lists.states()
        return tuple(CardListReport(one.hub, one.count, one.age_s, one.trouble) for one in states)

    def _task(self, task: TaskState) -> TaskReport:
        ago_ms = int((self._clock.mono_s() - task.since_s) * 1000)
        return TaskReport(task.name, task.phase, self._clock.wall_ms() - ago_ms, task.restarts, task.last_error)

    def _alarms(self) -> Iterator[str]:
        """What is not as it should be and is not told by a state of an EVSE."""
        if self._store.stalled_since_ms is not None:
            yield "the disk takes no writes; nothing is lost while the agent runs"
        lines = {name: bus.health.fault for name, bus in self._parts.hardware.buses.items()}
        yield from (f"line {name}: {fault}" for name, fault in lines.items() if fault is not None)
        for name, error in self._parts.hardware.errors():
            if error is not None and error not in lines.values():  # one cause, one alarm
                yield f"device {name}: {error}"
        for loop in self._parts.station.loops.values():
            for line in loop.fault_lines():
                if line.counts and not line.rule.stops:
                    yield f"{loop.evse.evse_id}: {line.rule.text} is not as it should be; charging goes on"
        for name in sorted(self._parts.commissioning.unsafe):
            yield f"device {name} charges on its own default after a power-up; run: roampost commission {name}"
        yield from aside.alarms(self._database)
        for name, reader in self._parts.hardware.readers.items():
            if reader.fault is not None:
                yield f"reader {name}: {reader.fault}"
        for name, dispatcher in self._parts.hubs.dispatchers.items():
            health = dispatcher.health()
            if health.held:
                yield f"hub {name}: messages that wait for a person: {health.held}; WHY they are held says what to do"
            elif not health.reachable:
                yield f"hub {name} cannot be reached; what it has to hear waits in the outbox"
        for full_load in self._parts.outreach.full_loads.values():
            if full_load.refused is not None:
                yield full_load.refused
        yield from self._parts.certificates.alarms()

    def _orphans(self, waiting: Iterable[WaitingReport]) -> Iterator[str]:
        """Messages that no lane will ever take: their hub was renamed or taken out of the configuration."""
        rows: Counter[str] = Counter()
        for group in waiting:
            rows[group.hub] += group.rows
        for name in sorted(set(rows) - set(self._parts.hubs.dispatchers)):
            yield f"hub {name} is not in the configuration any more; messages that wait for it: {rows[name]}"


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
