"""Plays a story: does what its steps say, waits for what they wait for, and keeps both records as they grow.

What the director itself does goes into the truth too, with the time of the same clock.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from roampost_sim.clock import Clock
from roampost_sim.control import tell
from roampost_sim.demo.agentfile import evse_ids, latched
from roampost_sim.demo.arrival import arrivals
from roampost_sim.demo.compare import Verdict, compare
from roampost_sim.demo.crew import Crew
from roampost_sim.demo.expect import expected
from roampost_sim.demo.follow import Follower
from roampost_sim.demo.phones import EVENTS, Phones
from roampost_sim.demo.screen import Screen
from roampost_sim.demo.story import (
    AgentDeed,
    AppAsks,
    AppDeed,
    AppEnds,
    HubDeed,
    HubWait,
    OtherWait,
    StationWait,
    Step,
    Story,
)
from roampost_sim.errors import SimError

_LOOK_S = 0.05
# After the day: whoever sends something twice or out of thin air does it now.
_QUIET_S = 3.0


class Director:
    def __init__(self, story: Story, crew: Crew, screen: Screen, clock: Clock, *, wall_s: Callable[[], float]) -> None:
        """wall_s: seconds since 1970; the truth gets them once, so that moments can be held against it."""
        self._wall_s = wall_s
        self._story, self._crew, self._screen, self._clock = story, crew, screen, clock
        self._evse_ids = evse_ids(story.station)
        self._phones = Phones(self._evse_ids)
        self._truth_follower, self._hub_follower = Follower(crew.truth_file), Follower(crew.hub_file)
        self.truth: list[Mapping[str, Any]] = []
        self.entries: list[Mapping[str, Any]] = []

    async def play(self) -> Verdict:
        """The whole day; GoneError when a process ends by itself."""
        try:
            for step in self._story.steps:
                await self._step(step)
            await self._pause(_QUIET_S)
        finally:
            self._truth_follower.close()
            self._hub_follower.close()
        return self.verdict()

    def verdict(self) -> Verdict:
        """Of what has happened so far."""
        wanted = expected(self.truth, self._story.station, self._story.cards, latched(self._story.station))
        return compare(wanted, self.entries, self._evse_ids)

    async def _step(self, step: Step) -> None:
        await self._pause(step.after_s)
        if step.say:
            self._screen.heading(step.say)
        match step.act:
            case HubWait() | StationWait() | OtherWait() as wait:
                if not await self._wait(wait):
                    sought = " ".join(str(value) for value in wait.model_dump(exclude={"most_s"}).values())
                    self._screen.line(f"          (waited {wait.most_s:g} s in vain for: {sought})")
            case HubDeed() as deed:
                await self._to_hub(deed)
            case AppAsks() | AppEnds() as deed:
                await self._from_app(deed)
            case AgentDeed() as deed:
                await self._to_agent(deed)
            case command:
                await self._order(self._crew.station_socket, command.model_dump(mode="json", exclude_none=True))

    # Deeds

    async def _to_hub(self, deed: HubDeed) -> None:
        fault = {"do": "fault", "kind": "refuse"} if deed.do == "refuse" else {"do": "clear"}
        if deed.do == "refuse":
            self._did("hub_refused")
            await self._order(self._crew.hub_socket, fault)
        else:
            await self._order(self._crew.hub_socket, fault)
            self._did("hub_cleared")

    async def _from_app(self, deed: AppDeed) -> None:
        """Whatever the agent answers, the day goes on: the judge has the hub's record of it."""
        command = self._phones.command(deed)
        if command is None:
            self._screen.line(f"          (there is nothing for the app to end at EVSE {deed.evse})")
            return
        self._did(EVENTS[deed.do], **deed.model_dump(exclude={"do"}))
        self._phones.answered(deed, await tell(self._crew.hub_socket, command))
        self._look()

    async def _to_agent(self, deed: AgentDeed) -> None:
        self._did("agent_started" if deed.do == "start" else "agent_killed")
        await (self._crew.start_agent() if deed.do == "start" else self._crew.agent.kill())

    async def _order(self, socket: Any, command: dict[str, Any]) -> None:
        answer = await tell(socket, command)
        if not answer["ok"]:
            raise SimError(f"the story cannot go on: {answer['error']}")
        self._look()

    def _did(self, event: str, **more: Any) -> None:
        self._look()
        deed = {"t": self._clock.now(), "event": event, "wall_s": self._wall_s()} | more
        self.truth.append(deed)
        self._screen.happened(deed)

    # Waits

    async def _wait(self, wait: HubWait | StationWait | OtherWait) -> bool:
        match wait:
            case HubWait():
                return await self._until(lambda: self._heard(wait) >= wait.times, wait.most_s)
            case StationWait():
                return await self._until(lambda: self._seen(wait) >= wait.times, wait.most_s)
            case OtherWait(wait="inbound"):
                return await self._until(self._crew.agent_listens, wait.most_s)
            case OtherWait(wait="agent"):
                return await self._until_agent_answers(wait.most_s)
            case _:
                return await self._until(lambda: not self.verdict().missing, wait.most_s)

    def _heard(self, wait: HubWait) -> int:
        came = arrivals(self.entries, self._evse_ids)
        return sum((one.evse, one.message) == (wait.evse, wait.message) for one in came)

    def _seen(self, wait: StationWait) -> int:
        return sum((one.get("evse"), one["event"]) == (wait.evse, wait.event) for one in self.truth)

    async def _until_agent_answers(self, most_s: float) -> bool:
        until_s = self._clock.now() + most_s
        while self._clock.now() < until_s:
            asking = asyncio.create_task(self._crew.agent_answers())
            await self._until(asking.done, most_s)
            if await asking:
                return True
            await self._pause(0.5)
        return False

    async def _pause(self, seconds: float) -> None:
        await self._until(lambda: False, seconds)

    async def _until(self, holds: Callable[[], bool], most_s: float) -> bool:
        """Looks on while time passes; whether it holds in time."""
        until_s = self._clock.now() + most_s
        while True:
            self._look()
            self._crew.check()
            if holds():
                return True
            left_s = until_s - self._clock.now()
            if left_s <= 0:
                return False
            await self._clock.sleep(min(_LOOK_S, left_s))

    def _look(self) -> None:
        """Takes over what both records have gained, and shows it in the order in which it happened."""
        events, entries = self._truth_follower.fresh(), self._hub_follower.fresh()
        self.truth += events
        self.entries += entries
        news = [(one["t"], False, one) for one in events] + [(one["t"], True, one) for one in entries]
        rows = {id(row.arrival.entry): row for row in self.verdict().rows if row.arrival} if entries else {}
        for _, from_hub, one in sorted(news, key=lambda each: each[0]):
            if not from_hub:
                self._screen.happened(one)
            elif one["event"] in ("request", "call"):
                row = rows.get(id(one))
                self._screen.arrived(one, row.expected.evse if row else None, row.expected.t if row else None)
