"""One EVSE loop, a clock moved by hand, a store whose commits are released by hand, a charger on paper."""

import asyncio
from dataclasses import dataclass, field

from roampost.domain.messages import ErrorKind, Message
from roampost.domain.stamp import Stamp
from roampost.evse.effect import AskStart, AskStop, Effect, Tell
from roampost.evse.energy import Guard
from roampost.evse.event import Grant
from roampost.evse.evse import Evse
from roampost.evse.state import State
from roampost.evse.step import Rules
from roampost.site.core import Doors
from roampost.site.evse_loop import EvseLoop
from roampost.site.faultline import FaultLine, LineRule
from roampost.site.permit import PermitKeeper
from roampost.site.senses import Senses, Source
from roampost.site.watch import Timing
from roampost_drivers.errors import NoAnswer
from roampost_drivers.roles import ChargerReading, InputsReading, MeterReading, Pilot, WithoutAgent
from tests.agent.evse.makers import EVSE_ID, UID, evse

LIMIT_MA = 16_000
RCD = LineRule("rcd", "RCD tripped", 0, True, 0.1, 5.0, True, False, ErrorKind.CRITICAL)
DOOR = LineRule("door", "the door is open", 1, True, 0.1, 5.0, False, False, ErrorKind.CRITICAL)


class HandClock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def stamp(self) -> Stamp:
        return Stamp(boot="b1", mono_ms=int(self.now_s * 1000), wall_ms=int(self.now_s * 1000) + 10**12, trusted=True)

    def mono_s(self) -> float:
        return self.now_s

    def wall_ms(self) -> int:
        return int(self.now_s * 1000) + 10**12


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
    """The hands and eyes of a test. `hold` keeps commits from being confirmed until `release`."""

    def __init__(self, first: Evse | None = None, *, absent_s: float | None = None, observe: bool = False) -> None:
        self.clock = HandClock()
        self.charger = PaperCharger()
        self.commits: list[tuple[Evse, tuple[Effect, ...]]] = []
        self.asked: list[AskStart | AskStop] = []
        self.hold = False
        self.hurried: list[float] = []
        self._waiting: list[asyncio.Future[object]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.energy_wh = 12_000
        self.inputs = [True, True]
        self.keeper = (
            None
            if observe
            else PermitKeeper(self.charger, now_s=self.clock.mono_s, hurry=lambda: None, beat=lambda: None)
        )
        now_s = self.clock.mono_s()
        senses = Senses(
            Source("controller-1", 3.0, now_s, lambda: "it did not answer"),
            Source("meter-1", 6.0, now_s, lambda: None),
            {"io": Source("io", 3.0, now_s, lambda: None)},
            Guard(11_040),
        )
        self.loop = EvseLoop(
            first or evse(State.STARTING),
            Rules(LIMIT_MA),
            Timing(grace_s=20, plug_wait_s=60, resume_within_s=900),
            senses=senses,
            lines={"io": [FaultLine(RCD), FaultLine(DOOR)]},
            keeper=self.keeper,
            doors=Doors(self._commit, self.asked.append, self.hurried.append, self.hurried.append),
            clock=self.clock,
            absent_s=absent_s,
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

    def _commit(self, now: Evse, effects: tuple[Effect, ...]) -> "asyncio.Future[object]":
        self.commits.append((now, effects))
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if self.hold:
            self._waiting.append(future)
        else:
            future.set_result(None)
        return future

    async def release(self) -> None:
        self.hold = False
        for future in self._waiting:
            future.set_result(None)
        self._waiting.clear()
        await self.settle()

    async def settle(self) -> None:
        """Let every task that can run, run."""
        for _ in range(10):
            await asyncio.sleep(0)

    def state(self) -> State:
        return self.loop.evse.state

    def told(self) -> list[Message]:
        return [effect.message for _, effects in self.commits for effect in effects if isinstance(effect, Tell)]

    async def look(
        self, pilot: Pilot, *, times: int = 3, step_s: float = 0.2, closed: bool | None = None, power_w: int = 0
    ) -> None:
        """Read every device `times` times, `step_s` apart."""
        for _ in range(times):
            self.clock.now_s += step_s
            now_s = self.clock.now_s
            conducts = pilot in (Pilot.C, Pilot.D) and self.charger.set_ma > 0 if closed is None else closed
            self.loop.take_inputs("io", InputsReading(tuple(self.inputs), now_s))
            self.loop.take_meter(MeterReading(self.energy_wh, power_w, now_s))
            self.loop.take_charger(
                ChargerReading(pilot, self.charger.set_ma, self.charger.set_ma, 32_000, conducts, frozenset(), now_s)
            )
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
