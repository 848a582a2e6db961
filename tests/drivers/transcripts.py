"""Transcripts: what a device was asked and what it said, byte for byte, played back over a real pty.

Line 1 names the source; `>>` goes to the device, `<<` comes from it, in hex; other lines with # are remarks.
"""

import asyncio
import os
from pathlib import Path
from typing import Final

from tests.drivers.slaves import Pty

FOLDER: Final = Path(__file__).parents[1] / "transcripts"


def load(name: str) -> list[tuple[bytes, bytes]]:
    """The exchanges of a transcript: request and reply."""
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    told = [line for line in lines if not line.startswith("#")]
    assert lines[0].startswith("# "), f"{name}: line 1 must name the source"
    assert [line[:3] for line in told] == [">> ", "<< "] * (len(told) // 2)
    frames = [bytes.fromhex(line[3:]) for line in told]
    return list(zip(frames[::2], frames[1::2], strict=True))


class Playback:
    """A device that says what the transcript says, as long as it is asked what the transcript asks."""

    def __init__(self, name: str) -> None:
        self.pty: Final = Pty()
        self.left = load(name)
        self.strange: bytes | None = None
        self._heard = b""
        asyncio.get_running_loop().add_reader(self.pty.master, self._readable)

    def _readable(self) -> None:
        self._heard += os.read(self.pty.master, 512)
        while self.left and self._heard.startswith(self.left[0][0]):
            request, reply = self.left.pop(0)
            self._heard = self._heard[len(request) :]
            self.pty.write(reply)
        if self._heard and not (self.left and self.left[0][0].startswith(self._heard)):
            self.strange = self._heard

    def done(self) -> bool:
        """Everything was asked, and nothing else."""
        assert self.strange is None, f"the driver asked {self.strange.hex(' ')}, the transcript does not"
        return not self.left
