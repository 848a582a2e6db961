"""Files in memory with a journal of all that was done to them: what a power cut loses of it is decided afterwards."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Made:
    name: str


@dataclass(frozen=True, slots=True)
class Written:
    name: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncated:
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Deleted:
    name: str
    synced: bool  # its folder was synced at once


@dataclass(frozen=True, slots=True)
class Synced:
    name: str
    folder: bool  # and the folder with it


Operation = Made | Written | Truncated | Deleted | Synced
Image = dict[str, bytes]


class Disk:
    """files: as a process sees them. journal: every operation since the disk had the image."""

    def __init__(self, image: Image | None = None) -> None:
        self.files = {name: bytearray(data) for name, data in (image or {}).items()}
        self.journal: list[Operation] = []
        self._deleted: dict[str, bytearray] = {}  # still read by who has it open

    def make(self, name: str) -> None:
        if name not in self.files:
            self._do(Made(name))

    def write(self, name: str, data: bytes, offset: int) -> None:
        self._do(Written(name, offset, data))

    def truncate(self, name: str, size: int) -> None:
        self._do(Truncated(name, size))

    def delete(self, name: str, *, synced: bool) -> None:
        if name in self.files:
            self._deleted[name] = self.files[name]
            self._do(Deleted(name, synced))

    def sync(self, name: str, *, folder: bool) -> None:
        self._do(Synced(name, folder))

    def read(self, name: str, amount: int, offset: int) -> bytes:
        return bytes(self._content(name)[offset : offset + amount])

    def size(self, name: str) -> int:
        return len(self._content(name))

    def _content(self, name: str) -> bytearray:
        return self.files[name] if name in self.files else self._deleted[name]

    def _do(self, operation: Operation) -> None:
        self.journal.append(operation)
        apply(operation, self.files)


def apply(operation: Operation, files: dict[str, bytearray]) -> None:
    """To files that may lack what a crash has taken: then there is nothing to write to."""
    match operation:
        case Made(name):
            files[name] = bytearray()
        case Deleted(name):
            files.pop(name, None)
        case Written(name, offset, data) if name in files:
            write_into(files[name], offset, data)
        case Truncated(name, size) if name in files:
            del files[name][size:]
        case _:
            pass


def write_into(content: bytearray, offset: int, data: bytes) -> None:
    """A gap before it holds zeros, as in a sparse file."""
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data
