"""Lines of bytes over a serial port that may vanish at any time. No threads: the port is read when it is readable.

The only module here that knows pyserial. A line is bounded in length; what is longer is noise and is thrown away.
"""

import asyncio
import errno
import termios
from dataclasses import dataclass
from typing import Final

import serial

from roampost_drivers.errors import LineDown, NoAnswer

END: Final = b"\r"
MAX_LINE: Final = 256
_IN_WORDS: Final = {
    errno.ENOENT: "is not there; is the reader plugged in?",
    errno.EACCES: "may not be opened by this user; is it in the group dialout?",
    errno.EAGAIN: "is in use; has another program opened it?",
    errno.EBUSY: "is in use; has another program opened it?",
}


@dataclass(frozen=True, slots=True)
class SerialLink:
    """`port` is a name that survives replugging, such as /dev/serial/by-id/..."""

    port: str
    baud: int = 9600
    timeout_s: float = 0.5

    def __str__(self) -> str:
        return self.port


class SerialLine:
    """An open port; raises LineDown on opening and ever after it is lost."""

    def __init__(self, link: SerialLink) -> None:
        self._link = link
        self._buffer = b""
        self._too_long = False
        self._lost = False
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=16)
        try:
            self._port = serial.Serial(link.port, link.baud, timeout=0, write_timeout=0, exclusive=True)
        except (OSError, ValueError, termios.error) as error:
            raise LineDown(_why_shut(link, error)) from error
        asyncio.get_running_loop().add_reader(self._port.fileno(), self._readable)

    def close(self) -> None:
        if self._port.is_open:
            asyncio.get_running_loop().remove_reader(self._port.fileno())
            self._port.close()

    async def ask(self, line: bytes) -> bytes:
        """Forget what came before, send a line, and return the next one that comes; NoAnswer, LineDown."""
        self._forget()
        if self._lost:
            raise LineDown(f"{self._link} was lost.")
        try:
            self._port.write(line + END)
        except (OSError, termios.error) as error:
            raise LineDown(f"{self._link} was lost.") from error
        try:
            # Not wait_for: before Python 3.12 it swallows a cancellation that meets its result.
            async with asyncio.timeout(self._link.timeout_s):
                answer = await self._lines.get()
        except TimeoutError as error:
            raise NoAnswer(f"{self._link} does not answer.") from error
        if answer is None:
            raise LineDown(f"{self._link} was lost.")
        return answer

    def _forget(self) -> None:
        self._buffer, self._too_long = b"", False
        while not self._lines.empty():
            self._lines.get_nowait()

    def _readable(self) -> None:
        try:
            data = self._port.read(512)
        except (OSError, termios.error):
            self._lost = True
            self.close()
            self._offer(None)
            return
        *lines, self._buffer = (self._buffer + data).split(END)
        for line in lines:
            if not self._too_long and len(line) <= MAX_LINE:
                self._offer(line)
            self._too_long = False
        if len(self._buffer) > MAX_LINE:
            self._buffer, self._too_long = b"", True

    def _offer(self, line: bytes | None) -> None:
        """A flood of lines is noise too: the oldest go."""
        if self._lines.full():
            self._lines.get_nowait()
        self._lines.put_nowait(line)


def _why_shut(link: SerialLink, error: Exception) -> str:
    words = _IN_WORDS.get(getattr(error, "errno", None) or 0)
    return f"{link} {words}" if words else f"{link} cannot be opened: {error}."
