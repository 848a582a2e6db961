"""One EVSE loop, a clock moved by hand, a disk that stands still or fails by hand, a charger on paper."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from roampost.domain.messages import ErrorKind, Message, ProgressMessage, StatusMessage
from roampost.domain.stamp import Stamp
from roampost.evse.effect import AskStart, AskStop, Closed, Effect, Tell
from roampost.evse.energy import Guard
from roampost.evse.event import Grant
from roampost.evse.evse import Evse
from roampost.evse.state import State
from roampost.evse.step import Rules
from roampost.loop.doors import Doors
from roampost.loop.evse_loop import EvseLoop
from roampost.loop.faultline import FaultLine, LineRule
from roampost.loop.patience import Timing
from roampost.loop.permit import PermitKeeper
from roampost.loop.senses import Senses, Source
from roampost.store.errors import StoreFailed
from roampost_drivers.errors import NoAnswer
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading, Pilot, WithoutAgent
from tests.agent.evse.makers import EVSE_ID, UID, evse

LIMIT_MA = 16_000
RULES = Rules(LIMIT_MA)
TIMING = Timing(grace_s=20, plug_wait_s=60, resume_within_s=900, idle_end_s=900)
RCD = LineRule("rcd", "RCD tripped", 0, True, 0.1, 5.0, True, False, ErrorKind.CRITICAL)
DOOR = LineRule("door", "the door is open", 1, True, 0.1, 5.0, False, False, ErrorKind.CRITICAL)

TILT = LineRule("tilt", "the station was tilted", 2, True, 0.1, 5.0, True, True, ErrorKind.CRITICAL)


class HandClock:
    """boot counts the machine's boots; a new one begins its monotonic seconds anew."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.boot = 1
        self._wall_offset_ms = 10**12

    def stamp(self) -> Stamp:
        return Stamp(boot=f"b{self.boot}", mono_ms=int(self.now_s * 1000), wall_ms=self.wall_ms(), trusted=True)

    def mono_s(self) -> float:
        return self.now_s

    def wall_ms(self) -> int:
        return int(self.now_s * 1000) + self._wall_offset_ms

    def reboot(self) -> None:
        wall_ms = self.wall_ms()
        self.boot += 1
        self.now_s = 30.0
        self._wall_offset_ms = wall_ms - 30_000


@dataclass
class PaperDisk:
    """Keeps what the store would: in order, and what it did not take is taken later, unless the process ends."""

    hold: bool = False
    failing: bool = False
    handed: list[tuple[Evse, tuple[Effect, ...]]] = field(default_factory=list)
    written: list[tuple[Evse, tuple[Effect, ...]]] = field(default_factory=list)
    _waiting: list[tuple[Evse, tuple[Effect, ...], "asyncio.Future[object]"]] = field(default_factory=list)

    def commit(self, now: Evse, effects: tuple[Effect, ...]) -> "asyncio.Future[object]":
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self.handed.append((now, effects))
        self._waiting.append((now, effects, future))
        if self.failing:
            future.set_exception(StoreFailed("the disk does not take writes"))
        elif not self.hold:
            self.take()
        return future

    def take(self) -> None:
        """Write everything that waits, and from now on at once."""
        self.hold = self.failing = False
        while self._waiting:
            self.take_one()

    def take_one(self) -> None:
        """Write what waits for longest, if anything does."""
        if self._waiting:
            now, effects, future = self._waiting.pop(0)
            self.written.append((now, effects))
            if not future.done():
                future.set_result(None)

    def forget(self) -> None:
        """The process has ended: what was not written never was."""
        self.hold = self.failing = False
        for *_, future in self._waiting:
            future.cancel()
        self._waiting.clear()

    def fail(self) -> None:
        """From now on nothing is taken; who waits is told."""
        self.failing = True
        for *_, future in self._waiting:
            if not future.done():
                future.set_exception(StoreFailed("the disk does not take writes"))

    def told(self) -> list[tuple[str | None, Message]]:
        """What is in the outbox, with the hub it is for."""
        return [
            (effect.hub, effect.message)
            for _, effects in self.written
            for effect in effects
            if isinstance(effect, Tell)
        ]


@dataclass
class PaperCharger:
    """Takes what is written, unless deaf."""

    name: str = "controller-1"
    without_agent: WithoutAgent = field(default_factory=lambda: WithoutAgent(True, True))
    set_ma: int = 0
    deaf: bool = False
    written: list[int] = field(default_factory=list)

    async def poll(self) -> ChargerReading:
        raise NotImplementedError

    async def is_commissioned(self) -> bool:
        raise NotImplementedError

    async def commission(self) -> bool:
        raise NotImplementedError

    async def permit(self, current_ma: int) -> None:
        self.written.append(current_ma)
        if self.deaf:
            raise NoAnswer("controller-1 did not answer within 0.3 s")
        self.set_ma = current_ma


class Rig:
    """The hands and eyes of a test. `hold` keeps commits from being confirmed until `release`.

    charger, clock and disk outlive the agent: a restart is another Rig with the same ones.
    """

    def __init__(
        self,
        first: Evse | None = None,
        *,
        absent_s: float | None = None,
        observe: bool = False,
        meter: bool = True,
        guard: Guard | None = None,
        charger: PaperCharger | None = None,
        clock: HandClock | None = None,
        disk: PaperDisk | None = None,
        timing: Timing = TIMING,
        rules: Rules = RULES,
    ) -> None:
        self.clock = clock or HandClock()
        self.charger = charger or PaperCharger()
        self.disk = disk or PaperDisk()
        self.commits = self.disk.handed
        self.asked: list[AskStart | AskStop] = []
        self.hurried: list[float] = []
        self.progress: list[tuple[str, ProgressMessage]] = []
        self.free_ids = 0
        self.signs: Callable[[int], str | None] = lambda _energy_wh: None
        self._tasks: list[asyncio.Task[None]] = []
        self.energy_wh = 12_000
        self.faults: frozenset[str] = frozenset()
        self.inputs = [True, True, True]
        self.keeper = (
            None
            if observe
            else PermitKeeper(self.charger, now_s=self.clock.mono_s, hurry=lambda: None, beat=lambda: None)
        )
        senses = self._senses(guard or Guard(11_040), meter=meter)
        known = () if first is None else first.faults
        self.loop = EvseLoop(
            first or evse(State.STARTING),
            rules,
            timing,
            senses=senses,
            lines={"io": [FaultLine(rule, latch=rule.latched and rule.name in known) for rule in (RCD, DOOR, TILT)]},
            keeper=self.keeper,
            doors=Doors(
                self.disk.commit,
                self.asked.append,
                self.hurried.append,
                self.hurried.append,
                lambda: self.disk.failing,
                lambda hub, message: self.progress.append((hub, message)),
            ),
            clock=self.clock,
            absent_s=absent_s,
            new_id=self._new_id,
        )

    def _new_id(self) -> str:
        self.free_ids += 1
        return f"free-{self.clock.boot}-{int(self.clock.now_s * 1000)}-{self.free_ids}"

    def _senses(self, guard: Guard, *, meter: bool) -> Senses:
        now_s = self.clock.mono_s()
        return Senses(
            Source("controller-1", 3.0, now_s, lambda: "it did not answer"),
            Source("meter-1", 6.0, now_s, lambda: None) if meter else None,
            {"io": Source("io", 3.0, now_s, lambda: None)},
            guard,
        )

    async def __aenter__(self) -> "Rig":
        if self.keeper is not None:
            self._tasks.append(asyncio.create_task(self.keeper.run()))
        await self.settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def hold(self) -> bool:
        return self.disk.hold

    @hold.setter
    def hold(self, hold: bool) -> None:
        self.disk.hold = hold

    async def release(self) -> None:
        self.disk.take()
        await self.settle()

    async def settle(self) -> None:
        """Let every task that can run, run."""
        for _ in range(10):
            await asyncio.sleep(0)

    def state(self) -> State:
        return self.loop.evse.state

    def told(self) -> list[Message]:
        return [effect.message for _, effects in self.commits for effect in effects if isinstance(effect, Tell)]

    def told_of_sessions(self) -> list[str]:
        """What hubs were told but the status, by kind."""
        return [message.kind for message in self.told() if not isinstance(message, StatusMessage)]

    def not_owed(self) -> list[str | None]:
        """Why no record is owed, of each session that was closed; None where one was told."""
        return [effect.not_owed for _, effects in self.commits for effect in effects if isinstance(effect, Closed)]

    def question(self) -> AskStart:
        """The last question, about a card that wants to charge."""
        question = self.asked[-1]
        assert isinstance(question, AskStart)
        return question

    async def show(self, uid: str, session_id: str = "own-1") -> None:
        """A card is shown."""
        self.loop.card(uid, session_id)
        await self.settle()

    async def allow(self, hub: str | None = "hubject", hub_session_id: str | None = "hub-1", **more: Any) -> None:
        """The last question is answered with a yes."""
        self.loop.granted(Grant(hub, hub_session_id, self.question().card, **more))
        await self.settle()

    async def look(
        self,
        pilot: Pilot,
        *,
        times: int = 3,
        step_s: float = 0.2,
        closed: bool | None = None,
        power_w: int = 0,
        silent: str = "",
    ) -> None:
        """Read every device but the silent ones `times` times, `step_s` apart."""
        for _ in range(times):
            self.clock.now_s += step_s
            now_s = self.clock.now_s
            conducts = pilot in (Pilot.C, Pilot.D) and self.charger.set_ma > 0 if closed is None else closed
            if "inputs" not in silent:
                self.loop.take_inputs("io", InputsReading(tuple(self.inputs), now_s))
            if "meter" not in silent:
                self.loop.take_meter(MeterReading(self.energy_wh, power_w, now_s, self.signs(self.energy_wh)))
            if "charger" not in silent:
                set_ma = self.charger.set_ma
                reading = ChargerReading(pilot, set_ma, set_ma, 32_000, conducts, self.faults, now_s)
                self.loop.take_charger(reading)
            self.loop.tick()
            await self.settle()

    async def silence(self, seconds: float, step_s: float = 1.0) -> None:
        """Time passes and no device answers."""
        for _ in range(int(seconds / step_s)):
            self.clock.now_s += step_s
            self.loop.tick()
            await self.settle()

    async def charge(self) -> None:
        """Plug in, show a card, be authorized, draw."""
        await self.look(Pilot.A)
        await self.look(Pilot.B)
        self.loop.card(UID, "own-1")
        await self.settle()
        (question,) = self.asked
        assert isinstance(question, AskStart)
        self.loop.granted(Grant("hubject", "b2688855-7f00-0002-6d8e-48d883f6abb6", question.card))
        await self.settle()
        await self.look(Pilot.C, power_w=11_000)
        assert self.state() is State.CHARGING, (EVSE_ID, self.state())
