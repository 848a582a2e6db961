"""What can be wrong with a line, switched on and off while it runs. Each kind is one fault and nothing else."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    SILENT = "silent"  # the unit never answers, and does not hear either
    LATE = "late"  # the reply comes delay_s later than it should
    NOISE = "noise"  # one stray byte right before the reply
    BAD_CRC = "bad-crc"  # RTU: the last byte of the reply is wrong
    SPLIT = "split"  # the reply comes in two pieces, delay_s apart
    ECHO = "echo"  # RTU: the adapter hears the master's own request
    WRONG_TRANSACTION = "wrong-transaction"  # TCP: the reply carries the transaction before


@dataclass(slots=True)
class Fault:
    delay_s: float
    times_left: int | None


class LineFaults:
    """The faults of one line, for all of its units or for one of them."""

    def __init__(self) -> None:
        self._faults: dict[tuple[FaultKind, int | None], Fault] = {}

    def switch_on(
        self, kind: FaultKind, *, unit: int | None = None, times: int | None = None, delay_s: float = 0.5
    ) -> None:
        self._faults[kind, unit] = Fault(delay_s, times)

    def switch_off(self, kind: FaultKind, *, unit: int | None = None) -> None:
        self._faults.pop((kind, unit), None)

    def active(self) -> list[tuple[str, int | None]]:
        return [(kind.value, unit) for kind, unit in self._faults]

    def take(self, kind: FaultKind, unit: int) -> Fault | None:
        """The fault that hits this exchange, if any; one that is limited to n times counts down."""
        for key in ((kind, unit), (kind, None)):
            fault = self._faults.get(key)
            if fault is None:
                continue
            if fault.times_left is not None:
                fault.times_left -= 1
                if fault.times_left <= 0:
                    del self._faults[key]
            return fault
        return None

    def delay_s(self, kind: FaultKind, unit: int) -> float:
        fault = self.take(kind, unit)
        return fault.delay_s if fault else 0.0
