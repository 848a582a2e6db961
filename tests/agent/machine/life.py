"""One run of the agent, put together as `site/app.py` does it; only the line to the hub and the hardware are paper."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from roampost.access.asker import Asker
from roampost.access.authorization import Listed, Policy
from roampost.access.cards import CardDesk
from roampost.access.remote import RemoteDesk
from roampost.access.remote_rules import rules_of
from roampost.clock import BootOffset, WallTime
from roampost.config.hubs import OicpHub as OicpSection
from roampost.config.model import Config
from roampost.hubs.base import Hub
from roampost.hubs.oicp.client import OicpHub
from roampost.hubs.oicp.settings import OicpSettings
from roampost.outbox.backoff import Pace
from roampost.outbox.dispatcher import Dispatcher
from roampost.site.hardware import Builder
from roampost.site.hubs import Hubs
from roampost.site.ledger import Ledger
from roampost.site.outreach import Outreach
from roampost.site.station import StationBuilder
from roampost.store.store import Store
from roampost.supervise.notify import Notifier
from roampost.supervise.watchdog import Watchdog
from tests.agent.machine.clock import SimClock
from tests.agent.machine.field import Bay
from tests.agent.machine.line import PaperLine, Weather
from tests.agent.machine.site import CATALOG, CHARGERS, HUBS_OF

POLICY = Policy(use_lists=True, list_max_age_s=3_600.0, offline_max_wh=2_000, offline_max_s=1_800, own_max_wh=5_000)


class Life:
    """own and listed are UIDs: the operator's own cards, and those on every hub's list."""

    def __init__(
        self,
        config: Config,
        number: int,
        store: Store,
        clock: SimClock,
        bays: Mapping[str, Bay],
        weathers: Mapping[str, Weather],
        new_id: Callable[[], str],
        *,
        own: frozenset[str],
        listed: frozenset[str],
    ) -> None:
        self.number = number
        self.dead = False
        self.questions: set[asyncio.Task[None]] = set()
        self._store = store
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        recovered = store.recover()
        offsets = [BootOffset(boot, offset_ms) for boot, offset_ms in recovered.offsets_ms.items()]
        self.wall_time = WallTime(UTC, clock=clock, offsets=offsets)
        self.hubs: dict[str, Hub] = {name: self._hub(config, name, weathers[name]) for name in config.hubs}
        self.dispatchers = {name: self._dispatcher(config, name) for name in config.hubs}
        self.ledger = Ledger(store.submit, HUBS_OF, clock=clock, wall_time=self.wall_time)
        self.ledger.remember(recovered.latches)
        builder = Builder(config, CATALOG.devices, clock, Watchdog(Notifier(None), mono_s=clock.mono_s))
        hardware = builder.build()
        for evse_id, charger in CHARGERS.items():
            hardware.chargers[charger] = bays[evse_id].charger
        asker = Asker(
            lambda evse_id: [self.hubs[name] for name in HUBS_OF[evse_id]],
            self.hubs,
            self._spawn,
            policy=POLICY,
            own=lambda uid: uid in own,
            listed=lambda hub, uid: Listed(uid in listed, 0.0),
            reachable=lambda hub: self.dispatchers[hub].health().reachable,
        )
        self.station = StationBuilder(
            config,
            builder,
            hardware,
            self.ledger,
            clock,
            asker.ask,
            stalled=lambda: store.stalled_since_ms is not None,
            progress=lambda hub, message: self.dispatchers[hub].offer(message),
            new_id=new_id,
        ).build(recovered)
        built = Hubs(self.hubs, self.dispatchers, {}, {name: tuple(hubs) for name, hubs in HUBS_OF.items()})
        self.outreach = Outreach(config, built, self.station, store, clock)
        for full_load in self.outreach.full_loads.values():
            full_load.rng = random.Random(number)
        loops = self.station.loops
        self.desk = CardDesk(list(loops.values()), now_s=clock.mono_s, new_id=new_id)
        self.remote = RemoteDesk(
            loops, lambda evse_id: HUBS_OF[evse_id], rules_of(config), clock=clock, new_id=new_id, ended=recovered.ended
        )

    def start(self) -> None:
        """Needs the running event loop."""
        tasks = _Tasks(self._tasks)
        for name, keeper in self.station.keepers.items():
            tasks.start(name, keeper.run)
        for name, dispatcher in self.dispatchers.items():
            tasks.start(name, dispatcher.run)
        self.outreach.start(tasks)  # type: ignore[arg-type]  # all that is asked of a supervisor

    def failures(self) -> list[BaseException]:
        """What a supervisor would have to start anew."""
        ended = (task.exception() for task in self._tasks if task.done() and not task.cancelled())
        return [error for error in ended if error is not None]

    async def end(self) -> None:
        """Nothing of this run does anything any more, not even to put its things in order."""
        self.dead = True
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _spawn(self, question: Coroutine[Any, Any, None]) -> None:
        if self.dead:
            question.close()
            return
        task = asyncio.create_task(question)
        self.questions.add(task)
        task.add_done_callback(self.questions.discard)

    def _hub(self, config: Config, name: str, weather: Weather) -> OicpHub:
        configured = config.hubs[name]
        assert isinstance(configured, OicpSection)
        settings = OicpSettings.of(name, configured)
        now = partial(_now, self._clock)
        hub = OicpHub(settings, self.wall_time, now=now)
        hub._line = PaperLine(settings.endpoint, weather, self.number)  # type: ignore[assignment]  # the seam
        return hub

    def _dispatcher(self, config: Config, name: str) -> Dispatcher:
        settings = config.hubs[name]
        return Dispatcher(
            self.hubs[name],
            self._store,
            now_mono_ms=self._clock.mono_ms,
            now_wall_ms=self._clock.wall_ms,
            rng=random.Random(self.number),
            clock_ready=lambda: self.wall_time.settled(self._clock.stamp()),
            beat=lambda: None,
            pace=Pace(retry_max_s=settings.backoff_max_s, clock_wait_s=config.clock.wait_s),
            rate_share=settings.rate_share,
            progress_first_s=settings.progress_first_s,
            progress_every_s=settings.progress_every_s,
            refresh=lambda message: self.outreach.refresh(name, message),
            on_opened=lambda session_id, hub_session_id: self.remote.late_opened(session_id, hub_session_id),
            on_refused=lambda session_id, why: self.remote.late_refused(session_id, why),
        )


class _Tasks:
    """Starts what a supervisor would, and lets it fail in sight."""

    def __init__(self, tasks: list[asyncio.Task[None]]) -> None:
        self._tasks = tasks

    def start(self, name: str, run: Callable[[], Coroutine[Any, Any, None]], *, once: bool = False) -> None:
        self._tasks.append(asyncio.create_task(run(), name=name))


def _now(clock: SimClock) -> datetime:
    return datetime.fromtimestamp(clock.wall_ms() / 1000, UTC)
