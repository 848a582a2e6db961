"""Plays a story: does what its steps say, waits for what they wait for, and keeps all records as they grow.

What the director itself does goes into the truth too, with the time of the same clock.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from roampost_sim.clock import Clock
from roampost_sim.control import tell
from roampost_sim.demo.agentfile import evse_ids, latched
from roampost_sim.demo.arrival import Entry, arrivals
from roampost_sim.demo.compare import Verdict, compare, told_first
from roampost_sim.demo.crew import Crew
from roampost_sim.demo.expect import expected
from roampost_sim.demo.follow import Follower
from roampost_sim.demo.message import FOR_ALL
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
        self._hubs = [hub.hub for hub in crew.hubs.values()]
        self._names = list(crew.hubs)
        self._evse_ids = evse_ids(story.station)
        self._phones = Phones(self._evse_ids, self._names)
        self._truth_follower = Follower(crew.truth_file)
        self._hub_followers = {hub.name: Follower(hub.record) for hub in crew.hubs.values()}
        self.truth: list[Mapping[str, Any]] = []
        self.records: dict[str, list[Entry]] = {name: [] for name in self._names}
        self._judged: tuple[tuple[int, ...], Verdict] | None = None

    async def play(self) -> Verdict:
        """The whole day; GoneError when a process ends by itself."""
        try:
            for step in self._story.steps:
                await self._step(step)
            await self._pause(_QUIET_S)
        finally:
            self._truth_follower.close()
            for follower in self._hub_followers.values():
                follower.close()
        return self.verdict()

    def verdict(self) -> Verdict:
        """Of what has happened so far; looked for again when there is more."""
        seen = (len(self.truth), *map(len, self.records.values()))
        if self._judged is None or self._judged[0] != seen:
            self._judged = seen, self._verdict()
        return self._judged[1]

    def _verdict(self) -> Verdict:
        station, was_first = self._story.station, told_first(self.records, self._evse_ids)
        wanted = expected(self.truth, station, self._hubs, latched(station), was_first)
        return compare(wanted, self.records, self._evse_ids)

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
        """The first of several: the others go on."""
        name = self._names[0]
        socket = self._crew.hubs[name].socket
        if deed.do == "refuse":
            self._did("hub_refused", hub=name)
            await self._order(socket, {"do": "fault", "kind": "refuse"})
        else:
            await self._order(socket, {"do": "clear"})
            self._did("hub_cleared", hub=name)

    async def _from_app(self, deed: AppDeed) -> None:
        """Whatever the agent answers, the day goes on: the judge has the hub's record of it."""
        told = self._phones.command(deed)
        if told is None:
            self._screen.line(f"          (there is nothing for the app to end at EVSE {deed.evse})")
            return
        hub, command = told
        self._did(EVENTS[deed.do], **deed.model_dump(exclude={"do"}) | {"hub": hub})
        self._phones.answered(hub, deed, await tell(self._crew.hubs[hub].socket, command))
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
        """How often; where every hub is to hear it, by each of them. The record of a reservation is not one of a
        charge."""
        found = dict.fromkeys(self._names, 0)
        for row in self.verdict().rows:
            one = row.expected
            if row.arrival is not None and (one.evse, one.message) == (wait.evse, wait.message) and not one.reserved:
                found[one.hub] += 1
        return min(found.values()) if wait.message in FOR_ALL else sum(found.values())

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
        """Takes over what all records have gained, and shows it in the order in which it happened."""
        events = self._truth_follower.fresh()
        entries = {hub: follower.fresh() for hub, follower in self._hub_followers.items()}
        self.truth += events
        for hub, more in entries.items():
            self.records[hub] += more
        news = [(one["t"], "", one) for one in events]
        news += [(one["t"], hub, one) for hub, more in entries.items() for one in more]
        for _, hub, one in sorted(news, key=lambda each: each[:2]):
            if not hub:
                self._screen.happened(one)
            elif one["event"] in ("request", "call"):
                self._arrived(hub, one)

    def _arrived(self, hub: str, entry: Entry) -> None:
        rows = [row.expected for row in self.verdict().rows if row.arrival and row.arrival.entry is entry]
        told = {one.evse for one in rows} or {one.evse for one in arrivals([entry], self._evse_ids, hub)}
        evse = told.pop() if len(told) == 1 else None
        self._screen.arrived(entry, evse, rows[0].t if rows else None, hub if len(self._names) > 1 else None)
