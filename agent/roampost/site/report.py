"""What `roampost status` answers from the running agent: states, sessions, lines, hubs, tasks. JSON-ready values."""

from typing import Any

from roampost import __version__
from roampost.clock import Clock, WallTime
from roampost.evse.session import Session
from roampost.evse.state import STATUS
from roampost.site.evse_loop import EvseLoop
from roampost.site.hardware import Hardware
from roampost.site.hubs import Hubs
from roampost.site.station import Station
from roampost.store.store import Store
from roampost.supervise.supervisor import Supervisor


class Reporter:
    """Moments are ISO 8601 in the station's zone; card numbers come whole, the command line masks them."""

    def __init__(
        self,
        name: str,
        station: Station,
        hardware: Hardware,
        hubs: Hubs,
        store: Store,
        tasks: Supervisor,
        clock: Clock,
        wall_time: WallTime,
    ) -> None:
        self._name = name
        self._station = station
        self._hardware = hardware
        self._hubs = hubs
        self._store = store
        self._tasks = tasks
        self._clock = clock
        self._wall_time = wall_time

    def status(self) -> dict[str, Any]:
        """Everything at once; cheap enough to be asked every second."""
        return {
            "station": self._name,
            "version": __version__,
            "clock_trusted": self._clock.stamp().trusted,
            "evses": [self._evse(loop) for loop in self._station.loops.values()],
            "hubs": [self._hub(name) for name in self._hubs.dispatchers],
            "lines": [self._line(name) for name in self._hardware.buses],
            "devices": self._devices(),
            "readers": [{"name": name, "fault": one.fault} for name, one in self._hardware.readers.items()],
            "tasks": [
                {
                    "name": task.name,
                    "phase": task.phase,
                    "restarts": task.restarts,
                    "last_error": task.last_error,
                }
                for task in self._tasks.states()
            ],
            "disk_stalled": self._store.stalled_since_ms is not None,
        }

    def _evse(self, loop: EvseLoop) -> dict[str, Any]:
        evse = loop.evse
        status = STATUS[evse.state]
        return {
            "evse_id": evse.evse_id,
            "state": evse.state,
            "status": status,
            "told": evse.told,
            "since": self._wall_time(evse.since).isoformat(timespec="seconds"),
            "since_ms": int(self._wall_time(evse.since).timestamp() * 1000),
            "why": evse.why,
            "faults": list(evse.faults),
            "disabled": evse.disabled,
            "permitted_ma": evse.permitted_ma,
            "session": None if evse.session is None else self._session(evse.session),
            "closing": None if evse.closing is None else self._session(evse.closing),
        }

    def _session(self, session: Session) -> dict[str, Any]:
        return {
            "session_id": session.session_id,
            "hub": session.hub,
            "hub_session_id": session.hub_session_id,
            "uid": session.uid,
            "since": self._wall_time(session.authorized).isoformat(timespec="seconds"),
            "energy_wh": session.energy_wh,
            "charging": session.charging_start is not None and session.charging_end is None,
        }

    def _hub(self, name: str) -> dict[str, Any]:
        health = self._hubs.dispatchers[name].health()
        return {
            "name": name,
            "reachable": health.reachable,
            "waiting": health.waiting,
            "held": health.held,
            "in_flight": health.in_flight,
            "next_probe_s": health.next_probe_s,
        }

    def _line(self, name: str) -> dict[str, Any]:
        health = self._hardware.buses[name].health
        counters = health.counters
        return {
            "name": name,
            "up": health.line_up,
            "fault": health.fault,
            "requests": counters.requests,
            "timeouts": counters.timeouts,
            "foreign": counters.foreign,
            "opened": counters.opened,
        }

    def _devices(self) -> list[dict[str, Any]]:
        hardware = self._hardware
        paces = [*hardware.charger_paces.items(), *hardware.meter_paces.items(), *hardware.inputs_paces.items()]
        return [{"name": name, "error": pace.error} for name, pace in paces]
