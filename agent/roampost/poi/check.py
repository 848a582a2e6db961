"""All findings about the EVSE data of a site, worst first, and how complete it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from roampost.domain.poi import EvsePoi
from roampost.poi.fields import FIELDS, Need, completeness_percent, is_filled, value_of
from roampost.poi.finding import Finding, Severity, error, hint
from roampost.poi.place import place
from roampost.poi.supply import supply
from roampost.poi.use import owned, use

_ORDER = list(Severity)


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


def check(pois: Iterable[EvsePoi], operator_ids: Mapping[str, frozenset[str]] | None = None) -> Report:
    """operator_ids: by EVSE id, those of the hubs that it is on."""
    return Report(tuple(_checked(one, (operator_ids or {}).get(one.evse_id, frozenset())) for one in pois))


def _checked(poi: EvsePoi, operator_ids: frozenset[str]) -> Checked:
    found = [*_filled(poi), *_lengths(poi), *place(poi), *supply(poi), *use(poi), *owned(poi, operator_ids)]
    return Checked(poi, tuple(sorted(dict.fromkeys(found), key=_rank)), completeness_percent(poi))


def _rank(finding: Finding) -> int:
    return _ORDER.index(finding.severity)


def _filled(poi: EvsePoi) -> Iterator[Finding]:
    for field in FIELDS:
        if field.need is Need.RARE or is_filled(poi, field):
            continue
        if field.need is Need.MANDATORY:
            yield error(field.name, "It is missing, and hubs refuse an EVSE without it.", field.advice)
        elif value_of(poi, field) != "":  # what is written empty is an error
            yield hint(field.name, "It is not told.", field.advice)


def _lengths(poi: EvsePoi) -> Iterator[Finding]:
    for field in FIELDS:
        value = value_of(poi, field)
        if not isinstance(value, str) or field.lengths is None:
            continue
        fewest, most = field.lengths
        # An empty mandatory text is told as missing.
        if not fewest <= len(value) <= most and (value or field.need is not Need.MANDATORY):
            span = f"{fewest} to {most} characters"
            yield error(field.name, f"It has {len(value)} characters.", f"It has {span}, or is left out.")
