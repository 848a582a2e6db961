"""What a disk may hold after its power was cut: all that was synced, and of the rest what the mode leaves.

A sync of a file makes its own name durable with it, as common file systems do; a sync of the folder, all names.
"""

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from random import Random

from tests.powercut.disk import Deleted, Image, Made, Operation, Synced, Written, apply

SECTOR = 512
_KEPT = 0.5  # of what was not synced, when writes are torn and reordered
_TORN = 0.3  # of those


class Mode(StrEnum):
    DROP = "drop"  # nothing that was not synced
    PREFIX = "prefix"  # the first so many operations
    TORN = "torn"  # any of them, some only in part, sector by sector


class Platter:
    """The disk as power cuts see it; `advance` carries out one operation of its journal."""

    def __init__(self, image: Image | None = None) -> None:
        self._durable = {name: bytearray(data) for name, data in (image or {}).items()}
        self._unsynced: list[Operation] = []

    def advance(self, operation: Operation) -> None:
        match operation:
            case Synced(name, folder):
                self._settle(name)
                if folder:
                    self._settle_names()
            case Deleted(synced=True):
                self._unsynced.append(operation)
                self._settle_names()
            case _:
                self._unsynced.append(operation)

    def cut(self, mode: Mode, rng: Random) -> Image:
        files = {name: bytearray(data) for name, data in self._durable.items()}
        for operation in self._left(mode, rng):
            apply(operation, files)
        return {name: bytes(data) for name, data in files.items()}

    def _settle(self, name: str) -> None:
        for operation in self._unsynced:
            if operation.name == name:
                apply(operation, self._durable)
        self._unsynced = [operation for operation in self._unsynced if operation.name != name]

    def _settle_names(self) -> None:
        """New files are there, with nothing in them yet; what was written to deleted ones is gone with them."""
        kept: list[Operation] = []
        for operation in self._unsynced:
            match operation:
                case Made():
                    apply(operation, self._durable)
                case Deleted(name):
                    apply(operation, self._durable)
                    kept = [one for one in kept if one.name != name]
                case _:
                    kept.append(operation)
        self._unsynced = kept

    def _left(self, mode: Mode, rng: Random) -> Iterator[Operation]:
        match mode:
            case Mode.DROP:
                return
            case Mode.PREFIX:
                yield from self._unsynced[: rng.randint(0, len(self._unsynced))]
            case Mode.TORN:
                yield from self._some(rng)

    def _some(self, rng: Random) -> Iterator[Operation]:
        """What was written to a new file whose name is lost is lost with it."""
        nameless = set[str]()
        for operation in self._unsynced:
            kept = rng.random() < _KEPT
            if isinstance(operation, Made):
                (nameless.discard if kept else nameless.add)(operation.name)
            if kept and operation.name not in nameless:
                yield from _torn(operation, rng)


def _torn(operation: Operation, rng: Random) -> Iterator[Operation]:
    """The sectors of a write that have reached the disk, or the operation as it is."""
    if not isinstance(operation, Written) or rng.random() >= _TORN:
        yield operation
        return
    end = operation.offset + len(operation.data)
    at = operation.offset
    while at < end:
        upto = min(end, (at // SECTOR + 1) * SECTOR)
        if rng.random() < _KEPT:
            data = operation.data[at - operation.offset : upto - operation.offset]
            yield replace(operation, offset=at, data=data)
        at = upto
