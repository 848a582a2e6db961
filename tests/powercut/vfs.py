"""SQLite's way to a `Disk`: a VFS that is registered through apsw and seen by the sqlite3 module of the same process.

That needs one libsqlite3 for both, as Debian's python3 and python3-apsw have it. There is no shared memory: a
connection has to lock exclusively before it first reads (its WAL is written and synced just the same).
"""

import sqlite3
from typing import Any

import apsw  # type: ignore[import-not-found, unused-ignore]

from tests.powercut.disk import Disk

NAME = "losing"
URI = f"file:/roampost.db?vfs={NAME}"
PAGE = 4096
_JOURNALS = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL | apsw.SQLITE_OPEN_WAL


class LosingVfs(apsw.VFS):  # type: ignore[misc, unused-ignore]
    """disk: the one that is opened from now on."""

    def __init__(self) -> None:
        super().__init__(NAME, "")
        self.disk = Disk()
        self._scratch = Disk()  # of SQLite's own temporary files: they end with the process
        self._nameless = 0

    def xOpen(self, name: Any, flags: list[int]) -> "LosingFile":  # noqa: N802 - SQLite's name
        flags[1] = flags[0]
        if name is None:
            self._nameless += 1
            return LosingFile(self._scratch, f"temporary-{self._nameless}")
        new_journal = bool(flags[0] & apsw.SQLITE_OPEN_CREATE and flags[0] & _JOURNALS)
        return LosingFile(self.disk, name if isinstance(name, str) else name.filename(), syncs_folder=new_journal)

    def xDelete(self, name: str, sync_folder: bool) -> None:  # noqa: N802
        self.disk.delete(name, synced=sync_folder)

    def xAccess(self, name: str, flags: int) -> bool:  # noqa: N802
        return name in self.disk.files

    def xFullPathname(self, name: str) -> str:  # noqa: N802
        return name


class LosingFile:
    """syncs_folder: with its first sync, as SQLite does under Unix (os_unix.c, UNIXFILE_DIRSYNC)."""

    def __init__(self, disk: Disk, name: str, *, syncs_folder: bool = False) -> None:
        self._disk, self._name, self._syncs_folder = disk, name, syncs_folder
        disk.make(name)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        return self._disk.read(self._name, amount, offset)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        self._disk.write(self._name, bytes(data), offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.truncate(self._name, size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.sync(self._name, folder=self._syncs_folder)
        self._syncs_folder = False

    def xFileSize(self) -> int:  # noqa: N802
        return self._disk.size(self._name)

    def xLock(self, level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xFileControl(self, operation: int, pointer: int) -> bool:  # noqa: N802
        return False

    def xSectorSize(self) -> int:  # noqa: N802
        return PAGE

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        """As SQLite takes every disk under Unix: a torn write leaves the bytes around it alone."""
        return int(apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE)

    def xClose(self) -> None:  # noqa: N802
        pass


def shared() -> bool:
    """Whether both modules use one library."""
    return bool(apsw.sqlitelibversion() == sqlite3.sqlite_version and not apsw.using_amalgamation)


VFS = LosingVfs()
