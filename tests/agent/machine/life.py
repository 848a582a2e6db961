"""One run of the agent, put together as `site/app.py` does it; only the line to the hub and the hardware are paper."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from roampost.access.asker import Asker
from roampost.access.authorization import Listed, Policy
from roampost.access.cardkey import CardKey
from roampost.access.cardlist import CardLists
from roampost.access.cards import CardDesk
from roampost.access.remote import RemoteDesk
from roampost.access.remote_rules import rules_of
from roampost.clock import BootOffset, WallTime
from roampost.config.model import Config
from roampost.outbox.backoff import Pace
from roampost.outbox.dispatcher import Dispatcher
from roampost.outbox.heard import Heard
from roampost.site.hardware import Builder
from roampost.site.hubs import build_backends
from roampost.site.ledger import Ledger
from roampost.site.outreach import Outreach
from roampost.site.station import StationBuilder
from roampost.store.store import Store
from roampost.supervise.notify import Notifier
from roampost.supervise.watchdog import Watchdog
from tests.agent.machine.clock import SimClock
from tests.agent.machine.field import Bay
from tests.agent.machine.line import PaperLine, Weather
from tests.agent.machine.site import CATALOG, CHARGERS, Plan

KEY = CardKey(b"k" * 32)
POLICY = Policy(use_lists=True, list_max_age_s=3_600.0, offline_max_wh=2_000, offline_max_s=1_800, own_max_wh=5_000)


class Life:
    """own and listed are UIDs: the operator's own cards, and those on the list of every hub that is asked for one.
    folder keeps the lists that hubs post."""

    def __init__(
        self,
        plan: Plan,
        config: Config,
        folder: Path,
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
        self.hubs = build_backends(config, clock, self.wall_time)
        for name, backend in self.hubs.backends.items():
            backend._line = PaperLine(backend._line._endpoint, weathers[name], number)  # type: ignore[attr-defined]  # the seam
            self.hubs.dispatchers[name] = self._dispatcher(config, name)
        self.ledger = Ledger(store.submit, self.hubs.of_evse, self.hubs.takes, clock=clock, wall_time=self.wall_time)
        self.ledger.remember(recovered.latches)
        builder = Builder(config, CATALOG.devices, clock, Watchdog(Notifier(None), mono_s=clock.mono_s))
        hardware = builder.build()
        for evse_id, charger in CHARGERS.items():
            hardware.chargers[charger] = bays[evse_id].charger
        posts = plan.of_kind("oioi")
        self.lists = CardLists({}, {}, folder, KEY, clock, random.Random(number), posted=posts)
        asker = Asker(
            self.hubs.asked_for,
            self.hubs.backends,
            self._spawn,
            policy=POLICY,
            own=lambda uid: uid in own,
            listed=lambda hub, uid: self.lists.listed(hub, uid) if hub in posts else Listed(uid in listed, 0.0),
            reachable=self.hubs.reachable,
            spend=self.hubs.spend,
            heard=self.hubs.heard,
        )
        self.station = StationBuilder(
            config,
            builder,
            hardware,
            self.ledger,
            clock,
            asker.ask,
            stalled=lambda: store.stalled_since_ms is not None,
            progress=self.hubs.offer,
            new_id=new_id,
        ).build(recovered)
        self.outreach = Outreach(config, self.hubs, self.station, store, clock)
        for full_load in self.outreach.full_loads.values():
            full_load.rng = random.Random(number)
        loops = self.station.loops
        self.desk = CardDesk(list(loops.values()), now_s=clock.mono_s, new_id=new_id)
        self.remote = RemoteDesk(
            loops,
            lambda evse_id: self.hubs.of_evse.get(evse_id, ()),
            rules_of(config),
            clock=clock,
            new_id=new_id,
            ended=recovered.ended,
            paid=recovered.paid,
            replace_cards=self.lists.replace,
        )

    def start(self) -> None:
        """Needs the running event loop."""
        tasks = _Tasks(self._tasks)
        for name, keeper in self.station.keepers.items():
            tasks.start(name, keeper.run)
        for name, dispatcher in self.hubs.dispatchers.items():
            tasks.start(name, dispatcher.run)
        if self.lists.posted:
            tasks.start("card lists", self.lists.run)
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
        self.lists.close()

    def _spawn(self, question: Coroutine[Any, Any, None]) -> None:
        if self.dead:
            question.close()
            return
        task = asyncio.create_task(question)
        self.questions.add(task)
        task.add_done_callback(self.questions.discard)

    def _dispatcher(self, config: Config, name: str) -> Dispatcher:
        settings = config.hubs[name]
        return Dispatcher(
            self.hubs.backends[name],
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
            heard=Heard(
                refresh=lambda message: self.outreach.refresh(name, message),
                opened=lambda session_id, hub_session_id: self.remote.late_opened(session_id, hub_session_id),
                refused=lambda session_id, why: self.remote.late_refused(session_id, why),
                wants_data=lambda evse_id: self.outreach.wants_data(name, evse_id),
            ),
        )


class _Tasks:
    """Starts what a supervisor would, and lets it fail in sight."""

    def __init__(self, tasks: list[asyncio.Task[None]]) -> None:
        self._tasks = tasks

    def start(self, name: str, run: Callable[[], Coroutine[Any, Any, None]], *, once: bool = False) -> None:
        self._tasks.append(asyncio.create_task(run(), name=name))
