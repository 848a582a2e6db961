"""What `roampost status` answers from the running agent: its database's report, with what only the agent knows."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from roampost.clock import Clock, WallTime
from roampost.control.report import EvseReport, StatusReport, TaskReport, WaitingReport
from roampost.evse.evse import Evse
from roampost.evse.state import STATUS
from roampost.site.commissioning import Commissioning
from roampost.site.hardware import Hardware
from roampost.site.hubs import Hubs
from roampost.site.station import Station
from roampost.store.reading import open_readonly
from roampost.store.store import Store
from roampost.supervise.supervisor import Supervisor, TaskState


class Reporter:
    """Cheap enough to be asked every second; the outbox is read over a connection that cannot write."""

    def __init__(
        self,
        database: Path,
        station: Station,
        hardware: Hardware,
        hubs: Hubs,
        store: Store,
        commissioning: Commissioning,
        tasks: Supervisor,
        clock: Clock,
        wall_time: WallTime,
    ) -> None:
        self._database = database
        self._station = station
        self._hardware = hardware
        self._hubs = hubs
        self._store = store
        self._commissioning = commissioning
        self._tasks = tasks
        self._clock = clock
        self._wall_time = wall_time

    async def status(self) -> dict[str, Any]:
        """A `StatusReport` as JSON. Raises StoreUnusable when the database cannot be read."""
        report = await asyncio.to_thread(self._stored)
        evses = tuple(self._evse(loop.evse) for loop in self._station.loops.values())
        tasks = tuple(self._task(task) for task in self._tasks.states())
        alarms = (*self._alarms(), *self._orphans(report.waiting))
        trusted = self._clock.stamp().trusted
        return report.spoken(evses, tasks, alarms=alarms, clock_trusted=trusted).to_json()

    def _stored(self) -> StatusReport:
        from roampost.control.stored import stored_report  # half a megabyte, only when somebody asks

        connection = open_readonly(self._database)
        try:
            return stored_report(connection, at_ms=self._clock.wall_ms())
        finally:
            connection.close()

    def _evse(self, evse: Evse) -> EvseReport:
        session = evse.session or evse.closing
        return EvseReport(
            evse_id=evse.evse_id,
            state=evse.state,
            since_ms=int(self._wall_time(evse.since).timestamp() * 1000),
            why=evse.why,
            permitted_ma=evse.permitted_ma,
            status=STATUS[evse.state] or evse.told,
            session_id=None if session is None else session.session_id,
            faults=evse.faults,
        )

    def _task(self, task: TaskState) -> TaskReport:
        ago_ms = int((self._clock.mono_s() - task.since_s) * 1000)
        return TaskReport(task.name, task.phase, self._clock.wall_ms() - ago_ms, task.restarts, task.last_error)

    def _alarms(self) -> Iterator[str]:
        """What is not as it should be and is not told by a state of an EVSE."""
        if self._store.stalled_since_ms is not None:
            yield "the disk takes no writes; nothing is lost while the agent runs"
        lines = {name: bus.health.fault for name, bus in self._hardware.buses.items()}
        yield from (f"line {name}: {fault}" for name, fault in lines.items() if fault is not None)
        for name, error in self._hardware.errors():
            if error is not None and error not in lines.values():  # one cause, one alarm
                yield f"device {name}: {error}"
        for loop in self._station.loops.values():
            for line in loop.fault_lines():
                if line.counts and not line.rule.stops:
                    yield f"{loop.evse.evse_id}: {line.rule.text} is not as it should be; charging goes on"
        for name in sorted(self._commissioning.unsafe):
            yield f"device {name} charges on its own default after a power-up; run: roampost commission {name}"
        for name, reader in self._hardware.readers.items():
            if reader.fault is not None:
                yield f"reader {name}: {reader.fault}"
        for name, dispatcher in self._hubs.dispatchers.items():
            if not dispatcher.health().reachable:
                yield f"hub {name} cannot be reached; what it has to hear waits in the outbox"

    def _orphans(self, waiting: Iterable[WaitingReport]) -> Iterator[str]:
        """Messages that no lane will ever take: their hub was renamed or taken out of the configuration."""
        rows: Counter[str] = Counter()
        for group in waiting:
            rows[group.hub] += group.rows
        for name in sorted(set(rows) - set(self._hubs.dispatchers)):
            yield f"hub {name} is not in the configuration any more; messages that wait for it: {rows[name]}"
