"""How a line is reached: a serial port by its stable name, or a TCP address. Values only; nothing opens here."""

import os
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RtuLink:
    """Modbus RTU on a serial port.

    `port` is a name that survives replugging, such as /dev/serial/by-id/... `settle_s` is the silence that must
    follow a time-out before the line is believed to be empty: a late answer has no mark of its question.
    """

    port: str
    baud: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    timeout_s: float = 0.3
    settle_s: float = 0.25

    @property
    def character_s(self) -> float:
        """Time of one character: start, 8 data, parity if any, and stop bits."""
        return (9 + (self.parity != "N") + self.stop_bits) / self.baud

    @property
    def gap_s(self) -> float:
        """t3.5. Modbus over serial line 1.02, 2.5.1.1: 3.5 characters, never less than 1.75 ms."""
        return max(1.75e-3, 3.5 * self.character_s)

    def __str__(self) -> str:
        return self.port

    def obstacle(self) -> str | None:
        """Why the port cannot be opened, as far as the file system tells."""
        if not os.path.exists(self.port):
            return f"{self.port} is not there; is the adapter plugged in?"
        if not os.access(self.port, os.R_OK | os.W_OK):
            return f"{self.port} may not be opened by this user; is it in the group dialout?"
        return None


@dataclass(frozen=True, slots=True)
class TcpLink:
    """Modbus TCP; the transaction id ties answers to questions, so no silence is needed."""

    host: str
    port: int = 502
    timeout_s: float = 1.0
    connect_timeout_s: float = 2.0

    character_s = 0.0
    gap_s = 0.0
    settle_s = 0.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def obstacle(self) -> str | None:
        """Nothing stands in the way of trying."""
        return None


Link = RtuLink | TcpLink
