"""Figures held against their bounds; only one that is missed by more than its allowance is a failure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """`worst` is held against `bound` (None: only told); both in `unit`."""

    name: str
    typical: float
    worst: float
    unit: str
    bound: float | None = None
    allowance: float = 0.0

    @classmethod
    def of_ms(cls, name: str, seconds: Sequence[float], bound_s: float, allowance_s: float) -> "Figure":
        """From durations in seconds."""
        ms = [1000 * one for one in seconds]
        return cls(f"{name} ({len(ms)}x)", median(ms), max(ms), "ms", 1000 * bound_s, 1000 * allowance_s)

    @classmethod
    def single(cls, name: str, value: float, unit: str, bound: float | None = None, allowance: float = 0.0) -> "Figure":
        return cls(name, value, value, unit, bound, allowance)

    @property
    def missed(self) -> bool:
        return self.bound is not None and self.worst > self.bound + self.allowance

    @property
    def verdict(self) -> str:
        if self.bound is None:
            return ""
        if self.worst <= self.bound:
            return "within"
        return "MISSED" if self.missed else "within its allowance"


def table(figures: Sequence[Figure]) -> str:
    """For people: one line per figure."""
    rows = [("", "p50", "max", "", "bound", "")]
    for one in figures:
        bound = "" if one.bound is None else f"{one.bound:.0f} + {one.allowance:.0f}"
        rows.append((one.name, f"{one.typical:.1f}", f"{one.worst:.1f}", one.unit, bound, one.verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
