"""An EVSE that anything may happen to: a car, cards, two hubs, faults, silences, a bad disk and restarts.

The walker knows what the register really counted. What it proves is in `proofs`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from roampost.evse.effect import AskStart
from roampost.evse.event import Card, Decider, Grant
from roampost.evse.evse import Evse
from roampost.evse.state import HELD_DOWN, State
from roampost.site.recovery import away_s, guard_of, starting
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import EVSE_ID, reservation
from tests.agent.site import proofs
from tests.agent.site.rig import TIMING, HandClock, PaperCharger, PaperDisk, Rig

STEP_S = 0.5
POWER_W = 7_200  # one watt-hour in a step
CARDS = ("04AA0001", "04AA0002")
HUBS = ("hubject", "second")
CONTRACT = "DE-ABC-C12345678-X"


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


class Walker(RuleBasedStateMachine):
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

    # -- the car and time -----------------------------------------------------------------------------------------

    @rule(
        pilot=st.sampled_from([Pilot.A, Pilot.B, Pilot.C, Pilot.C, Pilot.E]),
        steps=st.integers(1, 8),
        power_w=st.sampled_from([POWER_W, 60]),
    )
    def drive(self, pilot: Pilot, steps: int, power_w: int) -> None:
        self.pilot, self.power_w = pilot, power_w
        self.run(self._pass(steps))

    @rule(steps=st.sampled_from([1, 2, 20]))
    def wait(self, steps: int) -> None:
        self.run(self._pass(steps))

    @rule(silent=st.sampled_from(["charger", "meter", "inputs", "charger meter inputs"]), steps=st.integers(1, 60))
    def fall_silent(self, silent: str, steps: int) -> None:
        self.silent = silent
        self.run(self._pass(steps))
        self.silent = ""

    @rule(back_wh=st.sampled_from([-5_000, 90_000]))
    def read_nonsense(self, back_wh: int) -> None:
        self.register_wh += back_wh
        self.run(self._pass(1))
        self.register_wh -= back_wh
        self.run(self._pass(1))

    # -- people and hubs ------------------------------------------------------------------------------------------

    @rule(uid=st.sampled_from(CARDS))
    def show_card(self, uid: str) -> None:
        self.cards += 1
        self.do(lambda: self.rig.loop.card(uid, f"own-{self.cards}"))

    @rule(
        pilot=st.sampled_from([Pilot.B, Pilot.C, Pilot.C]),
        uid=st.sampled_from(CARDS),
        power_w=st.sampled_from([POWER_W, 60]),
    )
    def charge(self, pilot: Pilot, uid: str, power_w: int) -> None:
        """The ordinary thing at an EVSE in good order, so that a walk meets sessions often."""
        self._in_good_order()
        self.pilot, self.power_w = pilot, power_w
        self.run(self._pass(2))
        self.show_card(uid)
        if self.rig.asked:
            self.answer(HUBS[0], yes=True)
        self.run(self._pass(4))

    def _in_good_order(self) -> None:
        self.charger.deaf = False
        self.rig.inputs[:] = [True, True, True]
        self.do(self.rig.loop.enable)
        if self.rig.loop.evse.session is None:
            self.pilot = Pilot.A
            self.run(self._pass(14))

    @rule(uid=st.sampled_from(CARDS), steps=st.sampled_from([1, 130]))
    def show_card_first(self, uid: str, steps: int) -> None:
        """Card before plug, which some drivers do, and some never plug in."""
        self.pilot = Pilot.A
        self.run(self._pass(2))
        self.show_card(uid)
        if self.rig.asked:
            self.answer(HUBS[0], yes=True)
        self.run(self._pass(steps))

    @precondition(lambda self: self.rig.asked)
    @rule(hub=st.sampled_from(HUBS), yes=st.booleans())
    def answer(self, hub: str, yes: bool) -> None:
        """Any hub about any question, at any time; each hub says yes to a question once."""
        question = self.rig.asked[-1]
        loop = self.rig.loop
        if isinstance(question, AskStart):
            no = partial(loop.refused, question.card.session_id, "unknown card")
            self.do(partial(self._grant, hub, question) if yes else no)
        elif yes:
            self.do(partial(loop.stop_granted, question.session.session_id, question.uid))

    def _grant(self, hub: str, question: AskStart) -> None:
        session_id = question.card.session_id
        if (hub, session_id) not in self.given:
            self.given.add((hub, session_id))
            self.rig.loop.granted(Grant(hub, f"hub-{session_id}", question.card))

    @precondition(lambda self: self.rig.asked)
    @rule(decider=st.sampled_from([Decider.LIST, Decider.OPERATOR]))
    def allow_without_a_hub(self, decider: Decider) -> None:
        question = self.rig.asked[-1]
        if isinstance(question, AskStart):
            hub = HUBS[0] if decider is Decider.LIST else None
            grant = Grant(hub, None, question.card, decided_by=decider, cap_wh=6, cap_s=40)
            self.do(partial(self.rig.loop.granted, grant))

    @rule(uid=st.sampled_from(CARDS), taken=st.sampled_from([None, True, False]), steps=st.sampled_from([4, 30]))
    def charge_by_the_list(self, uid: str, taken: bool | None, steps: int) -> None:
        """No hub can be asked; afterwards it takes the session, or does not, or keeps silent."""
        self._in_good_order()
        self.pilot = Pilot.C
        self.run(self._pass(2))
        self.show_card(uid)
        if self.rig.asked:
            self.allow_without_a_hub(Decider.LIST)
        self.run(self._pass(steps))
        if taken is not None:
            self.say_late(taken)

    @rule(pilot=st.sampled_from([Pilot.A, Pilot.C]))
    def become_full(self, pilot: Pilot) -> None:
        """The vehicle draws nothing for long, and leaves or goes on."""
        self.charge(Pilot.C, CARDS[0], POWER_W)
        self.pilot = Pilot.B
        self.run(self._pass(14))
        self.pilot = pilot
        self.run(self._pass(4))

    @rule(taken=st.booleans())
    def say_late(self, taken: bool) -> None:
        """What the late authorization of a session brings, which may be over by then."""
        loop = self.rig.loop
        for one in (loop.evse.session, loop.evse.closing):
            if one is not None and one.hub is not None and one.hub_session_id is None:
                late = partial(loop.opened, one.session_id, f"late-{one.session_id}")
                self.do(late if taken else partial(loop.stop_remote, one.session_id, "the hub did not take it"))

    # -- from afar ------------------------------------------------------------------------------------------------

    @rule(uid=st.sampled_from([*CARDS, None]), pilot=st.sampled_from([None, Pilot.A, Pilot.C]))
    def start_from_afar(self, uid: str | None, pilot: Pilot | None) -> None:
        self.far += 1
        if pilot is not None:
            self.pilot = pilot
            self.run(self._pass(3))
        contract = CONTRACT if uid is None else None
        card = Card(uid, f"far-{self.far}")
        grant = Grant(HUBS[0], f"hub-far-{self.far}", card, decided_by=Decider.PROVIDER, contract_id=contract)
        self.do(partial(self.rig.loop.start_remote, grant))
        self.run(self._pass(3))

    @rule()
    def stop_from_afar(self) -> None:
        session = self.rig.loop.evse.session
        if session is not None:
            self.do(partial(self.rig.loop.stop_remote, session.session_id, "stopped from afar"))

    @rule(uid=st.sampled_from(CARDS), duration_s=st.sampled_from([3, 60, 900]), again=st.booleans())
    def reserve(self, uid: str, duration_s: int, again: bool) -> None:
        self.far += 1
        kept = self.rig.loop.evse.reservation
        now = self.clock.stamp()
        wanted = reservation(
            session_id=f"res-{self.far}",
            hub_session_id=f"hub-res-{self.far}",
            uid=uid,
            since=now,
            duration_s=duration_s,
        )
        if kept is not None and again:
            wanted = kept.model_copy(update={"since": now, "duration_s": duration_s})
        self.do(partial(self.rig.loop.reserve, wanted))

    @precondition(lambda self: self.rig.loop.evse.reservation is not None)
    @rule(how=st.sampled_from(["cancelled", "over", "used under its own session"]))
    def end_the_reservation(self, how: str) -> None:
        kept = self.rig.loop.evse.reservation
        assert kept is not None
        self.far += 1
        if how == "cancelled":
            self.do(partial(self.rig.loop.unreserve, how))
        elif how == "over":
            self.clock.now_s += kept.duration_s
            self.run(self._pass(1))
        else:
            card = Card(None, f"far-{self.far}")
            grant = Grant(kept.hub, kept.hub_session_id, card, decided_by=Decider.PROVIDER, contract_id=CONTRACT)
            self.do(partial(self.rig.loop.start_remote, grant))

    @rule(steps=st.sampled_from([0, 1, 20]), back=st.booleans())
    def disable(self, steps: int, back: bool) -> None:
        self.do(self.rig.loop.disable)
        self.run(self._pass(steps))
        if back:
            self.do(self.rig.loop.enable)

    @rule()
    def enable(self) -> None:
        self.do(self.rig.loop.enable)

    @rule(fault=st.sampled_from(["tilt", "stuck_on"]))
    def acknowledge(self, fault: str) -> None:
        self.do(lambda: self.rig.loop.acknowledge(fault))

    # -- faults ---------------------------------------------------------------------------------------------------

    @rule(index=st.integers(0, 2), healthy=st.booleans(), steps=st.integers(1, 3))
    def switch_input(self, index: int, healthy: bool, steps: int) -> None:
        self.rig.inputs[index] = healthy
        self.run(self._pass(steps))

    @rule(deaf=st.booleans())
    def deafen(self, deaf: bool) -> None:
        self.charger.deaf = deaf

    @rule(hold=st.booleans())
    def trouble_the_disk(self, hold: bool) -> None:
        if hold:
            self.disk.hold = True
        else:
            self.do(self.disk.fail)

    @rule()
    def write_one(self) -> None:
        self.do(self.disk.take_one)

    @rule()
    def heal_the_disk(self) -> None:
        self.run(self.rig.release())

    @rule(away=st.sampled_from([1, 30, 5_000]), power_cut=st.booleans(), wrong_wh=st.sampled_from([0, 0, -5_000]))
    def crash(self, away: int, power_cut: bool, wrong_wh: int) -> None:
        """wrong_wh: so much the first reading after it is off, where a session depends on it."""
        if power_cut:
            self.clock.reboot()
        self.run(self._restart(away))
        first = self.rig.loop.evse
        wrong_wh = wrong_wh if first.session is not None or first.closing is not None else 0
        self.register_wh += wrong_wh
        self.run(self._pass(1))
        self.register_wh -= wrong_wh

    @rule()
    def stop_in_order(self) -> None:
        """A clean stop forbids charging, also while it waits for the read-back."""
        self.do(self.rig.loop.forbid)
        self.run(self._pass(6))
        if not self.charger.deaf:
            assert self.charger.set_ma == 0
            assert self.rig.loop.quiet
        self.disk.take()
        self.run(self._restart(2))
        self.run(self._pass(1))

    # -- what is proved -------------------------------------------------------------------------------------------

    def heal(self) -> None:
        self.charger.deaf = False
        self.rig.inputs[:] = [True, True, True]
        self.disk.take()

    @rule()
    def quiet_period(self) -> None:
        self.charger.deaf = False
        self.disk.take()
        self.run(self._pass(16))
        if self.rig.loop.evse.session is None:
            assert self.charger.set_ma == 0
        else:
            assert self.charger.set_ma == self.rig.loop.evse.permitted_ma
        assert self.rig.loop.evse == self.disk.written[-1][0].model_copy(update={"session": self.rig.loop.evse.session})

    @invariant()
    def permission_only_with_a_session(self) -> None:
        keeper = self.rig.keeper
        assert keeper is not None
        if keeper.target_ma:
            assert self.rig.loop.evse.session is not None
        assert self.charger.too_early == []

    @invariant()
    def a_fault_holds_down(self) -> None:
        if self.rig.loop.evse.faults:
            assert self.rig.state() in HELD_DOWN

    def teardown(self) -> None:
        try:
            self.run(self._last_day())
        finally:
            self.run(self.rig.__aexit__())
            self.runner.close()

    async def _last_day(self) -> None:
        """Everything is well again, the car is gone, a person has put the EVSE back into service."""
        self.heal()
        self.pilot = Pilot.A
        await self._pass(24)
        self.rig.loop.disable()
        await self._pass(24)
        self.rig.loop.enable()
        self.rig.loop.acknowledge("tilt")
        self.rig.loop.acknowledge("stuck_on")
        await self._pass(4)
        self.rig.loop.unreserve("the last day")
        await self._pass(1)
        assert self.rig.state() is State.AVAILABLE, self.rig.loop.evse.why
        proofs.all_of(self.disk, self.runs, self.register_wh)
        proofs.progress(self.rig.progress)


class FreeWalker(Walker):
    """The same where charging is free for whoever plugs in."""

    timing = replace(Walker.timing, free=True)
