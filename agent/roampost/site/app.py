"""The composition root: opens every port, file, socket and clock, passes them in, and ends them in order.

Only the store failing ends the process; every loop runs under the supervisor. A clean stop forbids charging and
waits for the read-back; a restart (SIGHUP, the unit's RestartKillSignal) leaves permissions as they are.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from roampost.access.asker import ANSWER_S
from roampost.access.cards import hand_over
from roampost.clock import SystemClock
from roampost.config.model import Config
from roampost.control.server import ControlServer
from roampost.site.building import build
from roampost.site.hands import Hands
from roampost.site.inbound import start_inbound
from roampost.site.panel import Panel
from roampost.site.report import Reporter
from roampost.store.store import Store
from roampost.supervise.notify import Notifier, watchdog_limit_s
from roampost.supervise.supervisor import Supervisor
from roampost.supervise.watchdog import Watchdog
from roampost_drivers.device import Device

log = logging.getLogger(__name__)
# A clean stop waits this long for the chargers to read back 0 (the unit's TimeoutStopSec covers it).
FORBID_S = 5.0
CARD_TURN_S = 0.25
STATUS_S = 5.0
LOOK_S = 10.0
LISTEN_S = 2.0
# A commit on a slow card may take seconds; a writer that says nothing for this long hangs.
STORE_TURN_S = 60.0
DAY_S = 86_400.0
# A station that is started anew every night forgets too; and by then the clock is set.
FIRST_PRUNE_S = 3_600.0
KEEP_DAYS = 90
KEEP_RECORDS_DAYS = 400


async def run(config: Config, devices: Mapping[str, Device]) -> int:
    """Run until a signal ends it; returns the exit code. Raises StoreUnusable and CriticalTaskError."""
    clock = SystemClock(trust=config.clock.trust, sync_files=config.clock.sync_files)
    notifier = Notifier.from_environment()
    watchdog = Watchdog(notifier, limit_s=watchdog_limit_s(), mono_s=clock.mono_s)
    store_beat = watchdog.loop("store", within_s=STORE_TURN_S)
    store = Store.open(
        config.station.database,
        now_wall_ms=clock.wall_ms,
        boot=clock.stamp().boot,
        beat=store_beat,
        mend=partial(_mend, clock),
    )
    try:
        return await Agent(config, devices, clock, notifier, watchdog, store).run()
    finally:
        store.close()


def _mend(clock: SystemClock, database: Path, why: str) -> None:
    from roampost.store.mending import Mender  # what hardly any start needs

    Mender(clock.wall_ms, lambda: clock.stamp().trusted)(database, why)


class Agent:
    """One running agent; made and run once."""

    def __init__(
        self,
        config: Config,
        devices: Mapping[str, Device],
        clock: SystemClock,
        notifier: Notifier,
        watchdog: Watchdog,
        store: Store,
    ) -> None:
        self._config = config
        self._clock = clock
        self._notifier = notifier
        self._watchdog = watchdog
        self._store = store
        self._stop: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._questions: set[asyncio.Task[None]] = set()
        self._parts = build(config, devices, clock, watchdog, store, self._spawn)

    async def run(self) -> int:
        """Start everything, wait for the end, end everything."""
        parts = self._parts
        loop = asyncio.get_running_loop()
        # Files that take long, and the database for `status`; asyncio's own default would be six threads.
        loop.set_default_executor(ThreadPoolExecutor(max_workers=2, thread_name_prefix="roampost"))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, True)
        loop.add_signal_handler(signal.SIGHUP, self._end, False)
        async with Supervisor(mono_s=self._clock.mono_s) as tasks:
            control = self._start(tasks)
            await _bounded(control.listening.wait(), LISTEN_S)
            self._notifier.ready(self._sentence())
            log.info("running: %s", self._sentence())
            forbid = await self._stop
            what = "stopping: charging is forbidden first" if forbid else "restarting: permissions stay as they are"
            log.info(what)
            self._notifier.stopping(what)
            if forbid:
                await self._forbid()
            # While the hardware is still watched: the answers in flight may take as long as Pace.drain_s.
            await asyncio.gather(self._decided(), *(one.stop() for one in parts.hubs.dispatchers.values()))
        for backend in parts.hubs.backends.values():
            await backend.aclose()
        return 0

    def _start(self, tasks: Supervisor) -> ControlServer:
        parts = self._parts
        tasks.start("store", self._store.watch, critical=True)
        parts.hardware.start(tasks, parts.builder.beats)
        parts.station.start(tasks, parts.builder)
        parts.hubs.start(tasks)
        parts.outreach.start(tasks)
        for name, reader in parts.hardware.readers.items():
            tasks.start(f"reader {name}", partial(hand_over, reader, parts.desks[name]))
        tasks.start("cards", self._card_turns)
        if parts.offline.lists is not None:
            tasks.start("card lists", parts.offline.lists.run)
        tasks.start("watchdog", self._watchdog.run)
        tasks.start("status", self._say)
        tasks.start("retention", self._retention)
        tasks.start("commissioning", self._look_at_defaults)
        tasks.start("certificates", parts.certificates.run)
        start_inbound(self._config, parts.remote, parts.wall_time, tasks)
        reporter = Reporter(self._config.station.database, parts, self._store, tasks, self._clock)
        hands = Hands(parts, self._store, reporter, self._clock)
        panel = Panel(self._config, parts.station, parts.hardware, self._clock)
        control = ControlServer(self._config.station.socket, hands.commands() | panel.commands())
        tasks.start("control", control.run)
        return control

    def _end(self, forbid: bool) -> None:
        if not self._stop.done():
            self._stop.set_result(forbid)

    async def _forbid(self) -> None:
        """Forbid charging everywhere and wait, for a while, until it reads back so."""
        for loop in self._parts.station.loops.values():
            loop.forbid()
        for pace in self._parts.hardware.charger_paces.values():
            pace.hurry()
        loud: list[str] = []
        controlled = [one.id for one in self._config.evse if one.control == "permit"]
        until_s = self._clock.mono_s() + FORBID_S
        while self._clock.mono_s() < until_s:
            loud = [evse_id for evse_id in controlled if not self._parts.station.loops[evse_id].quiet]
            if not loud:
                return
            await asyncio.sleep(0.05)
        log.error("not read back as forbidden within %.0f s: %s", FORBID_S, ", ".join(loud))

    async def _decided(self) -> None:
        """Wait for the hubs that are asked about a card: a yes that nobody hears leaves a session open there."""
        if self._questions:
            await asyncio.wait(self._questions, timeout=ANSWER_S)

    def _spawn(self, question: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(question)
        self._questions.add(task)
        task.add_done_callback(self._answered)

    def _answered(self, task: "asyncio.Task[None]") -> None:
        self._questions.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("asking a hub failed", exc_info=task.exception())

    async def _card_turns(self) -> None:
        await _every(CARD_TURN_S, self._turn_desks)

    def _turn_desks(self) -> None:
        for desk in self._parts.desks.values():
            desk.turn()

    async def _say(self) -> None:
        await _every(STATUS_S, self._say_once)

    def _say_once(self) -> None:
        self._watchdog.say(self._sentence())
        self._parts.ledger.learn_time()

    async def _look_at_defaults(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self._parts.commissioning.look()

    async def _retention(self) -> None:
        await asyncio.sleep(FIRST_PRUNE_S)
        while True:
            if self._clock.stamp().trusted:
                now_ms = self._clock.wall_ms()
                await self._store.prune(
                    before_ms=now_ms - int(KEEP_DAYS * DAY_S * 1000),
                    cdrs_before_ms=now_ms - int(KEEP_RECORDS_DAYS * DAY_S * 1000),
                )
            await asyncio.sleep(DAY_S)

    def _sentence(self) -> str:
        """What systemctl status shows."""
        states = ", ".join(f"{name} {loop.evse.state}" for name, loop in self._parts.station.loops.items())
        waiting = sum(dispatcher.health().waiting for dispatcher in self._parts.hubs.dispatchers.values())
        return f"{states or 'no EVSE configured'}; {waiting} waiting in the outbox"


async def _bounded(wait: Awaitable[object], at_most_s: float) -> None:
    """A socket that cannot be opened must not keep the station from starting; `status` tells why."""
    with suppress(TimeoutError):
        async with asyncio.timeout(at_most_s):
            await wait


async def _every(seconds: float, do: Callable[[], None]) -> None:
    while True:
        do()
        await asyncio.sleep(seconds)
