"""The configured hubs: one backend and one dispatcher each. A hub's package is imported only when it is configured."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from roampost.clock import Clock, WallTime
from roampost.config.model import Config, OicpHub
from roampost.hubs.base import Hub
from roampost.outbox.backoff import Pace
from roampost.outbox.dispatcher import Dispatcher
from roampost.store.store import Store
from roampost.supervise.watchdog import Beat, Watchdog

LANES_TURN_S = 20.0


@dataclass(slots=True)
class Hubs:
    """Keys are the names of the configuration."""

    backends: dict[str, Hub]
    dispatchers: dict[str, Dispatcher]
    beats: dict[str, Beat]
    of_evse: dict[str, tuple[str, ...]]

    def asked_for(self, evse_id: str) -> list[Hub]:
        """The hubs that may authorize at this EVSE."""
        return [self.backends[name] for name in self.of_evse.get(evse_id, ())]


def build_hubs(config: Config, store: Store, clock: Clock, wall_time: WallTime, watchdog: Watchdog) -> Hubs:
    """Connects to nothing yet."""
    built = Hubs({}, {}, {}, {})
    for name, settings in config.hubs.items():
        hub = _backend(name, settings, clock, wall_time)
        beat = watchdog.loop(f"lanes {name}", within_s=LANES_TURN_S)
        built.backends[name] = hub
        built.beats[name] = beat
        built.dispatchers[name] = Dispatcher(
            hub,
            store,
            now_mono_ms=lambda: int(clock.mono_s() * 1000),
            now_wall_ms=clock.wall_ms,
            rng=random.SystemRandom(),
            clock_ready=_clock_ready(clock, wall_time),
            beat=beat,
            pace=Pace(retry_max_s=settings.backoff_max_s, clock_wait_s=config.clock.wait_s),
        )
        for evse_id in config.evse_ids(name):
            built.of_evse[evse_id] = (*built.of_evse.get(evse_id, ()), name)
    return built


def _clock_ready(clock: Clock, wall_time: WallTime) -> Callable[[], bool]:
    return lambda: wall_time.settled(clock.stamp())


def _backend(name: str, settings: OicpHub, clock: Clock, wall_time: WallTime) -> Hub:
    from roampost.hubs.oicp.client import OicpHub as Backend  # costs memory: only when configured
    from roampost.hubs.oicp.settings import OicpSettings

    return Backend(
        OicpSettings.of(name, settings), wall_time, now=lambda: datetime.fromtimestamp(clock.wall_ms() / 1000, UTC)
    )
