"""A station that anything may happen to: cars, cards, hubs, faults, silences, a bad disk, bad networks, bad clocks,
kills. Everything of the agent is real but the wires' two ends. What is proved is in `always` and `ending`.
"""

from collections import Counter
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from roampost_drivers.roles import Pilot
from tests.agent.machine import always, ending
from tests.agent.machine.cards import CARDS, KNOWN, LISTED, OF_HUBS, SECOND
from tests.agent.machine.field import FULL_POWER_W
from tests.agent.machine.moods import OUTAGE, TOPICS, Mood, Topic
from tests.agent.machine.rules_field import EVSES, HUB, MOSTLY, WHILES
from tests.agent.machine.rules_remote import RemoteRules
from tests.agent.machine.site import BOTH_HUBS, OIOI_HUBS

ANSWERS = (Mood.SLOW, Mood.SLOW_BEFORE, Mood.LOST_AFTER, Mood.SYSTEM_ERROR)
MOODS = st.lists(st.sampled_from(Mood), min_size=1, max_size=4)


class Machine(RemoteRules):
    """steps counts the rules that were carried out, met what the hubs took, in all walks of the class."""

    steps: ClassVar[int] = 0
    met: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        type(self).steps -= 1  # `all_is_well` is asked before the first rule, too

    # -- hubs ---------------------------------------------------------------------------------------------------

    @rule(hub=HUB, topic=st.sampled_from(TOPICS), moods=MOODS)
    def vex(self, hub: int, topic: Topic, moods: list[Mood]) -> None:
        """The next requests of a kind fare so."""
        self.world.weathers[self.hub(hub)].script[:] = [(topic, mood) for mood in moods]

    @rule(evse_id=EVSES, topic=st.sampled_from(TOPICS), moods=MOODS, seconds=WHILES, kill=st.booleans())
    def charge_in_trouble(self, evse_id: str, topic: Topic, moods: list[Mood], seconds: int, kill: bool) -> None:
        """A whole charge, of which some messages fare badly, and perhaps the end of the process after it."""
        for weather in self.world.weathers.values():
            weather.lasting = None
            weather.script[:] = [(topic, mood) for mood in moods]
        self.charge(evse_id, KNOWN, FULL_POWER_W, seconds, go=True)
        if kill:
            self.world.kill(1)
        self.world.wait(seconds)

    @rule(hub=HUB, mood=st.sampled_from(OUTAGE), seconds=st.sampled_from([0, 60, 3_600]), back=MOSTLY)
    def cut_off(self, hub: int, mood: Mood, seconds: int, back: bool) -> None:
        weather = self.world.weathers[self.hub(hub)]
        weather.lasting = mood
        self.world.wait(seconds)
        if back:
            weather.lasting = None

    @rule()
    def clear_up(self) -> None:
        for weather in self.world.weathers.values():
            weather.lasting = None
        self.world.wait(70)

    @rule(hub=HUB)
    def release_answers(self, hub: int) -> None:
        self.world.do(self.world.weathers[self.hub(hub)].release)

    @rule(evse_id=EVSES, hub=HUB, uid=st.sampled_from([KNOWN, SECOND]), seconds=WHILES, mood=st.sampled_from(ANSWERS))
    def answer_late(self, evse_id: str, hub: int, uid: str, seconds: int, mood: Mood) -> None:
        """One hub lets a person wait, the others answer at once; then it speaks as well, or never."""
        self.world.weathers[self.hub(hub)].script[:] = [(Topic.CARD, mood)]
        self.drive(evse_id, Pilot.C, FULL_POWER_W)
        self.present(evse_id, uid)
        self.world.wait(seconds)
        self.release_answers(hub)

    @rule(hub=HUB, known=MOSTLY)
    def change_contracts(self, hub: int, known: bool) -> None:
        """A driver's contract ends, or begins."""
        book = self.book(hub)
        book.cards = OF_HUBS if known else frozenset()
        book.stop_cards = frozenset({SECOND}) if known else frozenset()

    @precondition(lambda self: self.world.posting)
    @rule(hub=HUB, uids=st.sampled_from([LISTED, LISTED, OF_HUBS, frozenset(CARDS), frozenset()]))
    def post_a_list(self, hub: int, uids: frozenset[str]) -> None:
        """The hub's whole list: who is not on it any more may not charge by it."""
        self.world.post_a_list(self.world.posting[hub % len(self.world.posting)], uids)

    @precondition(lambda self: self.world.posting)
    @rule(hub=HUB)
    def forget_the_stations(self, hub: int) -> None:
        """From now on the hub takes no status before the station was posted again."""
        self.world.posting[hub % len(self.world.posting)].forget_stations()

    # -- disk, clock, process -----------------------------------------------------------------------------------

    @rule(fail=st.booleans(), seconds=st.sampled_from([0, 1, 12, 100]), back=MOSTLY)
    def trouble_the_disk(self, fail: bool, seconds: int, back: bool) -> None:
        """It stands still, or tells that it does."""
        if fail:
            self.world.disk.fail()
        else:
            self.world.disk.hold = True
        self.world.wait(seconds)
        if back:
            self.free_the_disk()

    @rule()
    def free_the_disk(self) -> None:
        self.world.disk.heal()
        self.world.settle()

    @rule(away_s=st.sampled_from([1, 30, 5_000]), cut=st.booleans(), trusted=st.booleans())
    def kill(self, away_s: int, cut: bool, trusted: bool) -> None:
        self.world.kill(away_s, power_cut=cut, trusted=trusted)
        self.world.pass_time(2)

    @rule(
        hub=HUB,
        evse_id=EVSES,
        what=st.sampled_from(["card", "leave", "charge", "start", "stop", "reserve"]),
        turns=st.integers(0, 8),
        away_s=st.sampled_from([1, 30]),
    )
    def kill_in_the_midst(self, hub: int, evse_id: str, what: str, turns: int, away_s: int) -> None:
        """The process ends so many turns after something has begun: between any two commits, or after one of which
        nobody has heard."""
        self.world.turns_left = turns
        match what:
            case "card":
                self.present(evse_id, KNOWN)
            case "leave":
                self.leave(evse_id)
            case "charge":
                self.drive(evse_id, Pilot.C, FULL_POWER_W)
            case "start":
                self.start_from_afar(evse_id, hub, "card", pays=True, plugged=False, seconds=0, answered=True)
            case "reserve":
                self.reserve(evse_id, hub, KNOWN, 5, gone=False)
            case _:
                self.ask_again_from_afar(hub, evse_id, what)
        self.world.kill(away_s)
        self.world.pass_time(2)

    @rule(forbid=st.booleans())
    def stop_in_order(self, forbid: bool) -> None:
        self.world.stop(2, forbid=forbid)
        self.world.pass_time(2)

    @precondition(lambda self: not self.world.clock.trusted)
    @rule()
    def synchronize(self) -> None:
        self.world.clock.synchronize()
        self.world.pass_time(1)

    @precondition(lambda self: self.world.clock.trusted)
    @rule(by_s=st.sampled_from([-3, 3]))
    def step_the_clock(self, by_s: int) -> None:
        """The time service puts a small error right."""
        self.world.clock.wrong_ms += 1_000 * by_s
        self.world.pass_time(1)

    # -- always -------------------------------------------------------------------------------------------------

    @invariant()
    def all_is_well(self) -> None:
        type(self).steps += 1
        always.check(self.world)

    def teardown(self) -> None:
        try:
            ending.last_day(self.world)
            for book in self.world.books.values():
                self.met.update(book.taken)
        finally:
            self.world.close()


class FreeMachine(Machine):
    """The same where charging is free at the first EVSE."""

    free = True


class OioiMachine(Machine):
    plan = OIOI_HUBS


class BothMachine(Machine):
    plan = BOTH_HUBS
