"""The stage of a random walk: an EVSE with its car, disk and clock, which outlive every run of the agent.

It knows what the register really counted.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from roampost.evse.evse import Evse
from roampost.site.recovery import away_s, guard_of, starting
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import EVSE_ID
from tests.agent.loop import proofs
from tests.agent.loop.rig import TIMING, HandClock, PaperCharger, PaperDisk, Rig

STEP_S = 0.5
POWER_W = 7_200  # one watt-hour in a step


class ProvedCharger(PaperCharger):
    """Remembers every permission that came before its session was on the disk."""

    def __init__(self, disk: PaperDisk) -> None:
        super().__init__()
        self.disk = disk
        self.too_early: list[int] = []

    async def permit(self, current_ma: int) -> None:
        if current_ma > proofs.written_level_ma(self.disk.written):
            self.too_early.append(current_ma)
        await super().permit(current_ma)


class Stage(RuleBasedStateMachine):
    """What a walk needs: hands for the hardware and the hubs, time that passes, restarts."""

    timing = replace(TIMING, idle_end_s=5)

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.new_event_loop()
        self.disk, self.clock = PaperDisk(), HandClock()
        self.charger = ProvedCharger(self.disk)
        self.pilot = Pilot.A
        self.silent = ""
        self.register_wh = 12_000
        self.power_w = POWER_W
        self.cards = 0
        self.runs: list[int] = []  # how many commits were written when each run of the agent began
        self.given: set[tuple[str, str]] = set()
        self.far = 0
        self.rig = Rig(timing=self.timing)
        self.run(self._start())
        self.run(self._pass(3))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self.runner.run_until_complete(work)

    def do(self, call: Callable[[], object]) -> None:
        """What a device, a person or a hub says, said on the agent's event loop."""

        async def said() -> None:
            call()
            await self.rig.settle()

        self.run(said())

    async def _start(self) -> None:
        now = self.clock.stamp()
        before = None
        if self.disk.written:
            before = Evse.model_validate_json(self.disk.written[-1][0].model_dump_json())
        gone_s = None if before is None else away_s(before, now)
        first = starting(EVSE_ID, before, now)
        guard = guard_of(first, 11_040, self.clock.mono_s(), gone_s)
        inputs = self.rig.inputs
        progress = self.rig.progress
        self.rig = Rig(
            first,
            absent_s=gone_s,
            guard=guard,
            charger=self.charger,
            clock=self.clock,
            disk=self.disk,
            timing=self.timing,
        )
        self.rig.inputs = inputs
        self.rig.progress = progress
        self.runs.append(len(self.disk.written))
        await self.rig.__aenter__()

    async def _pass(self, steps: int) -> None:
        for _ in range(steps):
            draws = self.pilot is Pilot.C and self.charger.set_ma > 0
            self.register_wh += draws
            self.rig.energy_wh = self.register_wh
            await self.rig.look(self.pilot, times=1, step_s=STEP_S, power_w=self.power_w * draws, silent=self.silent)

    async def _restart(self, away: int) -> None:
        # What an ended process still does goes nowhere.
        ended, self.disk = self.disk, PaperDisk(written=list(self.disk.written))
        self.charger.disk = self.disk
        ended.forget()
        await self.rig.__aexit__()
        self.clock.now_s += away
        if self.pilot is Pilot.C and self.charger.set_ma > 0:
            self.register_wh += away * POWER_W // 3600
        await self._start()
