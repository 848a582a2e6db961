"""Which arrival at a hub is which expected message: statuses, data and questions by EVSE, all else by session. Pure."""

from collections.abc import Callable, Hashable, Iterator, Sequence

from roampost_sim.demo.align import Came, Wanted, align
from roampost_sim.demo.arrival import Arrival
from roampost_sim.demo.message import CANCEL, CARD, DATA, STOP, Expected, Need
from roampost_sim.demo.protocols import Protocol

_WEIGHTS = {Need.MUST: 100, Need.MAY: 2, Need.NOT: 1}
One = Expected | Arrival


class Matching:
    """Of one hub. pairs: places in wanted to places in came; crossed: those that came out of order."""

    def __init__(self, protocol: Protocol, wanted: Sequence[Expected], came: Sequence[Arrival]) -> None:
        self._wanted, self._came = wanted, came
        self.pairs: dict[int, int] = {}
        self.crossed: set[int] = set()
        for evse in dict.fromkeys(one.evse for one in wanted):
            self._kind(evse, lambda one: one.is_status, lambda one: one.what == "status", _message)
            self._kind(evse, lambda one: one.message == DATA, lambda one: one.message == DATA, _message)
            self._kind(evse, lambda one: one.is_call, lambda one: one.is_call, _asked)
            if protocol.asks_in_session:
                self._kind(evse, lambda one: one.message == CARD, lambda one: one.message == CARD, _card)
        if not protocol.asks_in_session:
            self._lane(lambda one: one.message == CARD, lambda one: one.message == CARD, _card)
        self._questions: dict[int | None, int] = {
            one.session: place for place, one in enumerate(wanted) if one.code and one.session
        }
        for session, session_id in self._named():
            self._session(session, session_id)

    def question(self, session: int | None) -> Arrival | None:
        place = self._questions.get(session)
        return None if place is None else self.arrival(place)

    def arrival(self, place: int) -> Arrival | None:
        return self._came[self.pairs[place]] if place in self.pairs else None

    def _named(self) -> list[tuple[int | None, str]]:
        """Sessions with the IDs that their questions gave them; what is left, with those of what was told first."""
        asked = {session: self.question(session) for session in self._questions}
        named = {session: came.session_id for session, came in asked.items() if came is not None and came.session_id}
        left = [session for session, came in asked.items() if came is not None and session not in named]
        told = [one for one in self._wanted if one.session in left and one.code is None and one.need is Need.MUST]
        wanted = {one.session: one for one in reversed(told)}
        heard = {one.session_id: one for one in reversed(self._came) if one.session_id and not one.is_question}
        free = sorted((one for name, one in heard.items() if name not in named.values()), key=lambda one: one.t)
        rows = sorted(wanted.values(), key=lambda one: one.t)
        pairs = align([Wanted(one.evse, one.t) for one in rows], [Came(one.evse, one.t) for one in free])
        return [*named.items(), *((rows[i].session, free[j].session_id or "") for i, j in pairs.items())]

    def _session(self, session: int | None, session_id: str) -> None:
        self._lane(
            lambda one: one.session == session and one.code is None,
            lambda one: one.session_id == session_id and not one.is_question,
            _message,
        )

    def _kind(
        self,
        evse: str,
        mine: Callable[[Expected], bool],
        theirs: Callable[[Arrival], bool],
        key: Callable[[One], Hashable],
    ) -> None:
        self._lane(lambda one: one.evse == evse and mine(one), lambda one: one.evse == evse and theirs(one), key)

    def _lane(
        self, mine: Callable[[Expected], bool], theirs: Callable[[Arrival], bool], key: Callable[[One], Hashable]
    ) -> None:
        wanted = [place for place, one in enumerate(self._wanted) if mine(one)]
        came = [place for place, one in enumerate(self._came) if theirs(one)]
        pairs = align(
            [Wanted(key(one), one.t, _WEIGHTS[one.need]) for one in (self._wanted[place] for place in wanted)],
            [Came(key(one), one.t) for one in (self._came[place] for place in came)],
        )
        self.pairs |= {wanted[i]: came[j] for i, j in pairs.items()}
        left = [came[j] for j in range(len(came)) if j not in pairs.values()]
        self._cross([place for place in wanted if place not in self.pairs], left, key)

    def _cross(self, wanted: list[int], left: list[int], key: Callable[[One], Hashable]) -> None:
        """What is missing in the order but is there in another place, after its cause."""
        for place in wanted:
            one = self._wanted[place]
            for other in left:
                if one.need is Need.MUST and key(self._came[other]) == key(one) and self._came[other].t >= one.t:
                    self.pairs[place] = other
                    self.crossed.add(place)
                    left.remove(other)
                    break

    def strays(self) -> Iterator[tuple[Arrival, str]]:
        """What no expected message explains, and what is wrong with it."""
        used = set(self.pairs.values())
        for place, came in enumerate(self._came):
            if place in used:
                continue
            before = _before(self._came[:place], came)
            if before is None:
                yield came, "was not expected"
            elif before.answered:  # an agent that had no answer is right to repeat
                yield came, "came twice"


def _message(one: One) -> Hashable:
    return one.message


def _card(one: One) -> Hashable:
    return (one.medium, one.code if isinstance(one, Expected) else one.entry.get("code"))


def _asked(one: One) -> Hashable:
    """Whatever was answered: that is judged by itself. Who ends something is who began it, told or not."""
    return (one.message, None if one.message in (STOP, CANCEL) else one.medium)


def _before(earlier: Sequence[Arrival], came: Arrival) -> Arrival | None:
    """What this arrival repeats: a message of the same session, or what was told of the EVSE last."""
    if came.session_id is None:
        mine = [one for one in earlier if (one.evse, one.what) == (came.evse, came.what)]
        return mine[-1] if mine and _asked(mine[-1]) == _asked(came) else None
    said = (came.message, came.session_id)
    return next((one for one in reversed(earlier) if (one.message, one.session_id) == said), None)
