"""Everything around one machine: clock, disk, hubs, field and the agent's present run, moved step by step."""

import logging
import shutil
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from roampost.loop.evse_loop import EvseLoop
from roampost.store import reading
from tests.agent.machine.cards import LISTED, OF_HUBS, OWN
from tests.agent.machine.clock import SimClock, SimLoop
from tests.agent.machine.disk import Disk
from tests.agent.machine.field import CLOSE_STEP_S, LONG_STEP_S, Bay, FieldCharger, inputs_of
from tests.agent.machine.life import Life
from tests.agent.machine.line import Weather
from tests.agent.machine.oicp.book import OicpBook
from tests.agent.machine.oioi.book import OioiBook
from tests.agent.machine.paper import Book
from tests.agent.machine.site import ONE, TWO, Plan, config
from tests.agent.machine.times import Spans

_BOOKS: dict[str, type[Book]] = {"oicp": OicpBook, "oioi": OioiBook}
_LEVEL = """
select permitted_ma, (select count(*) from session as s where s.evse_id = evse.evse_id and s.state = 'open')
from evse where evse_id = ?
"""


class _Bugs(logging.Handler):
    """What the agent itself calls a bug, and what only a bug is an error for."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.name == "asyncio":
            self.found.append(self.format(record))


class World:
    """One station and the hubs of its plan. free: whoever plugs in at the first EVSE may charge."""

    def __init__(self, plan: Plan, *, free: bool = False) -> None:
        self.plan = plan
        self.config = config(plan, free=free)
        self.clock = SimClock()
        self.loop = SimLoop(lambda: self.clock.gone_s)
        self.loop.set_exception_handler(lambda _loop, context: self.trouble.append(str(context)))
        self.trouble: list[str] = []
        self.bugs = _Bugs()
        logging.getLogger().addHandler(self.bugs)
        self.folder = Path(mkdtemp(prefix="roampost-machine-"))
        self.disk = Disk(self.folder, self.clock)
        self.spans = Spans(self.clock, self._set_boots)
        self.books = {
            name: _BOOKS[hub.kind](name, number, OF_HUBS, self.spans) for number, (name, hub) in enumerate(plan.hubs, 1)
        }
        self.weathers = {name: Weather(book, self.clock) for name, book in self.books.items()}
        self.bays = {evse_id: self._bay(evse_id) for evse_id in (ONE, TWO)}
        self.ids = 0
        self.lives = 0
        self.turns_left: int | None = None  # until the process is killed in the midst of something
        self.confirmed: set[str] = set()  # the hubs' sessions that were seen in the file
        self.excused: set[str] = set()  # the hubs' sessions that no agent can know of
        self.life = self._born()
        for book in self.posting:
            self.post_a_list(book, LISTED)
        self.pass_time(3)

    @property
    def posting(self) -> list[OioiBook]:
        """The hubs that post their lists of cards and keep stations."""
        return [book for book in self.books.values() if isinstance(book, OioiBook)]

    def _bay(self, evse_id: str) -> Bay:
        return Bay(evse_id, FieldCharger(partial(self.level_on_disk, evse_id), lambda: self.clock.gone_s))

    @property
    def loops(self) -> Mapping[str, EvseLoop]:
        return self.life.station.loops

    # -- time ---------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Until nothing can run and nothing is to be written."""
        while self._turn(self.loop.spin) and self._turn(self.disk.write):
            pass

    def _turn(self, what: Callable[[], object]) -> bool:
        """One turn, where any is left: whether something may follow it."""
        if self.turns_left is None:
            return what() is not False
        self.turns_left -= 1
        return self.turns_left >= 0 and what() is not False

    def do(self, call: Callable[[], object]) -> None:
        """What a person, a device or a hub says, said on the agent's event loop."""

        if self.turns_left is None or self.turns_left > 0:
            self.loop.call_soon(call)
            self.settle()

    def begin(self, work: Coroutine[Any, Any, object]) -> None:
        """Start something that may take its time."""
        self.loop.create_task(work)
        self.settle()

    def pass_time(self, steps: int, step_s: float = 0.5) -> None:
        for _ in range(steps):
            self.clock.gone_s += step_s
            for evse_id, bay in self.bays.items():
                bay.flow(step_s, self.paying(evse_id))
            self._see_sessions()
            self.do(self._look)

    def _see_sessions(self) -> None:
        for loop in self.loops.values():
            if loop.evse.session is not None:
                self.spans.saw(loop.evse.session.session_id)

    def wait(self, seconds: float) -> None:
        """Hours pass in few looks, but for what is decided within seconds."""
        until_s = self.clock.gone_s + seconds
        self.pass_time(1)
        while self.clock.gone_s + LONG_STEP_S < until_s:
            close = any(loop.evse.closing is not None for loop in self.loops.values())
            self.pass_time(1, CLOSE_STEP_S if close else LONG_STEP_S)
        self.pass_time(1)

    def paying(self, evse_id: str) -> str | None:
        """On whose account energy flows, if on anybody's."""
        evse = self.loops[evse_id].evse
        session = evse.session or evse.closing
        return None if session is None else session.session_id

    def _look(self) -> None:
        for weather in self.weathers.values():
            weather.land()
        now_s = self.clock.mono_s()
        inputs = inputs_of(list(self.bays.values()), now_s)
        for evse_id, bay in self.bays.items():
            bay.show(self.loops[evse_id], inputs, now_s)
        self.life.desk.turn()
        self.life.ledger.learn_time()

    # -- runs of the agent --------------------------------------------------------------------------------------

    def kill(self, away_s: float, *, power_cut: bool = False, trusted: bool = True) -> None:
        """The process ends as it is; what it did not write is gone."""
        self._see_sessions()  # one may have begun since the last look, in this boot
        self.loop.run_until_complete(self.life.end())
        self.turns_left = None
        self.disk.kill()
        self.loop.spin()
        self._excuse()
        self._be_away(away_s, power_cut=power_cut, trusted=trusted)

    def stop(self, away_s: float, *, forbid: bool) -> None:
        """A clean stop forbids charging first; a restart leaves it as it is."""
        if forbid:
            for loop in self.loops.values():
                self.do(loop.forbid)
            self.pass_time(10)
        self.disk.heal()
        ending = self.loop.create_task(self._end_in_order())
        for _ in range(60):
            self.settle()
            if ending.done():
                break
            self.clock.gone_s += 1
            self._flow_alone(1)
        assert ending.done()
        self.loop.run_until_complete(self.life.end())
        self.disk.close()
        self.loop.spin()
        self._excuse()
        self._be_away(away_s, power_cut=False, trusted=self.clock.trusted)

    async def _end_in_order(self) -> None:
        for dispatcher in self.life.hubs.dispatchers.values():
            await dispatcher.stop()

    def _be_away(self, away_s: float, *, power_cut: bool, trusted: bool) -> None:
        self.clock.gone_s += away_s
        if power_cut:
            self.clock.reboot(trusted=trusted)
        self.disk.reopen()
        self.life = self._born()
        if not power_cut:
            self._flow_alone(away_s)

    def _flow_alone(self, seconds: float) -> None:
        """Whom this energy belongs to is for the agent to find out."""
        for evse_id, bay in self.bays.items():
            bay.flow(seconds, self.paying(evse_id))

    def _born(self) -> Life:
        self.lives += 1

        async def built() -> Life:
            life = Life(
                self.plan,
                self.config,
                self.folder,
                self.lives,
                self.disk.store,
                self.clock,
                self.bays,
                self.weathers,
                self.new_id,
                own=frozenset({OWN}),
                listed=LISTED,
            )
            life.start()
            return life

        # Recovery reads through the writer, which is let for it.
        self.disk.let()
        life = self.loop.run_until_complete(built())
        self.disk.let_no_more()
        self.life = life
        self.settle()
        return life

    def new_id(self) -> str:
        self.ids += 1
        return f"own-{self.ids}"

    def _excuse(self) -> None:
        """A process that ended before it could write down what a hub told it knows nothing of it."""
        known = self.on_disk()
        for book in self.books.values():
            for one in book.sessions.values():
                if one.hub_session_id not in known:
                    self.excused.add(one.hub_session_id)

    def post_a_list(self, book: OioiBook, uids: frozenset[str]) -> None:
        command = book.posts(uids)

        async def posted() -> None:
            book.listed(command, await self.life.remote.take(command))

        self.loop.run_until_complete(posted())

    # -- what is on the disk ------------------------------------------------------------------------------------

    def on_disk(self) -> set[str]:
        """The hubs' session IDs that the store's file knows, in whatever place."""
        with closing(self.read()) as found:
            ids = {
                one for (one,) in found.execute("select hub_session_id from session where hub_session_id is not null")
            }
            ids |= {
                one
                for (one,) in found.execute("select hub_session_id from hub_session where hub_session_id is not null")
            }
            bodies = found.execute(
                "select body from outbox where session_id is not null union all select context from evse"
            )
            text = "\n".join(body for (body,) in bodies)
        return ids | {one for book in self.books.values() for one in book.sessions if one in text}

    def _set_boots(self) -> set[str]:
        with closing(self.read()) as found:
            learnt = {boot for (boot,) in found.execute("select boot from boot where trusted_offset_ms is not null")}
        return learnt | self.clock.always_set

    def level_on_disk(self, evse_id: str) -> int:
        """What the file permits; nothing without a session that is open in it."""
        with closing(self.read()) as found:
            rows = found.execute(_LEVEL, (evse_id,)).fetchall()
        return rows[0][0] if rows and rows[0][1] else 0

    def read(self) -> sqlite3.Connection:
        return reading.open_readonly(self.disk.path)

    # -- the end ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        logging.getLogger().removeHandler(self.bugs)
        self.loop.run_until_complete(self.life.end())
        self.disk.close()
        self.loop.spin()
        self.loop.close()
        shutil.rmtree(self.folder)
