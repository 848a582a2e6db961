"""What hubs ask of the station, also twice, and what they hear of it: rules of the machine."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from roampost.hubs.remote import Outcome, RemoteStart
from roampost_drivers.roles import Pilot
from tests.agent.machine.cards import KNOWN, SECOND
from tests.agent.machine.field import FULL_POWER_W
from tests.agent.machine.life import Life
from tests.agent.machine.paper import Book, Remote
from tests.agent.machine.rules_field import EVSES, HUB, MOSTLY, WHILES, FieldRules

WHO = st.sampled_from(["card", "contract", "account"])
# To a start whose charge runs: it does, or the disk cannot be trusted to know of it.
_FOR_THE_SAME = frozenset({Outcome.DONE, Outcome.FAILED, Outcome.LATE})


class RemoteRules(FieldRules):
    @rule(evse_id=EVSES, hub=HUB, who=WHO, pays=st.booleans(), plugged=MOSTLY, seconds=WHILES, answered=MOSTLY)
    def start_from_afar(
        self, evse_id: str, hub: int, who: str, pays: bool, plugged: bool, seconds: int, answered: bool
    ) -> None:
        if plugged:
            self.drive(evse_id, Pilot.C, FULL_POWER_W)
        self._ask_station(self.book(hub), self.book(hub).start(evse_id, who, pays=pays), answered=answered)
        self.world.wait(seconds)

    @rule(evse_id=EVSES, hub=HUB, uid=st.sampled_from([KNOWN, SECOND]), minutes=st.integers(1, 15), gone=MOSTLY)
    def reserve(self, evse_id: str, hub: int, uid: str, minutes: int, gone: bool) -> None:
        if gone:
            self.leave(evse_id)
        self._ask_station(self.book(hub), self.book(hub).reserve(evse_id, uid, minutes))

    @rule(hub=HUB, evse_id=EVSES, how=st.sampled_from(["stop", "cancel", "use", "prolong"]))
    def ask_again_from_afar(self, hub: int, evse_id: str, how: str) -> None:
        """About what this hub began last at this EVSE. A hub repeats what it had no answer to."""
        command = self.book(hub).again(evse_id, how, self.world.life.number)
        if command is not None:
            self._ask_station(self.book(hub), command)

    @precondition(lambda self: self.world.posting)
    @rule(evse_id=EVSES, hub=HUB, who=WHO, seconds=WHILES, over=st.booleans(), kill=st.booleans())
    def repeat_a_payment(self, evse_id: str, hub: int, who: str, seconds: int, over: bool, kill: bool) -> None:
        """The answer to a start was lost; when the hub asks again, the charge may be over, and another car be there."""
        book = self.world.posting[hub % len(self.world.posting)]
        self.plug_in(evse_id, FULL_POWER_W)
        command = book.start(evse_id, who, pays=True)
        self._ask_station(book, command, answered=False)
        self.world.wait(seconds)
        if over:
            self.leave(evse_id)
            self.drive(evse_id, Pilot.C, FULL_POWER_W)
        if kill:
            self.world.kill(1)
            self.world.pass_time(12)
        self._ask_station(book, command)
        self.world.wait(5)

    def _ask_station(self, book: Book, command: Remote, *, answered: bool = True) -> None:
        """answered: the station's word reaches the hub."""
        life = self.world.life

        async def taken() -> None:
            before = _paid_charge(life, command)
            reply = await life.remote.take(command)
            if before is not None and before == _paid_charge(life, command) and reply.outcome not in _FOR_THE_SAME:
                self.world.trouble.append(f"{command} runs as {before}, and is answered with {reply}")
            if answered and not life.dead:
                book.replied(command, reply, life.number)

        self.world.begin(taken())
        self.world.pass_time(2)


def _paid_charge(life: Life, command: Remote) -> str | None:
    """Our ID of the running charge that this very payment has begun."""
    session = life.station.loops[command.evse_id].evse.session
    if not isinstance(command, RemoteStart) or session is None or command.provider_session_id is None:
        return None
    same = (session.hub, session.provider_session_id) == (command.hub, command.provider_session_id)
    return session.session_id if same else None
