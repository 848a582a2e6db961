"""A station that anything may happen to: cars, cards, hubs, faults, silences, a bad disk, bad networks, bad clocks,
kills. Everything of the agent is real but the wires' two ends. What is proved is in `always` and `ending`.
"""

from collections import Counter
from datetime import timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from roampost.hubs.remote import CancelReservation, Command, Outcome, RemoteStart, RemoteStop, Reserve
from roampost_drivers.roles import Pilot
from tests.agent.machine import always, ending
from tests.agent.machine.book import Booked
from tests.agent.machine.field import FULL_POWER_W
from tests.agent.machine.moods import ABOUT, OUTAGE, Mood
from tests.agent.machine.rules_field import EVSES, MOSTLY, WHILES, FieldRules
from tests.agent.machine.site import HUBS
from tests.agent.machine.world import KNOWN, SECOND

CONTRACT = "DE-DCB-C12345678-X"
HUB = st.sampled_from([*HUBS, HUBS[0]])
MOODS = st.lists(st.sampled_from(Mood), min_size=1, max_size=4)


class Machine(FieldRules):
    """steps counts the rules that were carried out, met what the hubs took, in all walks of the class."""

    steps: ClassVar[int] = 0
    met: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        type(self).steps -= 1  # `all_is_well` is asked before the first rule, too

    # -- hubs ---------------------------------------------------------------------------------------------------

    @rule(hub=HUB, about=st.sampled_from(ABOUT), moods=MOODS)
    def vex(self, hub: str, about: str, moods: list[Mood]) -> None:
        """The next requests of a kind fare so."""
        self.world.weathers[hub].script[:] = [(about, mood) for mood in moods]

    @rule(evse_id=EVSES, about=st.sampled_from(ABOUT), moods=MOODS, seconds=WHILES, kill=st.booleans())
    def charge_in_trouble(self, evse_id: str, about: str, moods: list[Mood], seconds: int, kill: bool) -> None:
        """A whole charge, of which some messages fare badly, and perhaps the end of the process after it."""
        for hub in HUBS:
            self.world.weathers[hub].lasting = None
            self.vex(hub, about, moods)
        self.charge(evse_id, KNOWN, FULL_POWER_W, seconds, go=True)
        if kill:
            self.world.kill(1)
        self.world.wait(seconds)

    @rule(hub=HUB, mood=st.sampled_from(OUTAGE), seconds=st.sampled_from([0, 60, 3_600]), back=MOSTLY)
    def cut_off(self, hub: str, mood: Mood, seconds: int, back: bool) -> None:
        self.world.weathers[hub].lasting = mood
        self.world.wait(seconds)
        if back:
            self.world.weathers[hub].lasting = None

    @rule()
    def clear_up(self) -> None:
        for weather in self.world.weathers.values():
            weather.lasting = None
        self.world.wait(70)

    @rule(hub=HUB)
    def release_answers(self, hub: str) -> None:
        self.world.do(self.world.weathers[hub].release)

    @rule(hub=HUB, known=MOSTLY)
    def change_contracts(self, hub: str, known: bool) -> None:
        """A driver's contract ends, or begins."""
        book = self.world.books[hub]
        book.cards = frozenset({KNOWN, SECOND}) if known else frozenset()
        book.stop_cards = frozenset({SECOND}) if known else frozenset()

    # -- from afar ----------------------------------------------------------------------------------------------

    @rule(evse_id=EVSES, hub=HUB, uid=st.sampled_from([KNOWN, None]), plugged=MOSTLY, seconds=WHILES)
    def start_from_afar(self, evse_id: str, hub: str, uid: str | None, plugged: bool, seconds: int) -> None:
        if plugged:
            self.drive(evse_id, Pilot.C, FULL_POWER_W)
        session = self.world.books[hub].open("", evse_id, "remote")
        contract = CONTRACT if uid is None else None
        self._ask_station(RemoteStart(hub, session.hub_session_id, evse_id, uid=uid, contract_id=contract), session)
        self.world.wait(seconds)

    @rule(evse_id=EVSES, hub=HUB, uid=st.sampled_from([KNOWN, SECOND]), minutes=st.integers(1, 15), gone=MOSTLY)
    def reserve(self, evse_id: str, hub: str, uid: str, minutes: int, gone: bool) -> None:
        if gone:
            self.leave(evse_id)
        session = self.world.books[hub].open("", evse_id, "reserved")
        wanted = Reserve(hub, session.hub_session_id, evse_id, duration=timedelta(minutes=minutes), uid=uid)
        self._ask_station(wanted, session)

    @rule(hub=HUB, evse_id=EVSES, how=st.sampled_from(["stop", "cancel", "use", "prolong"]))
    def ask_again_from_afar(self, hub: str, evse_id: str, how: str) -> None:
        """About the session that this hub began last at this EVSE. A hub repeats what it had no answer to."""
        ours = [one for one in self.world.books[hub].sessions.values() if one.evse_id == evse_id]
        if not ours:
            return
        session = ours[-1]
        commands: dict[str, Command] = {
            "stop": RemoteStop(hub, session.hub_session_id, evse_id),
            "cancel": CancelReservation(hub, session.hub_session_id, evse_id),
            "use": RemoteStart(hub, session.hub_session_id, evse_id, uid=KNOWN),
            "prolong": Reserve(hub, session.hub_session_id, evse_id, duration=timedelta(minutes=5), uid=KNOWN),
        }
        begun = session.how == ("reserved" if how == "prolong" else "remote")
        unsure = session.heard_run in (None, self.world.life.number)
        reserved = session.how == "reserved" and not session.closed
        if how in ("stop", "cancel") or (begun and unsure) or (how == "use" and reserved):
            self._ask_station(commands[how], session)

    def _ask_station(self, command: Command, session: Booked) -> None:
        life = self.world.life

        async def taken() -> None:
            reply = await life.remote.take(command)
            begins = isinstance(command, RemoteStart | Reserve)
            if begins and reply.outcome is Outcome.DONE and not life.dead:
                session.heard_run = life.number
                session.own_id = session.own_id or reply.session_id or ""

        self.world.begin(taken())
        self.world.pass_time(2)

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
        evse_id=EVSES,
        what=st.sampled_from(["card", "leave", "charge", "start", "stop", "reserve"]),
        turns=st.integers(0, 8),
        away_s=st.sampled_from([1, 30]),
    )
    def kill_in_the_midst(self, evse_id: str, what: str, turns: int, away_s: int) -> None:
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
                self.start_from_afar(evse_id, HUBS[0], KNOWN, plugged=False, seconds=0)
            case "reserve":
                self.reserve(evse_id, HUBS[0], KNOWN, 5, gone=False)
            case _:
                self.ask_again_from_afar(HUBS[0], evse_id, what)
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
