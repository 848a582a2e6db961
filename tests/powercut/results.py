"""What runs have found: a file of one JSON line per seed, so that a run goes on where the last one ended."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.powercut.recovery import Wrong
from tests.powercut.sweep import Tally


class Results:
    """file None: nothing is kept."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.tallies = list(_read(file)) if file is not None and file.exists() else []

    @property
    def seeds(self) -> frozenset[int]:
        return frozenset(one.seed for one in self.tallies)

    @property
    def cuts(self) -> int:
        return sum(one.cuts for one in self.tallies)

    @property
    def wrong(self) -> int:
        return sum(one.wrong.total() for one in self.tallies)

    def add(self, tally: Tally) -> None:
        self.tallies.append(tally)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(vars(tally)) + "\n")

    def summary(self) -> str:
        found = sum((one.wrong for one in self.tallies), Counter[str]())
        again = sum(one.again for one in self.tallies)
        images = sum(one.images for one in self.tallies)
        counts = ", ".join(f"{found[wrong]} {wrong}" for wrong in Wrong)
        return (
            f"{self.cuts} power cuts of {len(self.tallies)} lives "
            f"({images} different disks; {again} of them lived on with and cut again): {counts}"
        )


def _read(file: Path) -> Iterator[Tally]:
    """A last line that was cut short is done again."""
    for line in file.read_text("utf-8").splitlines():
        try:
            values = json.loads(line)
        except ValueError:
            continue
        yield Tally(**{**values, "wrong": Counter(values["wrong"]), "met": Counter(values["met"])})
