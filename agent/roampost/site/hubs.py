"""The configured hubs: one backend and one dispatcher each. A hub's package is imported only when it is configured."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from roampost.clock import Clock, WallTime
from roampost.config.model import Config
from roampost.domain.messages import Message, ProgressMessage
from roampost.hubs.base import Hub
from roampost.hubs.plugin import plugin
from roampost.outbox.backoff import Pace
from roampost.outbox.dispatcher import Dispatcher
from roampost.outbox.heard import Heard
from roampost.store.store import Store
from roampost.supervise.supervisor import Supervisor
from roampost.supervise.watchdog import Beat, Watchdog

LANES_TURN_S = 20.0


@dataclass(slots=True)
class Hubs:
    """Keys are the names of the configuration."""

    backends: dict[str, Hub]
    dispatchers: dict[str, Dispatcher]
    beats: dict[str, Beat]
    of_evse: dict[str, tuple[str, ...]]

    def start(self, tasks: Supervisor) -> None:
        for name, dispatcher in self.dispatchers.items():
            tasks.start(f"lanes {name}", dispatcher.run, beat=self.beats[name])

    def offer(self, hub: str, message: ProgressMessage) -> None:
        """The newest word on a charge; nothing where the session's hub has left the configuration."""
        dispatcher = self.dispatchers.get(hub)
        if dispatcher is not None and self.backends[hub].takes(message):
            dispatcher.offer(message)

    def spend(self, hub: str, kind: str) -> None:
        """A hub is asked something while a person waits: it counts for the rate limit."""
        self.dispatchers[hub].limits.spend(kind)

    def heard(self, hub: str) -> None:
        """A hub has answered a question."""
        self.dispatchers[hub].heard()

    def reachable(self, hub: str) -> bool:
        """False where the outbox knows that it is not."""
        return self.dispatchers[hub].health().reachable

    def takes(self, hub: str, message: Message) -> bool:
        """Whether the hub has words for it. What a hub is owed that has left the configuration is kept."""
        backend = self.backends.get(hub)
        return backend is None or backend.takes(message)

    def asked_for(self, evse_id: str) -> list[Hub]:
        """The hubs that may authorize at this EVSE."""
        return [self.backends[name] for name in self.of_evse.get(evse_id, ())]


def build_backends(config: Config, clock: Clock, wall_time: WallTime) -> Hubs:
    """Connects to nothing yet."""
    built = Hubs({}, {}, {}, {})
    for name, settings in config.hubs.items():
        built.backends[name] = plugin(settings.kind).backend(name, settings, wall_time, partial(_now, clock))
        for evse_id in config.evse_ids(name):
            built.of_evse[evse_id] = (*built.of_evse.get(evse_id, ()), name)
    return built


def open_lanes(
    hubs: Hubs,
    config: Config,
    store: Store,
    clock: Clock,
    wall_time: WallTime,
    watchdog: Watchdog,
    heard_of: Callable[[str], Heard],
) -> None:
    """A dispatcher for each backend; nothing is sent before it runs."""
    for name, settings in config.hubs.items():
        beat = hubs.beats[name] = watchdog.loop(f"lanes {name}", within_s=LANES_TURN_S)
        hubs.dispatchers[name] = Dispatcher(
            hubs.backends[name],
            store,
            now_mono_ms=lambda: int(clock.mono_s() * 1000),
            now_wall_ms=clock.wall_ms,
            rng=random.SystemRandom(),
            clock_ready=_clock_ready(clock, wall_time),
            beat=beat,
            pace=Pace(retry_max_s=settings.backoff_max_s, clock_wait_s=config.clock.wait_s),
            rate_share=settings.rate_share,
            progress_first_s=settings.progress_first_s,
            progress_every_s=settings.progress_every_s,
            heard=heard_of(name),
        )


def _clock_ready(clock: Clock, wall_time: WallTime) -> Callable[[], bool]:
    return lambda: wall_time.settled(clock.stamp())


def _now(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.wall_ms() / 1000, UTC)
