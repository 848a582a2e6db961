"""An EVSE that anything may happen to: a car, cards, two hubs, faults, silences, a bad disk and restarts.

What the walker proves is in `proofs`.
"""

from dataclasses import replace
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from roampost.evse.effect import AskStart
from roampost.evse.event import Card, Decider, Grant
from roampost.evse.state import HELD_DOWN, State
from roampost_drivers.roles import Pilot
from tests.agent.evse.makers import reservation
from tests.agent.loop import proofs
from tests.agent.loop.stage import POWER_W, Stage

CARDS = ("04AA0001", "04AA0002")
HUBS = ("hubject", "second")
CONTRACT = "DE-ABC-C12345678-X"


class Walker(Stage):
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
    def one_session_at_a_time(self) -> None:
        assert self.rig.loop.evse.session is None or self.rig.loop.evse.closing is None

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
