"""What the configuration has to know of a device type, to judge a site before anything is opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Alone(Protocol):
    """What a charging controller does while no agent speaks to it (`roampost_drivers.roles.WithoutAgent`)."""

    @property
    def keeps_set_point(self) -> bool: ...
    @property
    def default_set_point(self) -> bool: ...
    @property
    def watchdog_s(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class DeviceType:
    """role: "charger", "meter", "inputs" or "reader". serial: baud, parity and stop bits ex factory.

    alone is of chargers; commissionable: `roampost commission` can write a safe default.
    """

    role: str
    transports: tuple[str, ...]
    serial: tuple[int, str, int] = (9600, "N", 1)
    alone: Alone | None = None
    commissionable: bool = False


Types = Mapping[str, DeviceType | None]
"""By the name of its device table. None: that table is wrong, which is told of it and of nothing that uses it."""
