"""What a hub shows drivers, held against what this station would tell it: in nobody's protocol."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roampost.domain.messages import EvseStatus
from roampost.hubs.base import Answer

if TYPE_CHECKING:
    from roampost.domain.poi import EvsePoi


@dataclass(frozen=True, slots=True)
class Difference:
    """here and at_hub are None where there is nothing."""

    evse_id: str
    what: str
    here: str | None
    at_hub: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """others: EVSEs of the operator that the hub has and this configuration does not. data: None without [poi]."""

    hub: str
    statuses: tuple[Difference, ...]
    data: tuple[Difference, ...] | None
    others: tuple[str, ...]

    @property
    def same(self) -> bool:
        return not self.statuses and not self.data


@dataclass(frozen=True, slots=True)
class Here:
    """What the hub should hold: our EVSEs on it, their statuses as far as known, the EVSE data where any is told."""

    evse_ids: tuple[str, ...]
    statuses: Mapping[str, EvseStatus | None]
    described: "Mapping[str, EvsePoi] | None"


# An Answer says why the hub cannot be read.
Compare = Callable[[Here], Awaitable[Comparison | Answer]]
