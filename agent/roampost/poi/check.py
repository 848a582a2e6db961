"""All findings about the EVSE data of a site, worst first, and how complete it is.

What every hub wants is found here. What a protocol has no words for, only its own package knows: each hub that hears
the data brings its objections along.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from roampost.domain.poi import EvsePoi
from roampost.poi.fields import FIELDS, Need, completeness_percent, is_filled, missing, value_of
from roampost.poi.finding import Finding, Severity, error, hint
from roampost.poi.place import place
from roampost.poi.supply import supply
from roampost.poi.use import owned, use

_ORDER = list(Severity)
# What a hub's protocol has to say against the EVSEs that are on that hub: the EVSE's id, and a finding about it.
Objections = Callable[[Sequence[EvsePoi]], Iterable[tuple[str, Finding]]]


@dataclass(frozen=True, slots=True)
class Hearer:
    """A hub: whose EVSEs it takes, those that are on it, and what it objects to."""

    operator_id: str
    evse_ids: frozenset[str]
    objections: Objections


@dataclass(frozen=True, slots=True)
class Checked:
    """One EVSE; findings worst first, then in the order of the fields."""

    poi: EvsePoi
    findings: tuple[Finding, ...]
    completeness_percent: int

    @property
    def is_refused(self) -> bool:
        """Whether a hub would not take it."""
        return any(one.severity is Severity.ERROR for one in self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """In the order of the configuration."""

    checked: tuple[Checked, ...]

    @property
    def refused(self) -> frozenset[str]:
        """The EVSEs that must not be pushed: a hub refuses the whole request for one of them."""
        return frozenset(one.poi.evse_id for one in self.checked if one.is_refused)

    @property
    def completeness_percent(self) -> int:
        """The mean, rounded down; 100 for no EVSE."""
        shares = [one.completeness_percent for one in self.checked]
        return sum(shares) // len(shares) if shares else 100

    def count(self, severity: Severity) -> int:
        """Findings of all EVSEs."""
        return sum(found.severity is severity for one in self.checked for found in one.findings)

    def grouped(self) -> dict[Finding, tuple[str, ...]]:
        """Each finding once, worst first, with the EVSEs that have it."""
        evses: dict[Finding, list[str]] = {}
        for one in self.checked:
            for found in one.findings:
                evses.setdefault(found, []).append(one.poi.evse_id)
        return {found: tuple(evses[found]) for found in sorted(evses, key=_rank)}


def check(pois: Iterable[EvsePoi], hearers: Sequence[Hearer] = ()) -> Report:
    """hearers: the hubs that will be told."""
    described = tuple(pois)
    objections: dict[str, list[Finding]] = {one.evse_id: [] for one in described}
    for hub in hearers:
        for evse_id, found in hub.objections([one for one in described if one.evse_id in hub.evse_ids]):
            objections[evse_id].append(found)
    return Report(tuple(_checked(one, objections[one.evse_id], _operators(one, hearers)) for one in described))


def _operators(poi: EvsePoi, hearers: Sequence[Hearer]) -> frozenset[str]:
    return frozenset(one.operator_id for one in hearers if poi.evse_id in one.evse_ids)


def _checked(poi: EvsePoi, objections: Sequence[Finding], operator_ids: frozenset[str]) -> Checked:
    said = [*objections, *place(poi), *supply(poi), *use(poi), *owned(poi, operator_ids)]
    fields = {one.field for one in objections}
    # Who objects to what is missing says more than a hint that it is.
    filled = (one for one in _filled(poi) if one.severity is not Severity.HINT or one.field not in fields)
    return Checked(poi, tuple(sorted(dict.fromkeys([*filled, *said]), key=_rank)), completeness_percent(poi))


def _rank(finding: Finding) -> int:
    return _ORDER.index(finding.severity)


def _filled(poi: EvsePoi) -> Iterator[Finding]:
    for field in FIELDS:
        if is_filled(poi, field):
            continue
        if field.need is Need.MANDATORY:
            yield missing(field)
        elif value_of(poi, field) == "":
            yield error(field.name, "It is empty.", f"{field.advice} Or leave it out.")
        elif field.need is not Need.RARE:
            yield hint(field.name, "It is not told.", field.advice)
