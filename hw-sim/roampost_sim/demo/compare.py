"""What was expected against what each hub recorded: one row for each expected message, and what came besides. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from roampost_sim.demo.arrival import Arrival, Entry, arrivals, words
from roampost_sim.demo.contents import problems
from roampost_sim.demo.matching import Matching
from roampost_sim.demo.message import Expected, Need
from roampost_sim.demo.protocols import PROTOCOLS

Records = Mapping[str, Sequence[Entry]]


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
    """hubs: their names, in order. refused: what a hub itself found wrong, one sentence each."""

    hubs: tuple[str, ...]
    rows: tuple[Row, ...]
    strays: tuple[Stray, ...]
    refused: tuple[str, ...]

    @property
    def missing(self) -> list[Row]:
        return [row for row in self.rows if row.arrival is None and row.expected.need is Need.MUST]

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong; empty when the day was as it should be."""
        found = [self._of(row.expected, sentence) for row in self.rows for sentence in row.problems]
        return [*found, *(self._of(one.arrival, one.problem) for one in self.strays), *self.refused]

    def _of(self, one: Expected | Arrival, sentence: str) -> str:
        where = f"EVSE {one.evse} " if one.evse else ""
        return f"{named(self.hubs, one.hub)}{where}{one.message}: {sentence}"


def named(hubs: Sequence[str], hub: str) -> str:
    """What a sentence about this hub begins with: nothing where there is no other."""
    return f"{hub}: " if len(hubs) > 1 else ""


def compare(wanted: Sequence[Expected], records: Records, evse_ids: Mapping[str, str]) -> Verdict:
    """records: of each hub; evse_ids: the EVSE ID of each of the station's EVSEs."""
    rows: dict[int, Row] = {}
    strays: list[Stray] = []
    for hub, entries in records.items():
        places = [place for place, one in enumerate(wanted) if one.hub == hub]
        mine = [wanted[place] for place in places]
        matching = Matching(PROTOCOLS[hub], mine, arrivals(entries, evse_ids, hub))
        rows |= {places[i]: _row(matching, i, one) for i, one in enumerate(mine)}
        strays += [Stray(came, problem) for came, problem in matching.strays()]
    hubs = tuple(records)
    refused = [sentence for hub, entries in records.items() for sentence in _refusals(named(hubs, hub), entries)]
    return Verdict(hubs, tuple(rows[place] for place in sorted(rows)), tuple(strays), tuple(refused))


def told_first(records: Records, evse_ids: Mapping[str, str]) -> Callable[[str, float], str | None]:
    """EVSE and moment to the hub that heard of a session there next."""
    heard = [one for hub, entries in records.items() for one in arrivals(entries, evse_ids, hub)]
    starts = sorted((one for one in heard if one.message == "Start"), key=lambda one: one.t)
    return lambda evse, t: next((one.hub for one in starts if one.evse == evse and one.t >= t), None)


def _row(matching: Matching, place: int, one: Expected) -> Row:
    came = matching.arrival(place)
    if came is None:
        return Row(one, problems=("is missing",) if one.need is Need.MUST else ())
    found = list(problems(one, came, matching.question(one.session)))
    crossed = place in matching.crossed
    if crossed:
        found.insert(0, "came out of order")
    return Row(one, came, not crossed, tuple(found))


def _refusals(hub: str, entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        told = next((message for _, message in words(entry["means"])), None) if entry.get("means") else None
        for violation in entry.get("violations", ()):
            yield f"{hub}the hub objects to {told or entry.get('operation')}: {violation}"
