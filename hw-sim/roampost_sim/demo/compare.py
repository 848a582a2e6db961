"""What was expected against what the hub recorded: one row for each expected message, and what came besides. Pure."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from roampost_sim.demo.align import Came, Wanted, align
from roampost_sim.demo.arrival import Arrival, Entry, arrivals
from roampost_sim.demo.contents import problems
from roampost_sim.demo.message import DATA, Expected, Need

_WEIGHTS = {Need.MUST: 100, Need.MAY: 2, Need.NOT: 1}


@dataclass(frozen=True, slots=True)
class Row:
    """An expected message and its arrival. problems: sentences; none means that it is as it should be."""

    expected: Expected
    arrival: Arrival | None = None
    in_order: bool = True
    problems: tuple[str, ...] = ()

    @property
    def late_s(self) -> float | None:
        return None if self.arrival is None else self.arrival.t - self.expected.t


@dataclass(frozen=True, slots=True)
class Stray:
    """An arrival that nothing explains."""

    arrival: Arrival
    problem: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """refused: what the hub itself found wrong, one sentence each."""

    rows: tuple[Row, ...]
    strays: tuple[Stray, ...]
    refused: tuple[str, ...]

    @property
    def missing(self) -> list[Row]:
        return [row for row in self.rows if row.arrival is None and row.expected.need is Need.MUST]

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong; empty when the day was as it should be."""
        found = [_of(row.expected, sentence) for row in self.rows for sentence in row.problems]
        return [*found, *(_of(one.arrival, one.problem) for one in self.strays), *self.refused]


def compare(wanted: Sequence[Expected], entries: Sequence[Entry], evse_ids: Mapping[str, str]) -> Verdict:
    """evse_ids: the EvseID of each of the station's EVSEs."""
    matching = _Matching(wanted, arrivals(entries, evse_ids))
    rows = tuple(matching.row(place) for place in range(len(wanted)))
    return Verdict(rows, tuple(matching.strays()), tuple(_refusals(entries)))


class _Matching:
    """Which arrival is which expected message: statuses, data, questions by EVSE, all else by the hub's SessionID."""

    def __init__(self, wanted: Sequence[Expected], came: Sequence[Arrival]) -> None:
        self._wanted, self._came = wanted, came
        self._pairs: dict[int, int] = {}
        self._crossed: set[int] = set()
        for evse in dict.fromkeys(one.evse for one in wanted):
            self._lane(_wants_status(evse), _is_status_of(evse), _message)
            self._lane(_wants_data(evse), _is_data_of(evse), _message)
            self._lane(_wants_card(evse), _is_card_of(evse), _card)
            self._lane(_wants_call(evse), _is_call_of(evse), _asked)
        self._questions: dict[int | None, Arrival | None] = {
            one.session: self._arrival(place) for place, one in enumerate(wanted) if one.code and one.session
        }
        for session, question in self._questions.items():
            if question is not None and question.session_id is not None:
                self._session(session, question.session_id)

    def row(self, place: int) -> Row:
        one, came = self._wanted[place], self._arrival(place)
        if came is None:
            return Row(one, problems=("is missing",) if one.need is Need.MUST else ())
        found = list(problems(one, came, self._questions.get(one.session)))
        crossed = place in self._crossed
        if crossed:
            found.insert(0, "came out of order")
        return Row(one, came, not crossed, tuple(found))

    def strays(self) -> Iterator[Stray]:
        used = set(self._pairs.values())
        for place, came in enumerate(self._came):
            if place in used:
                continue
            before = _before(self._came[:place], came)
            if before is None:
                yield Stray(came, "was not expected")
            elif before.answered:  # an agent that had no answer is right to repeat
                yield Stray(came, "came twice")

    def _arrival(self, place: int) -> Arrival | None:
        return self._came[self._pairs[place]] if place in self._pairs else None

    def _session(self, session: int | None, session_id: str) -> None:
        self._lane(
            lambda one: one.session == session and one.code is None,
            lambda one: one.session_id == session_id and not (one.is_call or one.message.startswith("Authorize")),
            _message,
        )

    def _lane(
        self,
        mine: Callable[[Expected], bool],
        theirs: Callable[[Arrival], bool],
        key: Callable[[Expected | Arrival], Hashable],
    ) -> None:
        wanted = [place for place, one in enumerate(self._wanted) if mine(one)]
        came = [place for place, one in enumerate(self._came) if theirs(one)]
        pairs = align(
            [Wanted(key(one), one.t, _WEIGHTS[one.need]) for one in (self._wanted[place] for place in wanted)],
            [Came(key(one), one.t) for one in (self._came[place] for place in came)],
        )
        self._pairs |= {wanted[i]: came[j] for i, j in pairs.items()}
        left = [came[j] for j in range(len(came)) if j not in pairs.values()]
        self._cross([place for place in wanted if place not in self._pairs], left, key)

    def _cross(self, wanted: list[int], left: list[int], key: Callable[[Expected | Arrival], Hashable]) -> None:
        """What is missing in the order but is there in another place, after its cause."""
        for place in wanted:
            one = self._wanted[place]
            for other in left:
                if one.need is Need.MUST and key(self._came[other]) == key(one) and self._came[other].t >= one.t:
                    self._pairs[place] = other
                    self._crossed.add(place)
                    left.remove(other)
                    break


def _wants_status(evse: str) -> Callable[[Expected], bool]:
    return lambda one: one.evse == evse and one.is_status


def _wants_data(evse: str) -> Callable[[Expected], bool]:
    return lambda one: one.evse == evse and one.message == DATA


def _wants_card(evse: str) -> Callable[[Expected], bool]:
    return lambda one: one.evse == evse and one.message == "AuthorizeStart"


def _wants_call(evse: str) -> Callable[[Expected], bool]:
    return lambda one: one.evse == evse and one.is_call


def _is_status_of(evse: str) -> Callable[[Arrival], bool]:
    return lambda one: one.evse == evse and one.entry["operation"] == "PushEvseStatus"


def _is_data_of(evse: str) -> Callable[[Arrival], bool]:
    return lambda one: one.evse == evse and one.message == DATA


def _is_card_of(evse: str) -> Callable[[Arrival], bool]:
    return lambda one: one.evse == evse and one.message == "AuthorizeStart"


def _is_call_of(evse: str) -> Callable[[Arrival], bool]:
    return lambda one: one.evse == evse and one.is_call


def _message(one: Expected | Arrival) -> Hashable:
    return one.message


def _card(one: Expected | Arrival) -> Hashable:
    return (one.medium, one.code if isinstance(one, Expected) else one.entry.get("code"))


def _asked(one: Expected | Arrival) -> Hashable:
    """Whatever was answered: that is judged by itself."""
    return (one.message, one.medium)


def _before(earlier: Sequence[Arrival], came: Arrival) -> Arrival | None:
    """What this arrival repeats: a message of the same session, or the status that the EVSE had already."""
    if came.session_id is None:
        mine = [one for one in earlier if one.evse == came.evse and one.entry["operation"] == came.entry["operation"]]
        return mine[-1] if mine and mine[-1].message == came.message else None
    said = (came.message, came.session_id)
    return next((one for one in reversed(earlier) if (one.message, one.session_id) == said), None)


def _refusals(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        for violation in entry.get("violations", ()):
            yield f"the hub objects to {entry.get('Type') or entry.get('operation')}: {violation}"


def _of(one: Expected | Arrival, sentence: str) -> str:
    return f"EVSE {one.evse} {one.message}: {sentence}"
