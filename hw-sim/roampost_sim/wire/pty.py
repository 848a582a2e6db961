"""A serial adapter: a pty whose slave side is found under a stable link, and that can be pulled out and put back.

Unplugged means what it means in the field: the device node is gone and whoever has it open gets an error.
"""

import asyncio
import contextlib
import os
import tty
from pathlib import Path

CHUNK = 4096


class PtyPort:
    def __init__(self, link: Path) -> None:
        self.link = link
        self._master: int | None = None
        self._slave: int | None = None
        self._received: asyncio.Queue[bytes] = asyncio.Queue()

    @property
    def plugged(self) -> bool:
        return self._master is not None

    @property
    def address(self) -> str:
        return str(self.link)

    async def plug(self) -> None:
        """Makes a new pty and points the link at it."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        asyncio.get_running_loop().add_reader(self._master, self._on_readable, self._master)
        self._point_link_at(os.ttyname(self._slave))

    async def unplug(self) -> None:
        if self._master is None or self._slave is None:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        if self.link.is_symlink():
            self.link.unlink()
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = None
        while not self._received.empty():
            self._received.get_nowait()

    async def read(self) -> bytes:
        return await self._received.get()

    def write(self, data: bytes) -> None:
        """As on a wire, what nobody reads is lost."""
        if self._master is not None:
            with contextlib.suppress(BlockingIOError):
                os.write(self._master, data)

    def _on_readable(self, master: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self._received.put_nowait(os.read(master, CHUNK))

    def _point_link_at(self, name: str) -> None:
        if self.link.exists() and not self.link.is_symlink():
            raise FileExistsError(f"{self.link} is there already and is not a link of a simulated adapter")
        # Renamed into place: a reader sees the old adapter or the new one, never half a link.
        fresh = self.link.with_name(f".{self.link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(name)
        fresh.replace(self.link)
