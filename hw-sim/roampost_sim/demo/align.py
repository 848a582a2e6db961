"""Two sequences laid side by side: which wanted one is which that came, without crossing. Pure."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """key must be equal; what came before t was not caused by this. Of two alignments the heavier one is right."""

    key: Hashable
    t: float
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Came:
    key: Hashable
    t: float


def align(wanted: Sequence[Wanted], came: Sequence[Came]) -> dict[int, int]:
    """Places in `wanted` to places in `came`: the heaviest alignment; of several, the one that takes early arrivals."""
    best = _scores(wanted, came)
    pairs: dict[int, int] = {}
    i = j = 0
    while i < len(wanted) and j < len(came):
        if _fits(wanted[i], came[j]) and best[i][j] == wanted[i].weight + best[i + 1][j + 1]:
            pairs[i] = j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _scores(wanted: Sequence[Wanted], came: Sequence[Came]) -> list[list[int]]:
    """best[i][j]: the weight of the best alignment of wanted[i:] with came[j:]."""
    best = [[0] * (len(came) + 1) for _ in range(len(wanted) + 1)]
    for i in reversed(range(len(wanted))):
        for j in reversed(range(len(came))):
            both = wanted[i].weight + best[i + 1][j + 1] if _fits(wanted[i], came[j]) else 0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    return best


def _fits(wanted: Wanted, came: Came) -> bool:
    return wanted.key == came.key and came.t >= wanted.t
