"""What cars, devices and people do: the first half of the machine's rules."""

from functools import partial
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from roampost_drivers.roles import Pilot, Tap
from tests.agent.machine import hands
from tests.agent.machine.cards import CARDS, KNOWN, UNKNOWN
from tests.agent.machine.field import FULL_POWER_W, IDLE_POWER_W, Bay
from tests.agent.machine.moods import Mood
from tests.agent.machine.paper import Book
from tests.agent.machine.site import OICP_HUBS, ONE, TWO, Plan
from tests.agent.machine.world import World

EVSES = st.sampled_from([ONE, TWO])
POWERS = st.sampled_from([FULL_POWER_W, FULL_POWER_W, IDLE_POWER_W])
WHILES = st.sampled_from([0, 5, 70, 400])
MOSTLY = st.sampled_from([True, True, True, False])
HUB = st.integers(0, 2)  # a hub of the plan, the first of two twice as often


class FieldRules(RuleBasedStateMachine):
    plan: ClassVar[Plan] = OICP_HUBS
    free: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.plan, free=self.free)

    def bay(self, evse_id: str) -> Bay:
        return self.world.bays[evse_id]

    def hub(self, number: int) -> str:
        names = self.plan.names
        return names[number % len(names)]

    def book(self, number: int) -> Book:
        return self.world.books[self.hub(number)]

    # -- cars and time ------------------------------------------------------------------------------------------

    @rule(evse_id=EVSES, pilot=st.sampled_from([Pilot.A, Pilot.B, Pilot.C, Pilot.C, Pilot.E]), power_w=POWERS)
    def drive(self, evse_id: str, pilot: Pilot, power_w: int) -> None:
        self.bay(evse_id).pilot, self.bay(evse_id).power_w = pilot, power_w
        self.world.pass_time(3)

    @rule(seconds=st.sampled_from([1, 5, 70, 400, 1_000]))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    @rule(
        evse_id=EVSES,
        silent=st.sampled_from(["charger", "meter", "inputs", "charger meter inputs"]),
        seconds=WHILES,
        back=MOSTLY,
    )
    def fall_silent(self, evse_id: str, silent: str, seconds: int, back: bool) -> None:
        self.bay(evse_id).silent = silent
        self.world.wait(seconds)
        if back:
            self.bay(evse_id).silent = ""
            self.world.pass_time(2)

    @rule(evse_id=EVSES, off_wh=st.sampled_from([-5_000, 90_000]), steps=st.integers(1, 3))
    def read_nonsense(self, evse_id: str, off_wh: int, steps: int) -> None:
        """While nothing depends on it, a meter that stays at a strange value is believed: then it comes back in one."""
        bay, evse = self.bay(evse_id), self.world.loops[evse_id].evse
        bay.off_wh = off_wh
        self.world.pass_time(1 if evse.session is None and evse.closing is None else steps)
        bay.off_wh = 0
        self.world.pass_time(1)

    @rule(evse_id=EVSES, seconds=WHILES, back=MOSTLY)
    def go_deaf(self, evse_id: str, seconds: int, back: bool) -> None:
        """The controller takes no orders."""
        self.bay(evse_id).charger.deaf = True
        self.world.wait(seconds)
        self.bay(evse_id).charger.deaf = not back

    @rule(evse_id=EVSES)
    def repair(self, evse_id: str) -> None:
        self.bay(evse_id).heal()
        self.world.pass_time(12)

    @rule(evse_id=EVSES, index=st.integers(0, 2), steps=st.sampled_from([2, 14]), back=MOSTLY)
    def trip(self, evse_id: str, index: int, steps: int, back: bool) -> None:
        self.bay(evse_id).inputs[index] = False
        self.world.pass_time(steps)
        if back:
            self.bay(evse_id).inputs[index] = True
            self.world.pass_time(12)

    # -- people -------------------------------------------------------------------------------------------------

    @rule(uid=st.sampled_from(CARDS))
    def show_card(self, uid: str) -> None:
        self.world.do(lambda: self.world.life.desk.tap(Tap(uid, self.world.clock.mono_s())))
        self.world.pass_time(1)

    @rule(evse_id=EVSES, uid=st.sampled_from([KNOWN, *CARDS]), power_w=POWERS, seconds=WHILES, go=st.booleans())
    def charge(self, evse_id: str, uid: str, power_w: int, seconds: int, go: bool) -> None:
        """The ordinary thing at an EVSE in good order, so that a walk meets sessions often."""
        self.plug_in(evse_id, power_w)
        self.present(evse_id, uid)
        self.world.wait(seconds)
        if go:
            self.leave(evse_id)

    @rule(evse_id=EVSES, uid=st.sampled_from([KNOWN, UNKNOWN]), seconds=WHILES, back=st.booleans(), go=st.booleans())
    def charge_by_the_list(self, evse_id: str, uid: str, seconds: int, back: bool, go: bool) -> None:
        """No hub can be asked; afterwards it takes the session, or does not."""
        for weather in self.world.weathers.values():
            weather.lasting = Mood.NO_ROUTE
        self.charge(evse_id, uid, FULL_POWER_W, seconds, go and not back)
        if back:
            for weather in self.world.weathers.values():
                weather.lasting = None
            self.world.wait(70)

    @rule(evse_id=EVSES, seconds=st.sampled_from([5, 400]), go=MOSTLY)
    def charge_and_stay(self, evse_id: str, seconds: int, go: bool) -> None:
        """The battery is full, and nobody comes for the car."""
        self.charge(evse_id, KNOWN, FULL_POWER_W, seconds, go=False)
        self.drive(evse_id, Pilot.B, FULL_POWER_W)
        self.world.wait(200)
        if go:
            self.leave(evse_id)

    @rule(evse_id=EVSES)
    def leave(self, evse_id: str) -> None:
        """The ordinary end."""
        self.drive(evse_id, Pilot.A, FULL_POWER_W)
        self.world.pass_time(6)

    def plug_in(self, evse_id: str, power_w: int) -> None:
        """A car at an EVSE in good order; the next one, unless one is charging there."""
        self.bay(evse_id).heal()
        self.world.do(self.world.loops[evse_id].enable)
        if self.world.loops[evse_id].evse.session is None:
            self.drive(evse_id, Pilot.A, power_w)
            self.world.pass_time(12)
        self.drive(evse_id, Pilot.C, power_w)

    def present(self, evse_id: str, uid: str) -> None:
        """A card shown right at this EVSE."""
        self.world.do(lambda: self.world.loops[evse_id].card(uid, self.world.new_id()))
        self.world.pass_time(2)

    @rule(evse_id=EVSES, back=MOSTLY)
    def disable(self, evse_id: str, back: bool) -> None:
        self.world.do(self.world.loops[evse_id].disable)
        self.world.pass_time(1)
        if back:
            self.world.do(self.world.loops[evse_id].enable)

    @rule(evse_id=EVSES)
    def acknowledge(self, evse_id: str) -> None:
        for fault in (f"tilt-{evse_id[-1]}", "stuck_on"):
            self.world.do(partial(self.world.loops[evse_id].acknowledge, fault))

    @rule(requeue=st.booleans())
    def handle_a_parked_message(self, requeue: bool) -> None:
        hands.handle_parked(self.world, requeue=requeue)
